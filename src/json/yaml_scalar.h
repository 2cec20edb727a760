#pragma once
/* Inside json/: what a YAML scalar means. */
#include "json/doc.h"

/* A node of a YAML text, as the parser tells of it. */
struct yaml_node {
    struct str text;    /* of a scalar, unescaped */
    const char *tag;    /* in full; NULL: none */
    const char *anchor; /* NULL: none */
    bool plain;         /* neither quoted nor a block: what it is follows from how it looks */
    struct mark mark;
};

/* True if `tag` is that of YAML's own type `name`, such as "str". */
bool yaml_tag_is(const char *tag, const char *name);

/* Find the type of a scalar and its value, by its tag if it has one, by its looks if it is plain.
 * A string borrows node->text.
 * Errors: INPUT (a tag that is not of the core, a text that its tag does not allow, infinity).
 * Spec: yaml.org/type for YAML 1.1, as read by kubectl: of base 60 and dates it makes strings. */
MUST status yaml_scalar(const struct yaml_node *node, yyjson_val *ret_value, struct error *err);

/* Make a value of a scalar: a number that has a point or an exponent but no fraction becomes an
 * integer, as it does on its way through kubectl, which writes 1e3 and 1.0 as 1000 and 1. */
void yaml_value(yyjson_val *value);

#define YAML_KEY_MAX 24

/* Make a key of a scalar: of an integer or a truth value a string, as kubectl does, in `room`.
 * Errors: INPUT (null, a number with a point or an exponent). */
MUST status yaml_key(const struct yaml_node *node, yyjson_val *value, char room[YAML_KEY_MAX],
                     struct error *err);

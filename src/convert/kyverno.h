#pragma once
/* Inside convert/kyverno*.c. */
#include "convert/draft.h"

/* Rules being collected for one applicability. `policy` has rules and images only. */
struct kyverno_rules {
    struct draft policy;
    struct str tag_rule;      /* of a demand "*:*", which is written at the end */
    const yyjson_val *tag_at; /* NULL: there is none */
    unsigned shapes;          /* that a pattern is matched against: of enum kyverno_shape */
};

/* What validate of a rule demands. */
void kyverno_validate(struct object *object, struct str name, yyjson_val *validate,
                      struct kyverno_rules *rules);

/* What deny.conditions says, in a rule or for each container. */
void kyverno_deny(struct object *object, struct str name, yyjson_val *deny,
                  struct kyverno_rules *rules);

/* What a pattern for the text of one image demands. */
void kyverno_image_text(struct object *object, struct str name, yyjson_val *value,
                        struct kyverno_rules *rules);

/* True if a key or a text of the value says the word, in letters of any case. */
bool kyverno_mentions(yyjson_val *value, struct str word);

/* Put the message into the rules from the `from`th on that have none. */
void kyverno_add_message(struct kyverno_rules *rules, size_t from, yyjson_val *message);

/* That the text of each image matches a glob. */
void kyverno_demand(struct object *object, struct str name, yyjson_val *at, struct str glob,
                    struct kyverno_rules *rules);

/* Write a demand "*:*", if there is one: a ":" somewhere. */
void kyverno_finish_rules(struct object *object, struct kyverno_rules *rules);

/* Which kinds of containers a list or an expression names, as bits. */
enum { KYVERNO_ALL_KINDS = 7 };
unsigned kyverno_listed_kinds(struct str list);

/* Where a kind has its containers. */
enum kyverno_shape { SHAPE_POD = 1, SHAPE_TEMPLATE = 2, SHAPE_JOB_TEMPLATE = 4 };

/* Those of the kinds that a rule names; none for kinds that are not known. */
unsigned kyverno_shapes(yyjson_val *rule);

/* The policies, without rules, that apply where a rule's match and exclude say. */
struct kyverno_variants {
    struct draft *items;
    size_t n, room;
};
void kyverno_match(struct object *object, yyjson_val *rule, struct kyverno_variants *variants);

/* Take the namespaces of a glob, whose one wildcard is `*`, out of a policy. Returns false, and
 * does nothing, if the policy would be left without any. */
bool kyverno_exclude_namespace(struct object *object, struct draft *policy, struct str glob);

/* ValidatingPolicy and ImageValidatingPolicy. */
MUST status kyverno_convert_cel(struct object *object, struct error *err);

/* A namespace glob with `*` as its one wildcard, in our alphabet. */
bool kyverno_is_namespace(struct str text);

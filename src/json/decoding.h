#pragma once
/* Inside json/: decoding by a table of fields. Every function that finds something wrong says so in
 * the list of the decoding. */
#include "json/fields.h"

struct decoding {
    const struct json_doc *doc;
    struct diagnostics *list;
    size_t *text_left; /* bytes of strings that may still be copied: aliases repeat them for free */
};

/* A value that is being decoded, and where it stands. */
struct place {
    yyjson_val *value;
    struct mark mark;
    struct str path;
};

/* Say what is wrong at a place; further parameters as of printf. */
#define WRONG(decoding, place, ...)                                                                \
    diagnostics_add((decoding)->list, DIAGNOSTIC_ERROR, (place)->mark, (place)->path, STR_EMPTY,   \
                    __VA_ARGS__)

/* As much of a text from outside as a message shows. */
struct str decode_shown(struct str text);

/* Say that the value at a place is not `wanted`; `hint`, which may be empty, is put behind it. */
void decode_wrong_type(const struct decoding *decoding, const struct place *place,
                       const char *wanted, const char *hint);

/* Keep a string with its place, if it is one of `choices` (NULL: any will do). Returns false if it
 * is not kept. Limits: LIMIT_JSON_MEMORY for all that one decoding keeps. */
bool decode_string(const struct decoding *decoding, const struct place *place,
                   const char *const *choices, struct text *ret_text);

/* Whether a length, or a number of items, is within the field's bounds. */
bool decode_bounds(const struct decoding *decoding, const struct field *field,
                   const struct place *place, size_t n, const char *unit);

/* Decode the value at a place, by a field, into what the field's offset points to. */
typedef void decode_function(const struct decoding *decoding, const struct field *field,
                             const struct place *place, void *ret);

decode_function decode_text, decode_duration, decode_time, decode_size, decode_bool;

#pragma once
/* A table of fields with every type and flag, for the tests of decoding, schema and reference. */
#include "json/fields.h"

struct sample_inner {
    struct text name;
    uint64_t weight;
};

struct sample {
    struct text kind, title, mode;
    int64_t period, until;
    bool until_set;
    uint64_t count, any_count;
    bool count_set;
    bool enabled, enabled_set;
    struct texts names, words;
    struct text_map labels;
    struct sample_inner inner;
    bool inner_set;
    struct field_list parts; /* of struct sample_inner */
};

extern const struct fields sample_fields;

/* Another, smaller one, with an inner object in common; its kind is "Other". */
extern const struct fields sample_other_fields;

#pragma once
/* A suite as decoded: one struct per object of the document, filled by the tables in fields.c.
 * Private to suite/. */
#include "json/fields.h"

struct suite_expect_doc {
    struct text verdict;
    struct texts rules, messages, warnings;
};

struct suite_case_doc {
    struct text name;
    struct text image, resource, review; /* one of these, or `object` */
    struct text namespace, user, webhook;
    struct text_map namespace_labels;
    struct suite_expect_doc expect;
    bool expect_set;
};

struct suite_image_doc {
    struct text reference, digest, user, error;
    int64_t created; /* 0: it does not say */
    uint64_t size;
    struct texts platforms, layers, ports, entrypoint;
    struct text_map labels, annotations;
    int64_t age;
    bool age_set;
};

struct suite_metadata_doc {
    struct text name;
};

struct suite_doc {
    struct text api_version, kind;
    struct suite_metadata_doc metadata;
    struct texts policies;
    struct text uncovered, runtime;
    int64_t now;              /* 0: the clock's */
    struct field_list images; /* of struct suite_image_doc */
    struct field_list cases;  /* of struct suite_case_doc */
};

extern const struct fields suite_fields;

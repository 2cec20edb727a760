#pragma once
/* The policy language as decoded: one struct per object of a document, filled by the tables in
 * fields.c. Nothing here is checked beyond what the tables say; compile.c does the rest.
 *
 * Ownership: strings and lists live in the arena of the diagnostics that the decoding was given. */
#include "json/fields.h"

struct policy_label_doc {
    struct text key, operator_;
    struct texts values;
};

struct policy_selector_doc {
    struct text_map match_labels;
    struct field_list match_expressions; /* of struct policy_label_doc */
};

struct policy_match_doc {
    struct texts namespaces, kinds, operations, users;
    struct policy_selector_doc namespace_selector, object_selector;
};

struct policy_tag_doc {
    struct text semver, pattern;
    bool set;
};

struct policy_image_keys_doc {
    struct texts required, forbidden;
};

struct policy_image_user_doc {
    bool not_root, by_name;
    bool set;
};

struct policy_image_base_doc {
    struct text name, digest;
    struct texts layers;
};

struct policy_image_doc {
    struct text max_age, max_size;
    uint64_t max_layers; /* 0: not given */
    struct texts platforms, ports, entrypoint, media_types;
    struct policy_image_keys_doc labels, annotations;
    struct policy_image_user_doc user;
    struct field_list base; /* of struct policy_image_base_doc */
    bool set;
};

struct policy_rule_doc {
    struct text name, message;
    struct texts allow, deny, require;
    struct policy_tag_doc tag;
    struct policy_image_doc image;
    struct text on_error;
};

struct policy_rewrite_doc {
    struct text from, to;
};

struct policy_mutate_doc {
    struct field_list rewrite; /* of struct policy_rewrite_doc */
    bool resolve_digest;
};

struct policy_metadata_doc {
    struct text name, namespace;
};

struct policy_spec_doc {
    struct text mode;
    struct policy_match_doc match;
    struct texts images, accept;
    struct field_list rules; /* of struct policy_rule_doc */
    struct policy_mutate_doc mutate;
    struct text stale_while_unreachable;
};

/* ClusterImagePolicy and ImagePolicy. */
struct policy_doc {
    struct text api_version, kind;
    struct policy_metadata_doc metadata;
    struct policy_spec_doc spec;
};

struct policy_exception_spec_doc {
    struct texts policies, rules, images, namespaces;
    int64_t until; /* 0: missing, or not to be read, which has been reported */
    struct text reason;
};

struct policy_exception_doc {
    struct text api_version, kind;
    struct policy_metadata_doc metadata;
    struct policy_exception_spec_doc spec;
};

/* The tables of the three kinds of documents; the kind's name is the table's. */
extern const struct fields policy_cluster_fields;   /* of struct policy_doc */
extern const struct fields policy_namespace_fields; /* of struct policy_doc */
extern const struct fields policy_exception_fields; /* of struct policy_exception_doc */

/* The names of the kinds, for messages; ends with NULL. */
extern const char *const policy_kind_names[];

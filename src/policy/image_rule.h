#pragma once
/* A rule on what the image itself says, compiled. Private to policy/, by file: rule_image.c the
 * kind and how it is compiled; image_judge.c what is found; image_lists.c labels, bases and ports;
 * image_words.c in words, for people who look at what is in use. */
#include "oci/image.h"
#include "policy/rule.h"
#include "policy/words.h"

/* "team=payments-*": globs over a key and its value. */
struct image_key {
    struct str text; /* as written */
    struct str key;
    struct str value;
    bool any_value;
};

struct image_keys {
    struct image_key *required;
    size_t n_required;
    struct image_key *forbidden;
    size_t n_forbidden;
};

/* What an image may be built on; all parts that are given. */
struct image_base {
    const struct pattern *name; /* NULL: any */
    struct str digest;          /* empty: any */
    struct str *layers;         /* the first of the image's */
    size_t n_layers;
};

struct image_port {
    struct str text; /* as written */
    uint64_t from, to;
    struct str protocol; /* empty: any */
};

struct image_rule {
    int64_t max_age; /* 0: any, as below */
    struct str max_age_text;
    uint64_t max_size;
    struct str max_size_text;
    uint64_t max_layers;
    struct oci_platform *platforms;
    struct str *platform_texts;
    size_t n_platforms;
    struct image_keys labels, annotations;
    bool not_root, by_name;
    struct image_base *bases;
    size_t n_bases;
    bool limits_ports;
    struct image_port *ports;
    size_t n_ports;
    struct str *entrypoints; /* globs */
    size_t n_entrypoints;
    struct str *media_types; /* globs */
    size_t n_media_types;
};

/* Judge an image that was found. Never anything but VALID or INVALID. */
struct finding image_judge(const struct rule *rule, const struct reference *reference,
                           struct rule_judging *judging);

/* What is judged of one platform. */
struct image_case {
    const struct image_rule *rule;
    const struct oci_image *image;
    const struct oci_platform_image *one;
    struct rule_judging *judging;
    struct str platform;   /* "linux/arm64" */
    struct finding *found; /* what is wrong */
};

/* Begin to say what is wrong: `FIELD of PLATFORM`; or, where `key` is not empty, `FIELD["key"] of
 * PLATFORM`. */
void image_say(const struct image_case *judged, struct policy_words *words, const char *field,
               struct str key);

/* Text from outside, in quotes. */
void image_quote(struct policy_words *words, struct str text);

/* It fails, as the words say. Returns false. */
bool image_fail(const struct image_case *judged, const struct policy_words *words,
                struct str remedy);

/* Each returns false, having said why, if it is not so. */
bool image_has_labels(const struct image_case *judged);
bool image_has_annotations(const struct image_case *judged);
bool image_has_base(const struct image_case *judged);
bool image_has_ports(const struct image_case *judged);

/* "at most 90d old, for linux/amd64, user not root" */
void image_rule_words(const struct image_rule *rule, struct policy_words *words);

/* Read a number of bytes as Kubernetes writes it: "500Mi", "1.5G", "1073741824". Returns false for
 * what is none, or less than a byte, or more than 2^63. Spec: apimachinery resource.Quantity,
 * without exponents. */
bool image_size_parse(struct str text, uint64_t *ret_bytes);

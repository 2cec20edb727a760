#pragma once
/* An image's config: how it was made and how it runs. OCI's and Docker's alike. Pure.
 * Spec: OCI image-spec config.md. */
#include "oci/descriptor.h"

struct oci_config {
    bool has_created;             /* it says when it was made, other than the zero of Go's time */
    int64_t created;              /* wall ns; before 1970: 0 */
    struct oci_platform platform; /* as it was written */
    struct str user;              /* "1000:1000", "nobody"; empty: none */
    struct str working_dir;
    const struct str *entrypoint;
    size_t n_entrypoint;
    const struct str *cmd;
    size_t n_cmd;
    const struct str *exposed_ports; /* "8080/tcp" */
    size_t n_exposed_ports;
    const struct str *env; /* names alone: values may be secrets, and are never kept */
    size_t n_env;
    const struct oci_pair *labels;
    size_t n_labels;
    const struct str *diff_ids; /* digests of the layers, uncompressed; the base comes first */
    size_t n_diff_ids;
    size_t n_history;
};

/* Read a config. Keys are treated as in oci_manifest_parse. All texts live in the arena.
 * Errors: EVIDENCE (malformed; names the field: "config.User: ..."); LIMIT.
 * Limits: LIMIT_IMAGE_CONFIG, LIMIT_IMAGE_ANNOTATIONS (labels), LIMIT_IMAGE_TEXTS (all lists
 * together). Takes at most 1 MiB of the arena beside twice the document's size. */
MUST status oci_config_parse(struct arena *arena, struct str bytes, struct oci_config *ret_config,
                             struct error *err);

enum oci_user {
    OCI_USER_ROOT,    /* root, or number 0 however it is written, or none is named */
    OCI_USER_NAME,    /* by name: which number it has stands in the image's files */
    OCI_USER_STRANGE, /* a number beyond 2^31-1, of which runtimes made root */
    OCI_USER_NUMBER   /* another number: not root */
};

/* What kind of user "USER", "USER:GROUP" names. Only OCI_USER_NUMBER is certainly not root.
 * Spec: config.md `User`; containerd CVE-2024-40635. */
enum oci_user oci_user_kind(struct str user);

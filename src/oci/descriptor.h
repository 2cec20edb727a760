#pragma once
/* What one document says of another: its media type, size and digest. Pure.
 * Spec: OCI image-spec descriptor.md. */
#include "oci/platform.h"

struct oci_pair {
    struct str key;
    struct str value;
};

struct oci_descriptor {
    struct str media_type;
    struct str digest;        /* sha256, sha384 or sha512 */
    struct str artifact_type; /* empty: none */
    uint64_t size;            /* at most LIMIT_BLOB_SIZE */
    bool has_platform;
    struct oci_platform platform; /* as it was written */
    const struct oci_pair *annotations;
    size_t n_annotations;
};

/* The value of the annotation or label `key`; NULL if there is none. Borrows. */
const struct str *oci_pair_find(const struct oci_pair *pairs, size_t n, struct str key);

/* Whether this is an entry of an index that no machine runs: an attestation of buildkit, for the
 * platform unknown/unknown. The annotation alone does not make it one: runtimes go by the platform.
 */
bool oci_descriptor_is_attestation(const struct oci_descriptor *descriptor);

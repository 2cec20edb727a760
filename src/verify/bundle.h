#pragma once
/* Sigstore bundles: a signature with all that is needed to check it. Reading alone: nothing in one
 * is true because it stands there. Pure.
 * Spec: sigstore/protobuf-specs sigstore_bundle.proto, sigstore_rekor.proto, in JSON. */
#include <stdint.h>

#include "crypto/hash.h"
#include "verify/dsse.h"
#include "verify/merkle.h"

enum bundle_version { BUNDLE_0_1, BUNDLE_0_2, BUNDLE_0_3 };

/* That a log holds an entry. */
struct log_proof {
    uint64_t index;
    struct merkle_tree tree;
    struct merkle_proof path;
    struct str checkpoint; /* a signed note; empty: none, so nobody vouches for the tree */
};

/* What a transparency log is said to hold of the signature. */
struct log_entry {
    struct str log_id;
    uint64_t index;           /* of all trees of the log */
    struct str kind, version; /* of `body` */
    int64_t integrated;       /* seconds since 1970; without a promise, nobody vouches for it */
    struct str promise;       /* a signature; empty: none */
    struct log_proof proof;
    bool has_proof;
    struct str body; /* the entry, byte for byte */
};

/* What is signed is an artifact itself. */
struct bundle_message {
    bool has_digest;
    enum hash hash;
    struct str digest; /* a hint */
    struct str signature;
};

struct bundle {
    enum bundle_version version;
    const struct str *certificates; /* in DER, the signer's first; none: it was a key */
    size_t n_certificates;
    struct str hint; /* which key */
    const struct log_entry *entries;
    size_t n_entries;
    const struct str *timestamps; /* RFC 3161 responses */
    size_t n_timestamps;
    bool is_message;
    struct bundle_message message;
    struct dsse_envelope envelope; /* with one signature */
};

/* Read a bundle of version 0.1, 0.2 or 0.3, strictly: an unknown version or member, and what its
 * version does not have or must have, is an error. It lives in the arena.
 * Errors: INPUT, LIMIT. Limits: LIMIT_SIGSTORE_BUNDLE and those that follow it. */
MUST status bundle_parse(struct arena *arena, struct str text, struct bundle *ret,
                         struct error *err);

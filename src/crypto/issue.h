#pragma once
/* Making keys and certificates: ECDSA on P-256 with SHA-256, which every API server verifies.
 * A certificate begins ISSUE_BACKDATE before now, so that a clock that is a little behind takes it.
 * Pure but for the random numbers. Threading: any thread. */
#include "crypto/certificate.h"

/* Clocks of one cluster are nearer to each other than this; in nanoseconds. */
#define ISSUE_BACKDATE (5 * 60 * INT64_C(1000000000))

/* Both in PEM, in the arena; a private key is what it is, so none of it goes into a log. */
struct key_pair {
    struct str certificate, key;
};

/* What a serving certificate is for; times are of the wall, in nanoseconds. */
struct leaf_request {
    const struct str *names; /* DNS names */
    size_t n_names;
    int64_t now, validity;
};

/* Make an authority that signs serving certificates and no further authorities, valid until
 * now + validity. It is called "NAME authority SERIAL", so that no two are called the same.
 * Spec: RFC 5280 section 4.2. */
void issue_authority(struct arena *arena, struct str name, int64_t now, int64_t validity,
                     struct key_pair *ret_pair);

/* Make a serving certificate, signed by `authority`, valid until now + validity and no longer than
 * its authority is. Errors: INPUT (the authority's certificate or key). */
MUST status issue_leaf(struct arena *arena, const struct key_pair *authority,
                       const struct leaf_request *request, struct key_pair *ret_pair,
                       struct error *err);

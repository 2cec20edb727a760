#pragma once
/* Certificates: what they say, and whether they belong together. Pure: reads no clock and no file;
 * validity is left to the caller. No message shows a key. Threading: any thread. */
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "base/str.h"

enum { CERTIFICATE_ID_MAX = 65 };

struct certificate {
    struct str pem;                /* this one alone, as OpenSSL writes it; in the arena */
    int64_t not_before, not_after; /* wall time in nanoseconds */
    bool authority;                /* may sign others */
    char id[CERTIFICATE_ID_MAX];   /* SHA-256 of its bytes, in hexadecimal */
};

struct certificate_list {
    struct certificate *items; /* in the arena */
    size_t n;
};

/* Read all certificates of a PEM text, in their order; other blocks and text between them are
 * passed over. Lives in the arena.
 * Errors: INPUT (none, or a block that is no certificate). Limits: LIMIT_BUNDLE. */
MUST status certificates_read(struct arena *arena, struct str pem,
                              struct certificate_list *ret_list, struct error *err);

/* Check that `key` is the private key of the first certificate in `pem`. Errors: INPUT. */
MUST status certificate_check_key(struct str pem, struct str key, struct error *err);

/* Check that the first certificate in `pem` was signed by `authority`, and serves the host `name`;
 * at any time. An empty name is not asked for. Errors: INPUT. Spec: RFC 5280 section 6. */
MUST status certificate_check_issuer(struct str pem, struct str authority, struct str name,
                                     struct error *err);

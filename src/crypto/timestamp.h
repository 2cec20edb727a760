#pragma once
/* Timestamps: an authority's word that something was there at a time. Pure: no clock, no network.
 * Strict: DER alone, one signer, SHA-256 or better, RSA PKCS#1 v1.5, ECDSA or Ed25519 signatures.
 * Threading: any thread. Spec: RFC 3161, RFC 5816, RFC 5652, RFC 6211. */
#include "crypto/x509.h"

/* Who is trusted for the times from one until another, both within. Borrowed. */
struct timestamp_authority {
    /* At least one. The last is the root; if the first is no authority itself, it alone may have
     * signed, else a certificate in the token, below this root. */
    const struct x509_certificate *const *chain;
    size_t n;
    int64_t from, until;
};

struct timestamp {
    int64_t time;       /* wall time in nanoseconds */
    int64_t accuracy;   /* the time may be so much earlier or later; 0: not told */
    enum hash hash;     /* of what was stamped */
    struct str imprint; /* that hash; borrows from the token */
    struct str serial;  /* the authority's number of it, in bytes; borrows from the token */
    size_t authority;   /* whose it is */
};

/* Check that `token` is a timestamp of `bytes` by one of the authorities: a TimeStampResp that was
 * granted, or the token in it alone. The signer's chain holds at the time told, and the authority
 * is trusted for it. A certificate is named by signingCertificate (whose SHA-1 only names) or
 * signingCertificateV2.
 * Errors: INPUT (malformed), EVIDENCE (well-formed, and does not hold; says why), LIMIT.
 * Limits: LIMIT_TIMESTAMP, LIMIT_TIMESTAMP_CERTIFICATES. */
MUST status timestamp_verify(struct str token, struct str bytes,
                             const struct timestamp_authority *authorities, size_t n_authorities,
                             struct timestamp *ret_timestamp, struct error *err);

#pragma once
/* Signed certificate timestamps: a certificate-transparency log's word that it has a certificate.
 * Pure: no clock. Threading: any thread. Spec: RFC 6962 section 3. */
#include "crypto/x509.h"

/* A log that is trusted for the SCTs that it gave from one time until another, both within; wall
 * time in nanoseconds. Borrowed. */
struct sct_log {
    struct str id; /* 32 bytes: the SHA-256 of its key's SPKI, as the logs make it */
    const struct public_key *key;
    int64_t from, until;
};

/* Check the SCTs in the leaf's extension 1.3.6.1.4.1.11129.2.4.2 over the precertificate that
 * `issuer` signed: the leaf without that extension. *ret_valid is how many logs' SCTs hold, at
 * least one; SCTs of others, or of another version, count for nothing.
 * Errors: EVIDENCE (none holds; says why), INPUT (malformed), LIMIT. Limits: LIMIT_SCTS. */
MUST status sct_verify_embedded(const struct x509_certificate *leaf,
                                const struct x509_certificate *issuer, const struct sct_log *logs,
                                size_t n_logs, size_t *ret_valid, struct error *err);

/* Check one SCT that is told beside a certificate: over the certificate as it is, or, if that is a
 * precertificate, over it without its poison, with `issuer`, which may be NULL otherwise.
 * Errors: as above. */
MUST status sct_verify(const struct x509_certificate *certificate,
                       const struct x509_certificate *issuer, struct str sct,
                       const struct sct_log *logs, size_t n_logs, struct error *err);

#pragma once
/* Inside crypto/: signed data with one signer, as timestamps are. Pure.
 * Spec: RFC 5652 section 5, RFC 5035, RFC 6211. */
#include "crypto/der.h"
#include "crypto/x509_own.h"

/* Borrows from the token. */
struct cms {
    struct str content_type; /* OID */
    struct str content;
    struct str certificates;           /* one after the other; perhaps none */
    struct str issuer, serial, key_id; /* the signer: a name and a number, or an id */
    enum hash hash;
    struct str digest_algorithm, signature_algorithm; /* bodies */
    struct str attributes;                            /* the body of the set */
    struct str signature;
};

/* Read a ContentInfo, which is strict DER already. Errors: INPUT. */
MUST status cms_read(struct str token, struct cms *ret_cms, struct error *err);

/* Whether `certificate` is the one that the signer is said to have. */
MUST bool cms_names(const struct cms *cms, const struct x509_certificate *certificate);

/* Check the signed attributes against content and certificate, and the signature with its key.
 * Errors: INPUT, EVIDENCE. */
MUST status cms_verify(const struct cms *cms, const struct x509_certificate *certificate,
                       struct error *err);

/* Read an AlgorithmIdentifier's body as that of one of the three hashes. */
MUST bool cms_read_hash(struct str body, enum hash *ret_hash);

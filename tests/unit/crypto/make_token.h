#pragma once
/* Timestamps of every shape, made with OpenSSL's signatures for the tests alone. */
#include "crypto/hash.h"
#include "make.h"

/* The attributes that are signed, as bits. */
enum {
    A_TYPE = 1,
    A_DIGEST = 2,
    A_CERTIFICATE_1 = 4,
    A_CERTIFICATE_2 = 8,
    A_TIME = 16,
    A_PROTECTION = 32,
};

/* What is zero is as it should be. Texts of elements are hexadecimal. */
struct token_request {
    const char *kind;               /* the signer's key */
    struct str certificate, issuer; /* the signer's, and its issuer's, in DER */
    struct str message;
    enum hash hash; /* of the signature and the attributes */
    const char *time;

    /* -- what is told -- */
    const char *version, *imprint_algorithm, *serial, *after_time;
    /* -- what is signed -- */
    unsigned attributes, twice; /* 0: type, digest and certificate 2 */
    const char *type, *signing_time, *protection, *id_hash;
    bool names_issuer, names_other_serial;
    struct str named; /* the certificate that is named */
    struct str digest;
    /* -- the signer -- */
    const char *signer_version, *digest_algorithm, *signature_algorithm, *signature_hash;
    bool by_key_id, unsigned_ones;
    /* -- around it -- */
    const char *data_version, *content_type, *response; /* "300302" "0100", or without one */
    unsigned signers, certificates; /* how often it stands there; 0 signers: once */
};

/* The timestamp, in the test's arena. */
struct str make_token(const struct token_request *request);

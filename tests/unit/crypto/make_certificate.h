#pragma once
/* Certificates of every shape, made with OpenSSL for the tests alone. */
#include "make.h"

/* "subjectAltName" with OpenSSL's words for its value, or a dotted OID with "DER:" and digits; both
 * may begin with "critical,". */
struct extension_request {
    const char *oid, *value;
};

struct certificate_request {
    const char *kind; /* of key, as make_pkey has them */
    const char *name; /* common name */
    long serial;
    int64_t from, until; /* days 1000 to 2000 if both are 0 */
    const char *hash;    /* of the signature; NULL: SHA-256, or none where the key takes none */
    bool pss;
    const struct extension_request *extensions;
    size_t n_extensions;
};

/* The certificate in DER, in the test's arena, signed by `issuer`; NULL: by itself. */
struct str make_certificate(const struct certificate_request *request,
                            const struct certificate_request *issuer);

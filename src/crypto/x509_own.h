#pragma once
/* Inside crypto/: what a certificate is made of. */
#include "base/limits.h"
#include "crypto/openssl.h"
#include "crypto/x509.h"

struct x509_extension {
    struct str oid; /* as in DER */
    bool critical;
    struct str value;
};

/* The fields as they stand in the bytes, from which they borrow; with tag and length. */
struct x509_parts {
    struct str tbs;       /* what is signed; this one without tag and length */
    struct str serial;    /* the number alone */
    struct str algorithm; /* of the signature */
    struct str issuer, subject, spki;
    const struct x509_extension *extensions;
    size_t n_extensions;
};

enum key_usage { USAGE_SIGNATURE = 0x80, USAGE_COMMITMENT = 0x40, USAGE_CERTIFICATES = 0x04 };

struct x509_certificate {
    struct arena arena;     /* holds the bytes and all that is said of them */
    X509 *x509;             /* owned */
    struct public_key *key; /* owned; NULL: refused */
    struct x509_facts facts;
    struct x509_parts parts;
    bool has_usage, has_purposes;
    bool any_purpose, purposes_stamp; /* among what it says it is for */
    unsigned usage;                   /* bits of key_usage */
};

/* The extension `oid`; NULL if there is none. */
const struct x509_extension *x509_find(const struct x509_certificate *certificate, const char *oid);

/* Read the fields from `der`, which lives longer; lists live in the arena. Errors: INPUT, LIMIT. */
MUST status x509_read_parts(struct arena *arena, struct str der, struct x509_certificate *ret,
                            struct error *err);

/* Read names, usages and constraints from the extensions. Errors: INPUT, LIMIT. */
MUST status x509_read_extensions(struct x509_certificate *certificate, struct error *err);

/* Chains from a signer to a root, as far as one was found. */
struct x509_path {
    const struct x509_certificate *items[LIMIT_CHAIN_DEPTH];
    size_t n;
    int64_t when;
    enum x509_purpose purpose;
};

/* Check all but signatures, path lengths and names of a path that reached a root. Errors: EVIDENCE.
 */
MUST status x509_path_holds(const struct x509_path *path, struct error *err);

#define OID_BASIC_CONSTRAINTS "2.5.29.19"
#define OID_KEY_USAGE         "2.5.29.15"
#define OID_PURPOSES          "2.5.29.37"
#define OID_SAN               "2.5.29.17"
#define OID_FULCIO            "1.3.6.1.4.1.57264.1."

#pragma once
/* Keys and signatures, made with OpenSSL for the tests alone. */
#include <openssl/evp.h>

#include "test.h"

/* A key pair of "P-256", "secp256k1", "ED25519", "ED448", "RSA:2048", ... that is made once and
 * lives as long as the tests. */
EVP_PKEY *make_pkey(const char *kind);

/* Its public half, in the test's arena: as SPKI, in PEM, and in DER. */
struct str spki_of(EVP_PKEY *pkey);
struct str spki_pem_of(EVP_PKEY *pkey);

/* PEM with this label around DER, in lines of 64. */
struct str pem_of(const char *label, struct str der);

/* A signature; `hash` is "sha256" or NULL, `pss` says the padding of RSA. */
struct str make_signature(EVP_PKEY *pkey, const char *hash, bool pss, struct str message);

/* The bytes that hexadecimal digits write. */
struct str unhex(const char *digits);

/* A copy that may be written to. */
char *writable(struct str s);

#pragma once
/* What the targets of crypto/ share: something that was really signed, by keys that only this run
 * knows, and an input that changes it: nobody can sign what an input makes of it. */
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "crypto/x509.h"

#define THEN (1500 * 24 * 3600 * NS_PER_S)

static inline EVP_PKEY *new_key(void)
{
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    ENSURE(key != NULL);
    return key;
}

static inline void add_extension(X509 *x509, const char *name, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_nconf(NULL, NULL, name, value);
    ENSURE(extension != NULL && X509_add_ext(x509, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

/* A certificate that is valid from THEN until 2096, and not signed yet. */
static inline X509 *new_certificate(const char *name, const char *issuer, EVP_PKEY *key)
{
    X509 *x509 = X509_new();
    ENSURE(x509 != NULL && X509_set_version(x509, 2) == 1 && X509_set_pubkey(x509, key) == 1);
    ENSURE(ASN1_INTEGER_set(X509_get_serialNumber(x509), 7) == 1);
    ENSURE(ASN1_TIME_set(X509_getm_notBefore(x509), THEN / NS_PER_S - 1000) != NULL);
    ENSURE(ASN1_TIME_set(X509_getm_notAfter(x509), INT64_C(4000000000)) != NULL);
    ENSURE(X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_UTF8,
                                      (const unsigned char *)name, -1, -1, 0) == 1);
    ENSURE(X509_NAME_add_entry_by_txt(X509_get_issuer_name(x509), "CN", MBSTRING_UTF8,
                                      (const unsigned char *)issuer, -1, -1, 0) == 1);
    return x509;
}

/* An authority that signed itself. */
static inline X509 *new_authority(EVP_PKEY *key)
{
    X509 *x509 = new_certificate("root", "root", key);
    add_extension(x509, "basicConstraints", "critical,CA:TRUE");
    add_extension(x509, "keyUsage", "critical,keyCertSign");
    ENSURE(X509_sign(x509, key, EVP_sha256()) > 0);
    return x509;
}

/* Its bytes; lives until the end of the run. */
static inline struct str der_of(X509 *x509)
{
    unsigned char *der = NULL;
    int n = i2d_X509(x509, &der);
    ENSURE(n > 0);
    return (struct str){(const char *)der, (size_t)n};
}

static inline struct x509_certificate *read_own(X509 *x509)
{
    struct x509_certificate *it = NULL;
    struct error err;
    struct str der = der_of(x509);
    ENSURE(!failed(x509_read_der(der, &it, &err)));
    OPENSSL_free((void *)(uintptr_t)der.p);
    return it;
}

/* Change `good` as the input says, three bytes for each change: where, and what to change there. */
static inline struct str change(struct buf *buf, struct str good, const uint8_t *data, size_t size)
{
    char *copy = malloc(good.n);
    ENSURE(copy != NULL);
    memcpy(copy, good.p, good.n);
    for (size_t i = 0; i + 3 <= size; i += 3) {
        size_t at = ((size_t)data[i] << 8 | data[i + 1]) % good.n;
        copy[at] = (char)(copy[at] ^ data[i + 2]);
    }
    buf_add(buf, (struct str){copy, good.n});
    free(copy);
    return buf_str(buf);
}

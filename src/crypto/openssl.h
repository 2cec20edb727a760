#pragma once
/* Inside crypto/: OpenSSL's objects with an owner, and its errors as ours. */
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/arena.h"
#include "base/status.h"
#include "base/str.h"

/* Fail with "what: OpenSSL's reason", and empty its queue of errors. */
MUST status crypto_failed(enum error_kind kind, const char *what, struct error *err);

/* A reader of `text`, which is borrowed. Never NULL; returns owned. */
BIO *crypto_reader(struct str text);

/* What was written to `bio`, copied into the arena. */
struct str crypto_written(struct arena *arena, BIO *bio);

/* The private key in `pem`; returns owned. Errors: INPUT (none, or one with a password). */
MUST status crypto_read_key(struct str pem, EVP_PKEY **ret_key, struct error *err);

/* The first certificate in `pem`; returns owned. Errors: INPUT. */
MUST status crypto_read_certificate(struct str pem, X509 **ret_certificate, struct error *err);

static inline void crypto_free_bio(BIO **bio)
{
    BIO_free(*bio);
}

static inline void crypto_free_key(EVP_PKEY **key)
{
    EVP_PKEY_free(*key);
}

static inline void crypto_free_certificate(X509 **certificate)
{
    X509_free(*certificate);
}

#define bio_auto  __attribute__((cleanup(crypto_free_bio))) BIO
#define pkey_auto __attribute__((cleanup(crypto_free_key))) EVP_PKEY
#define x509_auto __attribute__((cleanup(crypto_free_certificate))) X509

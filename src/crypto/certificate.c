#include "crypto/certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <time.h>

#include "base/clock.h"
#include "base/limits.h"
#include "crypto/openssl.h"

enum { DIGEST_SIZE = 32 };

/* -- reading -- */

static status read_time(const ASN1_TIME *time, int64_t *ret_ns, struct error *err)
{
    struct tm tm;
    if (ASN1_TIME_to_tm(time, &tm) != 1) {
        return crypto_failed(ERROR_INPUT, "a certificate with a time that is none", err);
    }
    int64_t seconds = timegm(&tm);
    int64_t most = INT64_MAX / NS_PER_S; /* 9999, which says "for ever", is beyond it */
    *ret_ns = (seconds > most ? most : seconds < 0 ? 0 : seconds) * NS_PER_S;
    return OK;
}

static status describe(struct arena *arena, X509 *x509, struct certificate *ret, struct error *err)
{
    struct certificate it = {.authority = X509_check_ca(x509) == 1};
    TRY(read_time(X509_get0_notBefore(x509), &it.not_before, err));
    TRY(read_time(X509_get0_notAfter(x509), &it.not_after, err));
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    bio_auto *bio = BIO_new(BIO_s_mem());
    ENSURE(bio != NULL && X509_digest(x509, EVP_sha256(), digest, &n) == 1 && n == DIGEST_SIZE &&
           PEM_write_bio_X509(bio, x509) == 1);
    for (size_t i = 0; i < DIGEST_SIZE; i++) {
        snprintf(it.id + 2 * i, 3, "%02x", digest[i]);
    }
    it.pem = crypto_written(arena, bio);
    *ret = it;
    return OK;
}

status certificates_read(struct arena *arena, struct str pem, struct certificate_list *ret_list,
                         struct error *err)
{
    struct certificate *items = NULL;
    size_t n = 0, room = 0;
    if (pem.n > LIMIT_BUNDLE) {
        return error_set(err, ERROR_LIMIT, "certificates larger than %u bytes", LIMIT_BUNDLE);
    }
    ERR_clear_error(); /* of others on this thread */
    bio_auto *bio = crypto_reader(pem);
    for (;;) {
        x509_auto *x509 = PEM_read_bio_X509(bio, NULL, NULL, NULL);
        if (x509 == NULL) {
            break;
        }
        if (n == room) {
            items = arena_grow(arena, items, n, &room, sizeof *items);
        }
        TRY(describe(arena, x509, &items[n], err));
        n++;
    }
    /* The end of the text shows as a block that does not begin. */
    bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    if (n == 0 || !at_end) {
        return crypto_failed(ERROR_INPUT, "no certificates in PEM", err);
    }
    ERR_clear_error();
    *ret_list = (struct certificate_list){items, n};
    return OK;
}

/* -- checking -- */

status certificate_check_key(struct str pem, struct str key, struct error *err)
{
    x509_auto *x509 = NULL;
    pkey_auto *pkey = NULL;
    TRY(crypto_read_certificate(pem, &x509, err));
    TRY(crypto_read_key(key, &pkey, err));
    if (X509_check_private_key(x509, pkey) != 1) {
        return crypto_failed(ERROR_INPUT, "the key is that of another certificate", err);
    }
    return OK;
}

static void free_context(X509_STORE_CTX **context)
{
    X509_STORE_CTX_free(*context);
}

static void free_store(X509_STORE **store)
{
    X509_STORE_free(*store);
}

/* As a client verifies a server, but for the time. */
static status verify(X509 *leaf, X509 *authority, struct str name, struct error *err)
{
    __attribute__((cleanup(free_store))) X509_STORE *store = X509_STORE_new();
    __attribute__((cleanup(free_context))) X509_STORE_CTX *context = X509_STORE_CTX_new();
    ENSURE(store != NULL && context != NULL && X509_STORE_add_cert(store, authority) == 1 &&
           X509_STORE_CTX_init(context, store, leaf, NULL) == 1);
    X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(context);
    ENSURE(X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_NO_CHECK_TIME) == 1 &&
           X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_SSL_SERVER) == 1);
    if (name.n > 0) {
        X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
        ENSURE(X509_VERIFY_PARAM_set1_host(param, name.p, name.n) == 1);
    }
    if (X509_verify_cert(context) != 1) {
        int code = X509_STORE_CTX_get_error(context);
        ERR_clear_error();
        return error_set(err, ERROR_INPUT, "the certificate does not verify: %s",
                         X509_verify_cert_error_string(code));
    }
    return OK;
}

status certificate_check_issuer(struct str pem, struct str authority, struct str name,
                                struct error *err)
{
    x509_auto *leaf = NULL;
    x509_auto *issuer = NULL;
    TRY(crypto_read_certificate(pem, &leaf, err));
    TRY(crypto_read_certificate(authority, &issuer, err));
    return verify(leaf, issuer, name, err);
}

#include "crypto/openssl.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>

status crypto_failed(enum error_kind kind, const char *what, struct error *err)
{
    unsigned long code = ERR_peek_last_error();
    const char *reason = code == 0 ? NULL : ERR_reason_error_string(code);
    ERR_clear_error();
    return reason == NULL ? error_set(err, kind, "%s", what)
                          : error_set(err, kind, "%s: %s", what, reason);
}

BIO *crypto_reader(struct str text)
{
    ENSURE(text.n <= INT_MAX);
    BIO *bio = BIO_new_mem_buf(text.n == 0 ? "" : text.p, (int)text.n);
    ENSURE(bio != NULL);
    return bio;
}

struct str crypto_written(struct arena *arena, BIO *bio)
{
    char *p = NULL;
    long n = BIO_get_mem_data(bio, &p);
    ENSURE(n >= 0);
    return arena_dup(arena, (struct str){n == 0 ? "" : p, (size_t)n});
}

/* The type of pem_password_cb: there is no password, and nobody is asked for one. */
static int no_password(char *room, int size, int writing, void *argument)
{
    (void)room, (void)size, (void)writing, (void)argument;
    return -1;
}

status crypto_read_key(struct str pem, EVP_PKEY **ret_key, struct error *err)
{
    bio_auto *bio = crypto_reader(pem);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
    if (key == NULL) {
        return crypto_failed(ERROR_INPUT, "no private key in PEM without a password", err);
    }
    *ret_key = key;
    return OK;
}

status crypto_read_certificate(struct str pem, X509 **ret_certificate, struct error *err)
{
    bio_auto *bio = crypto_reader(pem);
    X509 *certificate = PEM_read_bio_X509(bio, NULL, no_password, NULL);
    if (certificate == NULL) {
        return crypto_failed(ERROR_INPUT, "no certificate in PEM", err);
    }
    *ret_certificate = certificate;
    return OK;
}

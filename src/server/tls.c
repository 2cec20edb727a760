#include "server/tls.h"

#include <gnutls/x509.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"

enum { CHAIN_MAX = 16 };

struct tls_credential {
    struct tls_credential *newer;
    size_t connections; /* that began when this one was in use */
    gnutls_pcert_st chain[CHAIN_MAX];
    unsigned n; /* 0: there is no certificate yet; connections hold that, too */
    gnutls_privkey_t key;
    int64_t expiry;
};

struct tls {
    const char *certificate_path, *key_path; /* borrowed from the configuration; NULL: tls_use */
    pthread_mutex_t lock;
    struct tls_credential *oldest, *current; /* a list from the one to the other */
};

static void free_credential(struct tls_credential *credential)
{
    for (unsigned i = 0; i < credential->n; i++) {
        gnutls_pcert_deinit(&credential->chain[i]);
    }
    gnutls_privkey_deinit(credential->key);
    free(credential);
}

/* -- loading -- */

static gnutls_datum_t datum(struct str text)
{
    return (gnutls_datum_t){(unsigned char *)(uintptr_t)text.p, (unsigned)text.n};
}

static status import_chain(struct tls_credential *credential, const char *path, struct str pem,
                           struct error *err)
{
    const gnutls_datum_t data = datum(pem);
    unsigned n = CHAIN_MAX;
    int code = gnutls_pcert_list_import_x509_raw(credential->chain, &n, &data, GNUTLS_X509_FMT_PEM,
                                                 GNUTLS_X509_CRT_LIST_FAIL_IF_UNSORTED);
    if (code < 0 || n == 0) {
        return error_set(
            err, ERROR_CONFIG, "%s: no chain of at most %d certificates in PEM, leaf first: %s",
            path, CHAIN_MAX, gnutls_strerror(code < 0 ? code : GNUTLS_E_NO_CERTIFICATE_FOUND));
    }
    credential->n = n;
    return OK;
}

static status import_key(struct tls_credential *credential, const char *path, struct str pem,
                         struct error *err)
{
    const gnutls_datum_t data = datum(pem);
    int code = gnutls_privkey_import_x509_raw(credential->key, &data, GNUTLS_X509_FMT_PEM, NULL, 0);
    if (code < 0) {
        return error_set(err, ERROR_CONFIG, "%s: no private key in PEM without a password: %s",
                         path, gnutls_strerror(code));
    }
    return OK;
}

/* The key must be the leaf's, or no handshake would succeed. */
static bool belong_together(const struct tls_credential *credential)
{
    unsigned char ours[64], theirs[64];
    size_t n_ours = sizeof ours, n_theirs = sizeof theirs;
    gnutls_pubkey_t public;
    if (gnutls_pubkey_init(&public) < 0) {
        return false;
    }
    bool same = gnutls_pubkey_import_privkey(public, credential->key, 0, 0) == 0 &&
                gnutls_pubkey_get_key_id(public, GNUTLS_KEYID_USE_SHA256, ours, &n_ours) == 0 &&
                gnutls_pubkey_get_key_id(credential->chain[0].pubkey, GNUTLS_KEYID_USE_SHA256,
                                         theirs, &n_theirs) == 0 &&
                n_ours == n_theirs && memcmp(ours, theirs, n_ours) == 0;
    gnutls_pubkey_deinit(public);
    return same;
}

static int64_t read_expiry(const struct tls_credential *credential)
{
    gnutls_x509_crt_t leaf;
    int64_t expiry = 0;
    if (gnutls_x509_crt_init(&leaf) == 0) {
        if (gnutls_x509_crt_import(leaf, &credential->chain[0].cert, GNUTLS_X509_FMT_DER) == 0) {
            expiry = gnutls_x509_crt_get_expiration_time(leaf);
        }
        gnutls_x509_crt_deinit(leaf);
    }
    return expiry;
}

/* A certificate with its key, and what they are called in messages. */
struct material {
    const char *certificate_name, *key_name;
    struct str certificate, key;
};

static status fill(struct tls_credential *credential, const struct material *material,
                   struct error *err)
{
    TRY(import_chain(credential, material->certificate_name, material->certificate, err));
    TRY(import_key(credential, material->key_name, material->key, err));
    if (!belong_together(credential)) {
        return error_set(err, ERROR_CONFIG, "%s is not the key of the certificate in %s",
                         material->key_name, material->certificate_name);
    }
    credential->expiry = read_expiry(credential);
    return OK;
}

static struct tls_credential *empty_credential(void)
{
    struct tls_credential *credential = calloc(1, sizeof *credential);
    if (credential == NULL || gnutls_privkey_init(&credential->key) < 0) {
        fatal("out of memory");
    }
    return credential;
}

static status new_credential(const struct material *material,
                             struct tls_credential **ret_credential, struct error *err)
{
    struct tls_credential *credential = empty_credential();
    if (failed(fill(credential, material, err))) {
        free_credential(credential);
        err->kind = ERROR_CONFIG;
        return FAILED;
    }
    *ret_credential = credential;
    return OK;
}

static status load(const struct tls *tls, struct tls_credential **ret_credential, struct error *err)
{
    arena_auto arena;
    arena_init(&arena, 4 * LIMIT_CERTIFICATE_FILE);
    struct material material = {.certificate_name = tls->certificate_path,
                                .key_name = tls->key_path};
    if (failed(file_read(&arena, tls->certificate_path, LIMIT_CERTIFICATE_FILE,
                         &material.certificate, err)) ||
        failed(file_read(&arena, tls->key_path, LIMIT_CERTIFICATE_FILE, &material.key, err))) {
        err->kind = ERROR_CONFIG;
        return FAILED;
    }
    status st = new_credential(&material, ret_credential, err);
    explicit_bzero((char *)(uintptr_t)material.key.p, material.key.n);
    return st;
}

/* -- use -- */

struct tls *tls_new_empty(void)
{
    struct tls *tls = calloc(1, sizeof *tls);
    if (tls == NULL) {
        fatal("out of memory");
    }
    pthread_mutex_init(&tls->lock, NULL);
    tls->oldest = tls->current = empty_credential();
    return tls;
}

status tls_new(const char *certificate, const char *key, struct tls **ret_tls, struct error *err)
{
    struct tls *tls = tls_new_empty();
    tls->certificate_path = certificate;
    tls->key_path = key;
    if (failed(tls_reload(tls, err))) {
        tls_free(tls);
        return FAILED;
    }
    *ret_tls = tls;
    return OK;
}

/* Free, from the oldest on, what no connection can still be using. */
static void sweep(struct tls *tls)
{
    while (tls->oldest != tls->current && tls->oldest->connections == 0) {
        struct tls_credential *gone = tls->oldest;
        tls->oldest = gone->newer;
        free_credential(gone);
    }
}

void tls_free(struct tls *tls)
{
    if (tls == NULL) {
        return;
    }
    while (tls->oldest != NULL) {
        struct tls_credential *gone = tls->oldest;
        tls->oldest = gone->newer;
        free_credential(gone);
    }
    pthread_mutex_destroy(&tls->lock);
    free(tls);
}

/* Takes `credential`. */
static void swap(struct tls *tls, struct tls_credential *credential)
{
    pthread_mutex_lock(&tls->lock);
    tls->current->newer = credential;
    tls->current = credential;
    sweep(tls);
    pthread_mutex_unlock(&tls->lock);
}

status tls_reload(struct tls *tls, struct error *err)
{
    struct tls_credential *credential = NULL;
    if (tls->certificate_path != NULL) {
        TRY(load(tls, &credential, err));
        swap(tls, credential);
    }
    return OK;
}

status tls_use(struct tls *tls, struct str certificate, struct str key, struct error *err)
{
    const struct material material = {.certificate_name = "the certificate",
                                      .key_name = "its key",
                                      .certificate = certificate,
                                      .key = key};
    struct tls_credential *credential = NULL;
    TRY(new_credential(&material, &credential, err));
    swap(tls, credential);
    return OK;
}

struct tls_credential *tls_hold(struct tls *tls)
{
    pthread_mutex_lock(&tls->lock);
    struct tls_credential *credential = tls->current;
    credential->connections++;
    pthread_mutex_unlock(&tls->lock);
    return credential;
}

void tls_release(struct tls *tls, struct tls_credential *credential)
{
    pthread_mutex_lock(&tls->lock);
    credential->connections--;
    sweep(tls);
    pthread_mutex_unlock(&tls->lock);
}

int64_t tls_expiry(struct tls *tls)
{
    pthread_mutex_lock(&tls->lock);
    int64_t expiry = tls->current->expiry;
    pthread_mutex_unlock(&tls->lock);
    return expiry;
}

bool tls_current(struct tls *tls, gnutls_pcert_st **ret_chain, unsigned *ret_n,
                 gnutls_privkey_t *ret_key)
{
    pthread_mutex_lock(&tls->lock);
    *ret_chain = tls->current->chain;
    *ret_n = tls->current->n;
    *ret_key = tls->current->key;
    pthread_mutex_unlock(&tls->lock);
    return *ret_n > 0;
}

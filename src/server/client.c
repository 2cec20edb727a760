#include "server/client.h"

#include <gnutls/x509.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"

enum { CHAIN_MAX = 8, NAME_MAX_BYTES = 256, NAMES_MAX = 64 };

static const int64_t VERDICT_LASTS = 60 * NS_PER_S;

struct client_trust {
    const char *path;              /* borrowed from the configuration */
    const struct glob_list *names; /* the same */
    pthread_mutex_t lock;
    gnutls_x509_trust_list_t authorities;
    uint64_t generation;
};

static status load(const char *path, gnutls_x509_trust_list_t *ret_list, struct error *err)
{
    arena_auto arena;
    arena_init(&arena, 2 * LIMIT_CERTIFICATE_FILE);
    struct str pem;
    if (failed(file_read(&arena, path, LIMIT_CERTIFICATE_FILE, &pem, err))) {
        err->kind = ERROR_CONFIG;
        return FAILED;
    }
    gnutls_x509_trust_list_t list = NULL;
    if (gnutls_x509_trust_list_init(&list, 0) < 0) {
        fatal("out of memory");
    }
    const gnutls_datum_t data = {(unsigned char *)(uintptr_t)pem.p, (unsigned)pem.n};
    int n = gnutls_x509_trust_list_add_trust_mem(list, &data, NULL, GNUTLS_X509_FMT_PEM, 0, 0);
    if (n <= 0) {
        gnutls_x509_trust_list_deinit(list, 1);
        return error_set(err, ERROR_CONFIG, "%s: no certificate authority in PEM: %s", path,
                         gnutls_strerror(n < 0 ? n : GNUTLS_E_NO_CERTIFICATE_FOUND));
    }
    *ret_list = list;
    return OK;
}

status client_trust_new(const char *path, const struct glob_list *names,
                        struct client_trust **ret_trust, struct error *err)
{
    gnutls_x509_trust_list_t list = NULL;
    TRY(load(path, &list, err));
    struct client_trust *trust = calloc(1, sizeof *trust);
    if (trust == NULL) {
        fatal("out of memory");
    }
    *trust =
        (struct client_trust){.path = path, .names = names, .authorities = list, .generation = 1};
    pthread_mutex_init(&trust->lock, NULL);
    *ret_trust = trust;
    return OK;
}

void client_trust_free(struct client_trust *trust)
{
    if (trust != NULL) {
        gnutls_x509_trust_list_deinit(trust->authorities, 1);
        pthread_mutex_destroy(&trust->lock);
        free(trust);
    }
}

status client_trust_reload(struct client_trust *trust, struct error *err)
{
    gnutls_x509_trust_list_t list = NULL;
    TRY(load(trust->path, &list, err));
    pthread_mutex_lock(&trust->lock);
    gnutls_x509_trust_list_t old = trust->authorities;
    trust->authorities = list;
    trust->generation++;
    pthread_mutex_unlock(&trust->lock);
    gnutls_x509_trust_list_deinit(old, 1);
    return OK;
}

void client_ask(gnutls_session_t session)
{
    gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUEST);
    gnutls_certificate_send_x509_rdn_sequence(session, 1);
}

/* -- names -- */

struct name_check {
    const struct glob_list *names;
    bool matched, excluded;
    bool unread; /* there are more or longer names than are looked at */
};

static void check_name(struct name_check *check, struct str name)
{
    const struct glob_list excluded = {.include = check->names->exclude,
                                       .n_include = check->names->n_exclude};
    check->matched = check->matched || glob_list_match(check->names, name);
    check->excluded =
        check->excluded || (excluded.n_include > 0 && glob_list_match(&excluded, name));
}

static void check_common_name(gnutls_x509_crt_t leaf, struct name_check *check)
{
    char name[NAME_MAX_BYTES];
    size_t n = sizeof name;
    if (gnutls_x509_crt_get_dn_by_oid(leaf, GNUTLS_OID_X520_COMMON_NAME, 0, 0, name, &n) == 0) {
        check_name(check, (struct str){name, n});
    }
}

static void check_dns_names(gnutls_x509_crt_t leaf, struct name_check *check)
{
    int type = 0;
    for (unsigned i = 0; i < NAMES_MAX && type != GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE; i++) {
        char name[NAME_MAX_BYTES];
        size_t n = sizeof name;
        type = gnutls_x509_crt_get_subject_alt_name(leaf, i, name, &n, NULL);
        if (type == GNUTLS_SAN_DNSNAME) {
            check_name(check, (struct str){name, n});
        } else if (type == GNUTLS_E_SHORT_MEMORY_BUFFER) {
            check->unread = true;
        }
    }
    check->unread = check->unread || type != GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE;
}

/* One of its names must be among those wanted, and none among those excluded. */
static bool name_matches(gnutls_x509_crt_t leaf, const struct glob_list *names)
{
    struct name_check check = {.names = names};
    check_common_name(leaf, &check);
    check_dns_names(leaf, &check);
    bool any = names->n_include == 0 && names->n_exclude == 0;
    check.excluded = check.excluded || (check.unread && names->n_exclude > 0);
    return any || (check.matched && !check.excluded);
}

/* -- the chain -- */

static bool refuse(struct client_state *state, const char *why)
{
    snprintf(state->why, sizeof state->why, "%s", why);
    return false;
}

static bool check_chain(struct client_trust *trust, gnutls_x509_crt_t *chain, unsigned n,
                        struct client_state *state)
{
    gnutls_typed_vdata_st purpose = {.type = GNUTLS_DT_KEY_PURPOSE_OID,
                                     .data = (unsigned char *)(uintptr_t)GNUTLS_KP_TLS_WWW_CLIENT};
    unsigned status_bits = 0;
    int code = gnutls_x509_trust_list_verify_crt2(trust->authorities, chain, n, &purpose, 1, 0,
                                                  &status_bits, NULL);
    if (code != 0 || status_bits != 0) {
        gnutls_datum_t text = {NULL, 0};
        bool told = code == 0 && gnutls_certificate_verification_status_print(
                                     status_bits, GNUTLS_CRT_X509, &text, 0) == 0;
        struct str why = str_trim(str_from(told ? (const char *)text.data : gnutls_strerror(code)));
        snprintf(state->why, sizeof state->why, "%.*s", STR_ARG(why));
        gnutls_free(text.data);
        return false;
    }
    return name_matches(chain[0], trust->names) ||
           refuse(state, "the client certificate has none of the names that may ask");
}

static bool verify(struct client_trust *trust, gnutls_session_t session, struct client_state *state)
{
    unsigned n = 0;
    const gnutls_datum_t *peers = gnutls_certificate_get_peers(session, &n);
    if (peers == NULL || n == 0) {
        return refuse(state, "a client certificate is required, and none was sent");
    }
    if (n > CHAIN_MAX) {
        return refuse(state, "the client certificate has too long a chain");
    }
    gnutls_x509_crt_t chain[CHAIN_MAX];
    unsigned made = 0;
    bool good = true;
    while (good && made < n) {
        good = gnutls_x509_crt_init(&chain[made]) == 0;
        made += good;
        good = good &&
               gnutls_x509_crt_import(chain[made - 1], &peers[made - 1], GNUTLS_X509_FMT_DER) == 0;
    }
    good = good ? check_chain(trust, chain, n, state)
                : refuse(state, "the client certificate cannot be read");
    for (unsigned i = 0; i < made; i++) {
        gnutls_x509_crt_deinit(chain[i]);
    }
    return good;
}

bool client_check(struct client_trust *trust, gnutls_session_t session, int64_t now,
                  struct client_state *state)
{
    pthread_mutex_lock(&trust->lock);
    if (state->generation != trust->generation || now - state->checked > VERDICT_LASTS) {
        state->accepted = verify(trust, session, state);
        state->generation = trust->generation;
        state->checked = now;
    }
    pthread_mutex_unlock(&trust->lock);
    return state->accepted;
}

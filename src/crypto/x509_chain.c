#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "crypto/x509_own.h"

enum { AUTH_LEVEL = 2 /* 112 bits */ };

/* -- one path, by OpenSSL -- */

static void free_context(X509_STORE_CTX **context)
{
    X509_STORE_CTX_free(*context);
}

static void free_store(X509_STORE **store)
{
    X509_STORE_free(*store);
}

static void free_stack(STACK_OF(X509) * *stack)
{
    sk_X509_free(*stack);
}

/* Whether OpenSSL went this path and no other. */
static bool same_path(X509_STORE_CTX *context, const struct x509_path *path)
{
    STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(context);
    if (sk_X509_num(chain) != (int)path->n) {
        return false;
    }
    for (size_t i = 0; i < path->n; i++) {
        if (sk_X509_value(chain, (int)i) != path->items[i]->x509) {
            return false;
        }
    }
    return true;
}

/* Of time, x509_path_holds knows more. */
static void set_parameters(X509_STORE_CTX *context)
{
    X509_VERIFY_PARAM *parameters = X509_STORE_CTX_get0_param(context);
    X509_VERIFY_PARAM_set_auth_level(parameters, AUTH_LEVEL);
    X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    ENSURE(X509_VERIFY_PARAM_set_flags(parameters,
                                       X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_NO_CHECK_TIME) == 1);
}

static status verify_path(const struct x509_path *path, struct error *err)
{
    __attribute__((cleanup(free_store))) X509_STORE *store = X509_STORE_new();
    __attribute__((cleanup(free_context))) X509_STORE_CTX *context = X509_STORE_CTX_new();
    __attribute__((cleanup(free_stack))) STACK_OF(X509) *between = sk_X509_new_null();
    ENSURE(store != NULL && context != NULL && between != NULL);
    for (size_t i = 1; i + 1 < path->n; i++) {
        ENSURE(sk_X509_push(between, path->items[i]->x509) > 0);
    }
    ENSURE(X509_STORE_add_cert(store, path->items[path->n - 1]->x509) == 1 &&
           X509_STORE_CTX_init(context, store, path->items[0]->x509, between) == 1);
    set_parameters(context);
    bool holds = X509_verify_cert(context) == 1;
    int code = X509_STORE_CTX_get_error(context);
    bool same = holds && same_path(context, path);
    ERR_clear_error();
    if (!holds) {
        return error_set(err, ERROR_EVIDENCE, "the certificate's chain does not hold: %s",
                         X509_verify_cert_error_string(code));
    }
    return same ? OK : error_set(err, ERROR_EVIDENCE, "the certificate's chain is ambiguous");
}

/* -- all paths -- */

struct search {
    const struct x509_issuers *issuers;
    struct x509_path path;
    unsigned steps, tries;
    bool found;
    struct error why; /* of the first path that did not hold */
};

static bool is_on_path(const struct x509_path *path, const struct x509_certificate *it)
{
    for (size_t i = 0; i < path->n; i++) {
        if (path->items[i] == it || str_eq(path->items[i]->facts.der, it->facts.der)) {
            return true;
        }
    }
    return false;
}

/* A key identifier is a hint that tells keys of one name apart. */
static bool keys_differ(const struct x509_certificate *issuer, const struct x509_certificate *last)
{
    const ASN1_OCTET_STRING *has = X509_get0_subject_key_id(issuer->x509);
    const ASN1_OCTET_STRING *wants = X509_get0_authority_key_id(last->x509);
    return has != NULL && wants != NULL && ASN1_OCTET_STRING_cmp(has, wants) != 0;
}

/* Whether `issuer` may come next, by names and key identifiers; signatures come later. */
static bool may_follow(struct search *search, const struct x509_certificate *issuer)
{
    const struct x509_certificate *last = search->path.items[search->path.n - 1];
    search->steps++;
    return str_eq(issuer->parts.subject, last->parts.issuer) && !keys_differ(issuer, last) &&
           !is_on_path(&search->path, issuer);
}

static bool is_over(const struct search *search)
{
    return search->found || search->steps >= LIMIT_CHAIN_STEPS ||
           search->tries >= LIMIT_CHAIN_TRIES;
}

static void try_path(struct search *search)
{
    struct error err;
    search->tries++;
    if (failed(x509_path_holds(&search->path, &err)) || failed(verify_path(&search->path, &err))) {
        if (search->why.kind == ERROR_NONE) {
            search->why = err;
        }
        return;
    }
    search->found = true;
}

/* Go on from the last of the path. Where a chain was found, the path is left as it is. */
static void go_on(struct search *search)
{
    struct x509_path *path = &search->path;
    const struct x509_issuers *all = search->issuers;
    if (path->n == LIMIT_CHAIN_DEPTH) {
        return;
    }
    size_t n = path->n;
    for (size_t i = 0; i < all->n_roots + all->n_intermediates && !is_over(search); i++) {
        bool is_root = i < all->n_roots;
        const struct x509_certificate *next =
            is_root ? all->roots[i] : all->intermediates[i - all->n_roots];
        path->n = n;
        if (!may_follow(search, next)) {
            continue;
        }
        path->items[path->n++] = next;
        if (is_root) {
            try_path(search);
        } else {
            go_on(search);
        }
    }
    path->n = search->found ? path->n : n;
}

static status nothing_found(const struct search *search, struct error *err)
{
    if (search->why.kind != ERROR_NONE && search->tries < LIMIT_CHAIN_TRIES) {
        *err = search->why;
        return FAILED;
    }
    if (is_over(search)) {
        return error_set(err, ERROR_LIMIT, "more chains of certificates than are tried");
    }
    return error_set(err, ERROR_EVIDENCE,
                     "no chain from \"%.*s\", who signed it, to a trusted root",
                     STR_ARG(search->path.items[0]->facts.issuer));
}

status x509_verify_chain(const struct x509_certificate *leaf, const struct x509_issuers *issuers,
                         int64_t when, enum x509_purpose purpose,
                         const struct x509_certificate **ret_issuer, struct error *err)
{
    struct search search = {.issuers = issuers,
                            .path = {.items = {leaf}, .n = 1, .when = when, .purpose = purpose}};
    if (issuers->n_intermediates > LIMIT_CERTIFICATES || issuers->n_roots > LIMIT_CERTIFICATES) {
        return error_set(err, ERROR_LIMIT, "more than %u certificates", LIMIT_CERTIFICATES);
    }
    go_on(&search);
    if (!search.found) {
        return nothing_found(&search, err);
    }
    *ret_issuer = search.path.items[1];
    return OK;
}

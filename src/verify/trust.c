#include "verify/trust.h"

#include <stdlib.h>

#include "base/limits.h"
#include "verify/proto.h"

static const char *const ANY[] = {NULL};

/* What is being read. */
struct reading {
    struct proto p;
    struct trust_root *root;
};

/* Keep in words why something is not used. */
static void pass_over(struct reading *r, struct str name, const struct error *why)
{
    struct trust_root *root = r->root;
    root->passed_over[root->n_passed_over++] =
        arena_printf(&root->arena, "%.*s: %s", STR_ARG(str_sub(name, 0, 200)), why->text);
}

static status optional_text(const struct proto *p, const struct proto_place *at, const char *name,
                            struct str *ret)
{
    struct proto_place member;
    return proto_member(at, name, &member) ? proto_text(p, &member, LIMIT_SIGSTORE_TEXT, ret) : OK;
}

/* A range that is there has a start: without one it would be trusted for ever before its end. */
static status read_window(const struct proto *p, const struct proto_place *at,
                          struct trust_window *ret)
{
    struct proto_place range, start, end;
    *ret = (struct trust_window){INT64_MIN, INT64_MAX};
    if (!proto_member(at, "validFor", &range)) {
        return OK;
    }
    TRY(proto_object(p, &range, ANY));
    TRY(proto_need(p, &range, "start", &start));
    TRY(proto_time(p, &start, &ret->from));
    return proto_member(&range, "end", &end) ? proto_time(p, &end, &ret->until) : OK;
}

/* -- logs -- */

typedef status read_key(struct str bytes, struct public_key **ret_key, struct error *err);

static const struct {
    const char *name;
    enum signature_scheme scheme;
    read_key *read;
} KEYS[] = {
    {"PKIX_ECDSA_P256_SHA_256", SCHEME_ECDSA_SHA256, public_key_read_der},
    {"PKIX_ECDSA_P384_SHA_384", SCHEME_ECDSA_SHA384, public_key_read_der},
    {"PKIX_ECDSA_P521_SHA_512", SCHEME_ECDSA_SHA512, public_key_read_der},
    {"PKIX_ED25519", SCHEME_ED25519, public_key_read_der},
    {"PKIX_ED25519_PH", SCHEME_ED25519PH, public_key_read_der},
    {"PKIX_RSA_PKCS1V15_2048_SHA256", SCHEME_RSA_PKCS1_SHA256, public_key_read_der},
    {"PKIX_RSA_PKCS1V15_3072_SHA256", SCHEME_RSA_PKCS1_SHA256, public_key_read_der},
    {"PKIX_RSA_PKCS1V15_4096_SHA256", SCHEME_RSA_PKCS1_SHA256, public_key_read_der},
    {"PKIX_RSA_PSS_2048_SHA256", SCHEME_RSA_PSS_SHA256, public_key_read_der},
    {"PKIX_RSA_PSS_3072_SHA256", SCHEME_RSA_PSS_SHA256, public_key_read_der},
    {"PKIX_RSA_PSS_4096_SHA256", SCHEME_RSA_PSS_SHA256, public_key_read_der},
    {"PKIX_RSA_PKCS1V5", SCHEME_RSA_PKCS1_SHA256, public_key_read_der},
    {"PKIX_RSA_PSS", SCHEME_RSA_PSS_SHA256, public_key_read_der},
    {"PKCS1_RSA_PKCS1V5", SCHEME_RSA_PKCS1_SHA256, public_key_read_pkcs1},
    {"PKCS1_RSA_PSS", SCHEME_RSA_PSS_SHA256, public_key_read_pkcs1},
};

static bool is_scheme_of(const struct public_key *key, enum signature_scheme scheme)
{
    enum hash hash;
    return scheme == SCHEME_ED25519 ? public_key_type(key) == KEY_ED25519
                                    : public_key_hash(key, scheme, &hash);
}

/* Make the key of `bytes`; fails also if it is of another kind than `details` says. */
static status make_key(struct str details, struct str bytes, struct trust_log *log,
                       struct error *err)
{
    for (size_t i = 0; i < sizeof KEYS / sizeof *KEYS; i++) {
        if (str_eq(details, str_from(KEYS[i].name))) {
            TRY(KEYS[i].read(bytes, &log->key, err));
            log->scheme = KEYS[i].scheme;
            if (!is_scheme_of(log->key, log->scheme)) {
                return error_set(err, ERROR_INPUT, "the key is no %s", KEYS[i].name);
            }
            return OK;
        }
    }
    return error_set(err, ERROR_INPUT, "keys of kind \"%.*s\" are not known",
                     STR_ARG(str_sub(details, 0, 60)));
}

static status read_id(const struct proto *p, const struct proto_place *at, const char *name,
                      struct str *ret)
{
    struct proto_place id;
    if (!proto_member(at, name, &id)) {
        return OK;
    }
    TRY(proto_object(p, &id, ANY));
    return proto_need_bytes(p, &id, "keyId", LIMIT_SIGSTORE_TEXT, ret);
}

/* Read one log; without a key if its key is of no use. */
static status read_log(struct reading *r, const struct proto_place *at, struct trust_log *log)
{
    const struct proto *p = &r->p;
    struct proto_place key;
    struct str hash = STR_EMPTY, details, bytes;
    struct error why;
    TRY(proto_object(p, at, ANY));
    TRY(optional_text(p, at, "baseUrl", &log->url));
    TRY(optional_text(p, at, "hashAlgorithm", &hash));
    TRY(proto_need(p, at, "publicKey", &key));
    TRY(proto_object(p, &key, ANY));
    TRY(proto_need_text(p, &key, "keyDetails", &details));
    TRY(proto_need_bytes(p, &key, "rawBytes", LIMIT_BUNDLE_CERTIFICATE, &bytes));
    TRY(read_window(p, &key, &log->window));
    TRY(read_id(p, at, "logId", &log->id));
    TRY(read_id(p, at, "checkpointKeyId", &log->hint));
    if (!str_eq(hash, STR("SHA2_256"))) {
        error_fill(&why, ERROR_INPUT, "its hash is not SHA2_256");
        pass_over(r, log->url, &why);
    } else if (failed(make_key(details, bytes, log, &why))) {
        public_key_free(log->key);
        log->key = NULL;
        pass_over(r, log->url, &why);
    } else if (log->id.n == 0) {
        log->id = public_key_id(log->key);
    }
    return OK;
}

static status read_logs(struct reading *r, const struct proto_place *root, const char *name,
                        struct trust_log **ret, size_t *ret_n)
{
    struct proto_place list;
    size_t n;
    if (!proto_member(root, name, &list)) {
        return OK;
    }
    TRY(proto_list(&r->p, &list, LIMIT_TRUST_INSTANCES, &n));
    *ret = ARENA_ARRAY(r->p.arena, struct trust_log, n);
    for (size_t i = 0; i < n; i++) {
        const struct proto_place item = proto_item(&list, i);
        TRY(read_log(r, &item, &(*ret)[*ret_n]));
        if ((*ret)[*ret_n].key != NULL) {
            ++*ret_n;
        } else {
            (*ret)[*ret_n] = (struct trust_log){.key = NULL};
        }
    }
    return OK;
}

/* -- authorities -- */

static status read_certificates(struct reading *r, const struct proto_place *at, struct str **ret,
                                size_t *ret_n)
{
    struct proto_place list;
    TRY(proto_object(&r->p, at, ANY));
    TRY(proto_need(&r->p, at, "certificates", &list));
    TRY(proto_list(&r->p, &list, LIMIT_TRUST_CHAIN, ret_n));
    if (*ret_n == 0) {
        return proto_wrong(&r->p, &list, ERROR_INPUT, "is empty");
    }
    *ret = ARENA_ARRAY(r->p.arena, struct str, *ret_n);
    for (size_t i = 0; i < *ret_n; i++) {
        const struct proto_place item = proto_item(&list, i);
        TRY(proto_object(&r->p, &item, ANY));
        TRY(proto_need_bytes(&r->p, &item, "rawBytes", LIMIT_BUNDLE_CERTIFICATE, &(*ret)[i]));
    }
    return OK;
}

static void free_chain(struct trust_authority *authority)
{
    for (size_t i = 0; i < authority->n; i++) {
        x509_free(authority->chain[i]);
    }
    authority->n = 0;
}

/* Read one authority; without certificates if one of them is of no use. */
static status read_authority(struct reading *r, const struct proto_place *at,
                             struct trust_authority *authority)
{
    struct proto_place chain;
    struct str *certificates = NULL;
    struct error why;
    size_t n = 0;
    TRY(proto_object(&r->p, at, ANY));
    TRY(optional_text(&r->p, at, "uri", &authority->uri));
    TRY(read_window(&r->p, at, &authority->window));
    TRY(proto_need(&r->p, at, "certChain", &chain));
    TRY(read_certificates(r, &chain, &certificates, &n));
    authority->chain = ARENA_ARRAY(r->p.arena, struct x509_certificate *, n);
    for (size_t i = 0; i < n; i++) {
        if (failed(x509_read_der(certificates[i], &authority->chain[i], &why))) {
            free_chain(authority);
            pass_over(r, authority->uri, &why);
            return OK;
        }
        authority->n++;
    }
    return OK;
}

static status read_authorities(struct reading *r, const struct proto_place *root, const char *name,
                               struct trust_authority **ret, size_t *ret_n)
{
    struct proto_place list;
    size_t n;
    if (!proto_member(root, name, &list)) {
        return OK;
    }
    TRY(proto_list(&r->p, &list, LIMIT_TRUST_INSTANCES, &n));
    *ret = ARENA_ARRAY(r->p.arena, struct trust_authority, n);
    for (size_t i = 0; i < n; i++) {
        const struct proto_place item = proto_item(&list, i);
        (*ret)[*ret_n] = (struct trust_authority){.n = 0};
        TRY(read_authority(r, &item, &(*ret)[*ret_n]));
        *ret_n += (*ret)[*ret_n].n > 0;
    }
    return OK;
}

/* -- the whole -- */

static status check_type(const struct proto *p, const struct proto_place *root)
{
    static const char *const TYPES[] = {"application/vnd.dev.sigstore.trustedroot+json;version=0.1",
                                        "application/vnd.dev.sigstore.trustedroot.v0.1+json",
                                        "application/vnd.dev.sigstore.trustedroot.v0.2+json"};
    struct str type;
    TRY(proto_need_text(p, root, "mediaType", &type));
    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++) {
        if (str_eq(type, str_from(TYPES[i]))) {
            return OK;
        }
    }
    return error_set(p->err, ERROR_INPUT,
                     "mediaType: \"%.*s\" is no known version of a trusted root",
                     STR_ARG(str_sub(type, 0, 80)));
}

static void make_sct_logs(struct trust_root *root)
{
    root->sct_logs = ARENA_ARRAY(&root->arena, struct sct_log, root->n_ct_logs);
    for (size_t i = 0; i < root->n_ct_logs; i++) {
        const struct trust_log *log = &root->ct_logs[i];
        root->sct_logs[i] = (struct sct_log){.id = public_key_id(log->key),
                                             .key = log->key,
                                             .from = log->window.from,
                                             .until = log->window.until};
    }
}

static status read_root(struct reading *r, const struct proto_place *at)
{
    struct trust_root *root = r->root;
    TRY(check_type(&r->p, at));
    TRY(read_logs(r, at, "tlogs", &root->logs, &root->n_logs));
    TRY(read_logs(r, at, "ctlogs", &root->ct_logs, &root->n_ct_logs));
    TRY(read_authorities(r, at, "certificateAuthorities", &root->authorities,
                         &root->n_authorities));
    TRY(read_authorities(r, at, "timestampAuthorities", &root->stampers, &root->n_stampers));
    make_sct_logs(root);
    return OK;
}

status trust_root_read(struct str text, struct trust_root **ret_root, struct error *err)
{
    json_doc_auto doc = {0};
    TRY(proto_parse(text, LIMIT_TRUST_ROOT, "trusted root", &doc, err));
    struct trust_root *root = calloc(1, sizeof *root);
    if (root == NULL) {
        fatal("out of memory");
    }
    arena_init(&root->arena, 16 * LIMIT_TRUST_ROOT);
    root->passed_over = ARENA_ARRAY(&root->arena, struct str, 4 * LIMIT_TRUST_INSTANCES);
    struct reading r = {.p = {.arena = &root->arena, .strict = false, .err = err}, .root = root};
    const struct proto_place at = {.value = doc.root};
    if (failed(read_root(&r, &at))) {
        trust_root_free(root);
        return error_wrap(err, "the trusted root");
    }
    *ret_root = root;
    return OK;
}

static void free_logs(struct trust_log *logs, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        public_key_free(logs[i].key);
    }
}

void trust_root_free(struct trust_root *root)
{
    if (root == NULL) {
        return;
    }
    free_logs(root->logs, root->n_logs);
    free_logs(root->ct_logs, root->n_ct_logs);
    for (size_t i = 0; i < root->n_authorities; i++) {
        free_chain(&root->authorities[i]);
    }
    for (size_t i = 0; i < root->n_stampers; i++) {
        free_chain(&root->stampers[i]);
    }
    arena_done(&root->arena);
    free(root);
}

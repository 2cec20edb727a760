#include "verify/rekor.h"

#include "base/base64.h"
#include "base/buf.h"
#include "base/hex.h"
#include "base/limits.h"
#include "verify/proto.h"
#include "verify/proto_hash.h"

static const char *const ANY[] = {NULL};

/* The object `name` within `at`. */
static status need_object(const struct proto *p, const struct proto_place *at, const char *name,
                          struct proto_place *ret)
{
    TRY(proto_need(p, at, name, ret));
    return proto_object(p, ret, ANY);
}

static status need_pem(const struct proto *p, const struct proto_place *at, const char *name,
                       struct str *ret)
{
    return proto_need_bytes(p, at, name, LIMIT_BUNDLE_CERTIFICATE, ret);
}

/* -- lists of signatures -- */

typedef status read_signature(const struct proto *p, const struct proto_place *at,
                              struct rekor_signature *ret);

static status read_list(const struct proto *p, const struct proto_place *at, read_signature *read,
                        struct rekor_entry *ret)
{
    struct proto_place list;
    size_t n;
    TRY(proto_need(p, at, "signatures", &list));
    TRY(proto_list(p, &list, LIMIT_DSSE_SIGNATURES, &n));
    if (n == 0) {
        return proto_wrong(p, &list, ERROR_INPUT, "is empty");
    }
    struct rekor_signature *all = ARENA_ARRAY(p->arena, struct rekor_signature, n);
    for (size_t i = 0; i < n; i++) {
        const struct proto_place item = proto_item(&list, i);
        TRY(proto_object(p, &item, ANY));
        TRY(read(p, &item, &all[i]));
    }
    ret->signatures = all;
    ret->n_signatures = n;
    return OK;
}

/* -- the first version of Rekor -- */

static status read_hashedrekord_1(const struct proto *p, const struct proto_place *spec,
                                  struct rekor_entry *ret)
{
    struct proto_place data, hash, signature, key;
    struct rekor_signature *one = ARENA_NEW(p->arena, struct rekor_signature);
    TRY(need_object(p, spec, "data", &data));
    TRY(need_object(p, &data, "hash", &hash));
    TRY(proto_hash_value(p, &hash, &ret->hash, &ret->digest));
    TRY(need_object(p, spec, "signature", &signature));
    TRY(proto_need_bytes(p, &signature, "content", LIMIT_SIGNATURE, &one->bytes));
    TRY(need_object(p, &signature, "publicKey", &key));
    TRY(need_pem(p, &key, "content", &one->pem));
    ret->form = REKOR_ARTIFACT;
    ret->signatures = one;
    ret->n_signatures = 1;
    return OK;
}

static status read_dsse_signature_1(const struct proto *p, const struct proto_place *at,
                                    struct rekor_signature *ret)
{
    TRY(proto_need_bytes(p, at, "signature", LIMIT_SIGNATURE, &ret->bytes));
    return need_pem(p, at, "verifier", &ret->pem);
}

static status read_dsse_1(const struct proto *p, const struct proto_place *spec,
                          struct rekor_entry *ret)
{
    struct proto_place hash;
    TRY(need_object(p, spec, "payloadHash", &hash));
    TRY(proto_hash_value(p, &hash, &ret->hash, &ret->digest));
    ret->form = REKOR_PAYLOAD;
    return read_list(p, spec, read_dsse_signature_1, ret);
}

/* An envelope's signature is text there, and is written in base64 once more. */
static status read_intoto_signature(const struct proto *p, const struct proto_place *at,
                                    struct rekor_signature *ret)
{
    struct str text;
    struct error err;
    TRY(proto_need_bytes(p, at, "sig", 2 * LIMIT_SIGNATURE, &text));
    if (failed(base64_decode(p->arena, text, &ret->bytes, &err))) {
        return proto_wrong(p, at, ERROR_INPUT, "has a sig that is %s", err.text);
    }
    return need_pem(p, at, "publicKey", &ret->pem);
}

static status read_intoto_2(const struct proto *p, const struct proto_place *spec,
                            struct rekor_entry *ret)
{
    struct proto_place content, hash, envelope;
    TRY(need_object(p, spec, "content", &content));
    TRY(need_object(p, &content, "payloadHash", &hash));
    TRY(proto_hash_value(p, &hash, &ret->hash, &ret->digest));
    TRY(need_object(p, &content, "envelope", &envelope));
    TRY(proto_need_text(p, &envelope, "payloadType", &ret->payload_type));
    ret->form = REKOR_PAYLOAD;
    return read_list(p, &envelope, read_intoto_signature, ret);
}

/* -- the second -- */

static status read_verifier(const struct proto *p, const struct proto_place *at,
                            struct rekor_signature *ret)
{
    struct proto_place key, certificate;
    bool has_key = proto_member(at, "publicKey", &key);
    if (has_key == proto_member(at, "x509Certificate", &certificate)) {
        return proto_wrong(p, at, ERROR_INPUT, "must have one of publicKey and x509Certificate");
    }
    struct proto_place *which = has_key ? &key : &certificate;
    TRY(proto_object(p, which, ANY));
    return proto_need_bytes(p, which, "rawBytes", LIMIT_BUNDLE_CERTIFICATE,
                            has_key ? &ret->key : &ret->certificate);
}

static status read_tiled_signature(const struct proto *p, const struct proto_place *at,
                                   struct rekor_signature *ret)
{
    struct proto_place verifier;
    TRY(proto_need_bytes(p, at, "content", LIMIT_SIGNATURE, &ret->bytes));
    TRY(need_object(p, at, "verifier", &verifier));
    return read_verifier(p, &verifier, ret);
}

static status read_hashedrekord_2(const struct proto *p, const struct proto_place *spec,
                                  struct rekor_entry *ret)
{
    struct proto_place it, data, signature;
    struct rekor_signature *one = ARENA_NEW(p->arena, struct rekor_signature);
    TRY(need_object(p, spec, "hashedRekordV002", &it));
    TRY(need_object(p, &it, "data", &data));
    TRY(proto_hash_output(p, &data, &ret->hash, &ret->digest));
    TRY(need_object(p, &it, "signature", &signature));
    TRY(read_tiled_signature(p, &signature, one));
    ret->form = REKOR_ARTIFACT;
    ret->tiled = true;
    ret->signatures = one;
    ret->n_signatures = 1;
    return OK;
}

static status read_dsse_2(const struct proto *p, const struct proto_place *spec,
                          struct rekor_entry *ret)
{
    struct proto_place it, hash;
    TRY(need_object(p, spec, "dsseV002", &it));
    TRY(need_object(p, &it, "payloadHash", &hash));
    TRY(proto_hash_output(p, &hash, &ret->hash, &ret->digest));
    ret->form = REKOR_PAYLOAD;
    ret->tiled = true;
    return read_list(p, &it, read_tiled_signature, ret);
}

/* -- the whole -- */

typedef status read_spec(const struct proto *p, const struct proto_place *spec,
                         struct rekor_entry *ret);

static read_spec *find_kind(const struct log_entry *entry)
{
    static const struct {
        struct str kind, version;
        read_spec *read;
    } KINDS[] = {
        {STR("hashedrekord"), STR("0.0.1"), read_hashedrekord_1},
        {STR("hashedrekord"), STR("0.0.2"), read_hashedrekord_2},
        {STR("dsse"), STR("0.0.1"), read_dsse_1},
        {STR("dsse"), STR("0.0.2"), read_dsse_2},
        {STR("intoto"), STR("0.0.2"), read_intoto_2},
    };
    for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++) {
        if (str_eq(entry->kind, KINDS[i].kind) && str_eq(entry->version, KINDS[i].version)) {
            return KINDS[i].read;
        }
    }
    return NULL;
}

static status read_body(const struct proto *p, const struct proto_place *root, read_spec *read,
                        const struct log_entry *entry, struct rekor_entry *ret)
{
    struct proto_place spec;
    struct str kind, version;
    TRY(proto_need_text(p, root, "kind", &kind));
    TRY(proto_need_text(p, root, "apiVersion", &version));
    if (!str_eq(kind, entry->kind) || !str_eq(version, entry->version)) {
        return error_set(p->err, ERROR_INPUT, "it is of another kind than the bundle says");
    }
    TRY(need_object(p, root, "spec", &spec));
    TRY(read(p, &spec, ret));
    return ret->digest.n == hash_size(ret->hash)
               ? OK
               : error_set(p->err, ERROR_INPUT, "its digest is of another length than its hash");
}

status rekor_entry_parse(struct arena *arena, const struct log_entry *entry,
                         struct rekor_entry *ret, struct error *err)
{
    json_doc_auto doc = {0};
    struct rekor_entry it = {.n_signatures = 0};
    const struct proto p = {.arena = arena, .strict = false, .err = err};
    read_spec *read = find_kind(entry);
    if (read == NULL) {
        return error_set(
            err, ERROR_INPUT, "the log's entry is of a kind that is not known: %.*s %.*s",
            STR_ARG(str_sub(entry->kind, 0, 40)), STR_ARG(str_sub(entry->version, 0, 20)));
    }
    TRY(proto_parse(entry->body, LIMIT_SIGSTORE_BUNDLE, "log's entry", &doc, err));
    const struct proto_place root = {.value = doc.root};
    if (failed(read_body(&p, &root, read, entry, &it))) {
        return error_wrap(err, "the log's entry");
    }
    *ret = it;
    return OK;
}

struct str rekor_promised(struct arena *arena, const struct log_entry *entry)
{
    buf_auto body;
    buf_init(&body, LIMIT_SIGSTORE_MEMORY);
    buf_add_base64(&body, entry->body);
    ENSURE(!buf_overflowed(&body));
    const struct str parts[] = {
        STR("{\"body\":\""),
        buf_str(&body),
        arena_printf(arena, "\",\"integratedTime\":%lld,\"logID\":\"",
                     (long long)entry->integrated),
        hex_encode(arena, entry->log_id),
        arena_printf(arena, "\",\"logIndex\":%llu}", (unsigned long long)entry->index),
    };
    return arena_join(arena, parts, sizeof parts / sizeof *parts);
}

#include "verify/bundle.h"

#include "base/limits.h"
#include "verify/log_entry.h"
#include "verify/proto.h"
#include "verify/proto_hash.h"

/* -- what verifies -- */

static status read_certificate(const struct proto *p, const struct proto_place *at, struct str *ret)
{
    static const char *const NAMES[] = {"rawBytes", NULL};
    TRY(proto_object(p, at, NAMES));
    return proto_need_bytes(p, at, "rawBytes", LIMIT_BUNDLE_CERTIFICATE, ret);
}

static status read_chain(const struct proto *p, const struct proto_place *at, struct bundle *ret)
{
    static const char *const NAMES[] = {"certificates", NULL};
    struct proto_place list;
    size_t n;
    TRY(proto_object(p, at, NAMES));
    TRY(proto_need(p, at, "certificates", &list));
    TRY(proto_list(p, &list, LIMIT_BUNDLE_CERTIFICATES, &n));
    if (n == 0) {
        return proto_wrong(p, &list, ERROR_INPUT, "is empty");
    }
    struct str *all = ARENA_ARRAY(p->arena, struct str, n);
    for (size_t i = 0; i < n; i++) {
        const struct proto_place item = proto_item(&list, i);
        TRY(read_certificate(p, &item, &all[i]));
    }
    ret->certificates = all;
    ret->n_certificates = n;
    return OK;
}

static status read_key(const struct proto *p, const struct proto_place *at, struct bundle *ret)
{
    static const char *const NAMES[] = {"hint", NULL};
    struct proto_place hint;
    TRY(proto_object(p, at, NAMES));
    return proto_member(at, "hint", &hint) ? proto_text(p, &hint, LIMIT_SIGSTORE_TEXT, &ret->hint)
                                           : OK;
}

/* One of the three ways to say who signed. */
static status read_signer(const struct proto *p, const struct proto_place *at, struct bundle *ret)
{
    struct proto_place key, chain, certificate;
    bool has_key = proto_member(at, "publicKey", &key);
    bool has_chain = proto_member(at, "x509CertificateChain", &chain);
    bool has_certificate = proto_member(at, "certificate", &certificate);
    if (has_key + has_chain + has_certificate != 1) {
        return proto_wrong(p, at, ERROR_INPUT,
                           "must have one of publicKey, x509CertificateChain and certificate");
    }
    if (has_key) {
        return read_key(p, &key, ret);
    }
    if (has_chain) {
        return ret->version == BUNDLE_0_3
                   ? proto_wrong(p, &chain, ERROR_INPUT, "is not of this version of bundles")
                   : read_chain(p, &chain, ret);
    }
    struct str *one = ARENA_NEW(p->arena, struct str);
    TRY(read_certificate(p, &certificate, one));
    ret->certificates = one;
    ret->n_certificates = 1;
    return OK;
}

static status read_timestamp(const struct proto *p, const struct proto_place *at, struct str *ret)
{
    static const char *const NAMES[] = {"signedTimestamp", NULL};
    TRY(proto_object(p, at, NAMES));
    return proto_need_bytes(p, at, "signedTimestamp", LIMIT_BUNDLE_TIMESTAMP, ret);
}

static status read_timestamps(const struct proto *p, const struct proto_place *at,
                              struct bundle *ret)
{
    static const char *const NAMES[] = {"rfc3161Timestamps", NULL};
    struct proto_place list;
    size_t n;
    TRY(proto_object(p, at, NAMES));
    if (!proto_member(at, "rfc3161Timestamps", &list)) {
        return OK;
    }
    TRY(proto_list(p, &list, LIMIT_BUNDLE_TIMESTAMPS, &n));
    struct str *all = ARENA_ARRAY(p->arena, struct str, n);
    for (size_t i = 0; i < n; i++) {
        const struct proto_place item = proto_item(&list, i);
        TRY(read_timestamp(p, &item, &all[i]));
    }
    ret->timestamps = all;
    ret->n_timestamps = n;
    return OK;
}

static status read_entries(const struct proto *p, const struct proto_place *at, struct bundle *ret)
{
    size_t n;
    TRY(proto_list(p, at, LIMIT_BUNDLE_ENTRIES, &n));
    struct log_entry *all = ARENA_ARRAY(p->arena, struct log_entry, n);
    for (size_t i = 0; i < n; i++) {
        const struct proto_place item = proto_item(at, i);
        TRY(log_entry_read(p, &item, ret->version, &all[i]));
    }
    ret->entries = all;
    ret->n_entries = n;
    return OK;
}

static status read_material(const struct proto *p, const struct proto_place *at, struct bundle *ret)
{
    static const char *const NAMES[] = {"publicKey",   "x509CertificateChain",      "certificate",
                                        "tlogEntries", "timestampVerificationData", NULL};
    struct proto_place member;
    TRY(proto_object(p, at, NAMES));
    TRY(read_signer(p, at, ret));
    if (proto_member(at, "tlogEntries", &member)) {
        TRY(read_entries(p, &member, ret));
    }
    return proto_member(at, "timestampVerificationData", &member) ? read_timestamps(p, &member, ret)
                                                                  : OK;
}

/* -- what is signed -- */

static status read_message(const struct proto *p, const struct proto_place *at,
                           struct bundle_message *ret)
{
    static const char *const NAMES[] = {"messageDigest", "signature", NULL};
    struct proto_place digest;
    TRY(proto_object(p, at, NAMES));
    ret->has_digest = proto_member(at, "messageDigest", &digest);
    if (ret->has_digest) {
        TRY(proto_hash_output(p, &digest, &ret->hash, &ret->digest));
    }
    return proto_need_bytes(p, at, "signature", LIMIT_SIGNATURE, &ret->signature);
}

static status read_envelope(const struct proto *p, const struct proto_place *at, struct bundle *ret)
{
    TRY(dsse_read(p, at, &ret->envelope));
    if (ret->envelope.n_signatures != 1) {
        return proto_wrong(p, at, ERROR_INPUT, "must have one signature alone, and has %zu",
                           ret->envelope.n_signatures);
    }
    struct str key_id = ret->envelope.signatures[0].key_id;
    if (ret->hint.n > 0 && key_id.n > 0 && !str_eq(ret->hint, key_id)) {
        return proto_wrong(p, at, ERROR_INPUT, "names another key than the bundle");
    }
    return OK;
}

static status read_content(const struct proto *p, const struct proto_place *root,
                           struct bundle *ret)
{
    struct proto_place message, envelope;
    ret->is_message = proto_member(root, "messageSignature", &message);
    if (ret->is_message == proto_member(root, "dsseEnvelope", &envelope)) {
        return proto_wrong(p, root, ERROR_INPUT,
                           "the bundle must have one of messageSignature and dsseEnvelope");
    }
    return ret->is_message ? read_message(p, &message, &ret->message)
                           : read_envelope(p, &envelope, ret);
}

/* -- the whole -- */

static status read_version(const struct proto *p, const struct proto_place *root,
                           enum bundle_version *ret)
{
    static const struct {
        struct str name;
        enum bundle_version version;
    } TYPES[] = {
        {STR("application/vnd.dev.sigstore.bundle+json;version=0.1"), BUNDLE_0_1},
        {STR("application/vnd.dev.sigstore.bundle+json;version=0.2"), BUNDLE_0_2},
        {STR("application/vnd.dev.sigstore.bundle+json;version=0.3"), BUNDLE_0_3},
        {STR("application/vnd.dev.sigstore.bundle.v0.3+json"), BUNDLE_0_3},
    };
    struct str type;
    TRY(proto_need_text(p, root, "mediaType", &type));
    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++) {
        if (str_eq(type, TYPES[i].name)) {
            *ret = TYPES[i].version;
            return OK;
        }
    }
    return error_set(p->err, ERROR_INPUT, "mediaType: \"%.*s\" is no known version of a bundle",
                     STR_ARG(str_sub(type, 0, 80)));
}

static status read_bundle(const struct proto *p, const struct proto_place *root, struct bundle *ret)
{
    static const char *const NAMES[] = {"mediaType", "verificationMaterial", "messageSignature",
                                        "dsseEnvelope", NULL};
    struct proto_place material;
    TRY(read_version(p, root, &ret->version));
    TRY(proto_object(p, root, NAMES));
    TRY(proto_need(p, root, "verificationMaterial", &material));
    TRY(read_material(p, &material, ret));
    return read_content(p, root, ret);
}

status bundle_parse(struct arena *arena, struct str text, struct bundle *ret, struct error *err)
{
    json_doc_auto doc = {0};
    struct bundle it = {.n_entries = 0};
    const struct proto p = {.arena = arena, .strict = true, .err = err};
    TRY(proto_parse(text, LIMIT_SIGSTORE_BUNDLE, "bundle", &doc, err));
    const struct proto_place root = {.value = doc.root};
    TRY(read_bundle(&p, &root, &it));
    *ret = it;
    return OK;
}

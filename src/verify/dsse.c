#include "verify/dsse.h"

#include "base/limits.h"
#include "verify/proto.h"

static status read_signature(const struct proto *p, const struct proto_place *at,
                             struct dsse_signature *ret)
{
    static const char *const NAMES[] = {"keyid", "sig", NULL};
    struct proto_place member;
    TRY(proto_object(p, at, NAMES));
    if (proto_member(at, "keyid", &member)) {
        TRY(proto_text(p, &member, LIMIT_SIGSTORE_TEXT, &ret->key_id));
    }
    return proto_need_bytes(p, at, "sig", LIMIT_SIGNATURE, &ret->bytes);
}

static status read_signatures(const struct proto *p, const struct proto_place *at,
                              struct dsse_envelope *ret)
{
    size_t n;
    TRY(proto_list(p, at, LIMIT_DSSE_SIGNATURES, &n));
    if (n == 0) {
        return proto_wrong(p, at, ERROR_INPUT, "is empty");
    }
    struct dsse_signature *all = ARENA_ARRAY(p->arena, struct dsse_signature, n);
    for (size_t i = 0; i < n; i++) {
        const struct proto_place item = proto_item(at, i);
        TRY(read_signature(p, &item, &all[i]));
    }
    ret->signatures = all;
    ret->n_signatures = n;
    return OK;
}

status dsse_read(const struct proto *p, const struct proto_place *at, struct dsse_envelope *ret)
{
    static const char *const NAMES[] = {"payload", "payloadType", "signatures", NULL};
    struct proto_place member;
    struct dsse_envelope it = {.n_signatures = 0};
    TRY(proto_object(p, at, NAMES));
    TRY(proto_need_text(p, at, "payloadType", &it.payload_type));
    TRY(proto_need_bytes(p, at, "payload", LIMIT_SIGSTORE_BUNDLE, &it.payload));
    TRY(proto_need(p, at, "signatures", &member));
    TRY(read_signatures(p, &member, &it));
    *ret = it;
    return OK;
}

status dsse_parse(struct arena *arena, struct str text, struct dsse_envelope *ret,
                  struct error *err)
{
    json_doc_auto doc = {0};
    const struct proto p = {.arena = arena, .strict = false, .err = err};
    TRY(proto_parse(text, LIMIT_SIGSTORE_BUNDLE, "envelope", &doc, err));
    const struct proto_place root = {.value = doc.root};
    return dsse_read(&p, &root, ret);
}

struct str dsse_signed(struct arena *arena, const struct dsse_envelope *envelope)
{
    const struct str parts[] = {
        arena_printf(arena, "DSSEv1 %zu ", envelope->payload_type.n),
        envelope->payload_type,
        arena_printf(arena, " %zu ", envelope->payload.n),
        envelope->payload,
    };
    return arena_join(arena, parts, sizeof parts / sizeof *parts);
}

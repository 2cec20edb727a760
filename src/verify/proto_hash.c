#include "verify/proto_hash.h"

#include "base/limits.h"

status proto_hash(const struct proto *p, const struct proto_place *at, enum hash *ret)
{
    static const struct str NAMES[HASH_COUNT] = {
        [HASH_SHA256] = STR("SHA2_256"),
        [HASH_SHA384] = STR("SHA2_384"),
        [HASH_SHA512] = STR("SHA2_512"),
    };
    struct str name;
    TRY(proto_text(p, at, LIMIT_SIGSTORE_TEXT, &name));
    for (unsigned i = 0; i < HASH_COUNT; i++) {
        if (str_eq(name, NAMES[i])) {
            *ret = (enum hash)i;
            return OK;
        }
    }
    return proto_wrong(p, at, ERROR_INPUT, "is no hash that is supported");
}

status proto_hash_output(const struct proto *p, const struct proto_place *at, enum hash *ret_hash,
                         struct str *ret_digest)
{
    static const char *const NAMES[] = {"algorithm", "digest", NULL};
    struct proto_place member;
    TRY(proto_object(p, at, NAMES));
    TRY(proto_need(p, at, "algorithm", &member));
    TRY(proto_hash(p, &member, ret_hash));
    *ret_digest = STR_EMPTY;
    return proto_member(at, "digest", &member) ? proto_bytes(p, &member, HASH_ROOM, ret_digest)
                                               : OK;
}

status proto_hash_value(const struct proto *p, const struct proto_place *at, enum hash *ret_hash,
                        struct str *ret_digest)
{
    static const char *const NAMES[] = {"algorithm", "value", NULL};
    struct proto_place member;
    struct str name;
    TRY(proto_object(p, at, NAMES));
    TRY(proto_need_text(p, at, "algorithm", &name));
    if (!hash_named(name, ret_hash)) {
        return proto_wrong(p, at, ERROR_INPUT, "is of no hash that is supported");
    }
    TRY(proto_need(p, at, "value", &member));
    return proto_hex(p, &member, HASH_ROOM, ret_digest);
}

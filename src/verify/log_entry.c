#include "verify/log_entry.h"

#include "base/limits.h"

enum { ID_ROOM = 64 };

static status need_index(const struct proto *p, const struct proto_place *at, const char *name,
                         uint64_t *ret)
{
    int64_t number;
    TRY(proto_need_number(p, at, name, &number));
    *ret = (uint64_t)number;
    return OK;
}

static status read_checkpoint(const struct proto *p, const struct proto_place *at, struct str *ret)
{
    static const char *const NAMES[] = {"envelope", NULL};
    struct proto_place envelope;
    TRY(proto_object(p, at, NAMES));
    return proto_member(at, "envelope", &envelope) ? proto_text(p, &envelope, LIMIT_CHECKPOINT, ret)
                                                   : OK;
}

static status read_hashes(const struct proto *p, const struct proto_place *at,
                          struct merkle_proof *ret)
{
    size_t n;
    TRY(proto_list(p, at, LIMIT_PROOF_HASHES, &n));
    struct str *all = ARENA_ARRAY(p->arena, struct str, n);
    for (size_t i = 0; i < n; i++) {
        const struct proto_place item = proto_item(at, i);
        TRY(proto_bytes(p, &item, MERKLE_SIZE, &all[i]));
    }
    *ret = (struct merkle_proof){all, n};
    return OK;
}

static status read_proof(const struct proto *p, const struct proto_place *at, struct log_proof *ret)
{
    static const char *const NAMES[] = {"logIndex", "rootHash",   "treeSize",
                                        "hashes",   "checkpoint", NULL};
    struct proto_place member;
    TRY(proto_object(p, at, NAMES));
    /* A number that is zero may be left out. */
    if (proto_member(at, "logIndex", &member)) {
        TRY(need_index(p, at, "logIndex", &ret->index));
    }
    TRY(need_index(p, at, "treeSize", &ret->tree.size));
    TRY(proto_need_bytes(p, at, "rootHash", MERKLE_SIZE, &ret->tree.root));
    if (proto_member(at, "hashes", &member)) {
        TRY(read_hashes(p, &member, &ret->path));
    }
    return proto_member(at, "checkpoint", &member) ? read_checkpoint(p, &member, &ret->checkpoint)
                                                   : OK;
}

static status read_promise(const struct proto *p, const struct proto_place *at, struct str *ret)
{
    static const char *const NAMES[] = {"signedEntryTimestamp", NULL};
    TRY(proto_object(p, at, NAMES));
    TRY(proto_need_bytes(p, at, "signedEntryTimestamp", LIMIT_SIGNATURE, ret));
    return ret->n > 0 ? OK : proto_wrong(p, at, ERROR_INPUT, "has an empty signature");
}

static status read_names(const struct proto *p, const struct proto_place *at, struct log_entry *ret)
{
    static const char *const KIND[] = {"kind", "version", NULL};
    static const char *const ID[] = {"keyId", NULL};
    struct proto_place member;
    TRY(proto_need(p, at, "logId", &member));
    TRY(proto_object(p, &member, ID));
    TRY(proto_need_bytes(p, &member, "keyId", ID_ROOM, &ret->log_id));
    TRY(proto_need(p, at, "kindVersion", &member));
    TRY(proto_object(p, &member, KIND));
    TRY(proto_need_text(p, &member, "kind", &ret->kind));
    return proto_need_text(p, &member, "version", &ret->version);
}

/* What the version of the bundle asks for. */
static status check_shown(const struct proto *p, const struct proto_place *at,
                          enum bundle_version version, const struct log_entry *entry)
{
    if (version == BUNDLE_0_1) {
        return entry->promise.n > 0 ? OK
                                    : proto_wrong(p, at, ERROR_INPUT, "has no inclusionPromise");
    }
    if (!entry->has_proof) {
        return proto_wrong(p, at, ERROR_INPUT, "has no inclusionProof");
    }
    return entry->proof.checkpoint.n > 0
               ? OK
               : proto_wrong(p, at, ERROR_INPUT, "has no checkpoint in its inclusionProof");
}

status log_entry_read(const struct proto *p, const struct proto_place *at,
                      enum bundle_version version, struct log_entry *ret)
{
    static const char *const NAMES[] = {
        "logIndex",         "logId",          "kindVersion",       "integratedTime",
        "inclusionPromise", "inclusionProof", "canonicalizedBody", NULL};
    struct proto_place member;
    TRY(proto_object(p, at, NAMES));
    if (proto_member(at, "logIndex", &member)) {
        TRY(need_index(p, at, "logIndex", &ret->index));
    }
    TRY(read_names(p, at, ret));
    if (proto_member(at, "integratedTime", &member)) {
        TRY(proto_number(p, &member, &ret->integrated));
    }
    if (proto_member(at, "inclusionPromise", &member)) {
        TRY(read_promise(p, &member, &ret->promise));
    }
    ret->has_proof = proto_member(at, "inclusionProof", &member);
    if (ret->has_proof) {
        TRY(read_proof(p, &member, &ret->proof));
    }
    TRY(check_shown(p, at, version, ret));
    return proto_need_bytes(p, at, "canonicalizedBody", LIMIT_SIGSTORE_BUNDLE, &ret->body);
}

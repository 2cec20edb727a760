#include "tuf/update.h"

#include <inttypes.h>

#include "tuf/key.h"
#include "tuf/signature.h"

/* -- root -- */

static void ask_root(struct tuf *tuf, struct tuf_move *ret_move)
{
    struct str path = arena_printf(&tuf->arena, "%" PRIu64 ".root.json", tuf->root.version + 1);
    tuf_ask(tuf, STAGE_ROOT, path, LIMIT_TUF_ROOT, ret_move);
}

static status check_own(const struct tuf_metadata *root, struct error *err)
{
    struct tuf_signers signers = tuf_root_signers(root, TUF_ROOT);
    return tuf_check_threshold(root, &signers, err);
}

status tuf_load_root(struct tuf *tuf, struct tuf_move *ret_move, struct error *err)
{
    struct str name = tuf_type_name(TUF_ROOT), bytes = tuf_kept(tuf, name);
    if (bytes.n == 0) {
        return error_set(err, ERROR_INPUT, "there is no trusted root to begin with");
    }
    if (failed(tuf_metadata_read(bytes, TUF_ROOT, &tuf->root, err)) ||
        failed(check_own(&tuf->root, err))) {
        return tuf_fail(name, &tuf->root, err);
    }
    tuf_keep(tuf, name, &tuf->root);
    ask_root(tuf, ret_move);
    return OK;
}

static bool replaces(const struct tuf_metadata *before, const struct tuf_metadata *after,
                     enum tuf_type type)
{
    struct tuf_signers old = tuf_root_signers(before, type), new = tuf_root_signers(after, type);
    return tuf_keys_replaced(&old, &new);
}

static status check_next_root(const struct tuf *tuf, const struct tuf_metadata *root,
                              struct error *err)
{
    struct tuf_signers before = tuf_root_signers(&tuf->root, TUF_ROOT);
    TRY(tuf_check_threshold(root, &before, err));
    TRY(check_own(root, err));
    if (root->version != tuf->root.version + 1) {
        return error_set(err, ERROR_EVIDENCE, "%.*s must be version %" PRIu64, STR_ARG(tuf->path),
                         tuf->root.version + 1);
    }
    return OK;
}

/* Where root has replaced the keys of timestamp or snapshot, their versions may begin anew. */
static void set_root(struct tuf *tuf, struct tuf_metadata *root)
{
    if (replaces(&tuf->root, root, TUF_TIMESTAMP) || replaces(&tuf->root, root, TUF_SNAPSHOT)) {
        tuf->rotated = true;
        tuf_forget(tuf, tuf_type_name(TUF_TIMESTAMP));
        tuf_forget(tuf, tuf_type_name(TUF_SNAPSHOT));
    }
    tuf_metadata_done(&tuf->root);
    tuf->root = *root;
    *root = (struct tuf_metadata){0};
    tuf_keep(tuf, tuf_type_name(TUF_ROOT), &tuf->root);
}

/* What was kept of a role whose keys root names; nothing, if it is not what these have signed. */
static void load_kept(struct tuf *tuf, enum tuf_type type, struct tuf_metadata *ret_metadata)
{
    struct str name = tuf_type_name(type), bytes = tuf_kept(tuf, name);
    struct tuf_signers signers = tuf_root_signers(&tuf->root, type);
    tuf_metadata_auto metadata = {0};
    struct error err;
    if (bytes.n == 0) {
        return;
    }
    if (failed(tuf_metadata_read(bytes, type, &metadata, &err)) ||
        failed(tuf_check_threshold(&metadata, &signers, &err))) {
        tuf_forget(tuf, name);
        return;
    }
    tuf_keep(tuf, name, &metadata);
    *ret_metadata = metadata;
    metadata = (struct tuf_metadata){0};
}

static status end_root(struct tuf *tuf, struct tuf_move *ret_move, struct error *err)
{
    TRY(tuf_check_expiry(tuf, tuf_type_name(TUF_ROOT), &tuf->root, err));
    load_kept(tuf, TUF_TIMESTAMP, &tuf->timestamp);
    load_kept(tuf, TUF_SNAPSHOT, &tuf->old_snapshot);
    tuf_ask(tuf, STAGE_TIMESTAMP, STR("timestamp.json"), LIMIT_TUF_TIMESTAMP, ret_move);
    return OK;
}

status tuf_take_root(struct tuf *tuf, const struct tuf_answer *answer, struct tuf_move *ret_move,
                     struct error *err)
{
    tuf_metadata_auto root = {0};
    if (!answer->there) {
        return end_root(tuf, ret_move, err);
    }
    if (failed(tuf_metadata_read(answer->bytes, TUF_ROOT, &root, err))) {
        return error_wrap(err, "%.*s", STR_ARG(tuf->path));
    }
    if (failed(check_next_root(tuf, &root, err))) {
        return tuf_fail(tuf_type_name(TUF_ROOT), &root, err);
    }
    set_root(tuf, &root);
    if (++tuf->roots == LIMIT_TUF_ROOTS) {
        return end_root(tuf, ret_move, err);
    }
    ask_root(tuf, ret_move);
    return OK;
}

/* -- timestamp -- */

static status refuse_older(uint64_t before, struct error *err)
{
    return error_set(err, ERROR_EVIDENCE, "version %" PRIu64 " was trusted before", before);
}

static status check_timestamp(const struct tuf *tuf, const struct tuf_metadata *timestamp,
                              struct error *err)
{
    const struct tuf_metadata *old = &tuf->timestamp;
    struct tuf_signers signers = tuf_root_signers(&tuf->root, TUF_TIMESTAMP);
    struct tuf_expected before, now;
    TRY(tuf_check_threshold(timestamp, &signers, err));
    if (old->body == NULL) {
        return OK;
    }
    if (timestamp->version < old->version) {
        return refuse_older(old->version, err);
    }
    if (tuf_meta(old, STR("snapshot.json"), &before) &&
        tuf_meta(timestamp, STR("snapshot.json"), &now) && now.version < before.version &&
        timestamp->version > old->version) {
        return error_set(err, ERROR_EVIDENCE,
                         "it names snapshot version %" PRIu64 ", and version %" PRIu64
                         " was trusted before",
                         now.version, before.version);
    }
    return OK;
}

static status want_snapshot(struct tuf *tuf, struct tuf_move *ret_move, struct error *err);

status tuf_take_timestamp(struct tuf *tuf, struct str bytes, struct tuf_move *ret_move,
                          struct error *err)
{
    struct str name = tuf_type_name(TUF_TIMESTAMP);
    tuf_metadata_auto timestamp = {0};
    if (failed(tuf_metadata_read(bytes, TUF_TIMESTAMP, &timestamp, err)) ||
        failed(check_timestamp(tuf, &timestamp, err))) {
        return tuf_fail(name, &timestamp, err);
    }
    /* Of the same version, what is trusted stays what it was. */
    if (timestamp.version != tuf->timestamp.version) {
        TRY(tuf_check_expiry(tuf, name, &timestamp, err));
        tuf_metadata_done(&tuf->timestamp);
        tuf->timestamp = timestamp;
        timestamp = (struct tuf_metadata){0};
        tuf_keep(tuf, name, &tuf->timestamp);
    }
    TRY(tuf_check_expiry(tuf, name, &tuf->timestamp, err));
    return want_snapshot(tuf, ret_move, err);
}

/* -- snapshot -- */

static status want_targets(struct tuf *tuf, struct tuf_move *ret_move, struct error *err);

static status set_snapshot(struct tuf *tuf, struct tuf_metadata *snapshot,
                           struct tuf_move *ret_move, struct error *err)
{
    tuf->snapshot = *snapshot;
    *snapshot = (struct tuf_metadata){0};
    tuf_keep(tuf, tuf_type_name(TUF_SNAPSHOT), &tuf->snapshot);
    return want_targets(tuf, ret_move, err);
}

static status want_snapshot(struct tuf *tuf, struct tuf_move *ret_move, struct error *err)
{
    tuf_metadata_auto snapshot = {0};
    tuf->wanted = (struct tuf_wanted){.type = TUF_SNAPSHOT,
                                      .role = tuf_type_name(TUF_SNAPSHOT),
                                      .by = tuf_type_name(TUF_TIMESTAMP),
                                      .signers = tuf_root_signers(&tuf->root, TUF_SNAPSHOT)};
    ENSURE(tuf_meta(&tuf->timestamp, STR("snapshot.json"), &tuf->wanted.expected));
    if (tuf_use_kept(tuf, &snapshot)) {
        return set_snapshot(tuf, &snapshot, ret_move, err);
    }
    return tuf_ask_wanted(tuf, STAGE_SNAPSHOT, &tuf->arena, ret_move, err);
}

/* No file of the old one may be gone, or have an older version. */
static status check_snapshot(const struct tuf_metadata *old, const struct tuf_metadata *new,
                             struct error *err)
{
    yyjson_val *name, *one, *meta = json_get(old->body, "meta");
    if (new->version < old->version) {
        return refuse_older(old->version, err);
    }
    yyjson_obj_iter iter = yyjson_obj_iter_with(json_get(new->body, "meta"));
    size_t i, max;
    yyjson_obj_foreach(meta, i, max, name, one)
    {
        struct str file = json_str(name);
        yyjson_val *now = yyjson_obj_iter_getn(&iter, file.p, file.n);
        uint64_t before = yyjson_get_uint(json_get(one, "version"));
        if (now == NULL) {
            return error_set(err, ERROR_EVIDENCE, "it no longer lists %.*s", STR_ARG(file));
        }
        if (yyjson_get_uint(json_get(now, "version")) < before) {
            return error_set(err, ERROR_EVIDENCE,
                             "it names %.*s version %" PRIu64 ", and version %" PRIu64
                             " was trusted before",
                             STR_ARG(file), yyjson_get_uint(json_get(now, "version")), before);
        }
    }
    return OK;
}

status tuf_take_snapshot(struct tuf *tuf, struct str bytes, struct tuf_move *ret_move,
                         struct error *err)
{
    struct str name = tuf_type_name(TUF_SNAPSHOT);
    tuf_metadata_auto snapshot = {0};
    TRY(tuf_read_wanted(tuf, bytes, &snapshot, err));
    if (failed(check_snapshot(&tuf->old_snapshot, &snapshot, err))) {
        return tuf_fail(name, &snapshot, err);
    }
    TRY(tuf_check_expiry(tuf, name, &snapshot, err));
    return set_snapshot(tuf, &snapshot, ret_move, err);
}

/* -- targets -- */

static void set_targets(struct tuf *tuf, struct tuf_metadata *targets, struct tuf_move *ret_move)
{
    tuf->targets = *targets;
    *targets = (struct tuf_metadata){0};
    tuf_keep(tuf, tuf_type_name(TUF_TARGETS), &tuf->targets);
    tuf_forget_unlisted(tuf);
    tuf->stage = STAGE_READY;
    *ret_move = (struct tuf_move){.action = TUF_READY};
}

static status want_targets(struct tuf *tuf, struct tuf_move *ret_move, struct error *err)
{
    tuf_metadata_auto targets = {0};
    tuf->wanted = (struct tuf_wanted){.type = TUF_TARGETS,
                                      .role = tuf_type_name(TUF_TARGETS),
                                      .by = tuf_type_name(TUF_SNAPSHOT),
                                      .signers = tuf_root_signers(&tuf->root, TUF_TARGETS)};
    ENSURE(tuf_meta(&tuf->snapshot, STR("targets.json"), &tuf->wanted.expected));
    if (tuf_use_kept(tuf, &targets)) {
        set_targets(tuf, &targets, ret_move);
        return OK;
    }
    return tuf_ask_wanted(tuf, STAGE_TARGETS, &tuf->arena, ret_move, err);
}

status tuf_take_targets(struct tuf *tuf, struct str bytes, struct tuf_move *ret_move,
                        struct error *err)
{
    tuf_metadata_auto targets = {0};
    TRY(tuf_read_wanted(tuf, bytes, &targets, err));
    TRY(tuf_check_expiry(tuf, tuf_type_name(TUF_TARGETS), &targets, err));
    set_targets(tuf, &targets, ret_move);
    return OK;
}

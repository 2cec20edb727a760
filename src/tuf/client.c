#include "tuf/client.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "tuf/content.h"
#include "tuf/name.h"
#include "tuf/search.h"
#include "tuf/signature.h"
#include "tuf/update.h"

/* -- errors -- */

status tuf_fail(struct str role, const struct tuf_metadata *metadata, struct error *err)
{
    if (metadata->version == 0) {
        return error_wrap(err, "%.*s", STR_ARG(role));
    }
    return error_wrap(err, "%.*s version %" PRIu64, STR_ARG(role), metadata->version);
}

status tuf_check_expiry(const struct tuf *tuf, struct str role, const struct tuf_metadata *metadata,
                        struct error *err)
{
    char end[CLOCK_TEXT_MAX];
    if (metadata->expires > tuf->now) {
        return OK;
    }
    clock_format_seconds(metadata->expires, end);
    error_fill(err, ERROR_EVIDENCE, "it expired at %s", end);
    return tuf_fail(role, metadata, err);
}

/* -- what is kept -- */

/* The index of the file of this role; tuf->n_files: there is none. */
static size_t find(const struct tuf *tuf, struct str role)
{
    size_t i = 0;
    while (i < tuf->n_files && !str_eq(tuf->files[i].role, role)) {
        i++;
    }
    return i;
}

/* Whether one more file may be kept: those of delegated roles leave room for the others. */
static bool has_room(const struct tuf *tuf, struct str role)
{
    size_t delegated = 0;
    for (size_t i = 0; i < tuf->n_files; i++) {
        delegated += !tuf_is_top_level(tuf->files[i].role);
    }
    return tuf_is_top_level(role) || delegated < LIMIT_TUF_FILES;
}

void tuf_keep(struct tuf *tuf, struct str role, const struct tuf_metadata *metadata)
{
    size_t at = find(tuf, role);
    if (at == tuf->n_files) {
        if (!has_room(tuf, role)) {
            return;
        }
        tuf->files[tuf->n_files++].role = arena_dup(&tuf->arena, role);
    }
    tuf->files[at].bytes = metadata->bytes;
    tuf->files[at].version = metadata->version;
    tuf->files[at].expires = metadata->expires;
}

void tuf_forget(struct tuf *tuf, struct str role)
{
    size_t at = find(tuf, role);
    if (at < tuf->n_files) {
        tuf->files[at] = tuf->files[--tuf->n_files];
    }
}

void tuf_forget_unlisted(struct tuf *tuf)
{
    struct tuf_expected expected;
    for (size_t i = tuf->n_files; i > 0; i--) {
        struct str role = tuf->files[i - 1].role;
        char name[LIMIT_TUF_NAME + 5];
        memcpy(name, role.p, role.n);
        memcpy(name + role.n, ".json", 5);
        if (!tuf_is_top_level(role) &&
            !tuf_meta(&tuf->snapshot, (struct str){name, role.n + 5}, &expected)) {
            tuf_forget(tuf, role);
        }
    }
}

struct str tuf_kept(const struct tuf *tuf, struct str role)
{
    size_t at = find(tuf, role);
    return at < tuf->n_files ? tuf->files[at].bytes : STR_EMPTY;
}

void tuf_trusted(const struct tuf *tuf, const struct tuf_file **ret_files, size_t *ret_n)
{
    *ret_files = tuf->files;
    *ret_n = tuf->n_files;
}

const struct tuf_file *tuf_role(const struct tuf *tuf, struct str role)
{
    size_t at = find(tuf, role);
    return at < tuf->n_files && tuf->files[at].version > 0 ? &tuf->files[at] : NULL;
}

bool tuf_rotated(const struct tuf *tuf)
{
    return tuf->rotated;
}

/* -- files that are wanted -- */

void tuf_ask(struct tuf *tuf, enum tuf_stage stage, struct str path, size_t max,
             struct tuf_move *ret_move)
{
    tuf->stage = stage;
    tuf->path = path;
    *ret_move = (struct tuf_move){.action = TUF_FETCH, .path = path, .max = max};
}

status tuf_ask_wanted(struct tuf *tuf, enum tuf_stage stage, struct arena *arena,
                      struct tuf_move *ret_move, struct error *err)
{
    const struct tuf_wanted *wanted = &tuf->wanted;
    struct str role = tuf_quoted(arena, wanted->role, false), path;
    size_t max = tuf_type_max(wanted->type);
    if (wanted->expected.has_length && wanted->expected.length > max) {
        return error_set(err, ERROR_LIMIT,
                         "%.*s: %.*s says that it has %" PRIu64 " bytes; more than %zu are not "
                         "taken",
                         STR_ARG(wanted->role), STR_ARG(wanted->by), wanted->expected.length, max);
    }
    path =
        tuf_root_is_consistent(&tuf->root)
            ? arena_printf(arena, "%" PRIu64 ".%.*s.json", wanted->expected.version, STR_ARG(role))
            : arena_printf(arena, "%.*s.json", STR_ARG(role));
    tuf_ask(tuf, stage, path, wanted->expected.has_length ? (size_t)wanted->expected.length : max,
            ret_move);
    return OK;
}

static status check_wanted(const struct tuf_wanted *wanted, const struct tuf_metadata *metadata,
                           struct error *err)
{
    TRY(tuf_check_threshold(metadata, &wanted->signers, err));
    if (metadata->version != wanted->expected.version) {
        return error_set(err, ERROR_EVIDENCE, "%.*s says that it is version %" PRIu64,
                         STR_ARG(wanted->by), wanted->expected.version);
    }
    return OK;
}

status tuf_read_wanted(const struct tuf *tuf, struct str bytes, struct tuf_metadata *ret_metadata,
                       struct error *err)
{
    const struct tuf_wanted *wanted = &tuf->wanted;
    tuf_metadata_auto metadata = {0};
    if (failed(tuf_check_content(bytes, &wanted->expected, wanted->by, err)) ||
        failed(tuf_metadata_read(bytes, wanted->type, &metadata, err)) ||
        failed(check_wanted(wanted, &metadata, err))) {
        return tuf_fail(wanted->role, &metadata, err);
    }
    *ret_metadata = metadata;
    metadata = (struct tuf_metadata){0};
    return OK;
}

bool tuf_use_kept(struct tuf *tuf, struct tuf_metadata *ret_metadata)
{
    struct str bytes = tuf_kept(tuf, tuf->wanted.role);
    tuf_metadata_auto metadata = {0};
    struct error err;
    if (bytes.n == 0 || failed(tuf_read_wanted(tuf, bytes, &metadata, &err)) ||
        failed(tuf_check_expiry(tuf, tuf->wanted.role, &metadata, &err))) {
        return false;
    }
    *ret_metadata = metadata;
    metadata = (struct tuf_metadata){0};
    return true;
}

/* -- a client -- */

static status keep_all(struct tuf *tuf, const struct tuf_want *want, struct error *err)
{
    for (size_t i = 0; i < want->n_kept; i++) {
        struct str role = want->kept[i].role;
        if (role.n == 0 || role.n > LIMIT_TUF_NAME || find(tuf, role) < tuf->n_files) {
            return error_set(err, ERROR_INPUT,
                             "what was kept of the role \"%.*s\" has no name, too long a one, or "
                             "stands twice",
                             STR_ARG(role));
        }
        if (!has_room(tuf, role)) {
            return error_set(err, ERROR_LIMIT, "more than %u files of delegated roles were kept",
                             LIMIT_TUF_FILES);
        }
        tuf->files[tuf->n_files++] =
            (struct tuf_file){.role = arena_dup(&tuf->arena, role), .bytes = want->kept[i].bytes};
    }
    return OK;
}

status tuf_start(const struct tuf_want *want, struct tuf **ret_tuf, struct tuf_move *ret_move,
                 struct error *err)
{
    struct tuf *tuf = calloc(1, sizeof *tuf);
    if (tuf == NULL) {
        fatal("out of memory");
    }
    tuf->now = want->now;
    arena_init(&tuf->arena, LIMIT_TUF_ARENA);
    arena_init(&tuf->search.arena, LIMIT_TUF_ARENA);
    if (failed(keep_all(tuf, want, err)) || failed(tuf_load_root(tuf, ret_move, err))) {
        tuf_free(tuf);
        return FAILED;
    }
    *ret_tuf = tuf;
    return OK;
}

static status take(struct tuf *tuf, const struct tuf_answer *answer, struct tuf_move *ret_move,
                   struct error *err)
{
    if (tuf->stage == STAGE_ROOT) {
        return tuf_take_root(tuf, answer, ret_move, err);
    }
    if (!answer->there) {
        return error_set(err, ERROR_NOT_FOUND, "%.*s is not there", STR_ARG(tuf->path));
    }
    switch (tuf->stage) {
    case STAGE_TIMESTAMP:
        return tuf_take_timestamp(tuf, answer->bytes, ret_move, err);
    case STAGE_SNAPSHOT:
        return tuf_take_snapshot(tuf, answer->bytes, ret_move, err);
    case STAGE_TARGETS:
        return tuf_take_targets(tuf, answer->bytes, ret_move, err);
    case STAGE_DELEGATED:
        return tuf_take_delegated(tuf, answer->bytes, ret_move, err);
    case STAGE_TARGET:
        return tuf_take_target(tuf, answer->bytes, ret_move, err);
    case STAGE_ROOT:
    case STAGE_READY:
    case STAGE_ENDED:
    default:
        fatal("a TUF client was given a file that it did not ask for");
    }
}

/* After a failure: a search ends, and another may begin; an update is over. */
static status give_up(struct tuf *tuf)
{
    bool searching = tuf->stage >= STAGE_READY;
    tuf_search_end(tuf);
    tuf->stage = searching ? STAGE_READY : STAGE_ENDED;
    return FAILED;
}

status tuf_take(struct tuf *tuf, const struct tuf_answer *answer, struct tuf_move *ret_move,
                struct error *err)
{
    return failed(take(tuf, answer, ret_move, err)) ? give_up(tuf) : OK;
}

status tuf_find(struct tuf *tuf, struct str path, struct tuf_move *ret_move, struct error *err)
{
    ENSURE(tuf->stage >= STAGE_READY && tuf->stage != STAGE_ENDED);
    tuf_search_end(tuf);
    return failed(tuf_search_start(tuf, path, ret_move, err)) ? give_up(tuf) : OK;
}

void tuf_free(struct tuf *tuf)
{
    if (tuf == NULL) {
        return;
    }
    tuf_search_end(tuf);
    tuf_metadata_done(&tuf->root);
    tuf_metadata_done(&tuf->timestamp);
    tuf_metadata_done(&tuf->snapshot);
    tuf_metadata_done(&tuf->old_snapshot);
    tuf_metadata_done(&tuf->targets);
    arena_done(&tuf->arena);
    arena_done(&tuf->search.arena);
    free(tuf);
}

#include "tuf/search.h"

#include "tuf/content.h"
#include "tuf/delegation.h"
#include "tuf/name.h"

static void pop(struct tuf_search *search)
{
    struct tuf_frame *frame = &search->frames[--search->n_frames];
    if (search->n_frames > 0) {
        tuf_metadata_done(&frame->metadata);
    }
}

void tuf_search_end(struct tuf *tuf)
{
    while (tuf->search.n_frames > 0) {
        pop(&tuf->search);
    }
    tuf->search.n_visited = 0;
    arena_reset(&tuf->search.arena);
}

/* -- the target -- */

/* "a/HASH.b.json" */
static struct str hashed_path(struct arena *arena, struct str path, struct str digits)
{
    size_t slash = str_rfind(path, '/'), base = slash == path.n ? 0 : slash + 1;
    const struct str parts[] = {str_sub(path, 0, base), digits, STR("."),
                                str_sub(path, base, path.n)};
    return arena_join(arena, parts, sizeof parts / sizeof *parts);
}

static status ask_target(struct tuf *tuf, struct str role, struct tuf_move *ret_move,
                         struct error *err)
{
    struct tuf_search *search = &tuf->search;
    struct str path = search->path, digits;
    if (search->expected.length > LIMIT_TUF_TARGET) {
        return error_set(err, ERROR_LIMIT,
                         "the target %.*s: %.*s says that it has %llu bytes; more than %u are not "
                         "taken",
                         STR_ARG(path), STR_ARG(role), (unsigned long long)search->expected.length,
                         LIMIT_TUF_TARGET);
    }
    if (failed(tuf_content_name(&search->expected, &digits, err))) {
        return error_wrap(err, "the target %.*s of %.*s", STR_ARG(path), STR_ARG(role));
    }
    if (tuf_root_is_consistent(&tuf->root)) {
        path = hashed_path(&search->arena, path, digits);
    }
    tuf_ask(tuf, STAGE_TARGET, tuf_quoted(&search->arena, path, true),
            (size_t)search->expected.length, ret_move);
    ret_move->target = true;
    return OK;
}

status tuf_take_target(struct tuf *tuf, struct str bytes, struct tuf_move *ret_move,
                       struct error *err)
{
    struct tuf_search *search = &tuf->search;
    struct str role = search->frames[search->n_frames - 1].role;
    if (failed(tuf_check_content(bytes, &search->expected, role, err))) {
        return error_wrap(err, "the target %.*s", STR_ARG(search->path));
    }
    tuf_search_end(tuf);
    tuf->stage = STAGE_READY;
    *ret_move = (struct tuf_move){.action = TUF_FOUND, .bytes = bytes};
    return OK;
}

/* -- delegations -- */

static bool is_visited(const struct tuf_search *search, struct str role)
{
    for (size_t i = 0; i < search->n_visited; i++) {
        if (str_eq(search->visited[i], role)) {
            return true;
        }
    }
    return false;
}

/* Look into a file that is verified; true if the target is there. */
static bool push(struct tuf_search *search, const struct tuf_metadata *metadata, struct str role)
{
    yyjson_val *delegations = tuf_delegations(metadata);
    search->frames[search->n_frames++] =
        (struct tuf_frame){.metadata = *metadata,
                           .role = role,
                           .next = yyjson_arr_get_first(delegations),
                           .left = yyjson_arr_size(delegations)};
    return tuf_target(metadata, search->path, &search->expected);
}

/* The next delegation that is for the path and was not visited; NULL: there is none. Behind one
 * that terminates, only what it delegates itself is looked at. */
static status next_delegation(struct tuf_search *search, yyjson_val **ret_role, struct error *err)
{
    while (search->n_frames > 0) {
        struct tuf_frame *frame = &search->frames[search->n_frames - 1];
        if (frame->left == 0) {
            pop(search);
            continue;
        }
        yyjson_val *role = frame->next;
        bool is = false;
        frame->next = unsafe_yyjson_get_next(role);
        frame->left--;
        if (failed(tuf_delegation_is_for(role, search->path, &is, err))) {
            return tuf_fail(frame->role, &frame->metadata, err);
        }
        if (is && yyjson_get_bool(json_get(role, "terminating"))) {
            for (size_t i = 0; i < search->n_frames; i++) {
                search->frames[i].left = 0;
            }
        }
        if (is && !is_visited(search, json_str(json_get(role, "name")))) {
            *ret_role = role;
            return OK;
        }
    }
    *ret_role = NULL;
    return OK;
}

/* Make what `role` names the file that is wanted. */
static status want(struct tuf *tuf, yyjson_val *role, struct error *err)
{
    struct tuf_search *search = &tuf->search;
    const struct tuf_frame *frame = &search->frames[search->n_frames - 1];
    struct str name = arena_dup(&search->arena, json_str(json_get(role, "name")));
    struct tuf_wanted wanted = {
        .type = TUF_TARGETS,
        .role = name,
        .by = tuf_type_name(TUF_SNAPSHOT),
        .signers = tuf_delegation_signers(&frame->metadata, role, frame->role),
    };
    if (search->n_visited == LIMIT_TUF_ROLES) {
        return error_set(err, ERROR_LIMIT, "the target %.*s: more than %u roles would be asked",
                         STR_ARG(search->path), LIMIT_TUF_ROLES);
    }
    if (search->n_frames > LIMIT_TUF_DEPTH) {
        return error_set(err, ERROR_LIMIT,
                         "the target %.*s: the role %.*s is delegated more than %u roles deep",
                         STR_ARG(search->path), STR_ARG(name), LIMIT_TUF_DEPTH);
    }
    const struct str parts[] = {name, STR(".json")};
    if (!tuf_meta(&tuf->snapshot, arena_join(&search->arena, parts, 2), &wanted.expected)) {
        error_fill(err, ERROR_EVIDENCE, "it does not list %.*s.json, to which %.*s delegates",
                   STR_ARG(name), STR_ARG(frame->role));
        return tuf_fail(tuf_type_name(TUF_SNAPSHOT), &tuf->snapshot, err);
    }
    search->visited[search->n_visited++] = name;
    tuf->wanted = wanted;
    return OK;
}

static status search_on(struct tuf *tuf, struct tuf_move *ret_move, struct error *err)
{
    struct tuf_search *search = &tuf->search;
    for (;;) {
        yyjson_val *role;
        struct tuf_metadata kept;
        TRY(next_delegation(search, &role, err));
        if (role == NULL) {
            return error_set(err, ERROR_NOT_FOUND, "no role knows the target %.*s",
                             STR_ARG(search->path));
        }
        TRY(want(tuf, role, err));
        if (!tuf_use_kept(tuf, &kept)) {
            return tuf_ask_wanted(tuf, STAGE_DELEGATED, &search->arena, ret_move, err);
        }
        tuf_keep(tuf, tuf->wanted.role, &kept);
        if (push(search, &kept, tuf->wanted.role)) {
            return ask_target(tuf, tuf->wanted.role, ret_move, err);
        }
    }
}

status tuf_take_delegated(struct tuf *tuf, struct str bytes, struct tuf_move *ret_move,
                          struct error *err)
{
    struct str role = tuf->wanted.role;
    tuf_metadata_auto metadata = {0};
    TRY(tuf_read_wanted(tuf, bytes, &metadata, err));
    TRY(tuf_check_expiry(tuf, role, &metadata, err));
    tuf_keep(tuf, role, &metadata);
    bool found = push(&tuf->search, &metadata, role);
    metadata = (struct tuf_metadata){0};
    return found ? ask_target(tuf, role, ret_move, err) : search_on(tuf, ret_move, err);
}

status tuf_search_start(struct tuf *tuf, struct str path, struct tuf_move *ret_move,
                        struct error *err)
{
    struct str role = tuf_type_name(TUF_TARGETS);
    if (!tuf_is_path(path)) {
        return error_set(
            err, ERROR_INPUT,
            "the target \"%.*s\" has no path that a target may have: relative, without "
            "empty parts, . or .., of %u bytes at most",
            STR_ARG(path), LIMIT_TUF_NAME);
    }
    tuf->search.path = path;
    return push(&tuf->search, &tuf->targets, role) ? ask_target(tuf, role, ret_move, err)
                                                   : search_on(tuf, ret_move, err);
}

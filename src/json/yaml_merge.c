#include <search.h>
#include <stdlib.h>

#include "json/tree.h"
#include "json/yaml_build.h"

/* A key of the object, or of what is merged into it. */
struct merge_key {
    struct str key;
    struct mark mark;
    bool before;   /* stands before the `<<` */
    size_t source; /* where the object that had it last stands; 0: that which is merged into */
};

struct merger {
    const struct yaml_piece *piece;
    const struct buf *strings;
    struct merge_key *keys;
    size_t n;
    void *seen; /* a tree of tsearch(3) over the keys */
    struct yaml_piece merged;
    size_t n_merged;
};

static int compare_keys(const void *left, const void *right)
{
    return str_cmp(((const struct merge_key *)left)->key, ((const struct merge_key *)right)->key);
}

static void keep_key(void *key)
{
    (void)key; /* owned by the array */
}

/* The key that was seen first with the bytes of that at `at`; that may be the new one itself. */
static struct merge_key *see_key(struct merger *merger, size_t at, bool before, bool *ret_new)
{
    struct merge_key *key = &merger->keys[merger->n++];
    *key = (struct merge_key){
        .key = yaml_text(merger->strings, &merger->piece->values[at]),
        .mark = merger->piece->marks[at],
        .before = before,
    };
    void *found = tsearch(key, &merger->seen, compare_keys);
    if (found == NULL) {
        fatal("out of memory");
    }
    struct merge_key *first = *(struct merge_key *const *)found;
    *ret_new = first == key;
    return first;
}

/* Index of the value behind the one at `at`. */
static size_t next_of(const struct yaml_piece *piece, size_t at)
{
    return (size_t)(unsafe_yyjson_get_next(piece->values + at) - piece->values);
}

static void see_members(struct merger *merger, size_t from, size_t to, bool before)
{
    bool is_new = false;
    while (from < to) {
        see_key(merger, from, before, &is_new);
        from = next_of(merger->piece, from + 1);
    }
}

static status check_key(const struct merger *merger, size_t at, size_t object,
                        const struct merge_key *first, struct error *err)
{
    struct mark mark = merger->piece->marks[at];
    if (first->source == object) {
        return error_set(err, ERROR_INPUT, "line %u, column %u: the key \"%.*s\" stands twice",
                         mark.line, mark.column, STR_ARG(first->key));
    }
    if (first->before) {
        return error_set(err, ERROR_INPUT,
                         "line %u, column %u: the key \"%.*s\" stands before a \"<<\" that merges "
                         "it too (from line %u), and readers of YAML disagree which wins; write "
                         "\"<<\" first",
                         first->mark.line, first->mark.column, STR_ARG(first->key), mark.line);
    }
    return OK;
}

/* Take the members of the object at `object` that no one before it has. */
static status merge_object(struct merger *merger, size_t object, struct error *err)
{
    const struct yaml_piece *piece = merger->piece;
    if (!unsafe_yyjson_is_obj(piece->values + object)) {
        return error_set(err, ERROR_INPUT,
                         "line %u, column %u: what \"<<\" merges must be a mapping, or a list of "
                         "mappings",
                         piece->marks[object].line, piece->marks[object].column);
    }
    size_t end = next_of(piece, object);
    for (size_t key = object + 1; key < end;) {
        size_t next = next_of(piece, key + 1);
        bool is_new = false;
        struct merge_key *first = see_key(merger, key, false, &is_new);
        TRY(check_key(merger, key, object, first, err));
        first->source = object;
        if (is_new) {
            yaml_piece_append(&merger->merged, piece->values + key, piece->marks + key, next - key);
            merger->n_merged++;
        }
        key = next;
    }
    return OK;
}

static status merge_all(struct merger *merger, const struct yaml_frame *frame, struct error *err)
{
    /* Whoever is seen first wins: the object's own keys, then the sources in their order. */
    see_members(merger, frame->at + 1, frame->merge_from, true);
    see_members(merger, frame->merge_to, merger->piece->n, false);
    size_t source = frame->merge_from;
    if (!unsafe_yyjson_is_arr(merger->piece->values + source)) {
        return merge_object(merger, source, err);
    }
    for (source++; source < frame->merge_to; source = next_of(merger->piece, source)) {
        TRY(merge_object(merger, source, err));
    }
    return OK;
}

/* Put the merged members, which are never more than what they come from, into its place. */
static void put_in_place(struct yaml_piece *piece, struct yaml_frame *frame,
                         const struct merger *merger)
{
    size_t to = frame->merge_from + merger->merged.n;
    size_t tail = piece->n - frame->merge_to;
    ENSURE(to <= frame->merge_to);
    if (merger->merged.n > 0) {
        memcpy(piece->values + frame->merge_from, merger->merged.values,
               merger->merged.n * sizeof *piece->values);
        memcpy(piece->marks + frame->merge_from, merger->merged.marks,
               merger->merged.n * sizeof *piece->marks);
    }
    memmove(piece->values + to, piece->values + frame->merge_to, tail * sizeof *piece->values);
    memmove(piece->marks + to, piece->marks + frame->merge_to, tail * sizeof *piece->marks);
    piece->n = to + tail;
    frame->n += merger->n_merged;
}

status yaml_merge(struct yaml_piece *piece, const struct buf *strings, struct yaml_frame *frame,
                  struct error *err)
{
    struct merger merger = {.piece = piece, .strings = strings};
    /* A key and its value are two of the object's values. */
    size_t most = (piece->n - frame->at) / 2 + 1;
    merger.keys = calloc(most, sizeof *merger.keys);
    if (merger.keys == NULL) {
        fatal("out of memory");
    }
    status result = merge_all(&merger, frame, err);
    if (!failed(result)) {
        put_in_place(piece, frame, &merger);
    }
    tdestroy(merger.seen, keep_key);
    free(merger.keys);
    yaml_piece_done(&merger.merged);
    return result;
}

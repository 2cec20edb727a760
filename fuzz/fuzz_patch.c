/* {"object": any, "sets": [["/pointer", "value"], …]}, or an object alone. The patch of the sets,
 * applied, gives what a naive setter makes of the object; the same sets then change nothing; every
 * image of the object, replaced by a patch, is found replaced, and all else is as it was. */
#include <stdlib.h>

#include "../tests/unit/review/oracle.h"
#include "review/patch.h"
#include "review/review.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SETS_MAX = 32, PATCH_MAX = 4 * MIB };

struct set {
    struct str pointer, value;
    bool done; /* it could be set, and no later set of the same place came */
};

/* -- a naive setter -- */

/* Split off the next token of a pointer and undo its escapes; false if they are wrong. */
static bool next_token(struct arena *arena, struct str *pointer, struct str *ret_key)
{
    size_t end = 1;
    while (end < pointer->n && pointer->p[end] != '/') {
        end++;
    }
    char *key = arena_alloc(arena, end);
    size_t n = 0;
    for (size_t i = 1; i < end; i++) {
        char c = pointer->p[i];
        char next = i + 1 < end ? pointer->p[i + 1] : '\0';
        if (c == '~' && next != '0' && next != '1') {
            return false;
        }
        key[n++] = c != '~' ? c : next == '0' ? '~' : '/';
        i += c == '~';
    }
    *pointer = str_sub(*pointer, end, pointer->n);
    *ret_key = (struct str){key, n};
    return true;
}

static bool split(struct arena *arena, struct str pointer, struct str keys[LIMIT_JSON_DEPTH],
                  size_t *n)
{
    *n = 0;
    if (pointer.n == 0 || pointer.p[0] != '/') {
        return false;
    }
    while (pointer.n > 0) {
        if (*n == LIMIT_JSON_DEPTH || !next_token(arena, &pointer, &keys[*n])) {
            return false;
        }
        *n += 1;
    }
    return true;
}

static yyjson_mut_val *naive_item(yyjson_mut_val *list, struct str key)
{
    size_t index = 0;
    if (key.n == 0 || key.n > 9 || (key.n > 1 && key.p[0] == '0')) {
        return NULL;
    }
    for (size_t i = 0; i < key.n; i++) {
        if (key.p[i] < '0' || key.p[i] > '9') {
            return NULL;
        }
        index = index * 10 + (size_t)(key.p[i] - '0');
    }
    return yyjson_mut_arr_get(list, index);
}

/* The value in `parent` at `key`; a member that is missing is added as null. NULL if there can be
 * none. */
static yyjson_mut_val *naive_child(yyjson_mut_doc *doc, yyjson_mut_val *parent, struct str key)
{
    if (yyjson_mut_is_arr(parent)) {
        return naive_item(parent, key);
    }
    if (!yyjson_mut_is_obj(parent)) {
        return NULL;
    }
    yyjson_mut_val *child = yyjson_mut_obj_getn(parent, key.p, key.n);
    if (child == NULL) {
        child = yyjson_mut_null(doc);
        ENSURE(yyjson_mut_obj_add(parent, yyjson_mut_strncpy(doc, key.p, key.n), child));
    }
    return child;
}

static bool naive_set(yyjson_mut_doc *doc, struct arena *arena, const struct set *set)
{
    struct str keys[LIMIT_JSON_DEPTH];
    size_t n;
    if (!split(arena, set->pointer, keys, &n)) {
        return false;
    }
    yyjson_mut_val *at = yyjson_mut_doc_get_root(doc);
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && yyjson_mut_is_null(at)) {
            ENSURE(yyjson_mut_set_obj(at));
        }
        at = naive_child(doc, at, keys[i]);
        if (at == NULL) {
            return false;
        }
    }
    return (yyjson_mut_is_null(at) || yyjson_mut_is_str(at)) &&
           yyjson_mut_set_strn(at, set->value.p, set->value.n);
}

/* -- what must hold of a patch -- */

static void make_patch(struct arena *arena, yyjson_val *object, struct set *sets, size_t n,
                       struct str *ret_text)
{
    struct patch patch;
    struct error err;
    patch_init(&patch, arena, PATCH_MAX);
    for (size_t i = 0; i < n; i++) {
        err = (struct error){0};
        sets[i].done =
            !failed(patch_set_pointer(&patch, object, sets[i].pointer, sets[i].value, &err));
        ENSURE(sets[i].done ? err.kind == ERROR_NONE : err.kind == ERROR_INPUT);
    }
    ENSURE(!failed(patch_text(&patch, ret_text, &err)));
    patch_done(&patch);
}

/* Set one after the other; a set fails here if it failed there, and then leaves all as it was. */
static yyjson_mut_doc *set_naively(struct arena *arena, yyjson_mut_doc *doc, const struct set *sets,
                                   size_t n)
{
    for (size_t i = 0; i < n; i++) {
        yyjson_mut_doc *next = yyjson_mut_doc_mut_copy(doc, NULL);
        ENSURE(next != NULL && naive_set(next, arena, &sets[i]) == sets[i].done);
        yyjson_mut_doc_free(sets[i].done ? doc : next);
        doc = sets[i].done ? next : doc;
    }
    return doc;
}

static void forget_overwritten(struct set *sets, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t k = i + 1; k < n; k++) {
            bool again = sets[k].done && str_eq(sets[i].pointer, sets[k].pointer);
            sets[i].done = sets[i].done && !again;
        }
    }
}

static void check_idempotent(struct arena *arena, yyjson_val *object, const struct set *sets,
                             size_t n)
{
    struct set again[LIMIT_IMAGES_PER_REVIEW];
    struct str text;
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (sets[i].done) {
            again[kept++] = sets[i];
        }
    }
    make_patch(arena, object, again, kept, &text);
    ENSURE(str_eq(text, STR("[]")));
    for (size_t i = 0; i < kept; i++) {
        ENSURE(again[i].done);
    }
}

/* The object as the patch of the sets makes it; owned by the caller. */
static yyjson_doc *check_sets(struct arena *arena, yyjson_val *object, struct set *sets, size_t n)
{
    struct str text;
    make_patch(arena, object, sets, n, &text);
    yyjson_doc *operations = yyjson_read(text.p, text.n, 0);
    yyjson_mut_doc *patched = yyjson_mut_doc_new(NULL), *wanted = yyjson_mut_doc_new(NULL);
    ENSURE(operations != NULL && patched != NULL && wanted != NULL);
    yyjson_mut_doc_set_root(patched, yyjson_val_mut_copy(patched, object));
    yyjson_mut_doc_set_root(wanted, yyjson_val_mut_copy(wanted, object));
    ENSURE(oracle_apply(patched, yyjson_doc_get_root(operations)));
    wanted = set_naively(arena, wanted, sets, n);
    ENSURE(yyjson_mut_equals(yyjson_mut_doc_get_root(patched), yyjson_mut_doc_get_root(wanted)));
    yyjson_doc *after = yyjson_mut_doc_imut_copy(patched, NULL);
    ENSURE(after != NULL);
    forget_overwritten(sets, n);
    check_idempotent(arena, yyjson_doc_get_root(after), sets, n);
    yyjson_mut_doc_free(wanted);
    yyjson_mut_doc_free(patched);
    yyjson_doc_free(operations);
    return after;
}

/* -- the sets of the input -- */

static void check_input_sets(struct arena *arena, yyjson_val *root)
{
    struct set sets[SETS_MAX];
    size_t i, size, n = 0;
    yyjson_val *pair;
    yyjson_val *object = yyjson_obj_get(root, "object");
    if (object == NULL) {
        return;
    }
    yyjson_arr_foreach(yyjson_obj_get(root, "sets"), i, size, pair)
    {
        yyjson_val *pointer = yyjson_arr_get(pair, 0), *value = yyjson_arr_get(pair, 1);
        if (n < SETS_MAX && yyjson_is_str(pointer) && yyjson_is_str(value)) {
            sets[n++] = (struct set){.pointer = oracle_str(pointer), .value = oracle_str(value)};
        }
    }
    yyjson_doc_free(check_sets(arena, object, sets, n));
}

/* -- all images of the object -- */

static const struct kinds *shipped_kinds(void)
{
    static const struct kinds *kinds;
    static struct arena arena;
    struct error err;
    if (kinds == NULL) {
        arena_init(&arena, 4 * MIB);
        ENSURE(!failed(kinds_build(&arena, NULL, 0, NULL, 0, &kinds, &err)));
    }
    return kinds;
}

static bool find_images(struct arena *arena, yyjson_val *object, struct review *ret_review)
{
    struct error err;
    const struct kinds *kinds = shipped_kinds();
    return !failed(review_from_manifest(arena, kinds, object, STR_EMPTY, ret_review, &err));
}

static void check_images(struct arena *arena, yyjson_val *object)
{
    struct review before, after;
    struct set sets[LIMIT_IMAGES_PER_REVIEW];
    if (!find_images(arena, object, &before)) {
        return;
    }
    for (size_t i = 0; i < before.n_images; i++) {
        struct str text = str_sub(before.images[i].text, 0, LIMIT_IMAGE_TEXT / 2);
        sets[i] = (struct set){
            .pointer = before.images[i].pointer,
            .value = arena_printf(arena, "%zu/%.*s", i,
                                  (int)utf8_cut(text.p, text.n, LIMIT_IMAGE_TEXT / 2), text.p),
        };
    }
    yyjson_doc *doc = check_sets(arena, object, sets, before.n_images);
    ENSURE(find_images(arena, yyjson_doc_get_root(doc), &after));
    ENSURE(after.n_images == before.n_images);
    for (size_t i = 0; i < after.n_images; i++) {
        ENSURE(sets[i].done && str_eq(after.images[i].pointer, sets[i].pointer));
        ENSURE(str_eq(after.images[i].text, sets[i].value));
    }
    yyjson_doc_free(doc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_doc_auto doc = {0};
    struct error err;
    arena_auto arena;
    arena_init(&arena, 16 * LIMIT_REVIEW_ARENA);
    if (size <= 64 * KIB && !failed(json_parse((struct str){(const char *)data, size},
                                               JSON_WITHOUT_MARKS, &doc, &err))) {
        check_input_sets(&arena, doc.root);
        check_images(&arena, doc.root);
        check_images(&arena, yyjson_obj_get(doc.root, "object"));
    }
    return 0;
}

#include "review/patch.h"

#include <string.h>

#include "base/limits.h"

enum { FIRST_ROOM = 8 };

void patch_init(struct patch *patch, struct arena *arena, size_t max)
{
    *patch = (struct patch){.arena = arena};
    buf_init(&patch->text, max);
}

void patch_done(struct patch *patch)
{
    buf_done(&patch->text);
    *patch = (struct patch){0};
}

/* -- operations -- */

static void add_operation(struct patch *patch, const char *operation, struct str pointer)
{
    buf_add_cstr(&patch->text, patch->text.n == 0 ? "{\"op\":\"" : ",{\"op\":\"");
    buf_add_cstr(&patch->text, operation);
    buf_add_cstr(&patch->text, "\",\"path\":");
    buf_add_json(&patch->text, pointer);
    buf_add_cstr(&patch->text, ",\"value\":");
}

static void add_string(struct patch *patch, const char *operation, struct str pointer,
                       struct str value)
{
    add_operation(patch, operation, pointer);
    buf_add_json(&patch->text, value);
    buf_add_char(&patch->text, '}');
}

static void add_literal(struct patch *patch, const char *operation, struct str pointer,
                        const char *value)
{
    add_operation(patch, operation, pointer);
    buf_add_cstr(&patch->text, value);
    buf_add_char(&patch->text, '}');
}

/* -- what was written before -- */

static struct patch_write *find_write(const struct patch *patch, struct str pointer)
{
    for (size_t i = 0; i < patch->n_writes; i++) {
        if (str_eq(patch->writes[i].pointer, pointer)) {
            return &patch->writes[i];
        }
    }
    return NULL;
}

static void remember(struct patch *patch, struct str pointer, struct str value, bool parent)
{
    if (patch->n_writes == patch->room_writes) {
        size_t room = patch->room_writes == 0 ? FIRST_ROOM : patch->room_writes * 2;
        struct patch_write *writes = ARENA_ARRAY(patch->arena, struct patch_write, room);
        if (patch->n_writes > 0) {
            memcpy(writes, patch->writes, patch->n_writes * sizeof *writes);
        }
        patch->writes = writes;
        patch->room_writes = room;
    }
    patch->writes[patch->n_writes++] = (struct patch_write){
        .pointer = arena_dup(patch->arena, pointer),
        .value = arena_dup(patch->arena, value),
        .parent = parent,
    };
}

/* -- walking down -- */

/* The pointer of the keys. Lives in the arena. */
static struct str make_pointer(struct arena *arena, const struct str *keys, size_t n)
{
    size_t room = 0;
    for (size_t i = 0; i < n; i++) {
        room += 1 + 2 * keys[i].n;
    }
    char *p = arena_alloc(arena, room);
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        p[at++] = '/';
        for (size_t j = 0; j < keys[i].n; j++) {
            char c = keys[i].p[j];
            bool escape = c == '~' || c == '/';
            p[at++] = escape ? '~' : c;
            if (escape) {
                p[at++] = c == '~' ? '0' : '1';
            }
        }
    }
    return (struct str){p, at};
}

/* Find the child of a value of the document. A list has no missing items, so those are errors. */
static status get_child(yyjson_val *parent, struct str key, yyjson_val **ret_child,
                        struct error *err)
{
    if (yyjson_is_obj(parent)) {
        *ret_child = yyjson_obj_getn(parent, key.p, key.n);
        return OK;
    }
    if (!yyjson_is_arr(parent)) {
        return error_set(err, ERROR_INPUT, "the parent of \"%.*s\" must be an object, found %s",
                         STR_ARG(key), json_type_name(parent));
    }
    uint64_t index;
    bool zero_led = key.n > 1 && key.p[0] == '0';
    if (zero_led || !str_parse_u64(key, UINT32_MAX, &index) || index >= yyjson_arr_size(parent)) {
        return error_set(err, ERROR_INPUT, "the list has no item \"%.*s\"", STR_ARG(key));
    }
    *ret_child = yyjson_arr_get(parent, index);
    return OK;
}

/* A place on the way: a value of the document, or an object that the patch itself adds. */
struct spot {
    yyjson_val *value;         /* NULL: added by the patch, or about to be */
    struct patch_write *write; /* what the patch wrote here before; NULL: nothing */
    struct str pointer;
};

/* `whole` is the pointer of all keys: the spot's own is its beginning, so that a deep place costs
 * no more memory than its pointer. */
static status step_down(struct patch *patch, struct str whole, struct str key, struct spot *spot,
                        struct error *err)
{
    yyjson_val *child = NULL;
    if (spot->value != NULL) {
        TRY(get_child(spot->value, key, &child, err));
    }
    size_t token = spot->pointer.n + 1;
    spot->value = child;
    spot->pointer = str_sub(whole, 0, token + str_find(str_sub(whole, token, whole.n), '/'));
    /* What is an object or a list in the document is never written, only what stands in it. */
    spot->write = yyjson_is_ctn(child) ? NULL : find_write(patch, spot->pointer);
    return OK;
}

/* Make sure that an object (or list) is where the next key looks for its place. */
static status enter_parent(struct patch *patch, struct spot *spot, struct error *err)
{
    if (spot->write != NULL && !spot->write->parent) {
        return error_set(err, ERROR_INPUT, "\"%.*s\" was set to a string and cannot hold others",
                         STR_ARG(spot->pointer));
    }
    if (spot->value != NULL && !yyjson_is_null(spot->value)) {
        return OK;
    }
    if (spot->write == NULL) {
        if (spot->value != NULL) {
            add_literal(patch, "test", spot->pointer, "null");
        }
        add_literal(patch, spot->value != NULL ? "replace" : "add", spot->pointer, "{}");
        remember(patch, spot->pointer, STR_EMPTY, true);
    }
    spot->value = NULL;
    return OK;
}

static status set_leaf(struct patch *patch, const struct spot *spot, struct str value,
                       struct error *err)
{
    struct str pointer = spot->pointer;
    bool is_string = yyjson_is_str(spot->value);
    bool is_null = yyjson_is_null(spot->value);
    bool holds_others =
        spot->write != NULL ? spot->write->parent : spot->value != NULL && !is_string && !is_null;
    if (holds_others) {
        return error_set(err, ERROR_INPUT, "\"%.*s\" holds something other than a string",
                         STR_ARG(pointer));
    }
    bool missing = spot->write == NULL && spot->value == NULL;
    struct str old = spot->write != NULL ? spot->write->value : json_str(spot->value);
    bool old_is_string = spot->write != NULL || is_string;
    if (old_is_string && str_eq(old, value)) {
        return OK;
    }
    if (old_is_string) {
        add_string(patch, "test", pointer, old);
    } else if (!missing) {
        add_literal(patch, "test", pointer, "null");
    }
    add_string(patch, missing ? "add" : "replace", pointer, value);
    if (spot->write != NULL) {
        spot->write->value = arena_dup(patch->arena, value);
    } else {
        remember(patch, pointer, value, false);
    }
    return OK;
}

status patch_set(struct patch *patch, yyjson_val *object, const struct str *keys, size_t n,
                 struct str value, struct error *err)
{
    if (n == 0 || n > LIMIT_JSON_DEPTH) {
        return error_set(err, ERROR_INPUT, "a pointer must have 1 to %u keys, found %zu",
                         LIMIT_JSON_DEPTH, n);
    }
    struct str whole = make_pointer(patch->arena, keys, n);
    struct spot spot = {.value = object, .pointer = STR_EMPTY};
    for (size_t i = 0; i < n; i++) {
        TRY(step_down(patch, whole, keys[i], &spot, err));
        TRY(i + 1 < n ? enter_parent(patch, &spot, err) : set_leaf(patch, &spot, value, err));
    }
    return OK;
}

/* -- pointers -- */

/* Undo the escapes of one token: `~1` is `/`, `~0` is `~`, no other exists. Spec: RFC 6901. */
static bool unescape(struct arena *arena, struct str token, struct str *ret_key)
{
    char *key = arena_alloc(arena, token.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < token.n; i++) {
        key[n] = token.p[i];
        if (token.p[i] == '~') {
            i++;
            if (i == token.n || (token.p[i] != '0' && token.p[i] != '1')) {
                return false;
            }
            key[n] = token.p[i] == '0' ? '~' : '/';
        }
        n++;
    }
    *ret_key = (struct str){key, n};
    return true;
}

status patch_set_pointer(struct patch *patch, yyjson_val *object, struct str pointer,
                         struct str value, struct error *err)
{
    struct str keys[LIMIT_JSON_DEPTH];
    size_t n = 0;
    if (pointer.n == 0 || pointer.p[0] != '/') {
        return error_set(err, ERROR_INPUT, "\"%.*s\" is no JSON pointer to a place in an object",
                         STR_ARG(pointer));
    }
    struct str rest = str_sub(pointer, 1, pointer.n);
    bool more = true;
    while (more) {
        struct str token;
        more = str_cut(rest, '/', &token, &rest);
        if (n == LIMIT_JSON_DEPTH) {
            return error_set(err, ERROR_INPUT, "a pointer must have 1 to %u keys",
                             LIMIT_JSON_DEPTH);
        }
        if (!unescape(patch->arena, token, &keys[n])) {
            return error_set(err, ERROR_INPUT,
                             "\"%.*s\" is no JSON pointer: `~` must be followed by 0 or 1",
                             STR_ARG(pointer));
        }
        n++;
    }
    return patch_set(patch, object, keys, n, value, err);
}

status patch_text(struct patch *patch, struct str *ret_text, struct error *err)
{
    if (buf_overflowed(&patch->text)) {
        return error_set(err, ERROR_LIMIT, "the patch is larger than %zu bytes", patch->text.max);
    }
    const struct str parts[] = {STR("["), buf_str(&patch->text), STR("]")};
    *ret_text = arena_join(patch->arena, parts, sizeof parts / sizeof parts[0]);
    return OK;
}

#include "cli/tree_diff.h"

#include <stdlib.h>

static void add(struct arena *arena, struct tree_changes *changes, struct str path, yyjson_val *old,
                yyjson_val *new)
{
    changes->items =
        arena_grow(arena, changes->items, changes->n, &changes->room, sizeof *changes->items);
    changes->items[changes->n++] = (struct tree_change){path, old, new};
}

static struct str member_path(struct arena *arena, struct str path, struct str key)
{
    return path.n == 0 ? key : arena_printf(arena, "%.*s.%.*s", STR_ARG(path), STR_ARG(key));
}

static void diff_objects(struct arena *arena, yyjson_val *old, yyjson_val *new, struct str path,
                         struct tree_changes *changes)
{
    size_t i, n;
    yyjson_val *key, *value;
    yyjson_obj_foreach(old, i, n, key, value)
    {
        struct str name = json_str(key);
        tree_diff(arena, value, yyjson_obj_getn(new, name.p, name.n),
                  member_path(arena, path, name), changes);
    }
    yyjson_obj_foreach(new, i, n, key, value)
    {
        struct str name = json_str(key);
        if (yyjson_obj_getn(old, name.p, name.n) == NULL) {
            tree_diff(arena, NULL, value, member_path(arena, path, name), changes);
        }
    }
}

static bool is_set(const yyjson_val *list)
{
    size_t i, n;
    yyjson_val *item;
    yyjson_arr_foreach((yyjson_val *)(uintptr_t)list, i, n, item)
    {
        if (yyjson_is_ctn(item)) {
            return false;
        }
    }
    return true;
}

struct member {
    struct str text; /* as JSON */
    yyjson_val *value;
    size_t index;
    bool matched; /* the other set has it too */
};

static int compare_members(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    int order = str_cmp(x->text, y->text);
    return order != 0 ? order : (x->index > y->index) - (x->index < y->index);
}

static int compare_indexes(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    return (x->index > y->index) - (x->index < y->index);
}

static struct member *members_of(struct arena *arena, yyjson_val *list)
{
    struct member *members = ARENA_ARRAY(arena, struct member, yyjson_arr_size(list));
    size_t i, n;
    yyjson_val *item;
    yyjson_arr_foreach(list, i, n, item)
    {
        size_t length;
        char *text = yyjson_val_write(item, YYJSON_WRITE_NOFLAG, &length);
        ENSURE(text != NULL);
        members[i] = (struct member){arena_dup(arena, (struct str){text, length}), item, i, false};
        free(text);
    }
    if (n > 0) {
        qsort(members, n, sizeof *members, compare_members);
    }
    return members;
}

static void match(struct member *old, size_t n_old, struct member *new, size_t n_new)
{
    for (size_t i = 0, j = 0; i < n_old && j < n_new;) {
        int order = str_cmp(old[i].text, new[j].text);
        if (order == 0) {
            old[i].matched = new[j].matched = true;
        }
        i += order <= 0;
        j += order >= 0;
    }
}

static void add_unmatched(struct arena *arena, struct member *members, size_t n, bool old,
                          struct str path, struct tree_changes *changes)
{
    if (n > 0) {
        qsort(members, n, sizeof *members, compare_indexes);
    }
    for (size_t i = 0; i < n; i++) {
        if (!members[i].matched) {
            add(arena, changes, path, old ? members[i].value : NULL, old ? NULL : members[i].value);
        }
    }
}

static void diff_sets(struct arena *arena, yyjson_val *old, yyjson_val *new, struct str path,
                      struct tree_changes *changes)
{
    size_t n_old = yyjson_arr_size(old), n_new = yyjson_arr_size(new);
    struct member *olds = members_of(arena, old), *news = members_of(arena, new);
    match(olds, n_old, news, n_new);
    add_unmatched(arena, olds, n_old, true, path, changes);
    add_unmatched(arena, news, n_new, false, path, changes);
}

/* The object of that name in a list; NULL if there is none. */
static yyjson_val *named(yyjson_val *list, struct str name)
{
    size_t i, n;
    yyjson_val *item;
    yyjson_arr_foreach(list, i, n, item)
    {
        if (name.n > 0 && str_eq(json_str(json_get(item, "name")), name)) {
            return item;
        }
    }
    return NULL;
}

static bool all_named(yyjson_val *list)
{
    size_t i, n;
    yyjson_val *item;
    yyjson_arr_foreach(list, i, n, item)
    {
        if (named(list, json_str(json_get(item, "name"))) != item) {
            return false; /* without a name, or with one that stood before */
        }
    }
    return true;
}

static void diff_named(struct arena *arena, yyjson_val *old, yyjson_val *new, struct str path,
                       struct tree_changes *changes)
{
    size_t i, n;
    yyjson_val *item;
    yyjson_arr_foreach(old, i, n, item)
    {
        struct str name = json_str(json_get(item, "name"));
        tree_diff(arena, item, named(new, name),
                  arena_printf(arena, "%.*s[%.*s]", STR_ARG(path), STR_ARG(name)), changes);
    }
    yyjson_arr_foreach(new, i, n, item)
    {
        struct str name = json_str(json_get(item, "name"));
        if (named(old, name) == NULL) {
            add(arena, changes, arena_printf(arena, "%.*s[%.*s]", STR_ARG(path), STR_ARG(name)),
                NULL, item);
        }
    }
}

static void diff_items(struct arena *arena, yyjson_val *old, yyjson_val *new, struct str path,
                       struct tree_changes *changes)
{
    size_t n =
        yyjson_arr_size(old) > yyjson_arr_size(new) ? yyjson_arr_size(old) : yyjson_arr_size(new);
    for (size_t i = 0; i < n; i++) {
        tree_diff(arena, yyjson_arr_get(old, i), yyjson_arr_get(new, i),
                  arena_printf(arena, "%.*s[%zu]", STR_ARG(path), i), changes);
    }
}

void tree_diff(struct arena *arena, yyjson_val *old, yyjson_val *new, struct str path,
               struct tree_changes *changes)
{
    if (old != NULL && new != NULL && yyjson_is_obj(old) && yyjson_is_obj(new)) {
        diff_objects(arena, old, new, path, changes);
    } else if (old != NULL && new != NULL && yyjson_is_arr(old) && yyjson_is_arr(new)) {
        if (is_set(old) && is_set(new)) {
            diff_sets(arena, old, new, path, changes);
        } else if (all_named(old) && all_named(new)) {
            diff_named(arena, old, new, path, changes);
        } else {
            diff_items(arena, old, new, path, changes);
        }
    } else if (old == NULL || new == NULL || !yyjson_equals(old, new)) {
        add(arena, changes, path, old, new);
    }
}

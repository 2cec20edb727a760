#include "json/format_bind.h"

#include <stdlib.h>

const struct mark format_end = {UINT32_MAX, 0};

struct places {
    struct arena *arena;
    const struct json_doc *doc;
    struct mark *items; /* of all members and items, in order */
    size_t n, room;
};

static int compare(struct mark a, struct mark b)
{
    if (a.line != b.line) {
        return a.line < b.line ? -1 : 1;
    }
    return a.column < b.column ? -1 : a.column > b.column;
}

static int compare_places(const void *a, const void *b)
{
    return compare(*(const struct mark *)a, *(const struct mark *)b);
}

static void add_place(struct places *places, yyjson_val *value)
{
    places->items =
        arena_grow(places->arena, places->items, places->n, &places->room, sizeof *places->items);
    places->items[places->n++] = json_mark(places->doc, value);
}

static void collect(struct places *places, yyjson_val *value)
{
    size_t i, n;
    yyjson_val *key, *item;
    if (yyjson_is_obj(value)) {
        yyjson_obj_foreach(value, i, n, key, item)
        {
            add_place(places, item);
            collect(places, item);
        }
    } else if (yyjson_is_arr(value)) {
        yyjson_arr_foreach(value, i, n, item)
        {
            add_place(places, item);
            collect(places, item);
        }
    }
}

/* Index of the first place below `line`; n if there is none. */
static size_t place_after(const struct places *places, uint32_t line)
{
    size_t low = 0, high = places->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (places->items[middle].line > line) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

static void add(struct bounds *bounds, const struct bound *bound)
{
    bounds->items[bounds->n++] = *bound;
}

static void bind_one(const struct places *places, const struct comment *comment,
                     struct bounds *heads, struct bounds *trails)
{
    size_t after = place_after(places, comment->line);
    struct bound bound = {.text = comment->text};
    if (!comment->own_line && after > 0) {
        bound.owner = places->items[after - 1];
        if (trails->n == 0 || compare(trails->items[trails->n - 1].owner, bound.owner) != 0) {
            add(trails, &bound);
            return;
        }
    }
    bound.line = comment->own_line ? comment->line : 0;
    bound.owner = after < places->n ? places->items[after] : format_end;
    add(heads, &bound);
}

void format_bind(struct arena *arena, const struct json_doc *doc, const struct comments *comments,
                 size_t from, size_t to, struct bounds *ret_heads, struct bounds *ret_trails)
{
    *ret_heads = *ret_trails = (struct bounds){.n = 0};
    if (from == to) {
        return;
    }
    struct places places = {.arena = arena, .doc = doc};
    collect(&places, doc->root);
    if (places.n > 0) {
        qsort(places.items, places.n, sizeof *places.items, compare_places);
    }
    ret_heads->items = ARENA_ARRAY(arena, struct bound, to - from);
    ret_trails->items = ARENA_ARRAY(arena, struct bound, to - from);
    for (size_t i = from; i < to; i++) {
        bind_one(&places, &comments->items[i], ret_heads, ret_trails);
    }
}

struct bound *format_bound(const struct bounds *bounds, struct mark owner)
{
    size_t low = 0, high = bounds->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(bounds->items[middle].owner, owner) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool found = low < bounds->n && compare(bounds->items[low].owner, owner) == 0;
    return found ? &bounds->items[low] : NULL;
}

struct bound *format_bound_next(const struct bounds *bounds, struct bound *bound)
{
    struct bound *next = bound + 1;
    bool more = next < bounds->items + bounds->n && compare(next->owner, bound->owner) == 0;
    return more ? next : NULL;
}

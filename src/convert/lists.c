#include "convert/lists.h"

#include <string.h>

void *list_grow(struct arena *arena, void *items, size_t n, size_t *room, size_t size)
{
    if (n < *room) {
        return items;
    }
    *room = *room == 0 ? 8 : *room * 2;
    void *grown = arena_array(arena, *room, size);
    if (n > 0) {
        memcpy(grown, items, n * size);
    }
    return grown;
}

bool texts_has(const struct texts *list, struct str text)
{
    for (size_t i = 0; i < list->n; i++) {
        if (str_eq(list->items[i], text)) {
            return true;
        }
    }
    return false;
}

void texts_add(struct arena *arena, struct texts *list, struct str text)
{
    if (!texts_has(list, text)) {
        LIST_ADD(arena, list, text);
    }
}

#include "convert/lists.h"

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

#pragma once
/* Lists of texts that grow in an arena. Inside convert/. */
#include "base/arena.h"

struct texts {
    struct str *items;
    size_t n, room;
};

/* Append a text, which is borrowed; nothing if the list has an equal one. */
void texts_add(struct arena *arena, struct texts *list, struct str text);

/* True if the list has an equal text. */
bool texts_has(const struct texts *list, struct str text);

/* Room for one more element of `size` behind the `n` at `items`. Lives in the arena. */
void *list_grow(struct arena *arena, void *items, size_t n, size_t *room, size_t size);

#define LIST_ADD(arena, list, element)                                                             \
    do {                                                                                           \
        (list)->items =                                                                            \
            list_grow((arena), (list)->items, (list)->n, &(list)->room, sizeof *(list)->items);    \
        (list)->items[(list)->n++] = (element);                                                    \
    } while (0)

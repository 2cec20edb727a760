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

/* Append an element to a list that has items, n and room. */
#define LIST_ADD(arena, list, element)                                                             \
    do {                                                                                           \
        (list)->items =                                                                            \
            arena_grow((arena), (list)->items, (list)->n, &(list)->room, sizeof *(list)->items);   \
        (list)->items[(list)->n++] = (element);                                                    \
    } while (0)

#pragma once
/* A conversion from inside: convert.c and object.c alone. */
#include "convert/source.h"

struct notes {
    struct convert_note *items;
    size_t n, room;
};

struct objects {
    struct object **items;
    size_t n, room;
};

struct slot {
    const char *tool;
    void *kept;
    void (*end)(void *context);
    void *context;
};

struct conversion {
    struct arena *arena;
    struct objects objects;
    struct notes notes;
    struct texts names, files; /* that are taken */
    struct {
        struct slot *items;
        size_t n, room;
    } slots, ends;
    bool wants_rest;
};

/* `name`, with a number behind it if it is taken; it is taken then. */
struct str conversion_unique_name(struct conversion *conversion, struct texts *taken,
                                  struct str name);

#pragma once
/* Connections to registries, lent to one request at a time and kept for the next. Threading: any
 * thread; a port belongs to who has it. */
#include "base/arena.h"
#include "fetch/fetch.h"

/* How ports are made and freed. */
struct registry_ports {
    void *self;
    struct fetch (*make)(void *self);
    void (*free)(void *self, struct fetch *port);
};

struct ports;

/* Ports that `maker`, which is borrowed, makes; NULL: over libcurl. Returns owned. */
struct ports *ports_new(const struct registry_ports *maker);
void ports_free(struct ports *ports);

/* A port, if there is one that spoke with `origin` last. Given back by ports_give. */
struct fetch ports_take(struct ports *ports, struct str origin);

/* Give a port back that spoke with `origin`. Limits: LIMIT_REGISTRY_IDLE are kept. */
void ports_give(struct ports *ports, struct str origin, struct fetch *port);

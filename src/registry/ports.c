#include "registry/ports.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "fetch/curl.h"

struct idle {
    struct fetch port;
    uint64_t origin; /* its hash: a guess that is wrong costs a connection */
};

struct ports {
    const struct registry_ports *maker;
    pthread_mutex_t lock;
    struct idle items[LIMIT_REGISTRY_IDLE]; /* the one used last at the end */
    size_t n;
};

static struct fetch make_curl(void *self)
{
    (void)self;
    return fetch_curl_new();
}

static void free_curl(void *self, struct fetch *port)
{
    (void)self;
    fetch_curl_free(port);
}

struct ports *ports_new(const struct registry_ports *maker)
{
    static const struct registry_ports CURL = {NULL, make_curl, free_curl};
    struct ports *ports = calloc(1, sizeof *ports);
    ENSURE(ports != NULL && pthread_mutex_init(&ports->lock, NULL) == 0);
    ports->maker = maker == NULL ? &CURL : maker;
    return ports;
}

void ports_free(struct ports *ports)
{
    if (ports == NULL) {
        return;
    }
    for (size_t i = 0; i < ports->n; i++) {
        ports->maker->free(ports->maker->self, &ports->items[i].port);
    }
    pthread_mutex_destroy(&ports->lock);
    free(ports);
}

static struct fetch remove_at(struct ports *ports, size_t i)
{
    struct fetch port = ports->items[i].port;
    ports->n--;
    memmove(&ports->items[i], &ports->items[i + 1], (ports->n - i) * sizeof *ports->items);
    return port;
}

struct fetch ports_take(struct ports *ports, struct str origin)
{
    struct fetch port = {0};
    bool found = false;
    uint64_t hash = str_hash(origin);
    pthread_mutex_lock(&ports->lock);
    for (size_t i = ports->n; i-- > 0 && !found;) {
        found = ports->items[i].origin == hash;
        if (found) {
            port = remove_at(ports, i);
        }
    }
    pthread_mutex_unlock(&ports->lock);
    return found ? port : ports->maker->make(ports->maker->self);
}

void ports_give(struct ports *ports, struct str origin, struct fetch *port)
{
    struct fetch oldest = {0};
    pthread_mutex_lock(&ports->lock);
    bool full = ports->n == LIMIT_REGISTRY_IDLE;
    if (full) {
        oldest = remove_at(ports, 0);
    }
    ports->items[ports->n++] = (struct idle){*port, str_hash(origin)};
    pthread_mutex_unlock(&ports->lock);
    if (full) {
        ports->maker->free(ports->maker->self, &oldest);
    }
    *port = (struct fetch){0};
}

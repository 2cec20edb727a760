#pragma once
/* A connection of bytes to a server that speaks another protocol than HTTP, over TCP or TLS 1.2 and
 * newer, by libcurl. No environment's proxy is used. A connection belongs to one thread at a time.
 * Errors of all: UPSTREAM (no connection, a broken one, an end, not trusted), TIMEOUT. */
#include <stdint.h>

#include "base/status.h"
#include "base/str.h"

struct wire;

struct wire_place {
    struct str address; /* "host:port" */
    bool plain;         /* without TLS */
    struct str ca;      /* PEM: whom to trust; empty: the system's authorities */
};

/* Connect until monotonic time `deadline`, looking for the name included. Returns owned. */
MUST status wire_open(const struct wire_place *place, int64_t deadline, struct wire **ret_wire,
                      struct error *err);

/* Close and free; NULL is fine. */
void wire_close(struct wire *wire);

/* Send all of the bytes. */
MUST status wire_send(struct wire *wire, struct str bytes, int64_t deadline, struct error *err);

/* Wait for bytes, and take as many as there are, `size` at most: *ret_n is one at least. */
MUST status wire_receive(struct wire *wire, char *room, size_t size, int64_t deadline,
                         size_t *ret_n, struct error *err);

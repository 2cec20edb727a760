#pragma once
/* The canonical form of a registry's host and port, in which patterns compare them. Pure.
 * Internal to image/. */
#include "base/arena.h"
#include "base/str.h"

/* The name of Docker Hub's registry in normal form, and its other names; the list ends with an
 * empty str. */
#define HOST_HUB STR("docker.io")
extern const struct str host_hub_aliases[];

/* Stands for all ports that no socket has (0, or more than 65535): equal to no port of a pattern.
 */
#define HOST_PORT_IMPOSSIBLE 65536u

/* `s` in lower case. Borrows `s` or lives in the arena. */
struct str host_lower(struct arena *arena, struct str s);

/* The port in `digits`: 0 for 443, HOST_PORT_IMPOSSIBLE for what is none. */
unsigned host_canonical_port(struct str digits);

/* The canonical host and port of `domain`, which is one by the grammar: lower case; IPv6 in its one
 * short form, in brackets; the names of Docker Hub's registry as "docker.io"; port 0 for none and
 * for 443. What it returns is a domain by the grammar too, and its own canonical form. Borrows
 * `domain` or lives in the arena. Spec: RFC 5952 for IPv6, but without dots, which the grammar has
 * not. */
void host_canonical(struct arena *arena, struct str domain, struct str *ret_host,
                    unsigned *ret_port);

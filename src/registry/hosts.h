#pragma once
/* What an operator says of registries, and where an image is asked for accordingly. Pure. */
#include "base/arena.h"
#include "image/reference.h"
#include "oci/url.h"

/* Everything is borrowed. Names are "host" for all its ports or "host:port"; the registry of Docker
 * Hub is "docker.io". */
struct registry_host {
    struct str name;
    bool plain;                                /* over plain HTTP */
    bool inside_network;                       /* may have an address that fetch/guard.h refuses */
    struct str ca;                             /* PEM; empty: registry_options.ca */
    struct str client_certificate, client_key; /* PEM; empty: none */
    struct str proxy;                          /* "http://host:port"; empty: none */
    /* "host[:port][/prefix]" that is asked instead, with the prefix before the repository; empty:
     * itself */
    struct str location;
    const struct str *mirrors; /* as `location`, asked before it in this order */
    size_t n_mirrors;          /* LIMIT_REGISTRY_MIRRORS at most */
    const struct str *realms;  /* hosts that may be given its credentials for a token */
    size_t n_realms;
};

struct registry_hosts {
    const struct registry_host *items;
    size_t n;
};

/* One place where an image may be asked for. */
struct registry_place {
    struct url at;                    /* its origin */
    struct str name;                  /* of the registry whose credentials are for it */
    struct str repository;            /* as it is called there */
    const struct registry_host *host; /* what is said of it; never NULL */
    bool named;                       /* the host that the reference names */
};

/* What is said of the host of `url`; an empty one if nothing is. That of "host:port" goes before
 * that of "host". */
const struct registry_host *registry_host_of(const struct registry_hosts *hosts,
                                             const struct url *url);

/* The places for a reference, in the order in which they are asked: mirrors, then the registry.
 * Lives in the arena. Errors: INPUT (a registry that is no host), CONFIG (a mirror or location that
 * is none). */
MUST status registry_places(struct arena *arena, const struct registry_hosts *hosts,
                            const struct reference *reference, struct registry_place **ret_places,
                            size_t *ret_n, struct error *err);

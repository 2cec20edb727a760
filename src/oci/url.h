#pragma once
/* Absolute http and https URLs, taken apart so strictly that whoever connects cannot read another
 * host in them than we did. Pure. */
#include "base/arena.h"
#include "base/status.h"
#include "base/str.h"

struct url {
    bool plain;        /* http */
    struct str host;   /* lower case; IPv6 in brackets; never empty */
    unsigned port;     /* 1 to 65535; that of the scheme if none is written */
    struct str target; /* path and query, at least "/" */
};

/* Parse `text`. There may be no user, no fragment, no byte that is not visible ASCII, no '\', and
 * in the host nothing but letters, digits, '-', '_', '.' or an IPv6 address in brackets. Returns
 * false for anything else and for what is longer than LIMIT_URL. Parts live in the arena. */
bool url_parse(struct arena *arena, struct str text, struct url *ret_url);

/* Parse "host" or "host:port" (IPv6 in brackets) by the same rules. The port is that of `plain`'s
 * scheme if none is written. The target is "/". */
bool url_parse_host(struct arena *arena, struct str text, bool plain, struct url *ret_url);

/* What `text`, an absolute URL or a path that begins with one '/', names when it is read at `base`.
 * Returns false for anything else. */
bool url_resolve(struct arena *arena, const struct url *base, struct str text, struct url *ret_url);

/* Same scheme, host and port: to where credentials of the one may go for the other. */
bool url_same_origin(const struct url *a, const struct url *b);

/* "host" or, where the port is not the scheme's own, "host:port". Lives in the arena. */
struct str url_host(struct arena *arena, const struct url *url);

/* "https://host/path?query". Lives in the arena. */
struct str url_print(struct arena *arena, const struct url *url);

/* `text` as the value of a parameter of a query: all but letters, digits and "-._~" written as %XX.
 * Lives in the arena. */
struct str url_encode(struct arena *arena, struct str text);

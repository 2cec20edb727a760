#pragma once
/* A pattern in two stages: its text cut at the marks, and compiled. Internal to image/.
 *
 * Hosts with wildcards and paths are lists of items: a literal, a glob over one label or segment,
 * or
 * `**`, which here always means zero or more. Where the language means one or more (last in a path,
 * first in a host) the compiler writes `**` and `*`. In a run of `*` and `**` the `**` comes first
 * and stands once, so that equal meanings look equal. */
#include "base/status.h"
#include "image/pattern.h"

struct pattern_parts {
    bool any_host;   /* begins with the segment `**` */
    bool everything; /* a host alone, or `**` alone: no path is written, and every path meant */
    struct str host; /* with its port, as written; empty: Docker Hub, or any_host */
    struct str path; /* empty only if everything is meant */
    bool has_tag, has_digest;
    struct str tag, digest;
};

/* Cut a pattern at its marks, and refuse what belongs to other languages (regular expressions,
 * shells, URLs) or could be read in two ways. The parts are not judged yet. Borrows `text`.
 * Errors: INPUT. */
MUST status pattern_cut(struct str text, struct pattern_parts *ret_parts, struct error *err);

struct pattern_items {
    struct str *items;
    size_t n;
};

struct pattern {
    struct str text;
    bool any_host;  /* begins with the segment `**`: every registry, every port */
    bool wild_host; /* `labels` are matched; otherwise `host` is compared */
    bool hub;       /* a wild host that one of the other names of Docker Hub's registry matches,
                       and so means docker.io too */
    bool any_port;
    unsigned port;   /* as in struct reference */
    struct str host; /* canonical; of a wild host: in lower case */
    struct pattern_items labels;
    struct pattern_items segments;
    size_t n_literal;  /* leading segments without a wildcard */
    struct str tag;    /* a glob; empty: not named */
    struct str digest; /* likewise */
};

/* Whether an item is `**`. */
static inline bool pattern_is_many(struct str item)
{
    return item.n == 2 && item.p[0] == '*' && item.p[1] == '*';
}

/* Whether labels match a canonical host; an IPv6 address is one label. */
bool pattern_labels_match(const struct pattern_items *labels, struct str host);

#pragma once
/* The comments of a YAML stream, which its parser does not tell: what stands between its tokens.
 * Private to the formatting in json/. */
#include "base/arena.h"
#include "json/doc.h"

struct comment {
    uint32_t line;
    bool own_line;   /* nothing else stands on its line */
    struct str text; /* from `#` to the end of the line; borrows from the stream */
};

struct comments {
    struct comment *items; /* in the arena */
    size_t n;
    uint32_t *starts; /* lines of `---`; in the arena */
    size_t n_starts;
};

/* Find them. Errors: INPUT (no YAML, or one with anchors or aliases); says the line. */
MUST status comments_find(struct arena *arena, struct str text, struct comments *ret_comments,
                          struct error *err);

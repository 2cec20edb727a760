#pragma once
/* The comments of a YAML stream, which its parser does not tell: what stands between its tokens. */
#include "base/arena.h"
#include "json/doc.h"

struct comment {
    uint32_t line;
    bool own_line; /* nothing else stands before it on its line, but for the dashes of lists and of
                      `---`: it is about what follows */
    struct str text; /* from `#` to the end of the line; borrows from the stream */
};

struct comments {
    struct comment *items; /* in the arena, in the order of the text */
    size_t n;
    uint32_t *starts; /* lines of `---`; in the arena */
    size_t n_starts;
    uint32_t anchor; /* line of the first anchor or alias; 0: there is none */
};

/* Find them. Lines count as in the marks of yaml_parse. Errors: INPUT (no YAML); says the line. */
MUST status comments_find(struct arena *arena, struct str text, struct comments *ret_comments,
                          struct error *err);

/* Bytes of the line break at byte `at`, as libyaml sees them (YAML 1.1: also NEL, LS and PS); 0 if
 * there is none. */
size_t comments_break(struct str text, size_t at);

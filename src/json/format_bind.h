#pragma once
/* What the comments of a document are about. Private to the formatting in json/. */
#include "json/comments.h"

/* A comment and what it stands before or behind: the place of a member's key or of a list's item.
 */
struct bound {
    struct mark owner; /* line UINT32_MAX: the end of the document */
    struct str text;
    uint32_t line; /* its own one; 0: it shares that with something else */
    bool written;  /* an item and its first member stand in one place */
};

struct bounds {
    struct bound *items; /* in the order of their owners; in the arena */
    size_t n;
};

extern const struct mark format_end;

/* Bind comments `from` to `to` of the document: those above something to what they stand above,
 * others to what they stand behind, at most one to each; another is about what follows. */
void format_bind(struct arena *arena, const struct json_doc *doc, const struct comments *comments,
                 size_t from, size_t to, struct bounds *ret_heads, struct bounds *ret_trails);

/* The first comment that is bound to `owner`; those that follow with the same owner are too. NULL:
 * there is none. */
struct bound *format_bound(const struct bounds *bounds, struct mark owner);

/* The comment behind `bound` with the same owner; NULL: there is none. */
struct bound *format_bound_next(const struct bounds *bounds, struct bound *bound);

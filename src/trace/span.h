#pragma once
/* What took how long: a span of a request, with those of its steps. Ownership: a span borrows its
 * texts and lists until it is copied. */
#include "trace/context.h"

struct span_attribute {
    const char *key; /* lives for ever */
    enum { SPAN_TEXT, SPAN_INT, SPAN_BOOL } type;
    struct str text;
    int64_t number; /* or 0 and 1 */
};

/* A step within the request: a span of its own, whose parent is the request's. */
struct span_step {
    const char *name;   /* lives for ever */
    int64_t start, end; /* wall time */
    unsigned char id[SPAN_ID_BYTES];
};

struct span {
    struct trace_context context;
    unsigned char id[SPAN_ID_BYTES];
    const char *name;   /* lives for ever */
    int64_t start, end; /* wall time */
    bool failed;        /* it is the server's fault: status Error */
    struct str why;     /* of a failure */
    const struct span_attribute *attributes;
    size_t n_attributes;
    const struct span_step *steps;
    size_t n_steps;
};

/* How many spans it is: itself, and one for each step. */
size_t span_count(const struct span *span);

/* Bytes that a copy takes. */
size_t span_size(const struct span *span);

/* Copy a span, its lists and its texts into `memory`, which has that size and is aligned for any
 * type. The copy borrows from it alone. A text longer than LIMIT_SPAN_TEXT is cut at a character's
 * border. */
void span_copy(const struct span *span, void *memory);

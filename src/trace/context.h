#pragma once
/* The context of a trace, as it comes with a request, and identifiers of our own. Pure but for
 * random bytes. Spec: W3C Trace Context, level 1. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum { TRACE_ID_BYTES = 16, SPAN_ID_BYTES = 8 };

struct trace_context {
    unsigned char trace[TRACE_ID_BYTES];
    unsigned char parent[SPAN_ID_BYTES]; /* the caller's span */
    bool joined;                         /* there is a caller's span; else we are the root */
    bool sampled;
    struct str state; /* tracestate, as it came; empty: none */
};

/* Read the value of a `traceparent` header. Returns false, with nothing written, if it is not one.
 * What a newer version adds behind the flags is passed over. Spec: section 3.2. */
bool trace_parse_parent(struct str header, struct trace_context *ret_context);

/* Whether the value of `tracestate` headers, joined by commas, is well-formed. Limits:
 * LIMIT_TRACE_STATE, and 32 members. Spec: section 3.3. */
bool trace_state_is_sound(struct str header);

/* The context of a request: the caller's, or that of a new root, which is sampled `per_million`
 * times in a million; then the caller's state is not for us. *ret_context borrows `state`. */
void trace_join(struct str parent, struct str state, uint64_t per_million,
                struct trace_context *ret_context);

/* `n` random bytes that are not all zero, which no identifier may be. Blocks at most while the
 * machine starts. */
void trace_random(unsigned char *bytes, size_t n);

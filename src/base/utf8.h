#pragma once
/* UTF-8, as far as text must be cut or checked before it is shown. Pure. Spec: RFC 3629. */
#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* Bytes of the well-formed character at `p` (1 to 4), or 0 if there is none in the `n` bytes:
 * overlong forms, surrogates and what is above U+10FFFF are not well-formed. */
size_t utf8_length(const char *p, size_t n);

/* The largest length not above `max` at which the `n` bytes at `p` can be cut without splitting a
 * character; `max` may be more than `n`. */
size_t utf8_cut(const char *p, size_t n, size_t max);

/* True if all of `s` is well-formed. */
bool utf8_valid(struct str s);

/* True if the well-formed character of `n` bytes at `p` acts on what is shown instead of showing:
 * controls (C0, DEL, C1), marks without width, line and paragraph separators, marks that turn the
 * direction of writing. Text from outside that a person reads on a terminal has none of them. */
bool utf8_acts(const char *p, size_t n);

#pragma once
/* Inside tuf/: the canonical form of JSON, which is what is signed. Members in the order of their
 * keys' bytes, no white space, whole numbers as they are, strings with only '"' and '\' escaped.
 * Spec: OLPC Canonical JSON; TUF 4.1. */
#include "base/buf.h"
#include "json/doc.h"

/* Append the canonical form of `value`, which is no longer than its text.
 * Errors: INPUT (a number that is not whole, minus zero, or beyond 64 bits: each of them has more
 * than one reading). */
MUST status tuf_canonical(yyjson_val *value, struct buf *buf, struct error *err);

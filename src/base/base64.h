#pragma once
/* Base64, as Kubernetes writes bytes into objects. Pure. Writing it: buf_add_base64. */
#include "base/arena.h"
#include "base/status.h"
#include "base/str.h"

/* Decode `text`: the standard alphabet with padding, and nothing else. What is decoded lives in the
 * arena, with a NUL behind it that is not counted.
 * Errors: INPUT; never shows the text. Spec: RFC 4648 section 4. */
MUST status base64_decode(struct arena *arena, struct str text, struct str *ret_bytes,
                          struct error *err);

/* The same as Go's decoder reads it: with padding or without any, line ends passed over, bits
 * behind the last byte too. Errors: INPUT; never shows the text. */
MUST status base64_decode_lenient(struct arena *arena, struct str text, struct str *ret_bytes,
                                  struct error *err);

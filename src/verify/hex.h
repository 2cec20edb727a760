#pragma once
/* Inside verify/: bytes as hexadecimal digits of lower case. Pure. */
#include "base/arena.h"
#include "base/str.h"

/* The digits of `bytes`, or the bytes of such digits; they live in the arena. Decoding returns
 * false for anything else, upper case too. */
struct str hex_encode(struct arena *arena, struct str bytes);
bool hex_decode(struct arena *arena, struct str text, struct str *ret_bytes);

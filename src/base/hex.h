#pragma once
/* Bytes as pairs of hexadecimal digits, written in lower case. Pure. */
#include "base/arena.h"
#include "base/str.h"

/* The digits of `bytes`, written to `room` of twice their size, from which they borrow. */
struct str hex_write(struct str bytes, char *room);

/* The same in the arena. */
struct str hex_encode(struct arena *arena, struct str bytes);

enum hex_case { HEX_LOWER, HEX_EITHER };

/* The bytes that pairs of digits of this case write, to `room` of `max` bytes; false if these are
 * not pairs of digits, or too many. */
bool hex_read(struct str digits, enum hex_case wanted, char *room, size_t max,
              struct str *ret_bytes);

/* The bytes of digits of lower case; they live in the arena. False for anything else. */
bool hex_decode(struct arena *arena, struct str digits, struct str *ret_bytes);

#pragma once
/* A growing byte buffer that cannot exist without a maximum.
 *
 * Writing past the maximum is not an error at once: the buffer stops growing, stays as it was and
 * remembers it, so that a run of writes is checked once, by `buf_overflowed`. Out of memory aborts.
 *
 * Threading: belongs to one thread at a time. */
#include <stddef.h>

#include "base/status.h"
#include "base/str.h"

struct buf {
    char *p;
    size_t n;
    size_t room;
    size_t max;
    bool overflowed;
};

/* Start an empty buffer that will hold at most `max` bytes. Allocates nothing yet. */
void buf_init(struct buf *buf, size_t max);

/* Free the bytes; empty, with the same maximum. */
void buf_done(struct buf *buf);

/* Forget the bytes and the overflow, keep the room. */
void buf_clear(struct buf *buf);

/* True if any write since the last clear did not fit. */
bool buf_overflowed(const struct buf *buf);

/* Append bytes, a character, a C string, formatted text. */
void buf_add(struct buf *buf, struct str s);
void buf_add_char(struct buf *buf, char c);
void buf_add_cstr(struct buf *buf, const char *text);
void buf_printf(struct buf *buf, const char *format, ...) PRINTF(2, 3);

/* The bytes so far; borrows, until the next write. */
struct str buf_str(const struct buf *buf);

/* Append `s` as a JSON string, quotes included. Invalid UTF-8 becomes U+FFFD; characters that act
 * instead of showing (utf8_acts) are written by their numbers.
 * Spec: RFC 8259 section 7. */
void buf_add_json(struct buf *buf, struct str s);

/* Append `,"name":` and `value` as a JSON string: a member that is not an object's first. */
void buf_add_member(struct buf *buf, const char *name, struct str value);

/* Append `s` in base64 with padding. Spec: RFC 4648 section 4. */
void buf_add_base64(struct buf *buf, struct str s);

#define buf_auto __attribute__((cleanup(buf_done))) struct buf

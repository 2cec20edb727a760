#pragma once
/* Building a JSON Patch. Pure. Spec: RFC 6902, RFC 6901.
 *
 * Minimal and idempotent: setting what is already so adds nothing. Whatever is replaced, a string
 * or null, is guarded by a `test` of its old value, so that a patch computed for one object cannot
 * be applied to another. What is missing is added, and added only where the object has nothing: RFC
 * 6902 has no test for absence, and a `test` of null, which some libraries take for one, fails in
 * others.
 *
 * Ownership: borrows the arena; owns its buffer until patch_done. */
#include "base/arena.h"
#include "base/buf.h"
#include "json/doc.h"

/* A place that an operation of this patch has already written. */
struct patch_write {
    struct str pointer;
    struct str value; /* what is there now; of no meaning if `parent` */
    bool parent;      /* an object that was added so that others may stand in it */
};

struct patch {
    struct buf text;            /* operations so far, without the outer brackets */
    struct patch_write *writes; /* in the arena */
    size_t n_writes, room_writes;
    struct arena *arena;
};

/* Start a patch whose text has at most `max` bytes. */
void patch_init(struct patch *patch, struct arena *arena, size_t max);

/* Free the buffer. */
void patch_done(struct patch *patch);

/* Set the string at the place that `keys` name below `object` (object keys, unescaped; for a list
 * the decimal index of an item that exists). Parents that are missing or null become objects. Keys
 * are borrowed for the call alone. A failure leaves the patch as it was.
 * Errors: INPUT (no keys or more than LIMIT_JSON_DEPTH, a parent that is neither object nor list,
 * an index that does not exist, something other than a string or null at the place). */
MUST status patch_set(struct patch *patch, yyjson_val *object, const struct str *keys, size_t n,
                      struct str value, struct error *err);

/* Set the string at a JSON pointer below `object`. Errors: as patch_set; INPUT (no pointer). */
MUST status patch_set_pointer(struct patch *patch, yyjson_val *object, struct str pointer,
                              struct str value, struct error *err);

/* The patch as JSON text, "[]" if nothing changes. Lives in the arena.
 * Errors: LIMIT (larger than the maximum). */
MUST status patch_text(struct patch *patch, struct str *ret_text, struct error *err);

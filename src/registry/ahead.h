#pragma once
/* Inside registry/: documents of one image that are read before they are wanted, beside each other.
 *
 * Whoever puts the image together announces what it will want, and wants one after the other; what
 * nobody reads yet it reads itself. Threading: announced, wanted and ended by one thread. */
#include <stdatomic.h>

#include "base/arena.h"
#include "oci/descriptor.h"

struct ahead;

/* How a document is read, by any thread: it lives in the arena, which has room for four times
 * `max` and 4 MiB. */
struct ahead_reader {
    void *self;
    status (*read)(void *self, const struct oci_descriptor *descriptor, size_t max,
                   const atomic_bool *cancel, struct arena *arena, struct str *ret_bytes,
                   struct error *err);
    const atomic_bool *cancel; /* true ends all; or NULL */
};

/* `reader` is borrowed. Returns owned. */
struct ahead *ahead_new(const struct ahead_reader *reader);

/* `descriptor`, of which digest, media type and size count, will be wanted. Starts threads where
 * there is enough to do. Limits: LIMIT_IMAGE_READERS, LIMIT_IMAGE_AHEAD; what is beyond is read
 * when it is wanted. */
void ahead_announce(struct ahead *ahead, const struct oci_descriptor *descriptor);

/* The document, at most `max` bytes. Lives in the arena. Errors: those of the reader. */
MUST status ahead_want(struct ahead *ahead, const struct oci_descriptor *descriptor, size_t max,
                       struct arena *arena, struct str *ret_bytes, struct error *err);

/* End what is under way, and free; NULL is fine. */
void ahead_free(struct ahead *ahead);

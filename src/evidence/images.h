#pragma once
/* What images are, kept for who asks again. What is kept is shared and never changes; whoever takes
 * it holds a reference, and it lives until the last is released. Private to evidence/.
 *
 * Bounded in bytes, those in use among them: what was not taken for longest goes first. Threading:
 * any thread. */
#include "base/arena.h"
#include "oci/image.h"

struct images;
struct image_entry;

/* An empty one for `max_bytes`. Returns owned. */
struct images *images_new(size_t max_bytes);

/* Free; NULL is fine. What was taken lives on. */
void images_free(struct images *images);

/* What is kept under `key`, one reference more; NULL: nothing is. */
struct image_entry *images_take(struct images *images, struct str key);

/* Keep `image`, all of which lives in `arena`, under `key`, in the place of what was there; the
 * arena is taken over, also where this fails. *ret_entry has a reference.
 * Errors: LIMIT (so much of it is in use that there is no room). */
MUST status images_put(struct images *images, struct str key, struct arena *arena,
                       const struct oci_image *image, struct image_entry **ret_entry,
                       struct error *err);

/* How many are kept. */
size_t images_count(struct images *images);

/* The image of an entry; lives as long. */
const struct oci_image *image_entry_get(const struct image_entry *entry);

/* Give a reference back. `entry` is a struct image_entry; NULL is fine. */
void image_entry_release(void *entry);

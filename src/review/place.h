#pragma once
/* Where a value stands in an object, in the two notations that others need: as Kubernetes writes it
 * ("spec.containers[0].image", and "data[a.b]" for a key that is no plain name) and as a JSON
 * pointer ("/spec/containers/0/image").
 *
 * Places are linked on the stack of whoever walks the object, so that walking costs nothing; only
 * what is found or wrong is put into words. Pure. Spec: RFC 6901. */
#include "base/arena.h"
#include "base/limits.h"
#include "base/status.h"
#include "base/str.h"

struct place {
    const struct place *up; /* NULL: the object's root */
    struct str key;         /* of a member of an object; p == NULL: an item of a list */
    size_t index;           /* of an item of a list */
};

/* The place of the member `key_` or the item `index_` of the value at `up_`. */
#define PLACE_MEMBER(up_, key_) (&(const struct place){.up = (up_), .key = (key_)})
#define PLACE_ITEM(up_, index_) (&(const struct place){.up = (up_), .index = (index_)})

/* Write the place as a field path, cut so that a message has room for it. Control characters become
 * '?'. */
struct place_text {
    char text[LIMIT_FIELD_PATH / 2];
};
struct place_text place_text(const struct place *place);

/* Write the place as a field path and as a JSON pointer into the arena.
 * Errors: INPUT (the path is longer than LIMIT_FIELD_PATH; says where it begins). */
MUST status place_write(struct arena *arena, const struct place *place, struct str *ret_path,
                        struct str *ret_pointer, struct error *err);

#pragma once
/* Private to this folder: finding the images of an object.
 *
 * What is wrong with the object is noted, once, and reading goes on: the object will be denied with
 * the first thing that was wrong, and the audit log gets all images that could be found. */
#include "review/kinds.h"
#include "review/place.h"
#include "review/review.h"
#include "json/doc.h"

struct image_found {
    struct review_image image;
    const yyjson_val *value; /* the text in the document: no text is found twice */
    size_t home; /* bytes of image.pointer that name the pod spec; all of it outside of one */
};

struct image_list {
    struct arena *arena;
    struct image_found *items; /* in the arena */
    size_t n;
    size_t room;
    yyjson_val *pod_spec; /* that is being read; NULL: none */
    size_t unplaced;  /* found, but at a path too long to be told; they count as the others do */
    bool full;        /* there are more, which are not looked at */
    bool failed;      /* something is wrong with the object ... */
    struct error err; /* ... namely this */
};

/* Find all images of `object`, which is of the kind `info`.
 * Errors: INPUT (what is wrong, and where; the list holds what was found all the same).
 * Limits: LIMIT_IMAGES_PER_REVIEW, LIMIT_IMAGE_TEXT, LIMIT_FIELD_PATH, LIMIT_NAME. */
MUST status extract_images(const struct kind_info *info, yyjson_val *object,
                           struct image_list *list, struct error *err);

/* How a pod spec is read. */
enum strictness {
    STRICT,  /* as the API server would: `containers` must be there and every container has an image
              */
    TOLERANT /* what is absent or null is no image; what is there has the right type */
};

/* Add the images of the pod spec `spec`, which stands at `place`; note what is wrong with it. */
void pod_spec_read(struct image_list *list, enum strictness strictness, yyjson_val *spec,
                   const struct place *place);

/* True if `value` is an object with a list of containers, one of which has an image, or of volumes,
 * one of which is an image. */
bool pod_spec_is(yyjson_val *value);

/* What is to be added to a list. */
struct image_spot {
    yyjson_val *value; /* NULL: absent */
    const struct place *place;
    unsigned below_pod_spec; /* how many places up the pod spec is; 0: there is none */
    yyjson_val *name;        /* NULL: it has none */
    enum image_role role;
};

/* Add one image. An empty, absent or null one is noted as wrong if STRICT, and passed over if
 * TOLERANT. */
void image_list_add(struct image_list *list, enum strictness strictness,
                    const struct image_spot *spot);

/* Note that something is wrong: "spec.volumes must be a list, found null", or the place and what
 * the format says of it. Only the first is kept; cheap where something was noted before. */
void image_list_wrong_type(struct image_list *list, const struct place *place, const char *wanted,
                           const yyjson_val *value);
void image_list_wrong(struct image_list *list, const struct place *place, const char *format, ...)
    PRINTF(3, 4);

/* Whether something was noted. Errors: INPUT (it). */
MUST status image_list_status(const struct image_list *list, struct error *err);

/* Mark the images that the old object has too. Where a role and name stand twice in one pod spec,
 * in either object, it is not told which is which, and none of them counts as unchanged. */
void image_list_mark_unchanged(struct image_list *list, const struct image_list *old);

/* -- reading values -- */

/* For printf, as STR_ARG: as much of a text from outside as a message has room for. */
#define BRIEF(s) ((int)((s).n > 64 ? 64 : (s).n)), ((s).p)

/* Neither there nor anything but null. */
static inline bool is_absent(yyjson_val *value)
{
    return value == NULL || yyjson_is_null(value);
}

/* Fail because of the type of `value`: "request.kind must be an object, found null". */
MUST status wrong_type(struct error *err, const struct place *place, const char *wanted,
                       const yyjson_val *value);

/* Read an optional name, such as `metadata.name`: absent and null are the empty str.
 * Errors: INPUT (no string, longer than LIMIT_NAME). */
MUST status read_name(yyjson_val *value, const struct place *place, struct str *ret_name,
                      struct error *err);

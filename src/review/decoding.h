#pragma once
/* Private to this folder: what decoding a request and reading a manifest share.
 *
 * Both are a list of steps. All steps run, so that as much as can be known is known for the audit
 * log; the first failure is the review's `problem`. */
#include "review/extract.h"

struct decoding {
    struct arena *arena;
    const struct kinds *kinds;
    yyjson_val *request;    /* or the spec of an ImageReview; NULL for a manifest */
    yyjson_val *old_object; /* of an UPDATE; NULL if there is none */
    struct str resource_group, resource;
    struct review *review;
};

typedef status (*decoding_step)(struct decoding *d, struct error *err);

/* A review in which nothing is known yet. */
struct review review_empty(enum review_api api);

/* Run the steps in order. */
void decoding_run(struct decoding *d, const decoding_step *steps, size_t n);

/* Read the object's metadata: labels, deletionTimestamp and, if the request names none, the name.
 * Errors: INPUT (a wrong type, a name longer than LIMIT_NAME). */
MUST status decoding_metadata(struct decoding *d, struct error *err);

/* Find the object's images and, for an UPDATE, those that the old object has too.
 * Errors and limits: as extract_images. */
MUST status decoding_images(struct decoding *d, struct error *err);

/* Keep what was found. Also after a failure. */
void decoding_keep_images(struct decoding *d, const struct image_list *list);

/* The labels of an object; NULL if it has none, or no sound ones. */
yyjson_val *decoding_labels(yyjson_val *object);

/* Decode the spec of an ImageReview, which stands in d->request. It cannot fail: there is no uid
 * without which no answer could be addressed. */
void image_review_decode(struct decoding *d);

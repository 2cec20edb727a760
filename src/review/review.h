#pragma once
/* A review: the neutral noun behind AdmissionReview, ImageReview and a manifest on a laptop.
 *
 * Decoding never guesses in favour of the object. It fails (an HTTP 400 for the sender) where no
 * answer can be addressed: no JSON, no request, no uid. Where the request is understood but the
 * object cannot be judged (a null where a list belongs, a wrong type, kinds that contradict each
 * other, an unknown subresource of a workload), it succeeds with `problem` set, and whoever decides
 * must deny with that text. The images that were found before stay in the review, for the audit
 * log; they may not be all. DELETE and CONNECT have no images and never a problem.
 *
 * Pure. Ownership: a review borrows from the document it was decoded from and lives in the arena.
 * Spec: admission.k8s.io/v1 and v1beta1, imagepolicy.k8s.io/v1alpha1. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/status.h"
#include "review/kinds.h"
#include "json/doc.h"

enum review_api {
    REVIEW_ADMISSION_V1,
    REVIEW_ADMISSION_V1BETA1,
    REVIEW_IMAGE_V1ALPHA1,
    REVIEW_MANIFEST /* an object from a file: there is no one to answer */
};

enum review_operation {
    REVIEW_OPERATION_UNKNOWN = 0, /* an ImageReview does not say */
    REVIEW_CREATE,
    REVIEW_UPDATE,
    REVIEW_DELETE,
    REVIEW_CONNECT
};

enum image_role {
    IMAGE_CONTAINER,
    IMAGE_INIT_CONTAINER,
    IMAGE_EPHEMERAL_CONTAINER,
    IMAGE_VOLUME,
    IMAGE_CUSTOM /* found by a configured path to an image field */
};

struct review_image {
    struct str text;    /* as the object has it */
    struct str path;    /* "spec.template.spec.containers[0].image" */
    struct str pointer; /* the same as a JSON pointer, RFC 6901 */
    struct str name;    /* of the container or volume; empty if it has none */
    enum image_role role;
    yyjson_val *pod_spec; /* that it stands in; NULL: none */
    /* The old object has this text under the same role and name in the same pod spec, and the name
     * stands there once in both: not judged again. */
    bool unchanged;
};

struct review {
    enum review_api api;
    enum review_operation operation;
    struct str uid;
    struct str group, version, kind; /* of the object; "", "v1", "Pod", also of an ImageReview */
    struct str subresource;
    struct str name;      /* the object's, or its generateName, or empty */
    struct str namespace; /* the request's; empty for cluster-scoped objects */
    bool user_known;      /* false: an ImageReview or a manifest does not say */
    struct str user;
    bool dry_run;
    bool deleting;          /* the object has a deletionTimestamp */
    bool labels_known;      /* false: an ImageReview has no labels */
    yyjson_val *labels;     /* of the object; NULL if none */
    yyjson_val *old_labels; /* of the old object; NULL if none */
    bool namespace_labels_known;
    yyjson_val *namespace_labels; /* set by the caller, who may know them; decoding never does */
    yyjson_val *object;           /* for the patch; NULL where there is none, as for DELETE */
    /* All of the object's images, in each pod spec those of its containers, init and ephemeral
     * containers and volumes. If there is a problem, those that were found before it. */
    struct review_image *images;
    size_t n_images;
    struct str problem; /* not empty: the object cannot be judged, and this says why */
};

/* Decode the review in `doc`: AdmissionReview v1 or v1beta1, ImageReview v1alpha1 or, with
 * `accept_bare`, an AdmissionRequest without its envelope (answered as v1).
 * What is judged, and why: docs/decisions/0003-what-is-judged.md.
 * Errors: INPUT (no answer can be addressed; says what and where).
 * Limits, each a problem unless it is the uid's: LIMIT_NAME, LIMIT_IMAGES_PER_REVIEW,
 * LIMIT_IMAGE_TEXT, LIMIT_FIELD_PATH. */
MUST status review_decode(struct arena *arena, const struct kinds *kinds,
                          const struct json_doc *doc, bool accept_bare, struct review *ret_review,
                          struct error *err);

/* Decode an AdmissionReview of an object that carries no images, of any kind: nothing is looked for
 * in it but its metadata. Errors and limits: as review_decode; an ImageReview is INPUT. */
MUST status review_decode_object(struct arena *arena, const struct json_doc *doc,
                                 struct review *ret_review, struct error *err);

/* Make the review of creating the object in `object`, as `kubectl apply` would. `namespace` stands
 * in where the object names none; empty: "default". A kind that carries no image has no images. A
 * List is not taken apart here: see review_items.
 * Errors: INPUT (not an object with apiVersion and kind). */
MUST status review_from_manifest(struct arena *arena, const struct kinds *kinds, yyjson_val *object,
                                 struct str namespace, struct review *ret_review,
                                 struct error *err);

/* The objects in a manifest document: the items of a List of any kind, nested ones too, or the
 * document itself. Lives in the arena.
 * Errors: INPUT (items is not a list), LIMIT (more than LIMIT_MANIFEST_FILES objects). */
MUST status review_items(struct arena *arena, yyjson_val *root, yyjson_val ***ret_items,
                         size_t *ret_n, struct error *err);

/* "CREATE"; the empty string if unknown. Lives for ever. */
const char *review_operation_name(enum review_operation operation);

/* -- the answer -- */

struct review_cause {
    struct str field; /* "spec.containers[0].image" */
    struct str message;
};

struct review_annotation {
    /* 1 to 63 letters and digits, inside also `-_.`; one with another key is left out */
    struct str key;
    struct str value;
};

struct review_answer {
    bool allowed;
    bool invalid;       /* denied because the object is not sound, not because it may not be */
    struct str message; /* why not; empty if allowed */
    struct review_cause *causes;
    size_t n_causes;
    struct str *warnings; /* made fit for an HTTP header by review_encode */
    size_t n_warnings;
    struct review_annotation *annotations;
    size_t n_annotations;
    struct str patch; /* a JSON Patch as text; empty: none. Never for validating or ImageReview */
};

/* Append the response, in the API and version in which the review came, with its uid. A denial has
 * code 403, reason Forbidden, message and causes (422, Invalid, if answer->invalid); a patch is
 * sent only with an admission of CREATE or UPDATE. An ImageReview is answered by verdict, message
 * and annotations alone. Ends with a newline. For a manifest: nothing. Limits: LIMIT_MESSAGE,
 * LIMIT_VIOLATIONS (causes), LIMIT_WARNINGS, LIMIT_WARNING_TEXT; a text that is over is cut at a
 * character's border, and warnings lose their control characters. Spec: k8s.io/api admission/v1
 * AdmissionResponse; imagepolicy/v1alpha1 ImageReviewStatus. */
void review_encode(const struct review *review, const struct review_answer *answer,
                   struct buf *buf);

/* Append a denial of a review that will not be read whole, by its first bytes: an AdmissionReview
 * is answered by its uid, which API servers write first; an ImageReview has none. Returns false,
 * with nothing written, if the bytes do not begin so. */
bool review_refuse(struct str beginning, bool image_review, struct str message, struct buf *buf);

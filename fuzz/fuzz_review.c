/* Bytes as a review. What decodes is answered with its own uid by what the API server takes; each
 * image that a naive walk finds is among those extracted, or the review has a problem; each that
 * was extracted is a text of the object, and unchanged only if the old object has that text. */
#include <stdlib.h>

#include "../tests/unit/review/oracle.h"
#include "review/review.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct kinds *shipped_kinds(void)
{
    static const struct kinds *kinds;
    static struct arena arena;
    struct error err;
    if (kinds == NULL) {
        arena_init(&arena, 4 * MIB);
        ENSURE(!failed(kinds_build(&arena, NULL, 0, NULL, 0, &kinds, &err)));
    }
    return kinds;
}

/* -- what was extracted -- */

static bool stands_in(yyjson_val *value, struct str text)
{
    size_t i, n;
    yyjson_val *key, *child;
    bool found = yyjson_is_str(value) && str_eq(oracle_str(value), text);
    if (yyjson_is_obj(value)) {
        yyjson_obj_foreach(value, i, n, key, child)
        {
            found = found || stands_in(child, text);
        }
    }
    yyjson_arr_foreach(value, i, n, child)
    {
        found = found || stands_in(child, text);
    }
    return found;
}

static bool was_extracted(const struct review *review, yyjson_val *root, const yyjson_val *text)
{
    for (size_t i = 0; i < review->n_images; i++) {
        struct str pointer = review->images[i].pointer;
        if (yyjson_ptr_getn(root, pointer.p, pointer.n) == text) {
            return true;
        }
    }
    return false;
}

static void check_images(const struct review *review, yyjson_val *root, yyjson_val *request)
{
    yyjson_val *old = yyjson_obj_get(request, "oldObject");
    ENSURE(review->n_images <= LIMIT_IMAGES_PER_REVIEW);
    for (size_t i = 0; i < review->n_images; i++) {
        const struct review_image *image = &review->images[i];
        yyjson_val *text = yyjson_ptr_getn(root, image->pointer.p, image->pointer.n);
        ENSURE(image->text.n > 0 && image->text.n <= LIMIT_IMAGE_TEXT);
        ENSURE(yyjson_is_str(text) && oracle_str(text).p == image->text.p);
        ENSURE(!image->unchanged ||
               (review->operation == REVIEW_UPDATE && stands_in(old, image->text)));
        for (size_t k = 0; k < i; k++) {
            ENSURE(!str_eq(review->images[k].pointer, image->pointer));
        }
    }
}

/* -- what a naive walk finds -- */

struct expected {
    const struct review *review;
    yyjson_val *root;
};

static void expect(yyjson_val *text, void *context)
{
    const struct expected *expected = context;
    ENSURE(was_extracted(expected->review, expected->root, text));
}

/* All that looks like a pod spec, but for the object's own metadata. */
static void search(struct expected *expected, yyjson_val *value)
{
    size_t i, n;
    yyjson_val *key, *child;
    oracle_containers(value, expect, expected);
    oracle_volumes(value, expect, expected);
    if (yyjson_is_obj(value)) {
        yyjson_obj_foreach(value, i, n, key, child)
        {
            if (value != expected->root || !yyjson_equals_str(key, "metadata")) {
                search(expected, child);
            }
        }
    }
    yyjson_arr_foreach(value, i, n, child)
    {
        search(expected, child);
    }
}

static const struct {
    const char *group, *kind;
    const char *spec; /* where its pod spec is; NULL: nothing in it runs */
} KNOWN[] = {
    {"", "Pod", "/spec"},
    {"", "PodTemplate", "/template/spec"},
    {"", "ReplicationController", "/spec/template/spec"},
    {"apps", "Deployment", "/spec/template/spec"},
    {"apps", "ReplicaSet", "/spec/template/spec"},
    {"apps", "StatefulSet", "/spec/template/spec"},
    {"apps", "DaemonSet", "/spec/template/spec"},
    {"extensions", "Deployment", "/spec/template/spec"},
    {"extensions", "ReplicaSet", "/spec/template/spec"},
    {"extensions", "DaemonSet", "/spec/template/spec"},
    {"extensions", "Job", "/spec/template/spec"},
    {"batch", "Job", "/spec/template/spec"},
    {"batch", "CronJob", "/spec/jobTemplate/spec/template/spec"},
    {"apiextensions.k8s.io", "CustomResourceDefinition", NULL},
    {"kyverno.io", "ClusterPolicy", NULL},
    {"kyverno.io", "Policy", NULL},
};

static void check_none_missed(const struct review *review, yyjson_val *object)
{
    struct expected expected = {review, object};
    for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN; i++) {
        if (str_eq(review->group, str_from(KNOWN[i].group)) &&
            str_eq(review->kind, str_from(KNOWN[i].kind))) {
            yyjson_val *spec = KNOWN[i].spec == NULL ? NULL : yyjson_ptr_get(object, KNOWN[i].spec);
            oracle_containers(spec, expect, &expected);
            oracle_volumes(spec, expect, &expected);
            return;
        }
    }
    search(&expected, object);
}

/* -- the answer -- */

static void check_answer(const struct review *review, bool allowed, struct str uid)
{
    struct str warnings[] = {review->problem, review->uid};
    struct review_annotation annotations[] = {{review->name, review->namespace}};
    struct review_cause cause = {review->name, review->problem};
    const struct review_answer answer = {
        .allowed = allowed,
        .message = review->problem,
        .causes = &cause,
        .n_causes = 1,
        .warnings = warnings,
        .n_warnings = 2,
        .annotations = annotations,
        .n_annotations = 1,
        .patch = STR("[]"),
    };
    buf_auto text;
    buf_init(&text, MIB);
    review_encode(review, &answer, &text);
    ENSURE(!buf_overflowed(&text));
    yyjson_doc *doc = yyjson_read(text.p, text.n, 0);
    ENSURE(doc != NULL);
    yyjson_val *body = yyjson_doc_get_root(doc);
    const char *wrong = review->api == REVIEW_IMAGE_V1ALPHA1
                            ? oracle_check_image_review(body, allowed)
                            : oracle_check_admission(body,
                                                     review->api == REVIEW_ADMISSION_V1
                                                         ? "admission.k8s.io/v1"
                                                         : "admission.k8s.io/v1beta1",
                                                     true, allowed, uid);
    yyjson_val *patch = yyjson_obj_get(yyjson_obj_get(body, "response"), "patch");
    ENSURE(wrong == NULL && (patch == NULL || review->object != NULL));
    yyjson_doc_free(doc);
}

/* -- the review -- */

static void check_admission(const struct review *review, yyjson_val *request)
{
    yyjson_val *object = yyjson_obj_get(request, "object");
    struct str operation = oracle_str(yyjson_obj_get(request, "operation"));
    ENSURE(str_eq(operation, str_from(review_operation_name(review->operation))) ||
           review->problem.n > 0);
    ENSURE(review->object == NULL || review->object == object);
    if (review->operation == REVIEW_DELETE || review->operation == REVIEW_CONNECT) {
        ENSURE(review->problem.n == 0 && review->n_images == 0 && review->object == NULL);
        return;
    }
    check_images(review, object, request);
    if (review->problem.n == 0) {
        ENSURE(yyjson_is_obj(object) && review->object == object);
        check_none_missed(review, object);
    }
}

static void check_image_review(const struct review *review, yyjson_val *root)
{
    check_images(review, root, NULL);
    if (review->problem.n == 0) {
        struct expected expected = {review, root};
        oracle_containers(yyjson_obj_get(root, "spec"), expect, &expected);
    }
}

static void check(const struct json_doc *doc, bool accept_bare)
{
    struct review review;
    struct error err = {0};
    arena_auto arena;
    arena_init(&arena, LIMIT_REVIEW_ARENA);
    if (failed(review_decode(&arena, shipped_kinds(), doc, accept_bare, &review, &err))) {
        ENSURE(err.kind == ERROR_INPUT && err.text[0] != '\0');
        return;
    }
    yyjson_val *request = yyjson_obj_get(doc->root, "request");
    request = request == NULL ? doc->root : request;
    struct str uid = oracle_str(yyjson_obj_get(request, "uid"));
    if (review.api == REVIEW_IMAGE_V1ALPHA1) {
        check_image_review(&review, doc->root);
    } else {
        ENSURE(uid.n > 0 && uid.n <= LIMIT_NAME && str_eq(uid, review.uid));
        check_admission(&review, request);
    }
    check_answer(&review, false, uid);
    if (review.problem.n == 0) {
        check_answer(&review, true, uid);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_doc_auto doc = {0};
    struct error err;
    struct str text = {(const char *)data, size};
    if (!failed(json_parse(text, JSON_WITHOUT_MARKS, &doc, &err))) {
        check(&doc, false);
        check(&doc, true);
    }
    return 0;
}

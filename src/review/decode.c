#include "review/review.h"

#include "review/decoding.h"

/* -- the parts of an AdmissionRequest; Spec: k8s.io/api admission/v1 AdmissionRequest -- */

#define REQUEST(name_) PLACE_MEMBER(PLACE_MEMBER(NULL, STR("request")), STR(name_))

static const char *const OPERATIONS[] = {
    [REVIEW_OPERATION_UNKNOWN] = "", [REVIEW_CREATE] = "CREATE",   [REVIEW_UPDATE] = "UPDATE",
    [REVIEW_DELETE] = "DELETE",      [REVIEW_CONNECT] = "CONNECT",
};

const char *review_operation_name(enum review_operation operation)
{
    ENSURE(operation <= REVIEW_CONNECT);
    return OPERATIONS[operation];
}

static status read_operation(struct decoding *d, struct error *err)
{
    yyjson_val *value = json_get(d->request, "operation");
    if (!yyjson_is_str(value)) {
        return wrong_type(err, REQUEST("operation"), "a string", value);
    }
    for (enum review_operation i = REVIEW_CREATE; i <= REVIEW_CONNECT; i++) {
        if (str_eq(json_str(value), str_from(OPERATIONS[i]))) {
            d->review->operation = i;
            return OK;
        }
    }
    return error_set(err, ERROR_INPUT,
                     "request.operation must be CREATE, UPDATE, DELETE or CONNECT, found \"%.*s\"",
                     BRIEF(json_str(value)));
}

/* Whether images may come in: nothing that deletes or connects brings one, and nothing ever blocks
 * it. An operation that cannot be read is denied; its images are found for the audit log. */
static bool brings_images(const struct review *review)
{
    return review->operation != REVIEW_DELETE && review->operation != REVIEW_CONNECT;
}

static status read_names(struct decoding *d, struct error *err)
{
    struct review *review = d->review;
    yyjson_val *request = d->request;
    TRY(read_name(json_get(request, "name"), REQUEST("name"), &review->name, err));
    TRY(read_name(json_get(request, "namespace"), REQUEST("namespace"), &review->namespace, err));
    return read_name(json_get(request, "subResource"), REQUEST("subResource"), &review->subresource,
                     err);
}

static status read_kind(struct decoding *d, struct error *err)
{
    struct review *review = d->review;
    yyjson_val *kind = json_get(d->request, "kind");
    const struct place *place = REQUEST("kind");
    if (!yyjson_is_obj(kind)) {
        return wrong_type(err, place, "an object", kind);
    }
    const struct place *group = PLACE_MEMBER(place, STR("group"));
    const struct place *version = PLACE_MEMBER(place, STR("version"));
    TRY(read_name(json_get(kind, "group"), group, &review->group, err));
    TRY(read_name(json_get(kind, "version"), version, &review->version, err));
    TRY(read_name(json_get(kind, "kind"), PLACE_MEMBER(place, STR("kind")), &review->kind, err));
    if (review->kind.n == 0) {
        return error_set(err, ERROR_INPUT, "request.kind.kind is missing");
    }
    return OK;
}

static status read_resource(struct decoding *d, struct error *err)
{
    yyjson_val *resource = json_get(d->request, "resource");
    const struct place *place = REQUEST("resource");
    if (is_absent(resource)) {
        return OK;
    }
    if (!yyjson_is_obj(resource)) {
        return wrong_type(err, place, "an object", resource);
    }
    TRY(read_name(json_get(resource, "group"), PLACE_MEMBER(place, STR("group")),
                  &d->resource_group, err));
    return read_name(json_get(resource, "resource"), PLACE_MEMBER(place, STR("resource")),
                     &d->resource, err);
}

static status read_user(struct decoding *d, struct error *err)
{
    yyjson_val *user = json_get(d->request, "userInfo");
    const struct place *place = REQUEST("userInfo");
    if (is_absent(user)) {
        return OK;
    }
    if (!yyjson_is_obj(user)) {
        return wrong_type(err, place, "an object", user);
    }
    TRY(read_name(json_get(user, "username"), PLACE_MEMBER(place, STR("username")),
                  &d->review->user, err));
    d->review->user_known = d->review->user.n > 0;
    return OK;
}

static status read_dry_run(struct decoding *d, struct error *err)
{
    yyjson_val *value = json_get(d->request, "dryRun");
    if (!is_absent(value) && !yyjson_is_bool(value)) {
        return wrong_type(err, REQUEST("dryRun"), "true or false", value);
    }
    d->review->dry_run = yyjson_get_bool(value);
    return OK;
}

static status read_objects(struct decoding *d, struct error *err)
{
    yyjson_val *object = json_get(d->request, "object");
    yyjson_val *old = json_get(d->request, "oldObject");
    d->review->labels_known = true;
    d->review->old_labels = decoding_labels(old);
    if (!brings_images(d->review)) {
        return OK;
    }
    if (!yyjson_is_obj(object)) {
        return wrong_type(err, REQUEST("object"), "an object", object);
    }
    d->review->object = object;
    d->old_object = d->review->operation == REVIEW_UPDATE && yyjson_is_obj(old) ? old : NULL;
    return OK;
}

/* -- do the parts agree? -- */

/* The kind at which the API server keeps the object is `request.kind`. The object may leave its own
 * out, but not claim another: someone would read it as that. */
static status check_own_kind(struct decoding *d, struct error *err)
{
    const struct review *review = d->review;
    struct str kind, api_version, group, version;
    TRY(read_name(json_get(review->object, "kind"), PLACE_MEMBER(NULL, STR("kind")), &kind, err));
    TRY(read_name(json_get(review->object, "apiVersion"), PLACE_MEMBER(NULL, STR("apiVersion")),
                  &api_version, err));
    if (kind.n > 0 && !str_eq(kind, review->kind)) {
        return error_set(err, ERROR_INPUT,
                         "request.kind is \"%.*s\", but the object says that it is \"%.*s\"",
                         BRIEF(review->kind), BRIEF(kind));
    }
    if (!str_cut(api_version, '/', &group, &version)) {
        group = STR_EMPTY;
    }
    if (api_version.n > 0 && !str_eq(group, review->group)) {
        return error_set(err, ERROR_INPUT,
                         "request.kind is of group \"%.*s\", but the object says \"%.*s\"",
                         BRIEF(review->group), BRIEF(group));
    }
    return OK;
}

static status check_resource(struct decoding *d, struct error *err)
{
    const struct review *review = d->review;
    const struct kind_info *at = kinds_of_resource(d->resource_group, d->resource);
    bool agrees = at == NULL || review->subresource.n > 0 ||
                  (str_eq(at->kind, review->kind) && str_eq(at->group, review->group));
    return agrees ? OK
                  : error_set(err, ERROR_INPUT,
                              "request.resource is \"%.*s\", but request.kind is \"%.*s\" of group "
                              "\"%.*s\"",
                              BRIEF(d->resource), BRIEF(review->kind), BRIEF(review->group));
}

/* A subresource that is not known may be a new way to bring in an image. */
static status check_subresource(struct decoding *d, struct error *err)
{
    const struct review *review = d->review;
    bool workload = review->n_images > 0 ||
                    kinds_of_resource(d->resource_group, d->resource) != NULL ||
                    kinds_find(d->kinds, review->group, review->kind)->built_in;
    if (!workload || kinds_know_subresource(d->kinds, review->subresource)) {
        return OK;
    }
    struct str of = d->resource.n > 0 ? d->resource : review->kind;
    return error_set(
        err, ERROR_INPUT,
        "subresource \"%.*s\" of %.*s is not known; if no image can come in by it, add "
        "it to `subresources` in the server configuration",
        BRIEF(review->subresource), BRIEF(of));
}

static const decoding_step STEPS[] = {
    read_operation, read_names,        read_kind,       read_resource,
    read_user,      read_dry_run,      read_objects,    check_own_kind,
    check_resource, decoding_metadata, decoding_images, check_subresource,
};

/* Those for an object without images. */
static const decoding_step OBJECT_STEPS[] = {
    read_operation, read_names,   read_kind,      read_user,
    read_dry_run,   read_objects, check_own_kind, decoding_metadata,
};

/* -- the envelope -- */

struct envelope {
    const char *api_version;
    const char *kind;
    enum review_api api;
};

static const struct envelope ENVELOPES[] = {
    {"admission.k8s.io/v1", "AdmissionReview", REVIEW_ADMISSION_V1},
    {"admission.k8s.io/v1beta1", "AdmissionReview", REVIEW_ADMISSION_V1BETA1},
    {"imagepolicy.k8s.io/v1alpha1", "ImageReview", REVIEW_IMAGE_V1ALPHA1},
};

static status read_envelope(yyjson_val *root, enum review_api *ret_api, struct error *err)
{
    struct str api_version = json_str(json_get(root, "apiVersion"));
    struct str kind = json_str(json_get(root, "kind"));
    for (size_t i = 0; i < sizeof ENVELOPES / sizeof *ENVELOPES; i++) {
        if (str_eq(api_version, str_from(ENVELOPES[i].api_version)) &&
            str_eq(kind, str_from(ENVELOPES[i].kind))) {
            *ret_api = ENVELOPES[i].api;
            return OK;
        }
    }
    return error_set(err, ERROR_INPUT,
                     "expected an AdmissionReview of admission.k8s.io/v1 or v1beta1, or an "
                     "ImageReview of imagepolicy.k8s.io/v1alpha1; found kind \"%.*s\", apiVersion "
                     "\"%.*s\"",
                     BRIEF(kind), BRIEF(api_version));
}

static bool is_bare_request(yyjson_val *root)
{
    return json_get(root, "request") == NULL && !yyjson_is_str(json_get(root, "apiVersion")) &&
           !yyjson_is_str(json_get(root, "kind")) && json_get(root, "uid") != NULL &&
           json_get(root, "operation") != NULL;
}

static status decode_request(struct decoding *d, const decoding_step *steps, size_t n,
                             struct error *err)
{
    struct review *review = d->review;
    if (!yyjson_is_obj(d->request)) {
        return wrong_type(err, PLACE_MEMBER(NULL, STR("request")), "an object", d->request);
    }
    TRY(read_name(json_get(d->request, "uid"), REQUEST("uid"), &review->uid, err));
    if (review->uid.n == 0) {
        return error_set(err, ERROR_INPUT, "request.uid is missing: no answer could name it");
    }
    decoding_run(d, steps, n);
    if (!brings_images(review)) {
        review->problem = STR_EMPTY;
    }
    return OK;
}

status review_decode(struct arena *arena, const struct kinds *kinds, const struct json_doc *doc,
                     bool accept_bare, struct review *ret_review, struct error *err)
{
    yyjson_val *root = doc->root;
    if (!yyjson_is_obj(root)) {
        return error_set(err, ERROR_INPUT, "a review must be an object, found %s",
                         json_type_name(root));
    }
    enum review_api api = REVIEW_ADMISSION_V1;
    bool bare = accept_bare && is_bare_request(root);
    if (!bare) {
        TRY(read_envelope(root, &api, err));
    }
    struct review review = review_empty(api);
    struct decoding d = {
        .arena = arena,
        .kinds = kinds,
        .request = bare ? root : json_get(root, api == REVIEW_IMAGE_V1ALPHA1 ? "spec" : "request"),
        .resource_group = STR_EMPTY,
        .resource = STR_EMPTY,
        .review = &review,
    };
    if (api == REVIEW_IMAGE_V1ALPHA1) {
        image_review_decode(&d);
    } else {
        TRY(decode_request(&d, STEPS, sizeof STEPS / sizeof *STEPS, err));
    }
    *ret_review = review;
    return OK;
}

status review_decode_object(struct arena *arena, const struct json_doc *doc,
                            struct review *ret_review, struct error *err)
{
    enum review_api api;
    TRY(read_envelope(doc->root, &api, err));
    if (api == REVIEW_IMAGE_V1ALPHA1) {
        return error_set(err, ERROR_INPUT, "expected an AdmissionReview, found an ImageReview");
    }
    struct review review = review_empty(api);
    struct decoding d = {
        .arena = arena,
        .request = json_get(doc->root, "request"),
        .resource_group = STR_EMPTY,
        .resource = STR_EMPTY,
        .review = &review,
    };
    TRY(decode_request(&d, OBJECT_STEPS, sizeof OBJECT_STEPS / sizeof *OBJECT_STEPS, err));
    *ret_review = review;
    return OK;
}

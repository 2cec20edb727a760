#pragma once
/* Judges that know nothing of the code under test, for the unit tests and the fuzz targets: the API
 * server's rules for an answer, an RFC 6902 applier, and a naive search for images. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <yyjson.h>

#include "base/limits.h"
#include "base/str.h"
#include "base/utf8.h"

static inline struct str oracle_str(yyjson_val *value)
{
    return yyjson_is_str(value) ? (struct str){yyjson_get_str(value), yyjson_get_len(value)}
                                : STR_EMPTY;
}

/* -- what the API server makes of a response; apiserver VerifyAdmissionResponse -- */

static inline const char *oracle_verify_v1(yyjson_val *body, bool mutating, struct str uid)
{
    yyjson_val *response = yyjson_obj_get(body, "response");
    bool patch = oracle_str(yyjson_obj_get(response, "patch")).n > 0;
    yyjson_val *type = yyjson_obj_get(response, "patchType");
    if (!yyjson_is_obj(response)) {
        return "response was absent";
    }
    if (!str_eq(oracle_str(yyjson_obj_get(response, "uid")), uid)) {
        return "expected response.uid";
    }
    if (!yyjson_equals_str(yyjson_obj_get(body, "apiVersion"), "admission.k8s.io/v1") ||
        !yyjson_equals_str(yyjson_obj_get(body, "kind"), "AdmissionReview")) {
        return "expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview";
    }
    if (!mutating) {
        return patch          ? "validating webhook may not return response.patch"
               : type != NULL ? "validating webhook may not return response.patchType"
                              : NULL;
    }
    if (patch != (type != NULL)) {
        return patch ? "webhook returned response.patch but not response.patchType"
                     : "webhook returned response.patchType but not response.patch";
    }
    return type != NULL && oracle_str(type).n == 0
               ? "webhook returned invalid response.patchType of \"\""
               : NULL;
}

/* NULL if the API server takes the response, else its complaint. */
static inline const char *oracle_verify(yyjson_val *body, bool v1, bool mutating, struct str uid)
{
    if (v1) {
        return oracle_verify_v1(body, mutating, uid);
    }
    return yyjson_is_obj(yyjson_obj_get(body, "response")) ? NULL : "response was absent";
}

/* -- what our own responses keep to beyond that -- */

static inline bool oracle_key(struct str key)
{
    static const char ENDS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    static const char INSIDE[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
    for (size_t i = 0; i < key.n; i++) {
        bool end = i == 0 || i + 1 == key.n;
        if (key.p[i] == '\0' || strchr(end ? ENDS : INSIDE, key.p[i]) == NULL) {
            return false;
        }
    }
    return key.n > 0 && key.n <= 63;
}

static inline bool oracle_warning(struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        bool c1 = c == 0xc2 && i + 1 < text.n && (unsigned char)text.p[i + 1] < 0xa0;
        if (c < 0x20 || c == 0x7f || c1) {
            return false;
        }
    }
    return text.n <= LIMIT_WARNING_TEXT && utf8_valid(text);
}

static inline const char *oracle_annotations_and_warnings(yyjson_val *from)
{
    size_t i, n;
    yyjson_val *key, *value;
    yyjson_val *annotations = yyjson_obj_get(from, "auditAnnotations");
    if (annotations != NULL) {
        yyjson_obj_foreach(annotations, i, n, key, value)
        {
            if (!oracle_key(oracle_str(key)) || !yyjson_is_str(value)) {
                return "an audit annotation that the API server drops";
            }
        }
    }
    yyjson_val *warnings = yyjson_obj_get(from, "warnings");
    yyjson_arr_foreach(warnings, i, n, value)
    {
        if (!yyjson_is_str(value) || !oracle_warning(oracle_str(value))) {
            return "a warning that the API server drops or cuts";
        }
    }
    return yyjson_arr_size(warnings) > LIMIT_WARNINGS ? "too many warnings" : NULL;
}

static inline const char *oracle_failure(yyjson_val *failure)
{
    yyjson_val *message = yyjson_obj_get(failure, "message");
    bool fine = yyjson_equals_str(yyjson_obj_get(failure, "status"), "Failure") &&
                yyjson_equals_str(yyjson_obj_get(failure, "reason"), "Forbidden") &&
                yyjson_get_uint(yyjson_obj_get(failure, "code")) == 403 &&
                oracle_str(message).n > 0 && oracle_str(message).n <= LIMIT_MESSAGE;
    size_t i, n;
    yyjson_val *cause;
    yyjson_arr_foreach(yyjson_obj_get(yyjson_obj_get(failure, "details"), "causes"), i, n, cause)
    {
        fine = fine && yyjson_is_str(yyjson_obj_get(cause, "message")) &&
               yyjson_is_str(yyjson_obj_get(cause, "field")) &&
               yyjson_equals_str(yyjson_obj_get(cause, "reason"), "ImagePolicyViolation");
    }
    return fine ? NULL : "a status that kubectl shows badly";
}

/* NULL if a response of ours to an AdmissionReview is as it should be. */
static inline const char *oracle_check_admission(yyjson_val *body, const char *api_version,
                                                 bool mutating, bool allowed, struct str uid)
{
    yyjson_val *response = yyjson_obj_get(body, "response");
    bool v1 = strcmp(api_version, "admission.k8s.io/v1") == 0;
    const char *wrong = oracle_verify(body, v1, mutating, uid);
    wrong = wrong != NULL ? wrong : oracle_annotations_and_warnings(response);
    if (wrong != NULL) {
        return wrong;
    }
    yyjson_val *said = yyjson_obj_get(response, "allowed");
    if (!yyjson_is_bool(said) || yyjson_get_bool(said) != allowed) {
        return "another verdict";
    }
    if (!str_eq(oracle_str(yyjson_obj_get(response, "uid")), uid) ||
        !yyjson_equals_str(yyjson_obj_get(body, "apiVersion"), api_version) ||
        !yyjson_equals_str(yyjson_obj_get(body, "kind"), "AdmissionReview")) {
        return "not the apiVersion, kind and uid of the request";
    }
    yyjson_val *type = yyjson_obj_get(response, "patchType");
    if (type != NULL && (!allowed || !yyjson_equals_str(type, "JSONPatch"))) {
        return "a patch that will not be applied";
    }
    yyjson_val *failure = yyjson_obj_get(response, "status");
    if (allowed) {
        return failure == NULL ? NULL : "a status beside an admission";
    }
    return oracle_failure(failure);
}

/* NULL if a response of ours to an ImageReview is as it should be. */
static inline const char *oracle_check_image_review(yyjson_val *body, bool allowed)
{
    yyjson_val *answer = yyjson_obj_get(body, "status");
    yyjson_val *said = yyjson_obj_get(answer, "allowed");
    struct str reason = oracle_str(yyjson_obj_get(answer, "reason"));
    if (!yyjson_equals_str(yyjson_obj_get(body, "apiVersion"), "imagepolicy.k8s.io/v1alpha1") ||
        !yyjson_equals_str(yyjson_obj_get(body, "kind"), "ImageReview")) {
        return "not an ImageReview";
    }
    if (!yyjson_is_bool(said) || yyjson_get_bool(said) != allowed) {
        return "another verdict";
    }
    if ((reason.n == 0) != allowed || reason.n > LIMIT_MESSAGE) {
        return "a denial without a reason, or an admission with one";
    }
    return oracle_annotations_and_warnings(answer);
}

/* -- RFC 6902, as far as operations test, add and replace on members and items go -- */

static inline bool oracle_apply_one(yyjson_mut_doc *doc, yyjson_val *operation)
{
    struct str op = oracle_str(yyjson_obj_get(operation, "op"));
    struct str path = oracle_str(yyjson_obj_get(operation, "path"));
    yyjson_val *value = yyjson_obj_get(operation, "value");
    yyjson_mut_val *copy = yyjson_val_mut_copy(doc, value);
    yyjson_mut_val *target = yyjson_mut_doc_ptr_getn(doc, path.p, path.n);
    if (copy == NULL) {
        return false; /* all three need a value */
    }
    if (str_eq(op, STR("test"))) {
        return target != NULL && yyjson_mut_equals(target, copy);
    }
    if (str_eq(op, STR("replace"))) {
        return target != NULL && yyjson_mut_doc_ptr_replacen(doc, path.p, path.n, copy) != NULL;
    }
    size_t parent = str_rfind(path, '/');
    bool in_object =
        parent < path.n && yyjson_mut_is_obj(yyjson_mut_doc_ptr_getn(doc, path.p, parent));
    /* On a member that exists `add` would replace without a test: none of ours does that. */
    return str_eq(op, STR("add")) && in_object && target == NULL &&
           yyjson_mut_doc_ptr_setx(doc, path.p, path.n, copy, false, NULL, NULL);
}

/* Apply a patch, all of it or fail. */
static inline bool oracle_apply(yyjson_mut_doc *doc, yyjson_val *patch)
{
    size_t i, n;
    yyjson_val *operation;
    yyjson_arr_foreach(patch, i, n, operation)
    {
        if (!oracle_apply_one(doc, operation)) {
            return false;
        }
    }
    return yyjson_is_arr(patch);
}

/* -- images, naively: whatever is called so, wherever it stands -- */

typedef void oracle_found(yyjson_val *text, void *context);

/* Call `found` for each text of an image in the containers of `spec`. */
static inline void oracle_containers(yyjson_val *spec, oracle_found *found, void *context)
{
    static const char *const LISTS[] = {"containers", "initContainers", "ephemeralContainers"};
    size_t i, n;
    yyjson_val *child;
    for (size_t l = 0; yyjson_is_obj(spec) && l < sizeof LISTS / sizeof *LISTS; l++) {
        yyjson_arr_foreach(yyjson_obj_get(spec, LISTS[l]), i, n, child)
        {
            if (oracle_str(yyjson_obj_get(child, "image")).n > 0) {
                found(yyjson_obj_get(child, "image"), context);
            }
        }
    }
}

/* The same for its volumes. */
static inline void oracle_volumes(yyjson_val *spec, oracle_found *found, void *context)
{
    size_t i, n;
    yyjson_val *child;
    yyjson_arr_foreach(yyjson_obj_get(spec, "volumes"), i, n, child)
    {
        yyjson_val *reference = yyjson_obj_get(yyjson_obj_get(child, "image"), "reference");
        if (oracle_str(reference).n > 0) {
            found(reference, context);
        }
    }
}

/* The same for all that looks so in `value` and below it; volumes if wanted. */
static inline void oracle_search(yyjson_val *value, bool volumes, oracle_found *found,
                                 void *context)
{
    size_t i, n;
    yyjson_val *key, *child;
    oracle_containers(value, found, context);
    if (volumes) {
        oracle_volumes(value, found, context);
    }
    if (yyjson_is_obj(value)) {
        yyjson_obj_foreach(value, i, n, key, child)
        {
            oracle_search(child, volumes, found, context);
        }
    }
    yyjson_arr_foreach(value, i, n, child)
    {
        oracle_search(child, volumes, found, context);
    }
}

#include "base/limits.h"
#include "replay/replay.h"

bool replay_is_audit(const struct json_doc *doc)
{
    return json_get(doc->root, "endpoint") != NULL || json_get(doc->root, "policyHash") != NULL ||
           json_get(doc->root, "verdict") != NULL;
}

static status missing(const char *name, struct error *err)
{
    return error_set(err, ERROR_INPUT, "no line of the audit log: %s is missing or of another type",
                     name);
}

static status get_text(const struct json_doc *doc, const char *name, struct str *ret_text,
                       struct error *err)
{
    yyjson_val *value = json_get(doc->root, name);
    if (!yyjson_is_str(value)) {
        return missing(name, err);
    }
    *ret_text = json_str(value);
    return OK;
}

static enum review_operation operation_of(struct str text)
{
    for (enum review_operation operation = REVIEW_CREATE; operation <= REVIEW_CONNECT;
         operation++) {
        if (str_eq(text, str_from(review_operation_name(operation)))) {
            return operation;
        }
    }
    return REVIEW_OPERATION_UNKNOWN;
}

static status read_request(const struct json_doc *doc, struct review *review, struct error *err)
{
    struct str api, operation;
    TRY(get_text(doc, "api", &api, err));
    TRY(get_text(doc, "operation", &operation, err));
    TRY(get_text(doc, "group", &review->group, err));
    TRY(get_text(doc, "kind", &review->kind, err));
    TRY(get_text(doc, "subresource", &review->subresource, err));
    TRY(get_text(doc, "namespace", &review->namespace, err));
    TRY(get_text(doc, "name", &review->name, err));
    TRY(get_text(doc, "user", &review->user, err));
    TRY(get_text(doc, "uid", &review->uid, err));
    review->api = str_starts(api, STR("imagepolicy")) ? REVIEW_IMAGE_V1ALPHA1 : REVIEW_ADMISSION_V1;
    review->operation = operation_of(operation);
    review->version = STR("v1");
    review->user_known = review->user.n > 0;
    return OK;
}

/* The rule that denied the image at `path`, as POLICY/RULE; empty if none is recorded. */
static struct str denying_rule(struct arena *arena, yyjson_val *violations, struct str path)
{
    size_t i, n;
    yyjson_val *violation;
    yyjson_arr_foreach(violations, i, n, violation)
    {
        bool denies = str_eq(json_str(json_get(violation, "mode")), STR("enforce")) &&
                      json_str(json_get(violation, "exception")).n == 0;
        if (denies && str_eq(json_str(json_get(violation, "path")), path)) {
            struct str policy = json_str(json_get(violation, "policy"));
            return policy.n == 0 ? json_str(json_get(violation, "cause"))
                                 : arena_printf(arena, "%.*s/%.*s", STR_ARG(policy),
                                                STR_ARG(json_str(json_get(violation, "rule"))));
        }
    }
    return STR_EMPTY;
}

/* Whether an image was let in; the softer words are those of failures that did not deny. */
static status read_verdict(struct str word, bool *ret_admitted, struct error *err)
{
    static const char *const ADMITTED[] = {"allow", "warn", "audit", "excused", NULL};
    *ret_admitted = false;
    for (const char *const *admitted = ADMITTED; *admitted != NULL; admitted++) {
        *ret_admitted = *ret_admitted || str_eq(word, str_from(*admitted));
    }
    return *ret_admitted || str_eq(word, STR("deny")) ? OK : missing("images[].verdict", err);
}

static status read_image(struct arena *arena, const struct json_doc *doc, yyjson_val *entry,
                         size_t index, struct replay_case *subject, struct error *err)
{
    struct review_image *image = &subject->review.images[index];
    yyjson_val *text = json_get(entry, "image");
    if (!yyjson_is_str(text)) {
        return missing("images[].image", err);
    }
    TRY(read_verdict(json_str(json_get(entry, "verdict")), &subject->admitted[index], err));
    *image = (struct review_image){
        .text = json_str(text),
        .path = json_str(json_get(entry, "path")),
        .pointer = arena_printf(arena, "/images/%zu/image", index),
        .role = IMAGE_CUSTOM,
    };
    if (!subject->admitted[index]) {
        subject->denying[index] =
            denying_rule(arena, json_get(doc->root, "violations"), image->path);
    }
    return OK;
}

static status read_images(struct arena *arena, const struct json_doc *doc,
                          struct replay_case *subject, struct error *err)
{
    yyjson_val *images = json_get(doc->root, "images");
    size_t n = yyjson_arr_size(images);
    bool truncated = yyjson_get_bool(json_get(doc->root, "truncated"));
    if (!yyjson_is_arr(images) && !truncated) {
        return missing("images", err);
    }
    if (n > LIMIT_IMAGES_PER_REVIEW) {
        return error_set(err, ERROR_LIMIT, "more than %u images in one line",
                         LIMIT_IMAGES_PER_REVIEW);
    }
    subject->review.images = ARENA_ARRAY(arena, struct review_image, n);
    subject->admitted = ARENA_ARRAY(arena, bool, n);
    subject->denying = ARENA_ARRAY(arena, struct str, n);
    subject->incomplete = truncated || yyjson_get_uint(json_get(doc->root, "imageCount")) > n;
    size_t i, count;
    yyjson_val *entry;
    yyjson_arr_foreach(images, i, count, entry)
    {
        TRY(read_image(arena, doc, entry, i, subject, err));
        subject->review.n_images++;
    }
    return OK;
}

status replay_from_audit(struct arena *arena, const struct json_doc *doc,
                         struct replay_case *ret_case, bool *ret_decided, struct error *err)
{
    struct replay_case subject = {.recorded = true};
    struct str endpoint, verdict;
    TRY(get_text(doc, "endpoint", &endpoint, err));
    TRY(get_text(doc, "verdict", &verdict, err));
    TRY(read_request(doc, &subject.review, err));
    subject.review.problem = json_str(json_get(doc->root, "problem"));
    subject.mutate = str_eq(endpoint, STR("/mutate"));
    /* images stand in `images` of the line itself, which is enough of an object to rewrite them */
    subject.review.object = doc->root;
    TRY(read_images(arena, doc, &subject, err));
    *ret_decided = !str_eq(verdict, STR("error")) && subject.review.problem.n == 0;
    *ret_case = subject;
    return OK;
}

#pragma once
/* A review of the model as the program takes it, and what it answers compared with what it must. */
#include "evaluate/evaluate.h"
#include "oracle.h"

struct subject {
    struct arena arena;
    struct json_doc object, label, old_label, space_label;
    struct review review;
    struct review_image images[IMAGES_MAX];
};

static void parse_json(struct str text, struct json_doc *doc)
{
    struct error err = {0};
    ENSURE(!failed(json_parse(text, JSON_WITHOUT_MARKS, doc, &err)));
}

static yyjson_val *parse_label(struct arena *arena, unsigned label, struct json_doc *doc)
{
    if (label == 0) {
        return NULL;
    }
    parse_json(arena_printf(arena, "{\"team\":\"%s\"}", LABELS[label]), doc);
    return doc->root;
}

static void make_images(const struct model_review *model, struct subject *subject)
{
    buf_auto object;
    buf_auto text;
    buf_init(&object, MIB);
    buf_init(&text, MIB);
    buf_add_cstr(&object, "{\"spec\":{\"containers\":[");
    for (size_t i = 0; i < model->n; i++) {
        buf_clear(&text);
        write_image(&model->images[i], &text);
        buf_printf(&object, "%s{\"image\":\"%.*s\"}", i == 0 ? "" : ",", STR_ARG(buf_str(&text)));
        subject->images[i] = (struct review_image){
            .text = arena_dup(&subject->arena, buf_str(&text)),
            .path = arena_printf(&subject->arena, "spec.containers[%zu].image", i),
            .pointer = arena_printf(&subject->arena, "/spec/containers/%zu/image", i),
            .unchanged = model->images[i].unchanged,
        };
    }
    buf_add_cstr(&object, "]}}");
    parse_json(buf_str(&object), &subject->object);
}

static void make_subject(const struct model_review *model, struct subject *subject)
{
    static const enum review_operation OPERATIONS[] = {REVIEW_CREATE, REVIEW_UPDATE, REVIEW_DELETE,
                                                       REVIEW_OPERATION_UNKNOWN};
    *subject = (struct subject){0};
    arena_init(&subject->arena, 64 * MIB);
    make_images(model, subject);
    const char *namespace = namespace_of(model);
    subject->review = (struct review){
        .api = model->asks == ASKS_IMAGES ? REVIEW_IMAGE_V1ALPHA1 : REVIEW_ADMISSION_V1,
        .operation = OPERATIONS[model->asks],
        .kind = str_from(KINDS[model->kind]),
        .namespace = namespace == NULL ? STR_EMPTY : str_from(namespace),
        .user_known = model->user_known,
        .user = str_from(USERS[model->user]),
        .labels_known = model->labels_known,
        .labels = parse_label(&subject->arena, model->label, &subject->label),
        .old_labels = parse_label(&subject->arena, model->old_label, &subject->old_label),
        .namespace_labels_known = model->spaces_known,
        .namespace_labels = parse_label(&subject->arena, model->space_label, &subject->space_label),
        .object = subject->object.root,
        .images = subject->images,
        .n_images = model->n,
    };
}

static void subject_done(struct subject *subject)
{
    json_doc_done(&subject->object);
    json_doc_done(&subject->label);
    json_doc_done(&subject->old_label);
    json_doc_done(&subject->space_label);
    arena_done(&subject->arena);
}

/* -- comparing -- */

static bool same_image(const struct model_image *model, const struct expected *expected,
                       const struct decision_image *image, struct arena *arena)
{
    buf_auto text;
    buf_init(&text, MIB);
    write_judged(model, &expected->judged, &text);
    struct str judged = arena_dup(arena, buf_str(&text));
    return str_eq(image->text, judged) && image->rewritten == !str_eq(judged, image->image->text) &&
           (image->verdict == VERDICT_ALLOW) == expected->allowed &&
           image->warned == expected->warned && image->audited == expected->audited &&
           image->excused == expected->excused;
}

struct totals {
    size_t allowed, denied, rewritten, excused, warned, uncovered;
};

/* Compare every image that is judged. Returns whether all are as expected. */
static bool compare_images(const struct model_set *set, const struct model_review *model,
                           const struct decision *decision, struct arena *arena,
                           struct totals *totals)
{
    size_t judged = 0, failures = 0;
    bool allowed = true, same = true;
    for (size_t i = 0; i < model->n; i++) {
        if (model->images[i].unchanged) {
            continue;
        }
        struct expected expected = expect_image(set, model, &model->images[i]);
        const struct decision_image *image = &decision->images[judged++];
        same = same && same_image(&model->images[i], &expected, image, arena);
        failures += expected.failures;
        allowed = allowed && expected.allowed;
        totals->rewritten += image->rewritten;
        totals->excused += image->excused;
        totals->warned += image->warned;
        totals->uncovered += !expected.covered;
    }
    totals->allowed += allowed;
    totals->denied += !allowed;
    return same && judged == decision->n_images &&
           allowed == (decision->verdict == VERDICT_ALLOW) &&
           failures == decision->n_violations + decision->n_dropped;
}

/* What an answer says follows from the decision. */
static bool answer_follows(const struct decision *decision, const struct review_answer *answer,
                           bool mutate)
{
    size_t denials = 0, warnings = 0;
    bool rewritten = false;
    for (size_t i = 0; i < decision->n_violations; i++) {
        const struct violation *violation = &decision->violations[i];
        bool counts = violation->exception.n == 0;
        denials += counts && violation->mode == POLICY_ENFORCE;
        warnings += counts && violation->mode == POLICY_WARN;
    }
    for (size_t i = 0; i < decision->n_images; i++) {
        rewritten = rewritten || decision->images[i].rewritten;
    }
    return answer->allowed == (decision->verdict == VERDICT_ALLOW) &&
           answer->allowed == (answer->message.n == 0) && answer->n_causes == denials &&
           answer->n_warnings == warnings &&
           (answer->patch.n > 0) == (answer->allowed && mutate && rewritten);
}

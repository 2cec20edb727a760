#include "server/policy_review.h"

#include "base/clock.h"
#include "base/limits.h"
#include "policy/crd.h"

static struct str phrase(struct arena *arena, const struct diagnostic *one, bool path)
{
    buf_auto text;
    buf_init(&text, 3 * LIMIT_MESSAGE);
    diagnostic_phrase(one, path, &text);
    return arena_dup(arena, buf_str(&text));
}

/* -- denials -- */

static void deny(struct job *job, struct str message)
{
    job->answer.allowed = false;
    job->answer.message = message;
    job->decision.problem = message; /* for the audit log */
}

/* All errors, a line each; one stands on the line of whoever prints it. */
static struct str list_errors(struct arena *arena, const struct diagnostics *list)
{
    buf_auto text;
    buf_init(&text, LIMIT_MESSAGE * LIMIT_DIAGNOSTICS);
    if (list->errors > 1) {
        buf_printf(&text, "%zu errors", list->errors);
    }
    for (size_t i = 0; i < list->n; i++) {
        if (list->items[i].level == DIAGNOSTIC_ERROR) {
            buf_add_cstr(&text, list->errors > 1 ? "\n" : "");
            diagnostic_phrase(&list->items[i], true, &text);
        }
    }
    return arena_dup(arena, buf_str(&text));
}

static void deny_errors(struct job *job, const struct diagnostics *list)
{
    struct arena *arena = list->arena;
    struct review_answer *answer = &job->answer;
    answer->invalid = true;
    answer->causes = ARENA_ARRAY(arena, struct review_cause, list->n);
    for (size_t i = 0; i < list->n; i++) {
        const struct diagnostic *one = &list->items[i];
        if (one->level == DIAGNOSTIC_ERROR) {
            answer->causes[answer->n_causes++] =
                (struct review_cause){one->path, phrase(arena, one, false)};
        }
    }
    deny(job, list_errors(&job->arena, list));
}

static void add_warnings(struct job *job, const struct diagnostics *list)
{
    struct review_answer *answer = &job->answer;
    answer->warnings = ARENA_ARRAY(list->arena, struct str, list->n);
    for (size_t i = 0; i < list->n; i++) {
        if (list->items[i].level == DIAGNOSTIC_WARNING) {
            answer->warnings[answer->n_warnings++] = phrase(list->arena, &list->items[i], true);
        }
    }
}

/* -- what is judged -- */

/* Finalizers must come off whatever is wrong with the object. */
static bool is_leaving(const struct job *job)
{
    yyjson_val *old = json_get(json_get(job->doc.root, "request"), "oldObject");
    yyjson_val *spec = json_get(job->review.object, "spec");
    return job->review.operation == REVIEW_UPDATE && job->review.deleting &&
           yyjson_equals(spec, json_get(old, "spec"));
}

static bool is_removal(const struct review *review)
{
    return review->operation == REVIEW_DELETE || review->operation == REVIEW_CONNECT;
}

static bool is_ours(const struct review *review)
{
    return str_eq(review->group, STR(POLICY_GROUP)) &&
           str_eq(review->version, STR(POLICY_VERSION)) && policy_is_kind(review->kind);
}

/* Why the review is not about a policy that this server can judge; empty if it is. */
static struct str refuse_review(struct job *job)
{
    const struct review *review = &job->review;
    if (review->problem.n > 0) {
        return review->problem;
    }
    if (!is_ours(review)) {
        return arena_printf(&job->arena,
                            "%s answers for ClusterImagePolicy, ImagePolicy and "
                            "ImagePolicyException of " POLICY_GROUP "/" POLICY_VERSION
                            "; this is \"%.*s\" of \"%.*s/%.*s\"",
                            endpoint_path(job->endpoint), STR_ARG(review->kind),
                            STR_ARG(review->group), STR_ARG(review->version));
    }
    if (review->subresource.n > 0 && !str_eq(review->subresource, STR("status"))) {
        return arena_printf(&job->arena, "subresource \"%.*s\" of a policy is not known",
                            STR_ARG(review->subresource));
    }
    return STR_EMPTY;
}

static void judge(struct job *job, struct arena *arena)
{
    struct diagnostics list;
    diagnostics_init(&list, arena);
    policy_check_object(&job->doc, job->review.object, clock_wall(), &list);
    if (list.errors > 0) {
        deny_errors(job, &list);
    }
    add_warnings(job, &list);
}

status policy_review(struct job *job, struct error *err)
{
    TRY(json_parse(job->body, JSON_WITH_MARKS, &job->doc, err));
    TRY(review_decode_object(&job->arena, &job->doc, &job->review, err));
    if (job->deadline != 0 && clock_monotonic() >= job->deadline) {
        return error_set(err, ERROR_TIMEOUT, "the time for the review is over");
    }
    arena_auto arena; /* a policy may need more than a review has */
    arena_init(&arena, LIMIT_POLICY_ARENA);
    job->answer.allowed = true;
    bool removal = is_removal(&job->review);
    struct str refused = removal ? STR_EMPTY : refuse_review(job);
    if (refused.n > 0) {
        deny(job, refused);
    } else if (!removal && job->review.subresource.n == 0 && !is_leaving(job)) {
        judge(job, &arena);
    }
    review_encode(&job->review, &job->answer, &job->response);
    job->answer.causes = NULL;
    job->answer.warnings = NULL;
    job->answer.n_causes = job->answer.n_warnings = 0;
    return OK;
}

#include "evaluate/evaluate.h"

#include "base/clock.h"
#include "evaluate/answer.h"
#include "evaluate/gather.h"
#include "policy/hits.h"

static status check_deadline(const struct evaluate_options *options, struct error *err)
{
    if (options->deadline != 0 && clock_monotonic() >= options->deadline) {
        return error_set(err, ERROR_TIMEOUT, "the time for this review is over");
    }
    return OK;
}

/* An image may be judged as rewritten only where the patch that makes it so is sent (review_encode
 * says where): an ImageReview has none, so what runs is what it names. */
static bool can_rewrite(const struct review *review, const struct evaluate_options *options)
{
    bool patched = review->operation == REVIEW_CREATE || review->operation == REVIEW_UPDATE;
    return options->mutate && patched && review->object != NULL &&
           review->api != REVIEW_IMAGE_V1ALPHA1;
}

status evaluate_review(const struct policy_set *set, const struct review *review,
                       const struct evaluate_options *options, struct arena *arena,
                       struct decision *ret_decision, struct review_answer *ret_answer,
                       struct error *err)
{
    TRY(check_deadline(options, err));
    bool rewrite = can_rewrite(review, options);
    struct plan plan;
    policy_select(set, review, options->now, rewrite, arena, &plan);
    if (!gather(&plan, options, arena)) {
        *ret_decision = (struct decision){.later = true};
        *ret_answer = (struct review_answer){.allowed = false};
        return OK;
    }
    struct decision decision;
    policy_decide(&plan, arena, &decision);
    struct review_answer answer;
    TRY(answer_phrase(review, &decision, rewrite, arena, &answer, err));
    TRY(check_deadline(options, err));
    bool last = !options->mutate || decision.verdict != VERDICT_ALLOW;
    if (options->count && last && !review->dry_run) {
        policy_hits_add(&plan);
    }
    *ret_decision = decision;
    *ret_answer = answer;
    return OK;
}

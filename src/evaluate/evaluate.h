#pragma once
/* The orchestrator: review -> plan -> (evidence -> findings) -> decision -> answer.
 *
 * Rules that need only the reference are judged while the plan is made; rules that need evidence
 * will have it gathered here, between plan and decision, under the deadline.
 *
 * Ownership: everything lives in the arena. Errors: TIMEOUT (the deadline has passed; nothing was
 * decided), LIMIT. A failure is never an admission: the caller answers with an error. */
#include "policy/decision.h"
#include "review/review.h"

struct evaluate_options {
    int64_t now;      /* wall time */
    int64_t deadline; /* monotonic; 0: none */
    bool mutate;      /* rewrite, judge the result, and put the patch into the answer */
    bool count;       /* add it to the hits of the policies: not a dry run, nor what is let through
                         with `mutate`, for that is judged again */
};

/* Decide on a review and phrase the answer. */
MUST status evaluate_review(const struct policy_set *set, const struct review *review,
                            const struct evaluate_options *options, struct arena *arena,
                            struct decision *ret_decision, struct review_answer *ret_answer,
                            struct error *err);

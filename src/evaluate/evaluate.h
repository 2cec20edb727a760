#pragma once
/* The orchestrator: review -> plan -> (evidence -> findings) -> decision -> answer.
 *
 * Rules that need only the reference are judged while the plan is made. For the others, evidence is
 * gathered between plan and decision, under the deadline; not if the review is denied without.
 *
 * Ownership: everything lives in the arena. Errors: TIMEOUT (the deadline has passed; nothing was
 * decided), LIMIT. A failure is never an admission: the caller answers with an error. */
#include "evaluate/source.h"
#include "policy/decision.h"
#include "review/review.h"

struct evaluate_options {
    int64_t now;      /* wall time */
    int64_t deadline; /* monotonic; 0: none */
    bool mutate;      /* rewrite, judge the result, and put the patch into the answer */
    bool count;       /* add it to the hits of the policies: not a dry run, nor what is let through
                         with `mutate`, for that is judged again */
    const struct evidence_source *source; /* NULL: nobody is asked, and rules that want evidence
                                             have none */
    bool inline_only;                     /* do not wait: see evaluate_review */
};

/* Decide on a review and phrase the answer. With `inline_only`, nothing is decided where evidence
 * takes time: ret_decision->later is set, both results deny, and nothing was counted; the review is
 * to be evaluated again where it may wait. */
MUST status evaluate_review(const struct policy_set *set, const struct review *review,
                            const struct evaluate_options *options, struct arena *arena,
                            struct decision *ret_decision, struct review_answer *ret_answer,
                            struct error *err);

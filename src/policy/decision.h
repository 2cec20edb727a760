#pragma once
/* From a review to a decision: select the policies that apply (the plan), judge what the reference
 * alone tells, judge the evidence that was gathered for the rest, and decide. May it run? `verdict`
 * answers that, and its zero denies.
 *
 * VERDICT_ALLOW is assigned in one function of the program, in policy/decide.c; a lint holds it.
 *
 * What a review does not tell (an ImageReview has no user, no labels, no operation; namespace
 * labels may be unknown) counts as matching: a policy's rules apply unless it certainly does not.
 * But an image is covered only by a policy that certainly applies.
 *
 * Pure. Plans and decisions live in the review's arena and borrow from set and review. */
#include "base/arena.h"
#include "base/finding.h"
#include "base/limits.h"
#include "image/reference.h"
#include "policy/evidence.h"
#include "policy/policy.h"
#include "review/review.h"

enum verdict { VERDICT_UNDECIDED = 0, VERDICT_DENY, VERDICT_ALLOW };

enum policy_mode { POLICY_ENFORCE = 0, POLICY_WARN, POLICY_AUDIT };

struct policy;
struct rule;
struct exception;

/* One rule that applies to one image. */
struct plan_item {
    const struct policy *policy;
    const struct rule *rule;
    const struct exception *exception; /* excuses a failure; NULL: none */
    struct finding finding;            /* without words, which a decision makes of what it shows */
};

struct plan_image {
    const struct review_image *image;
    struct str text;            /* what is judged: image->text, what it is rewritten to, and that
                                   with its digest */
    struct reference reference; /* valid if `unreadable` is empty */
    struct str unreadable; /* why it is no reference, or is one that runtimes read differently */
    bool covered;          /* a ClusterImagePolicy with a rule certainly applies */
    struct str uncovered;  /* why none does; empty if covered */
    struct plan_item *items;
    size_t n_items;
    bool pin;          /* its text shall get its digest, as a policy's mutate.resolveDigest says */
    unsigned wants;    /* evidence that its rules want, and `pin` does: bits of evidence.h */
    unsigned asked;    /* of these, what was asked for; its answer is in `evidence` */
    int64_t stale_for; /* how old a stale digest may be that is written: the shortest time that the
                          policies say that want evidence; 0: none may be */
    struct evidence evidence;
};

struct plan {
    const struct policy_set *set;
    const struct review *review;
    struct plan_image *images; /* those to be judged, in the review's order */
    size_t n_images;
    struct str overflow; /* not empty: there is more to judge than a plan holds, and this says so;
                            then it is decided as a denial */
    int64_t now;         /* wall time */
    bool rewrite;
    bool unasked; /* the review is denied without evidence, so none was asked for */
    size_t items; /* planned so far */
};

/* Rules to judge in one review, over all its images: a sixth of the review's memory beside its
 * evidence, and as much again where digests are written and images planned once more. */
#define PLAN_ITEMS_MAX ((LIMIT_REVIEW_ARENA - LIMIT_EVIDENCE) / 6u / sizeof(struct plan_item))

/* Which rules apply to which image of the review, at wall time `now`. With `rewrite`, images are
 * first rewritten as the policies' mutate.rewrite says, and the result is what is judged. Unchanged
 * images are left out, and so are all images of a review that has a problem. Rules that need only
 * the reference have their finding; the others have FINDING_ABSENT, and what they want is in
 * image->wants. Limits: PLAN_ITEMS_MAX (plan->overflow). */
void policy_select(const struct policy_set *set, const struct review *review, int64_t now,
                   bool rewrite, struct arena *arena, struct plan *ret_plan);

/* Whether the plan will be decided as a denial, whatever evidence may show. */
bool policy_is_denied(const struct plan *plan, struct arena *arena);

/* Write the digests that were found into the texts of images that shall have them, and plan these
 * images again, for it is the result that is judged. The result may want more evidence. */
void policy_pin(struct plan *plan, struct arena *arena);

/* Judge the rules that want evidence by image->evidence. To be called once, when all was asked that
 * will be. */
void policy_judge_evidence(struct plan *plan, struct arena *arena);

/* What denies or warns. The zero is a rule; the others have none and no policy. */
enum cause { VIOLATION_RULE = 0, VIOLATION_UNCOVERED, VIOLATION_UNREADABLE };

struct violation {
    const struct review_image *image;
    enum cause cause;
    struct str policy; /* empty: no policy covers the image, or it is no sound reference */
    struct str rule;
    enum policy_mode mode; /* what it leads to: the policy's, or softer */
    struct str exception;  /* the exception that excuses it; empty if none */
    struct str message;    /* complete, as the person who is denied reads it */
    struct str reason;     /* its last part: what was wrong and what would satisfy it */
};

struct decision_image {
    const struct review_image *image;
    struct str text; /* what was judged */
    bool rewritten;
    enum verdict verdict; /* undecided: nothing denies it, but the review is denied for another
                             image, so that nothing was asked about this one */
    const struct evidence *evidence; /* what was found out; NULL: nothing was asked */
    struct str stale;                /* what is to be told of a stale digest that was written;
                                        empty: none was */
    bool warned, audited, excused;   /* a rule of that mode failed, or one that is excused */
};

struct decision {
    enum verdict verdict; /* of the whole review */
    bool later;           /* nothing was decided, for evidence takes time: evaluate.h */
    struct str problem;   /* why the review could not be judged as a whole; then it is denied */
    struct decision_image *images;
    size_t n_images;
    struct violation *violations; /* at most LIMIT_VIOLATIONS, those that deny first */
    size_t n_violations;
    size_t n_dropped;     /* violations beyond the limit */
    size_t n_denials;     /* violations that deny, also those beyond the limit */
    struct str *policies; /* names of all policies that applied, without repetition, at most 64 */
    size_t n_policies;
};

/* "rule", "uncovered" or "unreadable". Lives for ever. */
const char *violation_cause_name(enum cause cause);

/* What failed, for reports: "POLICY/RULE", or "uncovered" or "unreadable" where no rule has spoken.
 * Lives in the arena. */
struct str violation_name(const struct violation *violation, struct arena *arena);

/* Decide. DELETE and CONNECT, and reviews without a changed image, are let through; a review with a
 * problem is denied, and so is a plan that is not this review's; otherwise every image must be
 * allowed. The strictest failing mode wins. */
void policy_decide(const struct plan *plan, struct arena *arena, struct decision *ret_decision);

/* "undecided", "deny" or "allow". Lives for ever. */
const char *verdict_name(enum verdict verdict);

/* "enforce", "warn" or "audit". Lives for ever. */
const char *policy_mode_name(enum policy_mode mode);

/* -- explain -- */

struct explanation {
    struct str policy, rule; /* rule is empty for the policy itself */
    struct str file;
    struct mark mark;
    bool applies;   /* the policy or rule is in the plan */
    struct str why; /* why it applies or not: `namespaces ["prod-*"] do not include "shop"` */
    struct finding finding; /* of a rule that applies */
    enum policy_mode mode;
    struct str exception;
};

struct explain_question {
    const struct review *review;
    size_t index;                    /* of an image, which the review has */
    int64_t now;                     /* wall time */
    const struct evidence *evidence; /* about that image; NULL: nothing was asked */
};

/* Every policy and rule of the set, in order, considered for an image, whether an index would have
 * found it or not. Lives in the arena, which must have room for 3 KiB for each policy and rule. */
void policy_explain(const struct policy_set *set, const struct explain_question *question,
                    struct arena *arena, struct explanation **ret_items, size_t *ret_n);

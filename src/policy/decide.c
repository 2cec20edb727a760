#include "policy/decision.h"

#include "policy/message.h"
#include "policy/model.h"
#include "policy/outcome.h"
#include "policy/rule.h"

/* Policies named by a decision. */
enum { POLICIES_NAMED_MAX = 64 };

struct deciding {
    const struct plan *plan;
    struct arena *arena;
    struct decision *decision;
    size_t room; /* for violations: as many as there can be, at most LIMIT_VIOLATIONS */
    struct rule_judging *judging; /* with words */
};

/* -- the verdict -- */

/* What is known when an image, or a whole review, is concluded. */
struct tally {
    bool complete;  /* all that has to be judged was judged */
    bool unasked;   /* of an image: what was not is evidence that nobody asked for */
    size_t denials; /* failures that deny */
};

/* The one place that says yes: everything was judged, and nothing of it denies. */
static enum verdict conclude(const struct tally *tally)
{
    enum verdict verdict = VERDICT_DENY;
    if (tally->denials == 0 && tally->complete) {
        verdict = VERDICT_ALLOW;
    } else if (tally->denials == 0 && tally->unasked) {
        verdict = VERDICT_UNDECIDED;
    }
    return verdict;
}

bool policy_passes(const struct finding *finding)
{
    return finding->kind == FINDING_VALID || finding->kind == FINDING_NOT_APPLICABLE;
}

/* What a failure of the item leads to, exceptions apart. */
enum policy_mode policy_item_mode(const struct plan_item *item)
{
    bool softened = item->finding.kind == FINDING_UNREACHABLE && item->rule->warns_on_error;
    return softened && item->policy->mode == POLICY_ENFORCE ? POLICY_WARN : item->policy->mode;
}

/* Whatever is not plainly softer denies. */
enum outcome policy_outcome(const struct plan_item *item)
{
    if (item->exception != NULL) {
        return OUTCOME_EXCUSED;
    }
    switch (policy_item_mode(item)) {
    case POLICY_WARN:
        return OUTCOME_WARNED;
    case POLICY_AUDIT:
        return OUTCOME_AUDITED;
    case POLICY_ENFORCE:
        break;
    }
    return OUTCOME_DENIED;
}

bool policy_is_unasked(const struct plan *plan, const struct plan_item *item)
{
    return plan->unasked && item->rule->kind->wants != 0 && item->finding.kind == FINDING_ABSENT;
}

/* Whether the item failed, by what was found rather than for want of asking. */
static bool fails(const struct plan *plan, const struct plan_item *item)
{
    return !policy_passes(&item->finding) && !policy_is_unasked(plan, item);
}

/* True if a policy that certainly applies covers the image, and a rule of one that covers images is
 * among those judged. */
static bool is_covered(const struct plan_image *image)
{
    for (size_t i = 0; image->covered && i < image->n_items; i++) {
        if (policy_covers(image->items[i].policy)) {
            return true;
        }
    }
    return false;
}

struct str policy_denied_outright(const struct plan *plan, const struct plan_image *image)
{
    if (image->unreadable.n > 0) {
        return image->unreadable;
    }
    if (!is_covered(image) && !plan->set->options.allow_uncovered) {
        return image->uncovered.n > 0 ? image->uncovered : STR("no policy covers this image");
    }
    return STR_EMPTY;
}

static void decide_image(const struct plan *plan, const struct plan_image *image,
                         struct arena *arena, struct decision_image *decided)
{
    struct tally tally = {.complete = true, .denials = policy_denied_outright(plan, image).n > 0};
    for (size_t i = 0; i < image->n_items; i++) {
        if (policy_is_unasked(plan, &image->items[i])) {
            tally.complete = false;
            tally.unasked = true;
        }
        if (!fails(plan, &image->items[i])) {
            continue;
        }
        enum outcome outcome = policy_outcome(&image->items[i]);
        tally.denials += outcome == OUTCOME_DENIED;
        decided->warned = decided->warned || outcome == OUTCOME_WARNED;
        decided->audited = decided->audited || outcome == OUTCOME_AUDITED;
        decided->excused = decided->excused || outcome == OUTCOME_EXCUSED;
    }
    decided->image = image->image;
    decided->text = image->text;
    decided->rewritten = !str_eq(image->text, image->image->text);
    decided->verdict = conclude(&tally);
    decided->evidence = image->asked != 0 ? &image->evidence : NULL;
    if (image->evidence.stale) {
        decided->stale = policy_stale_message(image, arena);
    }
}

/* -- violations -- */

static void add_violation(const struct deciding *deciding, const struct violation *violation)
{
    struct decision *decision = deciding->decision;
    decision->n_denials += violation->mode == POLICY_ENFORCE && violation->exception.n == 0;
    if (decision->n_violations == LIMIT_VIOLATIONS) {
        decision->n_dropped++;
        return;
    }
    if (decision->violations == NULL) {
        decision->violations = ARENA_ARRAY(deciding->arena, struct violation, deciding->room);
    }
    decision->violations[decision->n_violations++] = *violation;
}

static bool is_full(const struct deciding *deciding)
{
    return deciding->decision->n_violations == LIMIT_VIOLATIONS;
}

static void list_outright(const struct deciding *deciding, const struct plan_image *image)
{
    struct violation violation = {.image = image->image, .mode = POLICY_ENFORCE};
    violation.reason = policy_denied_outright(deciding->plan, image);
    if (violation.reason.n == 0) {
        return;
    }
    violation.cause = image->unreadable.n > 0 ? VIOLATION_UNREADABLE : VIOLATION_UNCOVERED;
    if (!is_full(deciding)) {
        violation.message =
            policy_message(image, STR_EMPTY, STR_EMPTY, violation.reason, deciding->arena);
    }
    add_violation(deciding, &violation);
}

/* What was found, in words: only what is shown has them. */
static struct str put_in_words(const struct deciding *deciding, const struct plan_image *image,
                               const struct plan_item *item)
{
    unsigned wants = item->rule->kind->wants;
    struct finding finding = item->finding;
    deciding->judging->evidence = &image->evidence;
    deciding->judging->stale_for = item->policy->stale_for;
    if (wants == 0 || (image->asked & wants) != 0) {
        finding = policy_judge(item->rule, &image->reference, deciding->judging);
    }
    return policy_reason(&finding, item->rule, deciding->arena);
}

static void list_item(const struct deciding *deciding, const struct plan_image *image,
                      const struct plan_item *item)
{
    struct violation violation = {
        .image = image->image,
        .policy = item->policy->name,
        .rule = item->rule->name,
        .mode = policy_item_mode(item),
        .exception = item->exception == NULL ? STR_EMPTY : item->exception->name,
    };
    if (!is_full(deciding)) {
        violation.reason = put_in_words(deciding, image, item);
        violation.message = policy_message(image, violation.policy, violation.rule,
                                           violation.reason, deciding->arena);
    }
    add_violation(deciding, &violation);
}

static void list_violations(const struct deciding *deciding, enum outcome outcome)
{
    for (size_t i = 0; i < deciding->plan->n_images; i++) {
        const struct plan_image *image = &deciding->plan->images[i];
        if (outcome == OUTCOME_DENIED) {
            list_outright(deciding, image);
        }
        for (size_t j = 0; j < image->n_items; j++) {
            const struct plan_item *item = &image->items[j];
            if (fails(deciding->plan, item) && policy_outcome(item) == outcome) {
                list_item(deciding, image, item);
            }
        }
    }
}

/* How many violations there can be: of each image one outright, and one for each rule it fails. */
static size_t count_failures(const struct plan *plan)
{
    size_t n = plan->n_images;
    for (size_t i = 0; i < plan->n_images && n < LIMIT_VIOLATIONS; i++) {
        for (size_t j = 0; j < plan->images[i].n_items; j++) {
            n += fails(plan, &plan->images[i].items[j]);
        }
    }
    return n < LIMIT_VIOLATIONS ? n : LIMIT_VIOLATIONS;
}

/* -- the policies that applied -- */

static void name_policy(const struct deciding *deciding, const struct policy *policy)
{
    struct decision *decision = deciding->decision;
    for (size_t i = 0; i < decision->n_policies; i++) {
        if (str_eq(decision->policies[i], policy->name)) {
            return;
        }
    }
    if (decision->policies == NULL) {
        decision->policies = ARENA_ARRAY(deciding->arena, struct str, POLICIES_NAMED_MAX);
    }
    if (decision->n_policies < POLICIES_NAMED_MAX) {
        decision->policies[decision->n_policies++] = policy->name;
    }
}

static void name_policies(const struct deciding *deciding)
{
    for (size_t i = 0; i < deciding->plan->n_images; i++) {
        const struct plan_image *image = &deciding->plan->images[i];
        for (size_t j = 0; j < image->n_items; j++) {
            if (j == 0 || image->items[j].policy != image->items[j - 1].policy) {
                name_policy(deciding, image->items[j].policy);
            }
        }
    }
}

/* -- the review -- */

/* True if the plan has an entry for every image that has to be judged, and no other. */
static bool is_complete(const struct plan *plan)
{
    size_t planned = 0;
    for (size_t i = 0; i < plan->review->n_images; i++) {
        const struct review_image *image = &plan->review->images[i];
        if (image->unchanged) {
            continue;
        }
        if (planned == plan->n_images || plan->images[planned].image != image) {
            return false;
        }
        planned++;
    }
    return planned == plan->n_images;
}

/* Why the review cannot be judged as a whole; empty if it can. */
static struct str find_problem(const struct plan *plan)
{
    if (plan->review->problem.n > 0) {
        return plan->review->problem;
    }
    if (plan->overflow.n > 0) {
        return plan->overflow;
    }
    return is_complete(plan) ? STR_EMPTY : STR("the plan is not that of this review");
}

static void decide_images(struct deciding *deciding, struct tally *tally)
{
    const struct plan *plan = deciding->plan;
    struct decision *decision = deciding->decision;
    decision->images = ARENA_ARRAY(deciding->arena, struct decision_image, plan->n_images);
    decision->n_images = plan->n_images;
    for (size_t i = 0; i < plan->n_images; i++) {
        decide_image(plan, &plan->images[i], deciding->arena, &decision->images[i]);
        tally->denials += decision->images[i].verdict != VERDICT_ALLOW;
    }
    deciding->room = count_failures(plan);
    for (enum outcome outcome = OUTCOME_DENIED; outcome < OUTCOME_COUNT; outcome++) {
        list_violations(deciding, outcome);
    }
    name_policies(deciding);
    tally->complete = true;
}

void policy_decide(const struct plan *plan, struct arena *arena, struct decision *ret_decision)
{
    struct decision decision = {.verdict = VERDICT_UNDECIDED};
    struct rule_judging judging = {
        .arena = arena, .words = true, .now = plan->now, .regex = {.arena = arena}};
    struct deciding deciding = {
        .plan = plan, .arena = arena, .decision = &decision, .judging = &judging};
    struct tally tally = {.complete = false};
    if (plan->review == NULL || plan->set == NULL) {
        decision.problem = STR("there is no plan");
    } else if (plan->review->operation == REVIEW_DELETE ||
               plan->review->operation == REVIEW_CONNECT) {
        tally.complete = true; /* nothing ever keeps an object from being deleted */
    } else {
        decision.problem = find_problem(plan);
        if (decision.problem.n == 0) {
            decide_images(&deciding, &tally);
        }
    }
    decision.verdict = conclude(&tally);
    *ret_decision = decision;
}

const char *violation_cause_name(enum cause cause)
{
    switch (cause) {
    case VIOLATION_UNCOVERED:
        return "uncovered";
    case VIOLATION_UNREADABLE:
        return "unreadable";
    case VIOLATION_RULE:
        break;
    }
    return "rule";
}

struct str violation_name(const struct violation *violation, struct arena *arena)
{
    if (violation->cause != VIOLATION_RULE) {
        return str_from(violation_cause_name(violation->cause));
    }
    return arena_printf(arena, "%.*s/%.*s", STR_ARG(violation->policy), STR_ARG(violation->rule));
}

const char *verdict_name(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_DENY:
        return "deny";
    case VERDICT_ALLOW:
        return "allow";
    case VERDICT_UNDECIDED:
        break;
    }
    return "undecided";
}

const char *policy_mode_name(enum policy_mode mode)
{
    switch (mode) {
    case POLICY_WARN:
        return "warn";
    case POLICY_AUDIT:
        return "audit";
    case POLICY_ENFORCE:
        break;
    }
    return "enforce";
}

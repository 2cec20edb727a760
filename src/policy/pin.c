#include "policy/index.h"
#include "policy/outcome.h"
#include "policy/selecting.h"

/* -- mutate.resolveDigest as a rule -- */

/* It is judged only where evidence of its kind is there, and asks for nothing more. */
static struct finding judge_pin(const struct rule *rule, const struct reference *reference,
                                struct rule_judging *judging)
{
    (void)rule, (void)reference, (void)judging;
    return (struct finding){.kind = FINDING_VALID};
}

static const struct rule_kind PIN_KIND = {
    .field = "mutate.resolveDigest", .wants = EVIDENCE_DIGEST, .judge = judge_pin};

/* No rule of a document can have this name, which has a capital letter. */
const struct rule policy_pin_rule = {.name = {"resolveDigest", sizeof "resolveDigest" - 1},
                                     .kind = &PIN_KIND};

bool pin_is_of(const struct applying *applying)
{
    return applying->answer == POLICY_YES && applying->policy->resolve_digest;
}

bool pin_is_due(const struct selection *selection, const struct reference *reference)
{
    if (reference->digest.n > 0 || (reference->quirks & REFERENCE_IMAGE_ID) != 0) {
        return false;
    }
    for (size_t i = 0; i < selection->n_applying; i++) {
        if (pin_is_of(&selection->applying[i])) {
            return true;
        }
    }
    return false;
}

/* -- digests that are stale -- */

static bool wants_evidence(const struct applying *applying)
{
    const struct policy *policy = applying->policy;
    bool wants = pin_is_of(applying);
    for (size_t i = 0; i < policy->n_rules; i++) {
        wants = wants || policy->rules[i].kind->wants != 0;
    }
    return wants;
}

int64_t pin_stale_for(const struct selection *selection)
{
    int64_t shortest = INT64_MAX;
    for (size_t i = 0; i < selection->n_applying; i++) {
        int64_t one = selection->applying[i].policy->stale_for;
        if (one < shortest && wants_evidence(&selection->applying[i])) {
            shortest = one;
        }
    }
    return shortest == INT64_MAX ? 0 : shortest;
}

/* -- what no digest can change -- */

static bool names_digest(const struct pattern_list *list)
{
    for (size_t i = 0; i < list->n_include; i++) {
        if (pattern_names_digest(list->include[i])) {
            return true;
        }
    }
    for (size_t i = 0; i < list->n_exclude; i++) {
        if (pattern_names_digest(list->exclude[i])) {
            return true;
        }
    }
    return false;
}

/* Whether an exception might hold once the reference has its digest. The index knows names alone.
 */
static bool may_be_excused(const struct plan *plan, const struct plan_item *item,
                           const struct reference *reference)
{
    const struct policy_set *set = plan->set;
    if (set->n_exceptions == 0) {
        return false;
    }
    struct policy_index_query query = {
        .policy = item->policy->name, .namespace = plan->review->namespace, .reference = reference};
    struct policy_index_cursor cursor;
    policy_index_find(set->excusing, &query, &cursor);
    uint32_t i = 0;
    while (policy_index_next(&cursor, &i)) {
        if (names_digest(&set->exceptions[i]->images)) {
            return true;
        }
    }
    return false;
}

/* Whether a failing item fails with any digest too. */
static bool stays_failed(const struct plan *plan, const struct plan_image *image,
                         const struct plan_item *item, struct rule_judging *judging)
{
    if (!image->pin) {
        return true;
    }
    struct reference tagged = image->reference; /* as it will be written */
    tagged.tag = tagged.match_tag;
    struct finding finding = item->rule->kind->judge(item->rule, &tagged, judging);
    return !policy_passes(&finding) && !names_digest(&item->policy->images) &&
           !may_be_excused(plan, item, &image->reference);
}

static bool is_denied(const struct plan *plan, const struct plan_image *image,
                      struct rule_judging *judging)
{
    for (size_t i = 0; i < image->n_items; i++) {
        const struct plan_item *item = &image->items[i];
        if (item->rule->kind->wants == 0 && !policy_passes(&item->finding) &&
            policy_outcome(item) == OUTCOME_DENIED && stays_failed(plan, image, item, judging)) {
            return true;
        }
    }
    return false;
}

/* Whether a policy that does not apply might once the reference has its digest. */
static bool may_be_covered(const struct plan *plan, const struct plan_image *image)
{
    for (size_t i = 0; image->pin && i < plan->set->n_policies; i++) {
        if (names_digest(&plan->set->policies[i]->images)) {
            return true;
        }
    }
    return false;
}

bool policy_is_denied(const struct plan *plan, struct arena *arena)
{
    struct rule_judging judging = {
        .arena = arena, .any_digest = true, .now = plan->now, .regex = {.arena = arena}};
    if (plan->overflow.n > 0) {
        return true;
    }
    for (size_t i = 0; i < plan->n_images; i++) {
        const struct plan_image *image = &plan->images[i];
        if (policy_denied_outright(plan, image).n > 0 && !may_be_covered(plan, image)) {
            return true;
        }
        if (is_denied(plan, image, &judging)) {
            return true;
        }
    }
    return false;
}

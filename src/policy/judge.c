#include "policy/outcome.h"
#include "policy/selecting.h"
#include "policy/words.h"

enum { REGISTRY_SHOWN_MAX = LIMIT_MESSAGE / 8, PROBLEM_SHOWN_MAX = LIMIT_MESSAGE / 3 };

/* -- what evidence there is -- */

unsigned evidence_has(const struct evidence *evidence)
{
    return (evidence->digest.n > 0 ? (unsigned)EVIDENCE_DIGEST : 0u) |
           (evidence->image != NULL ? (unsigned)EVIDENCE_IMAGE : 0u);
}

bool evidence_is_unreachable(const struct evidence *evidence)
{
    switch (evidence->problem_kind) {
    case ERROR_UNAUTHORIZED:
    case ERROR_UPSTREAM:
    case ERROR_TIMEOUT:
    case ERROR_CONFIG:
    case ERROR_INTERNAL:
        return true;
    case ERROR_NONE:
    case ERROR_INPUT:
    case ERROR_EVIDENCE:
    case ERROR_NOT_FOUND:
    case ERROR_LIMIT:
    case ERROR_KIND_COUNT:
        break;
    }
    return false;
}

static struct str remedy_of(enum error_kind kind)
{
    switch (kind) {
    case ERROR_UNAUTHORIZED:
        return STR("give it credentials that may read the image");
    case ERROR_UPSTREAM:
    case ERROR_TIMEOUT:
    case ERROR_INTERNAL:
        return STR("try again, or see that the registry can be reached");
    case ERROR_NOT_FOUND:
        return STR("use an image that is there");
    case ERROR_CONFIG:
        return STR("see to it that registries are asked, or excuse the rule");
    case ERROR_NONE:
    case ERROR_INPUT:
    case ERROR_EVIDENCE:
    case ERROR_LIMIT:
    case ERROR_KIND_COUNT:
        break;
    }
    return STR("use another image");
}

/* What of the evidence the policy at hand lets count. */
static unsigned usable(const struct rule_judging *judging)
{
    const struct evidence *evidence = judging->evidence;
    return evidence->stale && evidence->age > judging->stale_for ? 0 : evidence_has(evidence);
}

/* `the image could not be looked at: registry "ghcr.io": PROBLEM` */
static struct finding lack(const struct reference *reference, struct rule_judging *judging,
                           unsigned missing)
{
    const struct evidence *evidence = judging->evidence;
    struct finding finding = {.kind = evidence_is_unreachable(evidence) ? FINDING_UNREACHABLE
                                                                        : FINDING_ABSENT};
    if (!judging->words) {
        return finding;
    }
    POLICY_WORDS(words);
    policy_words_text(&words, (missing & EVIDENCE_DIGEST) != 0
                                  ? STR("the digest of the tag could not be found out: registry \"")
                                  : STR("the image could not be looked at: registry \""));
    policy_words_safe(&words, reference->registry, REGISTRY_SHOWN_MAX);
    policy_words_text(&words, STR("\": "));
    policy_words_safe(&words,
                      evidence->problem.n > 0 ? evidence->problem : STR("nothing was found"),
                      PROBLEM_SHOWN_MAX);
    finding.reason = policy_words_done(&words, judging->arena);
    finding.remedy = remedy_of(evidence->problem_kind);
    return finding;
}

struct finding policy_judge(const struct rule *rule, const struct reference *reference,
                            struct rule_judging *judging)
{
    unsigned wants = rule->kind->wants;
    if (wants != 0 && judging->evidence == NULL) {
        return (struct finding){.kind = FINDING_ABSENT, .reason = STR("nothing was asked")};
    }
    unsigned missing = wants == 0 ? 0 : wants & ~usable(judging);
    return missing != 0 ? lack(reference, judging, missing)
                        : rule->kind->judge(rule, reference, judging);
}

/* -- items -- */

/* Judge an item of which all is known that will be. */
static void judge(struct selection *selection, const struct reference *reference,
                  struct plan_item *item)
{
    const struct plan *plan = selection->plan;
    selection->judging.stale_for = item->policy->stale_for;
    item->finding = policy_judge(item->rule, reference, &selection->judging);
    if (!policy_passes(&item->finding)) {
        item->exception =
            policy_excuse(plan->set, item->policy, item->rule, plan->review, reference, plan->now);
    }
}

void judge_item(struct selection *selection, struct plan_image *planned, struct plan_item *item)
{
    planned->wants |= item->rule->kind->wants;
    if (item->rule->kind->wants == 0) {
        judge(selection, &planned->reference, item);
    }
}

static bool wants_evidence(const struct plan *plan)
{
    for (size_t i = 0; i < plan->n_images; i++) {
        if (plan->images[i].wants != 0) {
            return true;
        }
    }
    return false;
}

void policy_judge_evidence(struct plan *plan, struct arena *arena)
{
    if (!wants_evidence(plan)) {
        return;
    }
    struct selection selection = selection_of(plan, arena);
    for (size_t i = 0; i < plan->n_images; i++) {
        struct plan_image *planned = &plan->images[i];
        selection.judging.evidence = &planned->evidence;
        for (size_t j = 0; j < planned->n_items; j++) {
            if (planned->items[j].rule->kind->wants != 0) {
                judge(&selection, &planned->reference, &planned->items[j]);
            }
        }
    }
}

#pragma once
/* Deciding as plainly as can be: every policy, rule and exception looked at for every image,
 * without an index, a plan or a word. Tests and fuzzing compare the program with it. */
#include "policy/index.h"
#include "policy/match.h"
#include "policy/rule.h"
#include "policy/selecting.h"
#include "policy/selector.h"

/* -- does a policy apply -- */

static enum policy_answer oracle_globs(const struct glob_list *list, bool known, struct str name)
{
    bool included = list->n_include == 0;
    if (list->n_include + list->n_exclude == 0) {
        return POLICY_YES;
    }
    if (!known) {
        return POLICY_MAYBE;
    }
    for (size_t i = 0; i < list->n_include; i++) {
        included = included || glob_match(list->include[i], name);
    }
    for (size_t i = 0; i < list->n_exclude; i++) {
        included = included && !glob_match(list->exclude[i], name);
    }
    return included ? POLICY_YES : POLICY_NO;
}

static bool oracle_images(const struct pattern_list *list, const struct reference *reference)
{
    bool included = list->n_include == 0;
    for (size_t i = 0; i < list->n_include; i++) {
        included = included || pattern_match(list->include[i], reference);
    }
    for (size_t i = 0; i < list->n_exclude; i++) {
        included = included && !pattern_match(list->exclude[i], reference);
    }
    return included;
}

static enum policy_answer oracle_objects(const struct policy_selector *selector,
                                         const struct review *review)
{
    if (selector == NULL) {
        return POLICY_YES;
    }
    if (!review->labels_known) {
        return POLICY_MAYBE;
    }
    enum policy_answer answer = policy_selector_match(selector, review->labels);
    if (review->operation == REVIEW_UPDATE &&
        policy_selector_match(selector, review->old_labels) > answer) {
        return policy_selector_match(selector, review->old_labels);
    }
    return answer;
}

static enum policy_answer oracle_operations(unsigned operations, enum review_operation operation)
{
    bool both = (operations >> REVIEW_CREATE & 1) != 0 && (operations >> REVIEW_UPDATE & 1) != 0;
    if (operations == 0) {
        return POLICY_YES;
    }
    if (operation == REVIEW_OPERATION_UNKNOWN) {
        return both ? POLICY_YES : POLICY_MAYBE; /* an ImageReview is about one of the two */
    }
    return (operations >> operation & 1) != 0 ? POLICY_YES : POLICY_NO;
}

static enum policy_answer oracle_applies(const struct policy *policy, const struct review *review,
                                         const struct reference *reference)
{
    const struct policy_match *match = &policy->match;
    bool namespace_known = review->api != REVIEW_IMAGE_V1ALPHA1 || review->namespace.n > 0;
    const enum policy_answer parts[] = {
        oracle_globs(&match->namespaces, namespace_known, review->namespace),
        oracle_globs(&match->kinds, review->kind.n > 0, review->kind),
        oracle_globs(&match->users, review->user_known, review->user),
        oracle_operations(match->operations, review->operation),
        oracle_objects(match->object_selector, review),
        match->namespace_selector == NULL
            ? POLICY_YES
            : policy_selector_match_namespace(match->namespace_selector,
                                              review->namespace_labels_known,
                                              review->namespace_labels, review->namespace),
        oracle_images(&policy->images, reference) ? POLICY_YES : POLICY_NO,
    };
    enum policy_answer least = POLICY_YES;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        least = parts[i] < least ? parts[i] : least;
    }
    return least;
}

/* -- does a rule hold -- */

static bool oracle_tag_holds(const struct rule *rule, const struct reference *reference,
                             struct arena *arena)
{
    struct regex_memory memory = {.arena = arena};
    struct semver version;
    bool range = rule->range == NULL || (semver_parse(reference->tag, &version) &&
                                         semver_range_match(rule->range, &version));
    return reference->tag.n > 0 && range &&
           (rule->regex == NULL ||
            regex_match(rule->regex, reference->tag, &memory) == REGEX_MATCH);
}

static bool oracle_requirement_holds(const struct rule *rule, const struct reference *reference)
{
    bool tag = reference->tag.n > 0;
    bool digest = reference->digest.n > 0;
    bool registry = (reference->quirks & (REFERENCE_SHORT_NAME | REFERENCE_IMAGE_ID)) == 0;
    if ((reference->quirks & REFERENCE_UPPER_CASE_HOST) != 0) {
        registry = registry && (memchr(reference->registry.p, '.', reference->registry.n) != NULL ||
                                memchr(reference->registry.p, ':', reference->registry.n) != NULL);
    }
    return ((rule->require & REQUIRE_TAG) == 0 || tag) &&
           ((rule->require & REQUIRE_DIGEST) == 0 || digest) &&
           ((rule->require & REQUIRE_FULLY_QUALIFIED) == 0 || (registry && (tag || digest)));
}

/* Nobody is asked: no rule that wants evidence holds. */
static bool oracle_holds(const struct rule *rule, const struct reference *reference,
                         struct arena *arena)
{
    bool matched = false;
    if (rule->kind->wants != 0) {
        return false;
    }
    for (size_t i = 0; i < rule->n_patterns; i++) {
        matched = matched || pattern_match(rule->patterns[i], reference);
    }
    if (rule->kind == &rule_allow) {
        return matched;
    }
    if (rule->kind == &rule_deny) {
        return !matched;
    }
    return rule->kind == &rule_tag ? oracle_tag_holds(rule, reference, arena)
                                   : oracle_requirement_holds(rule, reference);
}

/* The first exception, in order, that excuses the rule. */
static const struct exception *oracle_excuse(const struct policy_set *set,
                                             const struct policy *policy, const struct rule *rule,
                                             const struct review *review,
                                             const struct reference *reference, int64_t now)
{
    bool namespace_known = review->api != REVIEW_IMAGE_V1ALPHA1 || review->namespace.n > 0;
    for (size_t i = 0; i < set->n_exceptions; i++) {
        const struct exception *exception = set->exceptions[i];
        bool named = exception->n_rules == 0;
        for (size_t j = 0; j < exception->n_rules; j++) {
            named = named || str_eq(exception->rules[j], rule->name);
        }
        if (named && now < exception->until && oracle_images(&exception->images, reference) &&
            oracle_globs(&exception->policies, true, policy->name) == POLICY_YES &&
            oracle_globs(&exception->namespaces, namespace_known, review->namespace) ==
                POLICY_YES) {
            return exception;
        }
    }
    return NULL;
}

/* -- which text is judged -- */

static bool oracle_is_rewritten(const struct policy_set *set, const struct review *review,
                                const struct reference *reference, bool cluster)
{
    for (size_t i = 0; i < set->n_policies; i++) {
        const struct policy *policy = set->policies[i];
        struct policy_applies applies = policy_match_request(&policy->match, review);
        if (applies.answer == POLICY_NO || (cluster && policy->namespace.n > 0)) {
            continue;
        }
        for (size_t j = 0; j < policy->n_rewrites; j++) {
            if (pattern_match(policy->rewrites[j].to, reference)) {
                return true;
            }
        }
    }
    return false;
}

static struct str oracle_step(const struct policy_set *set, const struct review *review,
                              struct str text, bool cluster, struct arena *arena)
{
    struct reference reference;
    struct error err;
    if (failed(reference_parse(arena, text, &reference, &err)) ||
        oracle_is_rewritten(set, review, &reference, cluster)) {
        return text;
    }
    for (size_t i = 0; i < set->n_policies; i++) {
        const struct policy *policy = set->policies[i];
        if ((policy->namespace.n == 0) != cluster ||
            oracle_applies(policy, review, &reference) == POLICY_NO) {
            continue;
        }
        for (size_t j = 0; j < policy->n_rewrites; j++) {
            struct str rewritten;
            if (rewrite_apply(policy->rewrites[j].rewrite, arena, &reference, &rewritten)) {
                return rewritten;
            }
        }
    }
    return text;
}

static struct str oracle_text(const struct policy_set *set, const struct review *review,
                              struct str text, struct arena *arena)
{
    return oracle_step(set, review, oracle_step(set, review, text, false, arena), true, arena);
}

/* -- digests -- */

/* Whether the policy would write a digest, which it cannot have. */
static bool oracle_pins(const struct policy *policy, enum policy_answer applies,
                        const struct reference *reference, bool rewrite)
{
    return rewrite && applies == POLICY_YES && policy->resolve_digest && reference->digest.n == 0 &&
           (reference->quirks & REFERENCE_IMAGE_ID) == 0;
}

/* -- the verdict -- */

/* Quirks that are refused, given which the policies accept. */
static bool oracle_refused(const struct policy_set *set, const struct review *review,
                           const struct reference *reference)
{
    unsigned refused = reference->quirks;
    if (set->options.runtime == POLICY_RUNTIME_CONTAINERD) {
        refused &= ~(unsigned)REFERENCE_SHORT_NAME;
    }
    for (size_t i = 0; i < set->n_policies; i++) {
        const struct policy *policy = set->policies[i];
        if (policy->namespace.n == 0 && policy->mode == POLICY_ENFORCE &&
            oracle_applies(policy, review, reference) == POLICY_YES) {
            refused &= ~policy->accept;
        }
    }
    return refused != 0;
}

static bool oracle_image_passes(const struct policy_set *set, const struct review *review,
                                int64_t now, bool rewrite, struct str text, struct arena *arena)
{
    struct reference reference;
    struct error err;
    if (failed(reference_parse(arena, text, &reference, &err)) ||
        oracle_refused(set, review, &reference)) {
        return false;
    }
    bool covered = set->options.allow_uncovered;
    for (size_t i = 0; i < set->n_policies; i++) {
        const struct policy *policy = set->policies[i];
        enum policy_answer applies = oracle_applies(policy, review, &reference);
        if (applies == POLICY_NO) {
            continue;
        }
        covered =
            covered || (applies == POLICY_YES && policy->namespace.n == 0 && policy->n_rules > 0);
        for (size_t j = 0; j < policy->n_rules; j++) {
            const struct rule *rule = &policy->rules[j];
            if (policy->mode == POLICY_ENFORCE && !oracle_holds(rule, &reference, arena) &&
                oracle_excuse(set, policy, rule, review, &reference, now) == NULL) {
                return false;
            }
        }
        if (policy->mode == POLICY_ENFORCE && oracle_pins(policy, applies, &reference, rewrite) &&
            oracle_excuse(set, policy, &policy_pin_rule, review, &reference, now) == NULL) {
            return false;
        }
    }
    return covered;
}

static enum verdict oracle_decide(const struct policy_set *set, const struct review *review,
                                  int64_t now, bool rewrite, struct arena *arena)
{
    if (review->operation == REVIEW_DELETE || review->operation == REVIEW_CONNECT) {
        return VERDICT_ALLOW;
    }
    bool passes = review->problem.n == 0;
    for (size_t i = 0; i < review->n_images; i++) {
        const struct review_image *image = &review->images[i];
        struct str text = image->text;
        if (!image->unchanged) {
            text = rewrite ? oracle_text(set, review, text, arena) : text;
            passes = passes && oracle_image_passes(set, review, now, rewrite, text, arena);
        }
    }
    return passes ? VERDICT_ALLOW : VERDICT_DENY;
}

/* True if the plan has exactly the rules that apply, in order, each judged as it should be. */
static bool oracle_same_plan(const struct plan *plan, int64_t now, struct arena *arena)
{
    for (size_t i = 0; i < plan->n_images; i++) {
        const struct plan_image *image = &plan->images[i];
        size_t n = 0;
        for (size_t j = 0; image->unreadable.n == 0 && j < plan->set->n_policies; j++) {
            const struct policy *policy = plan->set->policies[j];
            enum policy_answer answer = oracle_applies(policy, plan->review, &image->reference);
            bool applies = answer != POLICY_NO;
            bool pins = oracle_pins(policy, answer, &image->reference, plan->rewrite);
            for (size_t k = 0; applies && k < policy->n_rules + pins; k++) {
                const struct rule *rule =
                    k < policy->n_rules ? &policy->rules[k] : &policy_pin_rule;
                const struct plan_item *item = &image->items[n];
                bool holds = oracle_holds(rule, &image->reference, arena);
                const struct exception *excuse =
                    holds ? NULL
                          : oracle_excuse(plan->set, policy, rule, plan->review, &image->reference,
                                          now);
                if (n++ >= image->n_items || item->policy != policy || item->rule != rule ||
                    (item->finding.kind == FINDING_VALID) != holds || item->exception != excuse) {
                    return false;
                }
            }
        }
        if (n != image->n_items) {
            return false;
        }
    }
    return true;
}

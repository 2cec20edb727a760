#include "policy/check.h"
#include "policy/rule.h"

/* -- rules -- */

/* True if the policy certainly applies to no image that the pattern matches. */
static bool outside_images(struct policy_check *check, const struct policy *policy,
                           const struct pattern *pattern)
{
    const struct pattern_list *images = &policy->images;
    for (size_t i = 0; i < images->n_exclude; i++) {
        if (policy_check_covers(check, images->exclude[i], pattern)) {
            return true;
        }
    }
    for (size_t i = 0; i < images->n_include; i++) {
        if (!policy_check_disjoint(check, images->include[i], pattern)) {
            return false;
        }
    }
    return images->n_include > 0;
}

static void check_patterns(struct policy_check *check, const struct policy *policy,
                           const struct rule *rule, const struct texts *texts)
{
    policy_check_redundant(check, texts, rule->patterns);
    for (size_t i = 0; i < rule->n_patterns; i++) {
        if (rule->patterns[i] != NULL && outside_images(check, policy, rule->patterns[i])) {
            COMPILE_ERROR(check->compile, &texts->items[i],
                          "unreachable: it matches no image that the policy applies to, which "
                          "spec.images says");
        }
    }
}

static void check_rule_name(struct policy_check *check, const struct policy_rule_doc *docs,
                            size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (docs[i].name.text.n > 0 && str_eq(docs[i].name.text, docs[at].name.text)) {
            COMPILE_ERROR(check->compile, &docs[at].name,
                          "the name \"%.*s\" stands twice; spec.rules[%zu] has the first",
                          STR_ARG(docs[at].name.text), i);
            return;
        }
    }
}

/* -- rules against each other -- */

/* True if no image matches a pattern of both. */
static bool all_disjoint(struct policy_check *check, const struct rule *a, const struct rule *b)
{
    for (size_t i = 0; i < a->n_patterns; i++) {
        for (size_t j = 0; j < b->n_patterns; j++) {
            if (!policy_check_disjoint(check, a->patterns[i], b->patterns[j])) {
                return false;
            }
        }
    }
    return a->n_patterns > 0 && b->n_patterns > 0;
}

static bool denies(struct policy_check *check, const struct rule *deny,
                   const struct pattern *pattern)
{
    for (size_t i = 0; i < deny->n_patterns; i++) {
        if (policy_check_covers(check, deny->patterns[i], pattern)) {
            return true;
        }
    }
    return false;
}

static bool denies_all_of(struct policy_check *check, const struct rule *deny,
                          const struct rule *allow)
{
    for (size_t i = 0; i < allow->n_patterns; i++) {
        if (!denies(check, deny, allow->patterns[i])) {
            return false;
        }
    }
    return allow->n_patterns > 0;
}

/* Why no image can pass both rules; NULL if some may. */
static const char *find_contradiction(struct policy_check *check, const struct rule *rule,
                                      const struct rule *other)
{
    if (rule->kind == &rule_allow && other->kind == &rule_allow) {
        return all_disjoint(check, rule, other) ? "which allow nothing in common" : NULL;
    }
    if (rule->kind != &rule_deny) {
        return NULL;
    }
    if (other->kind == &rule_allow) {
        return denies_all_of(check, rule, other) ? "which allows only what the first denies" : NULL;
    }
    bool tag = other->kind == &rule_tag || (other->require & REQUIRE_TAG) != 0;
    bool digest = (other->require & REQUIRE_DIGEST) != 0;
    if (tag && denies(check, rule, check->every_tag)) {
        return "which demands a tag where the first denies every tag";
    }
    if (digest && denies(check, rule, check->every_digest)) {
        return "which demands a digest where the first denies every digest";
    }
    return NULL;
}

static void check_pairs(struct policy_check *check, const struct policy *policy, size_t at)
{
    const struct rule *rule = &policy->rules[at];
    for (size_t i = 0; i < policy->n_rules; i++) {
        const struct rule *other = &policy->rules[i];
        bool said_from_the_other_side = rule->kind == other->kind && i > at;
        const char *why =
            i == at || said_from_the_other_side ? NULL : find_contradiction(check, rule, other);
        if (why != NULL) {
            diagnostics_add(check->compile->list, DIAGNOSTIC_ERROR, rule->mark,
                            arena_printf(check->compile->list->arena, "spec.rules[%zu]", at),
                            STR_EMPTY,
                            "contradiction: no image can pass both rule %.*s and rule %.*s, %s",
                            STR_ARG(rule->name), STR_ARG(other->name), why);
        }
    }
}

void policy_check_rules(struct policy_check *check, const struct field_list *list,
                        const struct policy *policy)
{
    const struct policy_rule_doc *docs = list->items;
    for (size_t i = 0; i < policy->n_rules; i++) {
        const struct rule *rule = &policy->rules[i];
        check_rule_name(check, docs, i);
        if (rule->kind == &rule_allow || rule->kind == &rule_deny) {
            check_patterns(check, policy, rule,
                           rule->kind == &rule_allow ? &docs[i].allow : &docs[i].deny);
        }
        if (rule->range != NULL && semver_range_empty(rule->range)) {
            COMPILE_ERROR(check->compile, &docs[i].tag.semver,
                          "unreachable: no version is in the range \"%.*s\"",
                          STR_ARG(rule->range_text));
        }
        check_pairs(check, policy, i);
    }
}

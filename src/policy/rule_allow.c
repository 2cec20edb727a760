#include "policy/rule.h"
#include "policy/words.h"

/* How many patterns a message names, and how much of each. */
enum { PATTERNS_SHOWN = 5, PATTERN_SHOWN_MAX = 128, IMAGE_SHOWN_MAX = LIMIT_MESSAGE / 5 };

static bool given(const struct policy_rule_doc *doc, struct mark *ret_mark)
{
    *ret_mark = doc->allow.mark;
    return doc->allow.set;
}

static void compile_allow(struct compile *compile, const struct policy_rule_doc *doc,
                          struct str path, struct rule *rule)
{
    (void)path;
    rule->patterns = policy_compile_patterns(compile, &doc->allow);
    rule->n_patterns = doc->allow.n;
}

/* True if some pattern could be for the reference's host, so that the host is not what is wrong. */
static bool host_may_be_allowed(const struct rule *rule, const struct reference *reference)
{
    for (size_t i = 0; i < rule->n_patterns; i++) {
        struct str host;
        const struct str *segments = NULL;
        size_t n = 0;
        if (!pattern_literal_prefix(rule->patterns[i], &host, &segments, &n) ||
            str_eq(host, reference->host)) {
            return true;
        }
    }
    return false;
}

static struct str describe(const struct rule *rule, const struct reference *reference,
                           struct arena *arena)
{
    POLICY_WORDS(words);
    if (host_may_be_allowed(rule, reference)) {
        policy_words_text(&words, STR("image "));
        policy_words_safe(&words, reference_print(arena, reference), IMAGE_SHOWN_MAX);
    } else {
        policy_words_text(&words, STR("registry "));
        policy_words_safe(&words, reference->registry, IMAGE_SHOWN_MAX);
    }
    policy_words_text(&words, STR(" is not among those allowed: "));
    size_t shown = rule->n_patterns < PATTERNS_SHOWN ? rule->n_patterns : PATTERNS_SHOWN;
    for (size_t i = 0; i < shown; i++) {
        policy_words_add(&words, "%s", i == 0 ? "" : ", ");
        policy_words_safe(&words, pattern_text(rule->patterns[i]), PATTERN_SHOWN_MAX);
    }
    if (shown < rule->n_patterns) {
        policy_words_add(&words, " and %zu more", rule->n_patterns - shown);
    }
    return policy_words_done(&words, arena);
}

static struct finding judge(const struct rule *rule, const struct reference *reference,
                            struct rule_judging *judging)
{
    for (size_t i = 0; i < rule->n_patterns; i++) {
        if (judging->any_digest ? pattern_match_any_digest(rule->patterns[i], reference)
                                : pattern_match(rule->patterns[i], reference)) {
            return (struct finding){.kind = FINDING_VALID};
        }
    }
    struct finding finding = {.kind = FINDING_INVALID};
    if (judging->words) {
        finding.reason = describe(rule, reference, judging->arena);
        finding.remedy = STR("use an image that one of these matches");
    }
    return finding;
}

const struct rule_kind rule_allow = {
    .field = "allow", .given = given, .compile = compile_allow, .judge = judge};

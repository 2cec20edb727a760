#include "policy/rule.h"
#include "policy/words.h"

enum { PATTERN_SHOWN_MAX = LIMIT_MESSAGE / 8 };

static bool given(const struct policy_rule_doc *doc, struct mark *ret_mark)
{
    *ret_mark = doc->deny.mark;
    return doc->deny.set;
}

static void compile_deny(struct compile *compile, const struct policy_rule_doc *doc,
                         struct str path, struct rule *rule)
{
    (void)path;
    rule->patterns = policy_compile_patterns(compile, &doc->deny);
    rule->n_patterns = doc->deny.n;
    for (size_t i = 0; i < rule->n_patterns; i++) {
        if (rule->patterns[i] != NULL) { /* NULL: an error, which has been reported */
            rule->patterns[i] = pattern_on_any_port(&compile->set->arena, rule->patterns[i]);
        }
    }
}

/* True if the pattern is about tags alone, like "**:latest"; *ret_tag is what it says of them. */
static bool is_about_tags(const struct pattern *pattern, struct str *ret_tag)
{
    struct str text = pattern_text(pattern);
    if (!str_starts(text, STR("**:")) || pattern_names_digest(pattern)) {
        return false;
    }
    *ret_tag = str_sub(text, 3, text.n);
    return true;
}

/* What would do, where a pattern about tags denies: it is plainly that tag, any tag, or some of
 * them. */
static struct str tag_remedy(const struct reference *reference, struct str tag)
{
    if (str_eq(tag, STR("*"))) {
        return STR("use a digest without a tag");
    }
    return str_eq(tag, reference->match_tag) ? STR("use a version tag or a digest")
                                             : STR("use another tag or a digest");
}

/* `tag "latest" is not allowed`, with the pattern where it is not plainly that tag. */
static void describe_tag(const struct reference *reference, struct str text, struct str tag,
                         struct policy_words *words)
{
    if (reference->tag.n == 0) {
        policy_words_text(words, STR("no tag means \"latest\", and "));
    }
    policy_words_text(words, STR("tag \""));
    policy_words_safe(words, reference->match_tag, reference->match_tag.n);
    policy_words_text(words, STR("\" is not allowed"));
    if (!str_eq(tag, reference->match_tag)) {
        policy_words_text(words, STR(" by the pattern \""));
        policy_words_safe(words, text, PATTERN_SHOWN_MAX);
        policy_words_text(words, STR("\""));
    }
}

static void describe(const struct pattern *pattern, const struct reference *reference,
                     struct arena *arena, struct finding *finding)
{
    POLICY_WORDS(words);
    struct str tag;
    if (is_about_tags(pattern, &tag)) {
        describe_tag(reference, pattern_text(pattern), tag, &words);
        finding->remedy = tag_remedy(reference, tag);
    } else {
        policy_words_text(&words, STR("it matches \""));
        policy_words_safe(&words, pattern_text(pattern), PATTERN_SHOWN_MAX);
        policy_words_text(&words, STR("\", which is not allowed"));
        finding->remedy = pattern_names_tag(pattern) ? STR("use another tag or another image")
                                                     : STR("use another image");
    }
    finding->reason = policy_words_done(&words, arena);
}

static struct finding judge(const struct rule *rule, const struct reference *reference,
                            struct rule_judging *judging)
{
    for (size_t i = 0; i < rule->n_patterns; i++) {
        if (pattern_match(rule->patterns[i], reference)) {
            struct finding finding = {.kind = FINDING_INVALID};
            if (judging->words) {
                describe(rule->patterns[i], reference, judging->arena, &finding);
            }
            return finding;
        }
    }
    return (struct finding){.kind = FINDING_VALID};
}

const struct rule_kind rule_deny = {
    .field = "deny", .given = given, .compile = compile_deny, .judge = judge};

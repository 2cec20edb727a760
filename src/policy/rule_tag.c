#include "policy/rule.h"
#include "policy/words.h"

enum { TEXT_SHOWN_MAX = LIMIT_MESSAGE / 8 };

static bool given(const struct policy_rule_doc *doc, struct mark *ret_mark)
{
    const struct text *first =
        doc->tag.semver.text.p != NULL ? &doc->tag.semver : &doc->tag.pattern;
    *ret_mark = first->mark;
    return doc->tag.set;
}

static void compile_range(struct compile *compile, const struct text *semver, struct rule *rule)
{
    struct error err;
    rule->range_text = arena_dup(&compile->set->arena, semver->text);
    if (failed(semver_range_parse(&compile->set->arena, semver->text, &rule->range, &err))) {
        COMPILE_ERROR(compile, semver, "%s", err.text);
    }
}

static void compile_regex(struct compile *compile, const struct text *pattern, struct rule *rule)
{
    struct error err;
    rule->regex_text = arena_dup(&compile->set->arena, pattern->text);
    if (failed(regex_compile(&compile->set->arena, &compile->set->regexes, pattern->text,
                             &rule->regex, &err))) {
        COMPILE_ERROR(compile, pattern, "the regular expression is wrong: %s", err.text);
    }
}

static void compile_tag(struct compile *compile, const struct policy_rule_doc *doc, struct str path,
                        struct rule *rule)
{
    bool semver = doc->tag.semver.text.p != NULL;
    bool pattern = doc->tag.pattern.text.p != NULL;
    if (semver) {
        compile_range(compile, &doc->tag.semver, rule);
    }
    if (pattern) {
        compile_regex(compile, &doc->tag.pattern, rule);
    }
    if (!semver && !pattern) {
        diagnostics_add(compile->list, DIAGNOSTIC_ERROR, rule->mark, path, STR_EMPTY,
                        "tag demands nothing; give it semver or pattern");
    }
}

/* `tag "1.0" REASON "TEXT"; REMEDY`. `text` is from the policy. */
static struct finding fail(const struct reference *reference, const char *reason, struct str text,
                           const char *remedy, struct rule_judging *judging)
{
    struct finding finding = {.kind = FINDING_INVALID};
    if (!judging->words) {
        return finding;
    }
    POLICY_WORDS(words);
    policy_words_text(&words, STR("tag \""));
    policy_words_safe(&words, reference->tag, reference->tag.n);
    policy_words_add(&words, "\" %s \"", reason);
    policy_words_safe(&words, text, TEXT_SHOWN_MAX);
    policy_words_text(&words, STR("\""));
    finding.reason = policy_words_done(&words, judging->arena);
    finding.remedy = str_from(remedy);
    return finding;
}

static struct finding fail_untagged(const struct rule *rule, struct rule_judging *judging)
{
    struct finding finding = {.kind = FINDING_INVALID};
    if (!judging->words) {
        return finding;
    }
    POLICY_WORDS(words);
    policy_words_add(&words, "use a tag %s \"",
                     rule->range != NULL ? "in the range" : "that matches the pattern");
    policy_words_safe(&words, rule->range != NULL ? rule->range_text : rule->regex_text,
                      TEXT_SHOWN_MAX);
    policy_words_text(&words, STR("\""));
    finding.reason = STR("no tag is written");
    finding.remedy = policy_words_done(&words, judging->arena);
    return finding;
}

static struct finding judge_range(const struct rule *rule, const struct reference *reference,
                                  struct rule_judging *judging)
{
    struct semver version;
    if (!semver_parse(reference->tag, &version)) {
        return fail(reference, "is no version, and so not in the range", rule->range_text,
                    "use a version in the range", judging);
    }
    if (!semver_range_match(rule->range, &version)) {
        struct semver release = version;
        release.prerelease = STR_EMPTY;
        if (version.prerelease.n > 0 && semver_range_match(rule->range, &release)) {
            return fail(reference, "is a pre-release, which is not in the range", rule->range_text,
                        "use a tag without what stands behind \"-\"", judging);
        }
        return fail(reference, "is not in the range", rule->range_text,
                    "use a version in the range", judging);
    }
    return (struct finding){.kind = FINDING_VALID};
}

static struct finding judge_regex(const struct rule *rule, const struct reference *reference,
                                  struct rule_judging *judging)
{
    switch (regex_match(rule->regex, reference->tag, &judging->regex)) {
    case REGEX_MATCH:
        return (struct finding){.kind = FINDING_VALID};
    case REGEX_NO_MATCH:
        return fail(reference, "does not match the pattern", rule->regex_text,
                    "use a tag that does", judging);
    case REGEX_ERROR:
        break;
    }
    return fail(reference, "could not be matched within the limits against the pattern",
                rule->regex_text, "simplify the pattern, or use a shorter tag", judging);
}

/* The tag as written: beside a digest it is still what people read, and a digest alone has none. */
static struct finding judge(const struct rule *rule, const struct reference *reference,
                            struct rule_judging *judging)
{
    if (reference->tag.n == 0) {
        return fail_untagged(rule, judging);
    }
    if (rule->range != NULL) {
        struct finding finding = judge_range(rule, reference, judging);
        if (finding.kind != FINDING_VALID || rule->regex == NULL) {
            return finding;
        }
    }
    return judge_regex(rule, reference, judging);
}

const struct rule_kind rule_tag = {
    .field = "tag", .given = given, .compile = compile_tag, .judge = judge};

#include "policy/rule.h"
#include "policy/words.h"

enum { IMAGE_SHOWN_MAX = LIMIT_MESSAGE / 5 };

static bool given(const struct policy_rule_doc *doc, struct mark *ret_mark)
{
    *ret_mark = doc->require.mark;
    return doc->require.set;
}

static void compile_require(struct compile *compile, const struct policy_rule_doc *doc,
                            struct str path, struct rule *rule)
{
    (void)compile;
    (void)path;
    static const struct {
        const char *name;
        unsigned bit;
    } NAMES[] = {{"digest", REQUIRE_DIGEST},
                 {"tag", REQUIRE_TAG},
                 {"fullyQualified", REQUIRE_FULLY_QUALIFIED}};
    for (size_t i = 0; i < doc->require.n; i++) {
        for (size_t j = 0; j < sizeof NAMES / sizeof NAMES[0]; j++) {
            if (str_eq(doc->require.items[i].text, str_from(NAMES[j].name))) {
                rule->require |= NAMES[j].bit;
            }
        }
    }
}

/* True if a registry is written that every runtime takes for one. A word with upper-case letters
 * but no dot or port is a host for some and the first part of a path for others. */
static bool registry_is_written(const struct reference *reference)
{
    if ((reference->quirks & (REFERENCE_SHORT_NAME | REFERENCE_IMAGE_ID)) != 0) {
        return false;
    }
    bool plainly_a_host = str_find(reference->registry, '.') < reference->registry.n ||
                          str_find(reference->registry, ':') < reference->registry.n;
    return (reference->quirks & REFERENCE_UPPER_CASE_HOST) == 0 || plainly_a_host;
}

/* What the reference lacks of what the rule requires, as bits; and registry and version apart. */
struct missing {
    bool digest, tag, registry, version;
};

static struct missing find_missing(const struct rule *rule, const struct reference *reference)
{
    bool qualified = (rule->require & REQUIRE_FULLY_QUALIFIED) != 0;
    return (struct missing){
        .digest = (rule->require & REQUIRE_DIGEST) != 0 && reference->digest.n == 0,
        .tag = (rule->require & REQUIRE_TAG) != 0 && reference->tag.n == 0,
        .registry = qualified && !registry_is_written(reference),
        .version = qualified && reference->tag.n == 0 && reference->digest.n == 0,
    };
}

/* `no registry and no digest is written`. */
static struct str describe(const struct missing *missing, struct arena *arena)
{
    const struct {
        bool is_missing;
        const char *what;
    } parts[] = {{missing->registry, "registry"},
                 {missing->tag, "tag"},
                 {missing->digest, "digest"},
                 {missing->version && !missing->tag && !missing->digest, "tag or digest"}};
    POLICY_WORDS(words);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (parts[i].is_missing) {
            policy_words_add(&words, "%sno %s", words.n == 0 ? "" : " and ", parts[i].what);
        }
    }
    policy_words_text(&words, STR(" is written"));
    return policy_words_done(&words, arena);
}

/* `write docker.io/library/nginx:TAG@sha256:DIGEST`: the reference with what it lacks. */
static struct str suggest(const struct missing *missing, const struct reference *reference,
                          struct arena *arena)
{
    POLICY_WORDS(words);
    policy_words_text(&words, STR("write "));
    policy_words_safe(&words, reference_name(arena, reference), IMAGE_SHOWN_MAX);
    if (reference->tag.n > 0) {
        policy_words_text(&words, STR(":"));
        policy_words_safe(&words, reference->tag, reference->tag.n);
    } else if (missing->tag || (missing->version && !missing->digest)) {
        policy_words_text(&words, STR(":TAG"));
    }
    if (reference->digest.n > 0) {
        policy_words_text(&words, STR("@"));
        policy_words_safe(&words, reference->digest, reference->digest.n);
    } else if (missing->digest) {
        policy_words_text(&words, STR("@sha256:DIGEST"));
    }
    return policy_words_done(&words, arena);
}

static struct finding judge(const struct rule *rule, const struct reference *reference,
                            struct rule_judging *judging)
{
    struct missing missing = find_missing(rule, reference);
    missing.digest = missing.digest && !judging->any_digest;
    if (!missing.digest && !missing.tag && !missing.registry && !missing.version) {
        return (struct finding){.kind = FINDING_VALID};
    }
    struct finding finding = {.kind = FINDING_INVALID};
    if (judging->words) {
        finding.reason = describe(&missing, judging->arena);
        finding.remedy = suggest(&missing, reference, judging->arena);
    }
    return finding;
}

const struct rule_kind rule_require = {
    .field = "require", .given = given, .compile = compile_require, .judge = judge};

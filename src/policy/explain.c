#include "policy/match.h"
#include "policy/refuse.h"
#include "policy/rule.h"
#include "policy/words.h"

/* Of one name, and of a list of them. */
enum { NAME_SHOWN_MAX = LIMIT_MESSAGE / 16, LIST_SHOWN_MAX = 8 };

struct explaining {
    const struct policy_set *set;
    const struct review *review;
    int64_t now;
    struct arena *arena;
    struct rule_judging judging;
    struct reference reference;
    struct str refused; /* why no rule is judged: no reference, or one that is refused */
    struct explanation *items;
    size_t n;
};

/* -- the words of a list -- */

static void add_quoted(struct policy_words *words, const char *before, struct str text)
{
    policy_words_add(words, "%s\"", before);
    policy_words_safe(words, text, NAME_SHOWN_MAX);
    policy_words_text(words, STR("\""));
}

/* Add number `i` of a list, `sign` before its text; what is beyond the first few is left out. */
static void add_entry(struct policy_words *words, size_t i, const char *sign, struct str text)
{
    if (i < LIST_SHOWN_MAX) {
        policy_words_add(words, "%s\"%s", i == 0 ? "" : ", ", sign);
        policy_words_safe(words, text, NAME_SHOWN_MAX);
        policy_words_text(words, STR("\""));
    } else if (i == LIST_SHOWN_MAX) {
        policy_words_text(words, STR(", …"));
    }
}

/* `namespaces ["*", "!kube-system"] do not include "kube-system"` */
static void add_globs(struct policy_words *words, const char *field, const struct glob_list *list,
                      struct str name)
{
    policy_words_add(words, "%s [", field);
    for (size_t i = 0; i < list->n_include; i++) {
        add_entry(words, i, "", list->include[i]);
    }
    for (size_t i = 0; i < list->n_exclude; i++) {
        add_entry(words, list->n_include + i, "!", list->exclude[i]);
    }
    add_quoted(words, "] do not include ", name);
}

static void add_patterns(struct policy_words *words, const struct pattern_list *list,
                         struct str image)
{
    policy_words_text(words, STR("images ["));
    for (size_t i = 0; i < list->n_include; i++) {
        add_entry(words, i, "", pattern_text(list->include[i]));
    }
    for (size_t i = 0; i < list->n_exclude; i++) {
        add_entry(words, list->n_include + i, "!", pattern_text(list->exclude[i]));
    }
    add_quoted(words, "] do not include ", image);
}

/* -- why a policy applies or not -- */

static void add_no(struct policy_words *words, const struct explaining *explaining,
                   const struct policy *policy, enum policy_part part)
{
    const struct review *review = explaining->review;
    switch (part) {
    case PART_NAMESPACES:
        add_globs(words, "namespaces", &policy->match.namespaces, review->namespace);
        break;
    case PART_NAMESPACE_SELECTOR:
        add_quoted(words, "namespaceSelector does not select namespace ", review->namespace);
        break;
    case PART_OBJECT_SELECTOR:
        policy_words_text(words, STR("objectSelector does not select the labels of the object"));
        break;
    case PART_KINDS:
        add_globs(words, "kinds", &policy->match.kinds, review->kind);
        break;
    case PART_OPERATIONS:
        policy_words_add(words, "operations do not include %s",
                         review_operation_name(review->operation));
        break;
    case PART_USERS:
        add_globs(words, "users", &policy->match.users, review->user);
        break;
    case PART_IMAGES:
        add_patterns(words, &policy->images,
                     reference_print(explaining->arena, &explaining->reference));
        break;
    case PART_NONE:
        break;
    }
}

/* Whether the policy applies, by the functions that decide. */
static struct policy_applies applies(const struct explaining *explaining,
                                     const struct policy *policy)
{
    struct policy_applies request = policy_match_request(&policy->match, explaining->review);
    if (request.answer != POLICY_NO &&
        policy_match_image(policy, &explaining->reference) == POLICY_NO) {
        return (struct policy_applies){POLICY_NO, PART_IMAGES};
    }
    return request;
}

static struct str why(const struct explaining *explaining, const struct policy *policy,
                      struct policy_applies applied)
{
    POLICY_WORDS(words);
    switch (applied.answer) {
    case POLICY_NO:
        add_no(&words, explaining, policy, applied.part);
        break;
    case POLICY_MAYBE:
        policy_words_add(
            &words, "the review does not tell the %s, which counts as matching, but covers nothing",
            policy_part_unknown(applied.part));
        break;
    case POLICY_YES:
        policy_words_text(&words, STR("match and images include it"));
        break;
    }
    return policy_words_done(&words, explaining->arena);
}

/* -- policies and rules -- */

static void explain_rule(struct explaining *explaining, const struct policy *policy,
                         const struct rule *rule, const struct explanation *of_policy)
{
    struct explanation *item = &explaining->items[explaining->n++];
    *item = *of_policy;
    item->rule = rule->name;
    item->mark = rule->mark;
    if (!item->applies) {
        return;
    }
    item->why = STR("its policy applies");
    explaining->judging.stale_for = policy->stale_for;
    item->finding = policy_judge(rule, &explaining->reference, &explaining->judging);
    if (item->finding.kind != FINDING_VALID && item->finding.kind != FINDING_NOT_APPLICABLE) {
        const struct exception *exception =
            policy_excuse(explaining->set, policy, rule, explaining->review, &explaining->reference,
                          explaining->now);
        item->exception = exception == NULL ? STR_EMPTY : exception->name;
    }
}

static void explain_policy(struct explaining *explaining, const struct policy *policy)
{
    struct explanation *item = &explaining->items[explaining->n++];
    *item = (struct explanation){
        .policy = policy->name,
        .file = policy->file,
        .mark = policy->mark,
        .mode = policy->mode,
        .why = explaining->refused,
    };
    if (explaining->refused.n == 0) {
        struct policy_applies applied = applies(explaining, policy);
        item->applies = applied.answer != POLICY_NO;
        item->why = why(explaining, policy, applied);
    }
    for (size_t i = 0; i < policy->n_rules; i++) {
        explain_rule(explaining, policy, &policy->rules[i], item);
    }
}

/* Put the reason, if there is one for which no rule is judged, into explaining->refused. */
static void read_reference(struct explaining *explaining, struct str text)
{
    struct error err;
    if (failed(reference_parse(explaining->arena, text, &explaining->reference, &err))) {
        explaining->refused =
            arena_printf(explaining->arena, "this is no image reference: %s", err.text);
        return;
    }
    unsigned accepted = 0;
    for (size_t i = 0; i < explaining->set->n_policies; i++) {
        const struct policy *policy = explaining->set->policies[i];
        if (policy->accept != 0) {
            accepted |= policy_accepted(policy, applies(explaining, policy).answer);
        }
    }
    explaining->refused = policy_refuse(&explaining->reference, explaining->set->options.runtime,
                                        accepted, explaining->arena);
}

void policy_explain(const struct policy_set *set, const struct explain_question *question,
                    struct arena *arena, struct explanation **ret_items, size_t *ret_n)
{
    const struct review *review = question->review;
    ENSURE(question->index < review->n_images);
    struct explaining explaining = {
        .set = set,
        .review = review,
        .now = question->now,
        .arena = arena,
        .judging = {.arena = arena,
                    .words = true,
                    .now = question->now,
                    .evidence = question->evidence,
                    .regex = {.arena = arena}},
    };
    struct policy_counts counts;
    policy_set_counts(set, &counts);
    explaining.items = ARENA_ARRAY(arena, struct explanation, counts.policies + counts.rules);
    read_reference(&explaining, review->images[question->index].text);
    for (size_t i = 0; i < set->n_policies; i++) {
        explain_policy(&explaining, set->policies[i]);
    }
    *ret_items = explaining.items;
    *ret_n = explaining.n;
}

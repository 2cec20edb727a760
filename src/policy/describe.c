#include "policy/describe.h"

#include "base/utf8.h"
#include "policy/fields.h"
#include "policy/image_rule.h"
#include "policy/model.h"

/* Of a list; rules of a policy; bytes of one name or pattern. */
enum { ITEMS_SHOWN = 8, RULES_SHOWN = 32, ITEM_BYTES = 128 };

/* -- lists -- */

/* Add one more item; what is beyond the first few is "…". */
static void add_item(struct policy_words *words, size_t *n, struct str text)
{
    if (*n < ITEMS_SHOWN) {
        policy_words_text(words, *n == 0 ? STR_EMPTY : STR(", "));
        struct str shown = str_sub(text, 0, utf8_cut(text.p, text.n, ITEM_BYTES));
        policy_words_text(words, shown);
        policy_words_text(words, shown.n < text.n ? STR("\xe2\x80\xa6") : STR_EMPTY);
    } else if (*n == ITEMS_SHOWN) {
        policy_words_text(words, STR(", \xe2\x80\xa6"));
    }
    *n += 1;
}

static void add_texts(struct policy_words *words, const struct str *items, size_t n_items)
{
    size_t n = 0;
    for (size_t i = 0; i < n_items; i++) {
        add_item(words, &n, items[i]);
    }
}

/* What stands before the exclusions of a list: "all but" if nothing else does. */
static void add_not(struct policy_words *words, size_t included, size_t excluded)
{
    if (excluded > 0) {
        policy_words_text(words, included > 0 ? STR(", not ") : STR("all but "));
    }
}

static void add_globs(struct policy_words *words, const char *field, const struct glob_list *list)
{
    if (list->n_include + list->n_exclude == 0) {
        return;
    }
    policy_words_add(words, "%s%s", words->n == 0 ? "" : "; ", field);
    add_texts(words, list->include, list->n_include);
    add_not(words, list->n_include, list->n_exclude);
    add_texts(words, list->exclude, list->n_exclude);
}

static void add_patterns(struct policy_words *words, const struct pattern *const *patterns,
                         size_t n_patterns)
{
    size_t n = 0;
    for (size_t i = 0; i < n_patterns; i++) {
        add_item(words, &n, pattern_text(patterns[i]));
    }
}

static struct str images_of(const struct pattern_list *list, struct arena *arena)
{
    POLICY_WORDS(words);
    add_patterns(&words, list->include, list->n_include);
    add_not(&words, list->n_include, list->n_exclude);
    add_patterns(&words, list->exclude, list->n_exclude);
    return policy_words_done(&words, arena);
}

/* -- match -- */

static void add_label(struct policy_words *words, const struct policy_label *label)
{
    static const char *const OPERATORS[] = {" in ", " not in ", " exists", " does not exist"};
    policy_words_text(words, label->key);
    if (label->operator_ == LABEL_IN && label->n_values == 1) {
        policy_words_text(words, STR("="));
    } else {
        policy_words_add(words, "%s", OPERATORS[label->operator_]);
    }
    add_texts(words, label->values, label->n_values);
}

static void add_selector(struct policy_words *words, const char *field,
                         const struct policy_selector *selector)
{
    if (selector == NULL) {
        return;
    }
    policy_words_add(words, "%s%s ", words->n == 0 ? "" : "; ", field);
    for (size_t i = 0; i < selector->n; i++) {
        policy_words_text(words, i == 0 ? STR_EMPTY : STR(" and "));
        add_label(words, &selector->labels[i]);
    }
}

static void add_operations(struct policy_words *words, unsigned operations)
{
    const char *before = words->n == 0 ? "operations " : "; operations ";
    for (enum review_operation i = REVIEW_OPERATION_UNKNOWN; operations >> i != 0; i++) {
        if ((operations & 1u << i) != 0) {
            policy_words_add(words, "%s%s", before, review_operation_name(i));
            before = ", ";
        }
    }
}

static struct str match_of(const struct policy *policy, struct arena *arena)
{
    const struct policy_match *match = &policy->match;
    POLICY_WORDS(words);
    if (policy->namespace.n == 0) {
        add_globs(&words, "namespaces ", &match->namespaces);
    }
    add_selector(&words, "namespaces with", match->namespace_selector);
    add_globs(&words, "kinds ", &match->kinds);
    add_selector(&words, "objects with", match->object_selector);
    if (match->operations != 0) {
        add_operations(&words, match->operations);
    }
    add_globs(&words, "users ", &match->users);
    return policy_words_done(&words, arena);
}

/* -- rules -- */

static void add_requirements(struct policy_words *words, unsigned require)
{
    static const struct {
        unsigned bit;
        const char *name;
    } NAMES[] = {{REQUIRE_DIGEST, "digest"},
                 {REQUIRE_TAG, "tag"},
                 {REQUIRE_FULLY_QUALIFIED, "fully qualified name"}};
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        if ((require & NAMES[i].bit) != 0) {
            policy_words_add(words, "%s%s", words->n == 0 ? "" : ", ", NAMES[i].name);
        }
    }
}

static struct str rule_words(const struct rule *rule, struct arena *arena)
{
    POLICY_WORDS(words);
    add_patterns(&words, rule->patterns, rule->n_patterns);
    add_requirements(&words, rule->require);
    if (rule->range != NULL) {
        policy_words_text(&words, STR("version "));
        policy_words_text(&words, rule->range_text);
    }
    if (rule->regex != NULL) {
        policy_words_text(&words, words.n == 0 ? STR("matches ") : STR(", matches "));
        policy_words_text(&words, rule->regex_text);
    }
    if (rule->image != NULL) {
        image_rule_words(rule->image, &words);
    }
    return policy_words_done(&words, arena);
}

static void describe_rules(const struct policy *policy, struct arena *arena,
                           struct policy_description *description)
{
    size_t n = policy->n_rules < RULES_SHOWN ? policy->n_rules : RULES_SHOWN;
    description->rules = ARENA_ARRAY(arena, struct policy_rule_description, n);
    description->n_rules = n;
    description->rule_count = policy->n_rules;
    for (size_t i = 0; i < n; i++) {
        const struct rule *rule = &policy->rules[i];
        description->rules[i] = (struct policy_rule_description){
            .name = rule->name,
            .kind = str_from(rule->kind->field),
            .words = rule_words(rule, arena),
        };
    }
}

/* -- documents -- */

static void describe_policy(const struct policy *policy, struct arena *arena,
                            struct policy_description *ret)
{
    *ret = (struct policy_description){
        .kind = policy_kind_of(policy),
        .namespace = policy->namespace,
        .name = policy->name,
        .mode = str_from(policy_mode_name(policy->mode)),
        .match = match_of(policy, arena),
        .images = images_of(&policy->images, arena),
        .broken = policy->broken,
        .object = policy->object,
        .file = policy->file,
        .mark = policy->mark,
    };
    describe_rules(policy, arena, ret);
}

static void describe_exception(const struct exception *exception, struct arena *arena,
                               struct policy_description *ret)
{
    POLICY_WORDS(match);
    POLICY_WORDS(policies);
    POLICY_WORDS(rules);
    add_globs(&match, "namespaces ", &exception->namespaces);
    add_globs(&policies, "", &exception->policies);
    add_texts(&rules, exception->rules, exception->n_rules);
    *ret = (struct policy_description){
        .kind = str_from(policy_exception_fields.name),
        .name = exception->name,
        .match = policy_words_done(&match, arena),
        .images = images_of(&exception->images, arena),
        .policies = policy_words_done(&policies, arena),
        .excused = policy_words_done(&rules, arena),
        .until = exception->until,
        .object = exception->object,
        .file = exception->file,
        .mark = exception->mark,
    };
}

size_t policy_describe_count(const struct policy_set *set)
{
    return set->n_policies + set->n_exceptions;
}

void policy_describe(const struct policy_set *set, size_t index, struct arena *arena,
                     struct policy_description *ret_description)
{
    ENSURE(index < policy_describe_count(set));
    if (index < set->n_policies) {
        describe_policy(set->policies[index], arena, ret_description);
    } else {
        describe_exception(set->exceptions[index - set->n_policies], arena, ret_description);
    }
}

struct str policy_describe_name(const struct policy_set *set, size_t index)
{
    return index < set->n_policies ? set->policies[index]->name
                                   : set->exceptions[index - set->n_policies]->name;
}

struct str policy_describe_mode(const struct policy_set *set, size_t index)
{
    return index < set->n_policies ? str_from(policy_mode_name(set->policies[index]->mode))
                                   : STR_EMPTY;
}

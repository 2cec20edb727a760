#include "policy/check.h"

#include <string.h>

#include "base/limits.h"
#include "policy/selecting.h"

/* Comparisons over all documents for each of the checks below. */
enum { STEPS_MAX = 20000000 };

struct set_check {
    const struct policy_set *set;
    struct diagnostics *list;
    size_t steps;
};

/* The list, so that what is added next is for `file`. */
static struct diagnostics *in_file(const struct set_check *check, struct str file)
{
    check->list->file = file;
    return check->list;
}

/* -- names that stand twice -- */

struct named {
    const char *kind;
    struct str namespace, name, file;
    struct mark mark;
    size_t order;
};

static int compare_named(const void *left, const void *right)
{
    const struct named *a = left;
    const struct named *b = right;
    int order = strcmp(a->kind, b->kind);
    order = order != 0 ? order : str_cmp(a->namespace, b->namespace);
    order = order != 0 ? order : str_cmp(a->name, b->name);
    if (order == 0) {
        order = a->order < b->order ? -1 : a->order > b->order;
    }
    return order;
}

static bool same_name(const struct named *a, const struct named *b)
{
    return strcmp(a->kind, b->kind) == 0 && str_eq(a->namespace, b->namespace) &&
           str_eq(a->name, b->name);
}

static struct named *list_named(const struct policy_set *set, struct arena *arena)
{
    struct named *all = ARENA_ARRAY(arena, struct named, set->n_policies + set->n_exceptions);
    for (size_t i = 0; i < set->n_policies; i++) {
        const struct policy *policy = set->policies[i];
        struct str name = policy->broken ? STR_EMPTY : policy->name; /* may be a file's */
        all[i] = (struct named){
            policy_kind_of(policy).p, policy->namespace, name, policy->file, policy->mark, i};
    }
    for (size_t i = 0; i < set->n_exceptions; i++) {
        const struct exception *exception = set->exceptions[i];
        all[set->n_policies + i] = (struct named){policy_exception_fields.name,
                                                  STR_EMPTY,
                                                  exception->name,
                                                  exception->file,
                                                  exception->mark,
                                                  i};
    }
    return all;
}

static void check_names(struct set_check *check, struct arena *scratch)
{
    size_t n = check->set->n_policies + check->set->n_exceptions;
    struct named *all = list_named(check->set, scratch);
    qsort(all, n, sizeof *all, compare_named);
    const struct named *first = all;
    for (const struct named *one = all + 1; one < all + n; one++) {
        if (one->name.n == 0 || !same_name(first, one)) {
            first = one;
            continue;
        }
        diagnostics_add(
            in_file(check, one->file), DIAGNOSTIC_ERROR, one->mark, STR("metadata.name"), STR_EMPTY,
            "%s \"%.*s\" stands twice; the first is at %.*s:%u:%u", one->kind, STR_ARG(one->name),
            STR_ARG(first->file), first->mark.line, first->mark.column);
    }
}

/* -- exceptions that excuse nothing -- */

struct by_name {
    const struct policy **policies; /* sorted by name */
    size_t n;
};

static int compare_policies(const void *left, const void *right)
{
    const struct policy *const *a = left;
    const struct policy *const *b = right;
    return str_cmp((*a)->name, (*b)->name);
}

static struct by_name sort_by_name(const struct policy_set *set, struct arena *arena)
{
    struct by_name sorted = {ARENA_ARRAY(arena, const struct policy *, set->n_policies),
                             set->n_policies};
    for (size_t i = 0; i < sorted.n; i++) {
        sorted.policies[i] = set->policies[i];
    }
    if (sorted.n > 0) {
        qsort(sorted.policies, sorted.n, sizeof *sorted.policies, compare_policies);
    }
    return sorted;
}

/* The first policy whose name is not before `prefix`. */
static size_t find_first(const struct by_name *sorted, struct str prefix)
{
    size_t low = 0;
    for (size_t high = sorted->n; low < high;) {
        size_t middle = low + (high - low) / 2;
        if (str_cmp(sorted->policies[middle]->name, prefix) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool has_rule(const struct policy *policy, struct str name)
{
    for (size_t i = 0; i < policy->n_rules; i++) {
        if (str_eq(policy->rules[i].name, name)) {
            return true;
        }
    }
    return policy->resolve_digest && str_eq(name, policy_pin_rule.name);
}

/* True if one of the exception's policies that `glob` matches has the rule; any rule will do if
 * `rule` is empty. */
static bool names_something(struct set_check *check, const struct by_name *sorted,
                            const struct exception *exception, struct str glob, struct str rule)
{
    struct str prefix = str_sub(glob, 0, str_find(glob, '*'));
    for (size_t i = find_first(sorted, prefix); i < sorted->n; i++) {
        const struct policy *policy = sorted->policies[i];
        if (!str_starts(policy->name, prefix)) {
            return false;
        }
        if (check->steps++ > STEPS_MAX) {
            return true; /* not known */
        }
        if (glob_match(glob, policy->name) && glob_list_match(&exception->policies, policy->name) &&
            (rule.n == 0 || has_rule(policy, rule))) {
            return true;
        }
    }
    return false;
}

static bool any_names_rule(struct set_check *check, const struct by_name *sorted,
                           const struct exception *exception, struct str rule)
{
    for (size_t i = 0; i < exception->policies.n_include; i++) {
        if (names_something(check, sorted, exception, exception->policies.include[i], rule)) {
            return true;
        }
    }
    return false;
}

static void check_exception(struct set_check *check, const struct by_name *sorted,
                            const struct exception *exception)
{
    for (size_t i = 0; i < exception->policy_texts.n; i++) {
        const struct text *text = &exception->policy_texts.items[i];
        if (!policy_excludes(text->text) &&
            !names_something(check, sorted, exception, text->text, STR_EMPTY)) {
            diagnostics_add(in_file(check, exception->file), DIAGNOSTIC_WARNING, text->mark,
                            text->path, STR_EMPTY, "no policy is named \"%.*s\"",
                            STR_ARG(text->text));
        }
    }
    for (size_t i = 0; i < exception->rule_texts.n; i++) {
        const struct text *text = &exception->rule_texts.items[i];
        if (!any_names_rule(check, sorted, exception, text->text)) {
            diagnostics_add(in_file(check, exception->file), DIAGNOSTIC_WARNING, text->mark,
                            text->path, STR_EMPTY, "none of the policies has a rule \"%.*s\"",
                            STR_ARG(text->text));
        }
    }
}

/* -- rewrites that lead into each other -- */

/* Within one policy this is an error, which check.c reports; two policies may never apply to one
 * image, so it is a warning here. */
static void check_chain(struct set_check *check, const struct policy *policy,
                        const struct policy_rewrite *rewrite, const struct policy *other)
{
    for (size_t i = 0; i < other->n_rewrites; i++) {
        const struct policy_rewrite *next = &other->rewrites[i];
        if (check->steps++ > STEPS_MAX || rewrite->rewrite == NULL || next->rewrite == NULL ||
            !rewrite_chains(rewrite->rewrite, next->rewrite)) {
            continue;
        }
        diagnostics_add(
            in_file(check, policy->file), DIAGNOSTIC_WARNING, rewrite->mark,
            STR("spec.mutate.rewrite"), STR_EMPTY,
            "a chain: what this writes, policy %.*s would rewrite again; an image is rewritten "
            "once, so this is where it stays",
            STR_ARG(other->name));
    }
}

/* What a policy of one namespace writes, those of other namespaces never see, and those of the
 * cluster rewrite in a step of their own. */
static bool could_chain(const struct policy *policy, const struct policy *other)
{
    return policy != other &&
           (policy->namespace.n == 0 || str_eq(policy->namespace, other->namespace));
}

static void check_chains(struct set_check *check, const struct policy **rewriting, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            bool could = could_chain(rewriting[i], rewriting[j]);
            for (size_t k = 0; could && k < rewriting[i]->n_rewrites; k++) {
                check_chain(check, rewriting[i], &rewriting[i]->rewrites[k], rewriting[j]);
            }
        }
    }
}

static void check_all_chains(struct set_check *check, struct arena *scratch)
{
    const struct policy_set *set = check->set;
    const struct policy **rewriting = ARENA_ARRAY(scratch, const struct policy *, set->n_policies);
    size_t n = 0;
    for (size_t i = 0; i < set->n_policies; i++) {
        if (set->policies[i]->n_rewrites > 0) {
            rewriting[n++] = set->policies[i];
        }
    }
    if (n * n < STEPS_MAX) {
        check_chains(check, rewriting, n);
    }
}

/* -- policies that let everything pass -- */

static bool covers_every_image(const struct policy *policy, const struct pattern *everything)
{
    bool all = policy->images.n_include == 0;
    for (size_t i = 0; i < policy->images.n_include; i++) {
        const struct pattern *pattern = policy->images.include[i];
        all = all || (pattern != NULL && pattern_covers(pattern, everything));
    }
    return all && policy_covers(policy);
}

static bool applies_always(const struct policy *policy)
{
    const struct policy_match *match = &policy->match;
    return match->namespaces.n_include + match->namespaces.n_exclude == 0 &&
           match->kinds.n_include + match->kinds.n_exclude == 0 &&
           match->users.n_include + match->users.n_exclude == 0 && match->operations == 0 &&
           match->namespace_selector == NULL && match->object_selector == NULL &&
           policy->images.n_exclude == 0;
}

static void check_modes(struct set_check *check, struct arena *scratch)
{
    const struct policy_set *set = check->set;
    const struct pattern *everything = NULL;
    struct error err;
    ENSURE(!failed(pattern_parse(scratch, STR("**"), &everything, &err)));
    for (size_t i = 0; i < set->n_policies; i++) {
        if (set->policies[i]->mode == POLICY_ENFORCE && applies_always(set->policies[i]) &&
            covers_every_image(set->policies[i], everything)) {
            return; /* no image is covered by a softer policy alone */
        }
    }
    for (size_t i = 0; i < set->n_policies; i++) {
        const struct policy *policy = set->policies[i];
        if (policy->mode != POLICY_ENFORCE && covers_every_image(policy, everything)) {
            diagnostics_add(
                in_file(check, policy->file), DIAGNOSTIC_WARNING, policy->mark, STR("spec.mode"),
                STR_EMPTY,
                "a policy of mode %s covers every image: one that no other policy covers is "
                "admitted, whatever its rules say",
                policy_mode_name(policy->mode));
        }
    }
}

void policy_check_set(const struct policy_set *set, struct diagnostics *list)
{
    struct set_check check = {.set = set, .list = list};
    struct str file = list->file;
    arena_auto scratch;
    arena_init(&scratch, LIMIT_POLICY_ARENA);
    if (set->n_policies + set->n_exceptions > 0) {
        check_names(&check, &scratch);
    }
    struct by_name sorted = sort_by_name(set, &scratch);
    for (size_t i = 0; i < set->n_exceptions; i++) {
        check_exception(&check, &sorted, set->exceptions[i]);
    }
    check_all_chains(&check, &scratch);
    check_modes(&check, &scratch);
    list->file = file;
}

#include "policy/match.h"

#include "policy/index.h"
#include "policy/selector.h"

static enum policy_answer answer(bool yes)
{
    return yes ? POLICY_YES : POLICY_NO;
}

static bool is_empty(const struct glob_list *list)
{
    return list->n_include == 0 && list->n_exclude == 0;
}

/* A list of globs against a name that may not be known. */
static enum policy_answer match_globs(const struct glob_list *list, bool known, struct str name)
{
    if (is_empty(list)) {
        return POLICY_YES;
    }
    return known ? answer(glob_list_match(list, name)) : POLICY_MAYBE;
}

bool policy_namespace_unknown(const struct review *review)
{
    return review->api == REVIEW_IMAGE_V1ALPHA1 && review->namespace.n == 0;
}

static enum policy_answer match_operation(unsigned operations, enum review_operation operation)
{
    if (operations == 0) {
        return POLICY_YES;
    }
    if (operation == REVIEW_OPERATION_UNKNOWN) {
        /* an ImageReview is about one of the two, though it does not say which */
        const unsigned both = 1u << REVIEW_CREATE | 1u << REVIEW_UPDATE;
        return (operations & both) == both ? POLICY_YES : POLICY_MAYBE;
    }
    return answer((operations & 1u << operation) != 0);
}

/* The object or the old object: else taking a label off would take an object out of reach. */
static enum policy_answer match_object(const struct policy_selector *selector,
                                       const struct review *review)
{
    if (selector == NULL) {
        return POLICY_YES;
    }
    if (!review->labels_known) {
        return POLICY_MAYBE;
    }
    enum policy_answer now = policy_selector_match(selector, review->labels);
    if (review->operation != REVIEW_UPDATE) {
        return now;
    }
    enum policy_answer before = policy_selector_match(selector, review->old_labels);
    return now > before ? now : before;
}

static enum policy_answer match_part(const struct policy_match *match, const struct review *review,
                                     enum policy_part part)
{
    bool namespace_known = !policy_namespace_unknown(review);
    switch (part) {
    case PART_NAMESPACES:
        return match_globs(&match->namespaces, namespace_known, review->namespace);
    case PART_NAMESPACE_SELECTOR:
        return match->namespace_selector == NULL
                   ? POLICY_YES
                   : policy_selector_match_namespace(match->namespace_selector,
                                                     review->namespace_labels_known,
                                                     review->namespace_labels, review->namespace);
    case PART_OBJECT_SELECTOR:
        return match_object(match->object_selector, review);
    case PART_KINDS:
        return match_globs(&match->kinds, review->kind.n > 0, review->kind);
    case PART_OPERATIONS:
        return match_operation(match->operations, review->operation);
    case PART_USERS:
        return match_globs(&match->users, review->user_known, review->user);
    case PART_NONE:
    case PART_IMAGES:
        break;
    }
    return POLICY_YES;
}

const char *policy_part_unknown(enum policy_part part)
{
    switch (part) {
    case PART_NAMESPACES:
        return "namespace";
    case PART_NAMESPACE_SELECTOR:
        return "namespace's labels";
    case PART_OBJECT_SELECTOR:
        return "object's labels";
    case PART_KINDS:
        return "kind";
    case PART_OPERATIONS:
        return "operation";
    case PART_USERS:
        return "user";
    case PART_IMAGES:
    case PART_NONE:
        break;
    }
    return "rest";
}

struct policy_applies policy_match_request(const struct policy_match *match,
                                           const struct review *review)
{
    struct policy_applies all = {.answer = POLICY_YES, .part = PART_NONE};
    for (enum policy_part part = PART_NAMESPACES; part <= PART_USERS; part++) {
        enum policy_answer one = match_part(match, review, part);
        if (one == POLICY_NO) {
            return (struct policy_applies){POLICY_NO, part};
        }
        if (one == POLICY_MAYBE) {
            all = (struct policy_applies){POLICY_MAYBE, part};
        }
    }
    return all;
}

enum policy_answer policy_match_image(const struct policy *policy,
                                      const struct reference *reference)
{
    return answer(pattern_list_match(&policy->images, reference));
}

unsigned policy_accepted(const struct policy *policy, enum policy_answer applies)
{
    bool loosens =
        applies == POLICY_YES && policy->mode == POLICY_ENFORCE && policy->namespace.n == 0;
    return loosens ? policy->accept : 0;
}

/* -- exceptions -- */

static bool names_rule(const struct exception *exception, const struct rule *rule)
{
    for (size_t i = 0; i < exception->n_rules; i++) {
        if (str_eq(exception->rules[i], rule->name)) {
            return true;
        }
    }
    return exception->n_rules == 0;
}

bool policy_exception_holds(const struct exception *exception, const struct policy *policy,
                            const struct rule *rule, const struct review *review,
                            const struct reference *reference, int64_t now)
{
    return now < exception->until && glob_list_match(&exception->policies, policy->name) &&
           names_rule(exception, rule) &&
           match_globs(&exception->namespaces, !policy_namespace_unknown(review),
                       review->namespace) == POLICY_YES &&
           pattern_list_match(&exception->images, reference);
}

const struct exception *policy_excuse(const struct policy_set *set, const struct policy *policy,
                                      const struct rule *rule, const struct review *review,
                                      const struct reference *reference, int64_t now)
{
    if (set->n_exceptions == 0) {
        return NULL;
    }
    struct policy_index_query query = {
        .policy = policy->name, .namespace = review->namespace, .reference = reference};
    struct policy_index_cursor cursor;
    policy_index_find(set->excusing, &query, &cursor);
    uint32_t i = 0;
    while (policy_index_next(&cursor, &i)) {
        if (policy_exception_holds(set->exceptions[i], policy, rule, review, reference, now)) {
            return set->exceptions[i];
        }
    }
    return NULL;
}

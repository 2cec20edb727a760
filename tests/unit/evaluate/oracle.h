#pragma once
/* What the program must answer to a review of the model: by the words of the language alone, over
 * every policy, rule and exception, without parsing, compiling or an index. */
#include "model_documents.h"

enum certainty { NO, MAYBE, YES };

/* An image as runtimes understand it. */
struct meant {
    unsigned host;
    unsigned path[DEPTH_MAX * 2];
    size_t n;
    unsigned tag; /* as written */
    bool digest, is_short, is_upper;
};

static struct meant meaning_of(const struct model_image *image)
{
    struct meant meant = {
        .host = image->host,
        .tag = image->tag,
        .digest = image->digest,
        .is_short = image->written == WRITTEN_SHORT,
        .is_upper = image->written == WRITTEN_UPPER,
    };
    if (image->host == HUB && image->n == 1) {
        meant.path[meant.n++] = LIBRARY;
    }
    for (size_t i = 0; i < image->n; i++) {
        meant.path[meant.n++] = image->path[i];
    }
    return meant;
}

/* -- patterns -- */

static bool path_matches(const struct model_pattern *pattern, const struct meant *image)
{
    bool official = pattern->shape == SHAPE_ONE && pattern->host == HUB && pattern->n == 1;
    size_t skipped = official ? 1 : 0;
    if (official && image->path[0] != LIBRARY) {
        return false;
    }
    size_t n = image->n - skipped;
    for (size_t i = 0; i < pattern->n && i < n; i++) {
        if (image->path[i + skipped] != pattern->path[i]) {
            return false;
        }
    }
    if (pattern->shape == SHAPE_ONE) {
        return n == pattern->n;
    }
    return pattern->shape == SHAPE_STAR ? n == pattern->n + 1 : n > pattern->n;
}

static bool matches(const struct model_pattern *pattern, const struct meant *image)
{
    unsigned tag = image->tag == NO_TAG && !image->digest ? LATEST : image->tag;
    if ((pattern->tag != NO_TAG && pattern->tag != tag) || (pattern->digest && !image->digest)) {
        return false;
    }
    return pattern->shape == SHAPE_ALL ||
           (pattern->host == image->host &&
            (pattern->shape == SHAPE_HOST || path_matches(pattern, image)));
}

static bool listed(const struct model_patterns *list, const struct meant *image)
{
    bool included = false, any_includes = false, excluded = false;
    for (size_t i = 0; i < list->n; i++) {
        bool match = matches(&list->items[i], image);
        any_includes = any_includes || !list->exclude[i];
        included = included || (match && !list->exclude[i]);
        excluded = excluded || (match && list->exclude[i]);
    }
    return (included || !any_includes) && !excluded;
}

/* -- words and selectors -- */

static bool word_matches(const char *glob, const char *word)
{
    size_t n = strlen(glob);
    if (glob[n - 1] == '*') {
        return strncmp(glob, word, n - 1) == 0;
    }
    return strcmp(glob, word) == 0;
}

/* `word` is NULL if the review does not tell it. */
static enum certainty words_match(const struct model_words *list, const char *const *words,
                                  const char *word)
{
    if (list->n == 0) {
        return YES;
    }
    if (word == NULL) {
        return MAYBE;
    }
    bool included = false, any_includes = false, excluded = false;
    for (size_t i = 0; i < list->n; i++) {
        bool match = word_matches(words[list->items[i]], word);
        any_includes = any_includes || !list->exclude[i];
        included = included || (match && !list->exclude[i]);
        excluded = excluded || (match && list->exclude[i]);
    }
    return (included || !any_includes) && !excluded ? YES : NO;
}

static enum certainty selects(const struct model_selector *selector, bool known, unsigned label)
{
    if (!selector->given) {
        return YES;
    }
    if (!known) {
        return MAYBE;
    }
    const bool holds[] = {label > 0 && selector->values[label],
                          label == 0 || !selector->values[label], label > 0, label == 0};
    return holds[selector->operator_] ? YES : NO;
}

/* -- does a policy apply -- */

static const char *namespace_of(const struct model_review *review)
{
    if (review->namespace < MODEL_COUNT(NAMESPACES)) {
        return NAMESPACES[review->namespace];
    }
    return review->asks == ASKS_IMAGES ? NULL : "";
}

static enum certainty namespace_matches(const struct model_policy *policy,
                                        const struct model_review *review)
{
    const char *namespace = namespace_of(review);
    if (!policy->namespaced) {
        return words_match(&policy->namespaces, NAMESPACE_GLOBS, namespace);
    }
    if (namespace == NULL) {
        return MAYBE;
    }
    return strcmp(namespace, NAMESPACES[policy->namespace]) == 0 ? YES : NO;
}

static enum certainty operation_matches(const struct model_policy *policy,
                                        const struct model_review *review)
{
    if (policy->operations == 0) {
        return YES;
    }
    if (review->asks == ASKS_IMAGES) {
        return policy->operations == 3 ? YES : MAYBE; /* it is about one of the two */
    }
    return (policy->operations >> review->asks & 1) != 0 ? YES : NO;
}

static enum certainty object_matches(const struct model_policy *policy,
                                     const struct model_review *review)
{
    enum certainty now = selects(&policy->objects, review->labels_known, review->label);
    enum certainty before = selects(&policy->objects, review->labels_known, review->old_label);
    return review->asks == ASKS_UPDATE && before > now ? before : now;
}

/* Whether the policy is for the request, whatever the image. */
static enum certainty asked(const struct model_policy *policy, const struct model_review *review)
{
    const enum certainty parts[] = {
        namespace_matches(policy, review),
        words_match(&policy->kinds, KINDS, KINDS[review->kind]),
        words_match(&policy->users, USERS, review->user_known ? USERS[review->user] : NULL),
        operation_matches(policy, review),
        object_matches(policy, review),
        selects(&policy->spaces, review->spaces_known, review->space_label),
    };
    enum certainty least = YES;
    for (size_t i = 0; i < MODEL_COUNT(parts); i++) {
        least = parts[i] < least ? parts[i] : least;
    }
    return least;
}

static enum certainty applies(const struct model_policy *policy, const struct model_review *review,
                              const struct meant *image)
{
    return listed(&policy->images, image) ? asked(policy, review) : NO;
}

/* -- does a rule hold -- */

static bool rule_holds(const struct model_rule *rule, const struct meant *image)
{
    bool match = false;
    for (size_t i = 0; i < rule->patterns.n; i++) {
        match = match || matches(&rule->patterns.items[i], image);
    }
    bool tag = image->tag != NO_TAG;
    switch (rule->kind) {
    case RULE_ALLOW:
        return match;
    case RULE_DENY:
        return !match;
    case RULE_TAG:
        return tag && (TAG_RULES[rule->tag].holds >> image->tag & 1) != 0;
    case RULE_REQUIRE:
        break;
    }
    return ((rule->require & 1) == 0 || image->digest) && ((rule->require & 2) == 0 || tag) &&
           ((rule->require & 4) == 0 || (!image->is_short && (tag || image->digest)));
}

static bool is_excused(const struct model_set *set, size_t policy, size_t rule,
                       const struct model_review *review, const struct meant *image)
{
    for (size_t i = 0; i < set->n_exceptions; i++) {
        const struct model_exception *exception = &set->exceptions[i];
        if (!exception->ended &&
            (exception->policy == POLICIES_MAX || exception->policy == policy) &&
            (exception->rule == RULES_MAX || exception->rule == rule) &&
            words_match(&exception->namespaces, NAMESPACE_GLOBS, namespace_of(review)) == YES &&
            listed(&exception->images, image)) {
            return true;
        }
    }
    return false;
}

/* -- which image is judged -- */

static bool is_below_hub_tree(const struct meant *image, unsigned host)
{
    return image->host == host && image->n >= 2 && image->path[0] == HUB_TREE;
}

/* The policies of the object's namespace first, then those of the cluster; each time the first
 * rewrite that changes something, unless the image is already where one leads to. */
static void rewrite_once(const struct model_set *set, const struct model_review *review,
                         bool namespaced, struct meant *image)
{
    for (size_t i = 0; i < set->n; i++) {
        const struct model_policy *policy = &set->policies[i];
        if (policy->rewrites && (namespaced || !policy->namespaced) &&
            asked(policy, review) != NO && is_below_hub_tree(image, policy->to)) {
            return;
        }
    }
    for (size_t i = 0; i < set->n; i++) {
        const struct model_policy *policy = &set->policies[i];
        if (policy->rewrites && policy->namespaced == namespaced && policy->from == image->host &&
            applies(policy, review, image) != NO) {
            memmove(image->path + 1, image->path, image->n * sizeof image->path[0]);
            image->path[0] = HUB_TREE;
            image->n++;
            image->host = policy->to;
            image->is_short = image->is_upper = false;
            return;
        }
    }
}

static bool can_mutate(const struct model_review *review)
{
    return review->mutate && (review->asks == ASKS_CREATE || review->asks == ASKS_UPDATE);
}

/* The text that is judged: what was written, unless a rewrite changed it. */
static void write_judged(const struct model_image *image, const struct meant *judged,
                         struct buf *buf)
{
    struct meant written = meaning_of(image);
    if (image->written == WRITTEN_BROKEN ||
        (written.host == judged->host && written.n == judged->n)) {
        write_image(image, buf);
        return;
    }
    buf_printf(buf, "%s/", HOSTS[judged->host]);
    write_path(judged->path, judged->n, buf);
    buf_printf(buf, "%s%s%s", judged->tag == NO_TAG ? "" : ":", TAGS[judged->tag],
               judged->digest ? "@" MODEL_DIGEST : "");
}

/* -- the verdict -- */

struct expected {
    bool allowed;
    bool covered; /* by policies; else allowed only because the set says so */
    bool warned, audited, excused;
    size_t failures; /* listed or counted */
    struct meant judged;
};

static bool is_refused(const struct model_set *set, const struct model_review *review,
                       const struct meant *image)
{
    bool accepted = false;
    for (size_t i = 0; i < set->n; i++) {
        const struct model_policy *policy = &set->policies[i];
        accepted = accepted || (policy->accepts_upper && policy->mode == 0 &&
                                applies(policy, review, image) == YES);
    }
    return (image->is_upper && !accepted) || (image->is_short && set->crio);
}

static void expect_failure(const struct model_policy *policy, bool excused,
                           struct expected *expected)
{
    expected->failures++;
    expected->excused = expected->excused || excused;
    expected->warned = expected->warned || (!excused && policy->mode == 1);
    expected->audited = expected->audited || (!excused && policy->mode == 2);
    expected->allowed = expected->allowed && (excused || policy->mode != 0);
}

static void expect_rules(const struct model_set *set, const struct model_review *review,
                         struct expected *expected)
{
    for (size_t i = 0; i < set->n; i++) {
        const struct model_policy *policy = &set->policies[i];
        enum certainty answer = applies(policy, review, &expected->judged);
        if (answer == NO) {
            continue;
        }
        expected->covered =
            expected->covered || (answer == YES && !policy->namespaced && policy->n_rules > 0);
        for (size_t j = 0; j < policy->n_rules; j++) {
            if (!rule_holds(&policy->rules[j], &expected->judged)) {
                expect_failure(policy, is_excused(set, i, j, review, &expected->judged), expected);
            }
        }
    }
}

static struct expected expect_image(const struct model_set *set, const struct model_review *review,
                                    const struct model_image *image)
{
    struct expected expected = {.allowed = true, .judged = meaning_of(image)};
    if (image->written != WRITTEN_BROKEN && can_mutate(review)) {
        rewrite_once(set, review, true, &expected.judged);
        rewrite_once(set, review, false, &expected.judged);
    }
    if (image->written == WRITTEN_BROKEN || is_refused(set, review, &expected.judged)) {
        expected.allowed = false;
        expected.failures = 1;
        return expected;
    }
    expect_rules(set, review, &expected);
    if (!expected.covered && !set->allow_uncovered) {
        expected.allowed = false;
        expected.failures++;
    }
    return expected;
}

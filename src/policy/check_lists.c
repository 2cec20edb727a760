#include "policy/check.h"

/* Comparisons of two patterns or globs for one document. A policy of a sane size needs a few
 * thousand; one with lists of thousands of entries is checked in part. */
enum { STEPS_MAX = 1000000 };

bool policy_check_step(struct policy_check *check)
{
    return check->steps++ < STEPS_MAX;
}

bool policy_check_covers(struct policy_check *check, const struct pattern *wide,
                         const struct pattern *narrow)
{
    return wide != NULL && narrow != NULL && policy_check_step(check) &&
           pattern_covers(wide, narrow);
}

bool policy_check_disjoint(struct policy_check *check, const struct pattern *a,
                           const struct pattern *b)
{
    return a != NULL && b != NULL && policy_check_step(check) && pattern_disjoint(a, b);
}

/* Patterns of a list and where each stands in the document, at the same positions. */
struct entries {
    const struct pattern *const *patterns; /* NULL where one did not parse */
    const struct text **texts;
    size_t n;
};

/* The texts of a list that exclude, or those that do not, in the order in which they were compiled.
 */
static struct entries entries_of(struct policy_check *check, const struct texts *texts,
                                 bool exclude, const struct pattern *const *patterns)
{
    struct entries entries = {
        .patterns = patterns,
        .texts = ARENA_ARRAY(check->compile->list->arena, const struct text *, texts->n),
    };
    for (size_t i = 0; i < texts->n; i++) {
        if (policy_excludes(texts->items[i].text) == exclude) {
            entries.texts[entries.n++] = &texts->items[i];
        }
    }
    return entries;
}

/* -- lists of patterns -- */

/* Which other entry makes entry `at` redundant; of two that mean the same, the later one is.
 * Returns entries->n if none does. */
static size_t find_wider(struct policy_check *check, const struct entries *entries, size_t at)
{
    const struct pattern *const *patterns = entries->patterns;
    for (size_t i = 0; i < entries->n; i++) {
        if (i != at && policy_check_covers(check, patterns[i], patterns[at]) &&
            (i < at || !policy_check_covers(check, patterns[at], patterns[i]))) {
            return i;
        }
    }
    return entries->n;
}

static void check_redundant(struct policy_check *check, const struct entries *entries)
{
    for (size_t i = 0; i < entries->n; i++) {
        size_t wider = find_wider(check, entries, i);
        if (wider < entries->n) {
            COMPILE_WARNING(check->compile, entries->texts[i],
                            "redundant: \"%.*s\" means all of it already",
                            STR_ARG(entries->texts[wider]->text));
        }
    }
}

static void check_excluded(struct policy_check *check, const struct entries *include,
                           const struct entries *exclude)
{
    for (size_t i = 0; i < include->n; i++) {
        for (size_t j = 0; j < exclude->n; j++) {
            if (policy_check_covers(check, exclude->patterns[j], include->patterns[i])) {
                COMPILE_ERROR(check->compile, include->texts[i],
                              "unreachable: \"%.*s\" excludes all of it",
                              STR_ARG(exclude->texts[j]->text));
                break;
            }
        }
    }
    for (size_t j = 0; include->n == 0 && j < exclude->n; j++) {
        if (policy_check_covers(check, exclude->patterns[j], check->everything)) {
            COMPILE_ERROR(check->compile, exclude->texts[j], "this excludes every image");
        }
    }
}

void policy_check_redundant(struct policy_check *check, const struct texts *texts,
                            const struct pattern *const *patterns)
{
    struct entries entries = {
        .patterns = patterns,
        .texts = ARENA_ARRAY(check->compile->list->arena, const struct text *, texts->n),
    };
    for (size_t i = 0; i < texts->n; i++) {
        entries.texts[entries.n++] = &texts->items[i];
    }
    check_redundant(check, &entries);
}

void policy_check_images(struct policy_check *check, const struct texts *texts,
                         const struct pattern_list *list)
{
    struct entries include = entries_of(check, texts, false, list->include);
    struct entries exclude = entries_of(check, texts, true, list->exclude);
    check_excluded(check, &include, &exclude);
    check_redundant(check, &include);
    check_redundant(check, &exclude);
}

/* -- lists of globs -- */

/* Sound, because a `*` of `narrow` can only be taken in by a `*` of `wide`. */
static bool glob_covers(struct policy_check *check, struct str wide, struct str narrow)
{
    return policy_check_step(check) && glob_match(wide, narrow);
}

static void check_glob(struct policy_check *check, const struct texts *texts, size_t at)
{
    const struct text *text = &texts->items[at];
    bool excludes = policy_excludes(text->text);
    struct str glob = str_sub(text->text, excludes ? 1 : 0, text->text.n);
    for (size_t i = 0; i < texts->n; i++) {
        const struct text *other = &texts->items[i];
        bool other_excludes = policy_excludes(other->text);
        struct str wide = str_sub(other->text, other_excludes ? 1 : 0, other->text.n);
        if (i == at || !glob_covers(check, wide, glob)) {
            continue;
        }
        if (other_excludes && !excludes) {
            COMPILE_ERROR(check->compile, text, "unreachable: \"%.*s\" excludes all of it",
                          STR_ARG(other->text));
            return;
        }
        if (other_excludes == excludes && (i < at || !glob_covers(check, glob, wide))) {
            COMPILE_WARNING(check->compile, text, "redundant: \"%.*s\" means all of it already",
                            STR_ARG(other->text));
            return;
        }
    }
}

void policy_check_globs(struct policy_check *check, const struct texts *texts,
                        const struct glob_list *list)
{
    for (size_t i = 0; i < texts->n; i++) {
        check_glob(check, texts, i);
        bool all = policy_excludes(texts->items[i].text) &&
                   glob_match(str_sub(texts->items[i].text, 1, SIZE_MAX), STR("*"));
        if (all && list->n_include == 0) {
            COMPILE_ERROR(check->compile, &texts->items[i], "this excludes everything");
        }
    }
}

#pragma once
/* What is wrong with policies though every part of them parses: rules that can never matter, rules
 * that contradict each other, names that mean nothing.
 *
 * Patterns are compared by pattern_covers and pattern_disjoint, which answer true only where they
 * are certain; so nothing sound is reported, and not everything unsound is found. Comparing takes
 * at most a fixed number of steps per document.
 *
 * Pure. Private to policy/. */
#include "policy/compile.h"

/* Check one policy, or exception, as soon as it is compiled. */
void policy_check(struct compile *compile, const struct policy_doc *doc,
                  const struct policy *policy);
void policy_check_exception(struct compile *compile, const struct policy_exception_doc *doc,
                            const struct exception *exception);

/* Check all documents together, when all are compiled: names that stand twice, exceptions that
 * excuse nothing, rewrites that lead into each other, policies that let everything pass. */
void policy_check_set(const struct policy_set *set, struct diagnostics *list);

/* -- parts of it, by file -- */

struct policy_check {
    struct compile *compile;
    size_t steps;                                                /* taken so far */
    const struct pattern *everything, *every_tag, *every_digest; /* "**", "**:*", "**@*" */
};

/* Take a step. Returns false once there were too many: then nothing more is found. */
bool policy_check_step(struct policy_check *check);

/* pattern_covers and pattern_disjoint, a step each; false where a pattern did not parse. */
bool policy_check_covers(struct policy_check *check, const struct pattern *wide,
                         const struct pattern *narrow);
bool policy_check_disjoint(struct policy_check *check, const struct pattern *a,
                           const struct pattern *b);

/* A list of patterns, or of globs, with exclusions: what is excluded again, what is redundant. */
void policy_check_images(struct policy_check *check, const struct texts *texts,
                         const struct pattern_list *list);
void policy_check_globs(struct policy_check *check, const struct texts *texts,
                        const struct glob_list *list);

/* Warn of patterns that others of the list, which excludes nothing, cover. */
void policy_check_redundant(struct policy_check *check, const struct texts *texts,
                            const struct pattern *const *patterns);

/* The rules of a policy, each and against each other. */
void policy_check_rules(struct policy_check *check, const struct field_list *docs,
                        const struct policy *policy);

#include "scan/results.h"

#include "base/buf.h"

const char *scan_result_name(enum scan_result result)
{
    static const char *const NAMES[SCAN_RESULTS] = {"pass", "fail", "warn", "error", "skip"};
    return NAMES[result];
}

static enum scan_result result_of(const struct violation *violation, enum scan_audit audit)
{
    if (violation->exception.n > 0) {
        return SCAN_SKIP;
    }
    if (violation->mode == POLICY_AUDIT) {
        return audit == SCAN_AUDIT_FAIL ? SCAN_FAIL : SCAN_WARN;
    }
    return violation->mode == POLICY_WARN ? SCAN_WARN : SCAN_FAIL;
}

static struct result make_finding(const struct violation *violation, enum scan_audit audit)
{
    const char *cause = violation_cause_name(violation->cause);
    return (struct result){
        .result = result_of(violation, audit),
        .policy = violation->policy.n > 0 ? violation->policy : str_from(cause),
        .rule = violation->rule,
        .message = violation->message,
        .image = violation->image->text,
        .path = violation->image->path,
        .cause = str_from(cause),
        .exception = violation->exception,
        .mode = str_from(policy_mode_name(violation->mode)),
    };
}

static bool is_silent(const struct violation *violation, enum scan_audit audit)
{
    return audit == SCAN_AUDIT_NONE && violation->mode == POLICY_AUDIT &&
           violation->exception.n == 0;
}

static bool has_failed(const struct decision *decision, struct str policy)
{
    for (size_t i = 0; i < decision->n_violations; i++) {
        if (str_eq(decision->violations[i].policy, policy)) {
            return true;
        }
    }
    return false;
}

static void add_passes(const struct decision *decision, struct results *results)
{
    for (size_t i = 0; decision->n_dropped == 0 && i < decision->n_policies; i++) {
        if (!has_failed(decision, decision->policies[i])) {
            results->items[results->n++] =
                (struct result){.result = SCAN_PASS, .policy = decision->policies[i]};
        }
    }
}

void results_make(const struct decision *decision, enum scan_audit audit, struct arena *arena,
                  struct results *ret_results)
{
    struct results results = {.n_dropped = decision->n_dropped};
    results.items =
        ARENA_ARRAY(arena, struct result, 1 + decision->n_violations + decision->n_policies);
    if (decision->problem.n > 0) {
        results.items[results.n++] = (struct result){.result = SCAN_ERROR,
                                                     .policy = STR("problem"),
                                                     .message = decision->problem,
                                                     .mode = STR("enforce")};
    }
    for (size_t i = 0; i < decision->n_violations; i++) {
        if (!is_silent(&decision->violations[i], audit)) {
            results.items[results.n++] = make_finding(&decision->violations[i], audit);
        }
    }
    results.n_findings = results.n;
    add_passes(decision, &results);
    *ret_results = results;
}

struct str results_findings(const struct results *results, struct arena *arena)
{
    buf_auto text;
    buf_init(&text, LIMIT_REVIEW_ARENA);
    for (size_t i = 0; i < results->n_findings; i++) {
        const struct result *it = &results->items[i];
        buf_printf(&text, "%s", scan_result_name(it->result));
        const struct str parts[] = {it->policy, it->rule, it->image, it->exception};
        for (size_t k = 0; k < sizeof parts / sizeof *parts; k++) {
            buf_add_json(&text, parts[k]);
        }
        if (it->image.n == 0) {
            buf_add_json(&text, it->message);
        }
    }
    if (results->n_dropped > 0) {
        buf_printf(&text, "%zu", results->n_dropped);
    }
    return arena_dup(arena, buf_str(&text));
}

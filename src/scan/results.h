#pragma once
/* What a report says of an object: one result for each rule that fails, and one for each policy
 * that holds. Pure; lives in the arena and borrows from decision and review. */
#include "base/arena.h"
#include "policy/decision.h"

/* The words of both report formats. */
enum scan_result { SCAN_PASS, SCAN_FAIL, SCAN_WARN, SCAN_ERROR, SCAN_SKIP, SCAN_RESULTS };

struct result {
    enum scan_result result;
    struct str
        policy; /* never empty: "uncovered", "unreadable" or "problem" where none has spoken */
    struct str rule, message, image, path, cause, exception; /* may be empty */
    struct str mode; /* "enforce", "warn", "audit"; empty of a pass */
};

/* What a failure of a policy in audit mode is; it is nobody's business at admission. */
enum scan_audit { SCAN_AUDIT_WARN, SCAN_AUDIT_FAIL, SCAN_AUDIT_NONE };

struct results {
    struct result *items; /* what fails first, in the order of the decision; then what passes */
    size_t n;
    size_t n_findings; /* those that are no pass */
    size_t n_dropped;  /* failures that the decision counts and does not list */
};

/* The results of a decision. A policy passes if it applied and nothing of it failed, as far as the
 * decision names policies; none does if failures were dropped. */
void results_make(const struct decision *decision, enum scan_audit audit, struct arena *arena,
                  struct results *ret_results);

/* The findings as text that is the same for an object and for what was made by its template: all
 * but where an image stands. Empty if there are none. */
struct str results_findings(const struct results *results, struct arena *arena);

/* "pass". Lives for ever. */
const char *scan_result_name(enum scan_result result);

#include "test.h"

#include "scan/results.h"

static struct arena arena;
static struct review_image web = {.text = {"web:1", 5}, .path = {"spec.containers[0].image", 24}};
static struct review_image job = {.text = {"job:2", 5}, .path = {"spec.containers[1].image", 24}};

static int begin(void **state)
{
    (void)state;
    arena_init(&arena, 1 << 20);
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

#define RULE(mode_, image_, policy_, ...)                                                          \
    {                                                                                              \
        .image = &(image_), .mode = (mode_), .policy = STR(policy_), .rule = STR("r"),             \
        .message = {"why", 3}, __VA_ARGS__                                                         \
    }

/* "fail:p/r warn:q/r pass:s": the results in a line. */
static const char *line_of(const struct results *results)
{
    static char line[512];
    line[0] = '\0';
    for (size_t i = 0; i < results->n; i++) {
        const struct result *it = &results->items[i];
        size_t n = strlen(line);
        snprintf(line + n, sizeof line - n, "%s%s:%.*s%s%.*s", i == 0 ? "" : " ",
                 scan_result_name(it->result), STR_ARG(it->policy), it->rule.n > 0 ? "/" : "",
                 STR_ARG(it->rule));
    }
    return line;
}

static void assert_results(const struct decision *decision, enum scan_audit audit,
                           const char *wanted)
{
    struct results results;
    results_make(decision, audit, &arena, &results);
    assert_string_equal(line_of(&results), wanted);
}

static void each_mode_has_its_result(void **state)
{
    (void)state;
    struct violation violations[] = {
        RULE(POLICY_ENFORCE, web, "enforced"),
        {.image = &web, .cause = VIOLATION_UNCOVERED, .message = STR("why")},
        {.image = &web, .cause = VIOLATION_UNREADABLE, .message = STR("why")},
        RULE(POLICY_WARN, web, "warned"),
        RULE(POLICY_AUDIT, job, "audited"),
        RULE(POLICY_ENFORCE, job, "excused", .exception = STR("e")),
        RULE(POLICY_AUDIT, job, "excused-audit", .exception = STR("e")),
    };
    struct str policies[] = {STR("enforced"), STR("held"), STR("warned"), STR("excused")};
    const struct decision decision = {.violations = violations,
                                      .n_violations = COUNT(violations),
                                      .policies = policies,
                                      .n_policies = COUNT(policies)};
    assert_results(&decision, SCAN_AUDIT_WARN,
                   "fail:enforced/r fail:uncovered fail:unreadable warn:warned/r warn:audited/r "
                   "skip:excused/r skip:excused-audit/r pass:held");
    assert_results(&decision, SCAN_AUDIT_FAIL,
                   "fail:enforced/r fail:uncovered fail:unreadable warn:warned/r fail:audited/r "
                   "skip:excused/r skip:excused-audit/r pass:held");
    assert_results(&decision, SCAN_AUDIT_NONE,
                   "fail:enforced/r fail:uncovered fail:unreadable warn:warned/r skip:excused/r "
                   "skip:excused-audit/r pass:held");
}

static void what_a_result_tells(void **state)
{
    (void)state;
    struct violation violation = RULE(POLICY_WARN, job, "p", .exception = STR("e"));
    const struct decision decision = {.violations = &violation, .n_violations = 1};
    struct results results;
    results_make(&decision, SCAN_AUDIT_WARN, &arena, &results);
    const struct result *it = &results.items[0];
    assert_int_equal(results.n_findings, 1);
    assert_true(str_eq(it->image, STR("job:2")));
    assert_true(str_eq(it->path, job.path));
    assert_true(str_eq(it->mode, STR("warn")));
    assert_true(str_eq(it->cause, STR("rule")));
    assert_true(str_eq(it->exception, STR("e")));
    assert_true(str_eq(it->message, STR("why")));
}

static void an_audited_policy_that_is_left_out_has_not_passed(void **state)
{
    (void)state;
    struct violation violation = RULE(POLICY_AUDIT, web, "p");
    struct str policy = STR("p");
    const struct decision decision = {
        .violations = &violation, .n_violations = 1, .policies = &policy, .n_policies = 1};
    assert_results(&decision, SCAN_AUDIT_NONE, "");
}

static void nothing_passes_if_failures_were_dropped(void **state)
{
    (void)state;
    struct violation violation = RULE(POLICY_WARN, web, "p");
    struct str policies[] = {STR("p"), STR("q")};
    struct decision decision = {
        .violations = &violation, .n_violations = 1, .policies = policies, .n_policies = 2};
    assert_results(&decision, SCAN_AUDIT_WARN, "warn:p/r pass:q");
    decision.n_dropped = 1;
    assert_results(&decision, SCAN_AUDIT_WARN, "warn:p/r");
}

static void what_cannot_be_judged(void **state)
{
    (void)state;
    const struct decision decision = {.problem = STR("spec must be an object")};
    assert_results(&decision, SCAN_AUDIT_WARN, "error:problem");
}

static struct str findings_of(const struct decision *decision)
{
    struct results results;
    results_make(decision, SCAN_AUDIT_WARN, &arena, &results);
    return results_findings(&results, &arena);
}

static void findings_are_the_same_wherever_an_image_stands(void **state)
{
    (void)state;
    struct review_image elsewhere = web;
    elsewhere.path = STR("spec.template.spec.containers[0].image");
    struct violation here = RULE(POLICY_WARN, web, "p");
    struct violation there = RULE(POLICY_WARN, elsewhere, "p");
    struct str policy = STR("q");
    there.message = STR("other words");
    const struct decision a = {.violations = &here, .n_violations = 1};
    const struct decision b = {
        .violations = &there, .n_violations = 1, .policies = &policy, .n_policies = 1};
    assert_true(findings_of(&a).n > 0);
    assert_true(str_eq(findings_of(&a), findings_of(&b)));

    struct violation others[] = {RULE(POLICY_WARN, job, "p"), RULE(POLICY_WARN, web, "q"),
                                 RULE(POLICY_ENFORCE, web, "p"),
                                 RULE(POLICY_WARN, web, "p", .exception = STR("e"))};
    for (size_t i = 0; i < COUNT(others); i++) {
        const struct decision other = {.violations = &others[i], .n_violations = 1};
        assert_false(str_eq(findings_of(&a), findings_of(&other)));
    }
    struct decision more = a;
    more.n_dropped = 1;
    assert_false(str_eq(findings_of(&a), findings_of(&more)));
}

static void what_passes_is_no_finding(void **state)
{
    (void)state;
    struct str policy = STR("q");
    const struct decision decision = {.policies = &policy, .n_policies = 1};
    assert_int_equal(findings_of(&decision).n, 0);
}

int result_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_mode_has_its_result, begin, end),
        cmocka_unit_test_setup_teardown(what_a_result_tells, begin, end),
        cmocka_unit_test_setup_teardown(an_audited_policy_that_is_left_out_has_not_passed, begin,
                                        end),
        cmocka_unit_test_setup_teardown(nothing_passes_if_failures_were_dropped, begin, end),
        cmocka_unit_test_setup_teardown(what_cannot_be_judged, begin, end),
        cmocka_unit_test_setup_teardown(findings_are_the_same_wherever_an_image_stands, begin, end),
        cmocka_unit_test_setup_teardown(what_passes_is_no_finding, begin, end),
    };
    return cmocka_run_group_tests_name("results", tests, NULL, NULL);
}

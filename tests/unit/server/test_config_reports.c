#include "test.h"

#include "base/clock.h"
#include "base/limits.h"

#define REPORTS(rest) MINIMAL "kubernetes: {reports: {" rest "}}\n"

static const int64_t HOUR = 3600 * NS_PER_S;

static void off_unless_asked_for(void **state)
{
    (void)state;
    struct loaded loaded;
    load(&loaded, MINIMAL "kubernetes: {lease: l}\n");
    assert_string_equal(loaded.printed, "");
    assert_false(loaded.config.reports_set);
    loaded_done(&loaded);
}

static void defaults(void **state)
{
    (void)state;
    struct loaded loaded;
    load(&loaded, REPORTS("format: []"));
    assert_string_equal(loaded.printed, "");
    const struct scan_config *reports = &loaded.config.reports;
    assert_true(loaded.config.reports_set);
    assert_false(reports->formats[REPORT_WGPOLICYK8S]);
    assert_false(reports->formats[REPORT_OPENREPORTS]);
    assert_int_equal(reports->interval, HOUR);
    assert_int_equal(reports->audit, SCAN_AUDIT_WARN);
    assert_false(reports->passes);
    assert_int_equal(reports->n_resources, 0);
    loaded_done(&loaded);
}

static void everything(void **state)
{
    (void)state;
    struct loaded loaded;
    load(&loaded, REPORTS("format: [openreports, wgpolicyk8s], interval: 10s, audit: fail, passes: "
                          "true, resources: [rollouts.argoproj.io, ships.example.com]"));
    assert_string_equal(loaded.printed, "");
    const struct scan_config *reports = &loaded.config.reports;
    assert_true(reports->formats[REPORT_WGPOLICYK8S]);
    assert_true(reports->formats[REPORT_OPENREPORTS]);
    assert_int_equal(reports->interval, 10 * NS_PER_S);
    assert_int_equal(reports->audit, SCAN_AUDIT_FAIL);
    assert_true(reports->passes);
    assert_int_equal(reports->n_resources, 2);
    assert_true(str_eq(reports->resources[1], STR("ships.example.com")));
    loaded_done(&loaded);
    load(&loaded, REPORTS("format: [wgpolicyk8s], audit: none"));
    assert_false(loaded.config.reports.formats[REPORT_OPENREPORTS]);
    assert_int_equal(loaded.config.reports.audit, SCAN_AUDIT_NONE);
    loaded_done(&loaded);
}

static void what_is_wrong(void **state)
{
    (void)state;
#define AT "server.yaml:5:14: error: kubernetes.reports"
    assert_refused(REPORTS(""), AT ": \"format\" is required\n");
    assert_refused(REPORTS("format: [kyverno]"),
                   "server.yaml:5:33: error: kubernetes.reports.format[0]: must be one of "
                   "\"wgpolicyk8s\", \"openreports\", found \"kyverno\"\n");
    assert_accepted(REPORTS("format: [], interval: 168h"));
    static const char *const TIMES[] = {"9999ms", "168h1ms"};
    for (size_t i = 0; i < COUNT(TIMES); i++) {
        char *text = text_of(REPORTS("format: [], interval: %s"), TIMES[i]);
        assert_refused(text,
                       "server.yaml: error: kubernetes.reports.interval: must be from 10000ms "
                       "to 604800000ms\n");
        free(text);
    }
    static const char *const NAMES[] = {"rollouts", "Rollouts.argoproj.io", "a/b.c", "../x.y"};
    for (size_t i = 0; i < COUNT(NAMES); i++) {
        char *text = text_of(REPORTS("format: [], resources: [%s]"), NAMES[i]);
        assert_refused(text, "server.yaml:5:48: error: kubernetes.reports.resources[0]: must be "
                             "plural and group, such as rollouts.argoproj.io\n");
        free(text);
    }
}

static void as_many_custom_kinds_as_are_listed(void **state)
{
    (void)state;
    char *list = calloc(LIMIT_SCAN_CUSTOM + 1, 8);
    assert_non_null(list);
    for (size_t i = 0; i < LIMIT_SCAN_CUSTOM; i++) {
        snprintf(list + strlen(list), 8, "a%u.b,", (unsigned)i % 100);
    }
    char *most = text_of(REPORTS("format: [], resources: [%s]"), list);
    char *more = text_of(REPORTS("format: [], resources: [%sx.y]"), list);
    struct loaded loaded;
    load(&loaded, most);
    assert_string_equal(loaded.printed, "");
    assert_int_equal(loaded.config.reports.n_resources, LIMIT_SCAN_CUSTOM);
    loaded_done(&loaded);
    load(&loaded, more);
    assert_false(loaded.good);
    loaded_done(&loaded);
    free(more);
    free(most);
    free(list);
}

int config_reports_tests(void)
{
    static const struct CMUnitTest TESTS[] = {
        cmocka_unit_test(off_unless_asked_for),
        cmocka_unit_test(defaults),
        cmocka_unit_test(everything),
        cmocka_unit_test(what_is_wrong),
        cmocka_unit_test(as_many_custom_kinds_as_are_listed),
    };
    return cmocka_run_group_tests_name("config, reports", TESTS, enter_folder, leave_folder);
}

/* What becomes of every review: one line, and the metrics. */
#include <yyjson.h>

#include "fixture.h"
#include "observe/audit.h"
#include "observe/metrics.h"

static int64_t reviews(const char *verdict)
{
    return metric_value(
        metric_series(METRIC_REVIEWS, (struct str[]){STR("/validate"), str_from(verdict)}, 2));
}

static int64_t images(const char *verdict)
{
    struct str label = str_from(verdict);
    return metric_value(metric_series(METRIC_IMAGES, &label, 1));
}

static int64_t violations(const char *policy, const char *rule, const char *mode)
{
    const struct str labels[] = {str_from(policy), str_from(rule), str_from(mode)};
    return metric_value(metric_series(METRIC_VIOLATIONS, labels, 3));
}

static void every_review_is_counted_once(void **state)
{
    (void)state;
    struct job *job = NULL;
    int64_t allow = reviews("allow"), deny = reviews("deny"), error = reviews("error");
    int64_t good = images("allow"), bad = images("deny");
    int64_t enforce = violations("base", "trusted", "enforce");
    int64_t excused = violations("base", "trusted", "excused");
    int64_t warn = violations("soft", "no-latest", "warn");
    assert_null(walk(ENDPOINT_VALIDATE, STR(REVIEW(CONTAINER("a", "good.example.com/x"))), &job));
    assert_null(walk(ENDPOINT_VALIDATE,
                     STR(REVIEW(CONTAINER("a", "bad.example.com/x:1") "," CONTAINER(
                         "b", "bad.example.com/excused:1"))),
                     &job));
    assert_null(walk(ENDPOINT_VALIDATE, STR(REVIEW("null")), &job));
    assert_non_null(walk(ENDPOINT_VALIDATE, STR("{}"), &job));
    assert_int_equal(reviews("allow"), allow + 1);
    assert_int_equal(reviews("deny"), deny + 2);
    assert_int_equal(reviews("error"), error + 1);
    assert_int_equal(images("allow"), good + 2);
    assert_int_equal(images("deny"), bad + 1);
    assert_int_equal(violations("base", "trusted", "enforce"), enforce + 1);
    assert_int_equal(violations("base", "trusted", "excused"), excused + 1);
    assert_int_equal(violations("soft", "no-latest", "warn"), warn + 1);
}

static size_t count_lines(const char *path)
{
    char line[4096];
    size_t n = 0;
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    for (; fgets(line, sizeof line, file) != NULL; n++) {
        yyjson_doc *doc = yyjson_read(line, strlen(line), 0);
        assert_non_null(doc);
        yyjson_doc_free(doc);
    }
    fclose(file);
    return n;
}

static void every_review_is_one_line(void **state)
{
    (void)state;
    struct job *job = NULL;
    struct error err;
    assert_false(failed(audit_open("audit.log", &err)));
    assert_null(walk(ENDPOINT_VALIDATE, STR(REVIEW(CONTAINER("a", "good.example.com/x"))), &job));
    assert_null(walk(ENDPOINT_VALIDATE, STR(REVIEW(CONTAINER("a", "bad.example.com/x"))), &job));
    assert_non_null(walk(ENDPOINT_VALIDATE, STR(""), &job));
    audit_close();
    assert_null(walk(ENDPOINT_VALIDATE, STR(REVIEW(CONTAINER("a", "good.example.com/x"))), &job));
    assert_int_equal(count_lines("audit.log"), 3);
}

/* A verdict is no less for its line being lost. */
static void a_lost_line_changes_nothing(void **state)
{
    (void)state;
    struct job *job = NULL;
    struct error err;
    struct metric_series *lost = metric_series(METRIC_AUDIT_LOST, NULL, 0);
    int64_t before = metric_value(lost);
    assert_false(failed(audit_open("/dev/full", &err)));
    assert_null(walk(ENDPOINT_VALIDATE, STR(REVIEW(CONTAINER("a", "bad.example.com/x"))), &job));
    audit_close();
    assert_int_equal(metric_value(lost), before + 1);
    assert_int_equal(job->decision.verdict, VERDICT_DENY);
}

int record_sink_tests(void)
{
    static const struct CMUnitTest TESTS[] = {
        cmocka_unit_test(every_review_is_counted_once),
        cmocka_unit_test(every_review_is_one_line),
        cmocka_unit_test(a_lost_line_changes_nothing),
    };
    return cmocka_run_group_tests_name("record and its sink", TESTS, fixture_start, fixture_end);
}

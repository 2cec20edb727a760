/* Series: identity, number, misuse, and many threads at once. */
#include "test.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/clock.h"

static void labels_make_the_series(void **state)
{
    (void)state;
    const struct str one[] = {STR("a"), STR("bc")}, two[] = {STR("ab"), STR("c")};
    const struct str empty[] = {STR(""), STR("abc")};
    struct metric_series *series = metric_series(METRIC_HTTP_REQUESTS, one, 2);
    assert_ptr_equal(series, metric_series(METRIC_HTTP_REQUESTS, one, 2));
    assert_ptr_not_equal(series, metric_series(METRIC_HTTP_REQUESTS, two, 2));
    assert_ptr_not_equal(series, metric_series(METRIC_HTTP_REQUESTS, empty, 2));
    assert_ptr_not_equal(series, metric_series(METRIC_RELOADS, one, 2));
}

/* The texts of labels are copied: the caller's may go. */
static void labels_are_copied(void **state)
{
    (void)state;
    char reason[] = "given";
    struct str label = {reason, 5};
    metric_add(metric_series(METRIC_REJECTED, &label, 1), 9);
    memset(reason, 'x', 5);
    assert_true(scrape_value("pratique_rejected_total{reason=\"given\"}") == 9);
}

/* -- misuse -- */

static struct metric_series *histogram(void)
{
    struct str endpoint = STR("e");
    return metric_series(METRIC_REVIEW_SECONDS, &endpoint, 1);
}

static void observe_a_counter(void)
{
    metric_observe_ns(metric_series(METRIC_AUDIT_LOST, NULL, 0), 1);
}

static void add_to_a_histogram(void)
{
    metric_add(histogram(), 1);
}

static void set_a_counter(void)
{
    metric_set(metric_series(METRIC_AUDIT_LOST, NULL, 0), 1);
}

static void lower_a_counter(void)
{
    metric_add(metric_series(METRIC_AUDIT_LOST, NULL, 0), -1);
}

static void give_too_few_labels(void)
{
    struct str label = STR("x");
    (void)metric_series(METRIC_REVIEWS, &label, 1);
}

static void use_no_metric(void)
{
    (void)metric_series(METRIC_COUNT, NULL, 0);
}

static void misuse_aborts(void **state)
{
    (void)state;
    static void (*const MISUSES[])(void) = {observe_a_counter, add_to_a_histogram,  set_a_counter,
                                            lower_a_counter,   give_too_few_labels, use_no_metric};
    for (size_t i = 0; i < COUNT(MISUSES); i++) {
        assert_true(aborts(MISUSES[i]));
    }
}

/* -- threads -- */

enum { THREADS = 4, ROUNDS = 20000, NAMES = 50 };

static atomic_bool counting;

static void *count_much(void *nothing)
{
    (void)nothing;
    struct str endpoint = STR("threads");
    struct metric_series *seconds = metric_series(METRIC_REVIEW_SECONDS, &endpoint, 1);
    for (int i = 0; i < ROUNDS; i++) {
        char name[16];
        snprintf(name, sizeof name, "t%d", i % NAMES);
        struct str reason = str_from(name);
        metric_add(metric_series(METRIC_REJECTED, &reason, 1), 1);
        metric_observe_ns(seconds, i % 2 == 0 ? NS_PER_MS : NS_PER_S);
    }
    return NULL;
}

static void check_scrape(double *last)
{
    static const char *const LE[] = {"0.0005", "0.001", "0.5", "1", "10", "+Inf"};
    double below = 0, count = 0;
    for (size_t i = 0; i < COUNT(LE); i++) {
        char wanted[160];
        snprintf(wanted, sizeof wanted,
                 "pratique_review_duration_seconds_bucket{endpoint=\"threads\",le=\"%s\"}", LE[i]);
        count = scrape_value(wanted);
        assert_true(count >= below);
        below = count;
    }
    assert_true(count >= *last);
    *last = count;
}

static void *scrape_meanwhile(void *ret_last)
{
    struct str endpoint = STR("threads");
    (void)metric_series(METRIC_REVIEW_SECONDS, &endpoint, 1);
    while (atomic_load(&counting)) {
        check_scrape(ret_last);
    }
    return NULL;
}

static void nothing_is_lost_among_threads(void **state)
{
    (void)state;
    pthread_t threads[THREADS], reader;
    double last = 0;
    atomic_store(&counting, true);
    assert_int_equal(pthread_create(&reader, NULL, scrape_meanwhile, &last), 0);
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, count_much, NULL), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    atomic_store(&counting, false);
    assert_int_equal(pthread_join(reader, NULL), 0);
    for (int i = 0; i < NAMES; i++) {
        char series[64];
        snprintf(series, sizeof series, "pratique_rejected_total{reason=\"t%d\"}", i);
        assert_true(scrape_value(series) == THREADS * ROUNDS / NAMES);
    }
#define THREADS_SERIES(suffix, le)                                                                 \
    "pratique_review_duration_seconds" suffix "{endpoint=\"threads\"" le "}"
    assert_true(scrape_value(THREADS_SERIES("_count", "")) == THREADS * ROUNDS);
    assert_true(scrape_value(THREADS_SERIES("_bucket", ",le=\"0.5\"")) == THREADS * ROUNDS / 2);
    double sum = scrape_value(THREADS_SERIES("_sum", "")) - THREADS * ROUNDS / 2 * 1.001;
    assert_true(sum > -1e-6 && sum < 1e-6);
}

/* -- how many -- */

static size_t count_lines(const char *text, const char *start)
{
    size_t n = 0, length = strlen(start);
    for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        n += strncmp(line, start, length) == 0;
    }
    return n;
}

static struct metric_series *violation(size_t i)
{
    char name[32];
    snprintf(name, sizeof name, "policy-%zu", i);
    const struct str labels[] = {str_from(name), STR("r"), STR("enforce")};
    return metric_series(METRIC_VIOLATIONS, labels, 3);
}

static size_t violations(void)
{
    char *family = scrape_family("pratique_violations_total");
    size_t n = count_lines(family, "pratique_violations_total{");
    free(family);
    return n;
}

/* An operator with too many rules loses their names, and nothing else. */
static void number_of_series_is_bounded(void **state)
{
    (void)state;
    struct metric_series *first = violation(0);
    size_t i = 1;
    for (size_t n = violations(); n < LIMIT_METRIC_SERIES; n++) {
        metric_add(violation(i++), 1);
    }
    assert_int_equal(violations(), LIMIT_METRIC_SERIES);
    metric_add(violation(i), 1);
    assert_int_equal(violations(), LIMIT_METRIC_SERIES + 1);
    assert_ptr_equal(violation(i), violation(i + 1));
    metric_add(violation(i + 1), 1);
    assert_int_equal(violations(), LIMIT_METRIC_SERIES + 1);
    assert_true(scrape_value("pratique_violations_total{policy=\"other\",rule=\"other\","
                             "mode=\"other\"}") == 2);
    assert_ptr_equal(violation(0), first);
    struct str late = STR("late");
    metric_add(metric_series(METRIC_REJECTED, &late, 1), 1);
    assert_true(scrape_value("pratique_rejected_total{reason=\"late\"}") == 1);
}

int series_tests(void)
{
    static const struct CMUnitTest TESTS[] = {
        cmocka_unit_test(labels_make_the_series),
        cmocka_unit_test(labels_are_copied),
        cmocka_unit_test(misuse_aborts),
        cmocka_unit_test(nothing_is_lost_among_threads),
        cmocka_unit_test(number_of_series_is_bounded),
    };
    return cmocka_run_group_tests_name("series", TESTS, NULL, NULL);
}

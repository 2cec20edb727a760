/* The exposition: families, labels, values, histograms. */
#include "test.h"

#include <ctype.h>

#include "base/clock.h"

static void assert_family(const char *name, const char *wanted)
{
    char *found = scrape_family(name);
    assert_string_equal(found, wanted);
    free(found);
}

/* -- the whole, by a reader that knows the format and nothing else -- */

struct reader {
    char family[128];
    char type[16];
    char *seen[512]; /* families and series */
    size_t n;
};

static void see_once(struct reader *reader, const char *text, size_t n)
{
    char *copy = strndup(text, n);
    assert_non_null(copy);
    for (size_t i = 0; i < reader->n; i++) {
        assert_string_not_equal(reader->seen[i], copy);
    }
    assert_true(reader->n < COUNT(reader->seen));
    reader->seen[reader->n++] = copy;
}

static size_t name_length(const char *text)
{
    size_t n = 0;
    while (isalnum((unsigned char)text[n]) || text[n] == '_') {
        n++;
    }
    assert_true(n > 0 && !isdigit((unsigned char)text[0]));
    return n;
}

/* `{a="b",c="d"}`, with its escapes. Returns what is behind it. */
static const char *skip_labels(const char *at)
{
    if (*at != '{') {
        return at;
    }
    do {
        at++;
        at += name_length(at);
        assert_memory_equal(at, "=\"", 2);
        for (at += 2; *at != '"'; at++) {
            assert_true(*at != '\n' && *at != '\0');
            if (*at == '\\') {
                at++;
                assert_true(*at == '\\' || *at == '"' || *at == 'n');
            }
        }
        at++;
    } while (*at == ',');
    assert_int_equal(*at, '}');
    return at + 1;
}

static void read_sample(struct reader *reader, const char *line)
{
    static const char *const SUFFIXES[] = {"_bucket", "_sum", "_count"};
    size_t n = strlen(reader->family), length = name_length(line);
    assert_memory_equal(line, reader->family, n);
    bool known = length == n && strcmp(reader->type, "histogram") != 0;
    for (size_t i = 0; i < COUNT(SUFFIXES) && strcmp(reader->type, "histogram") == 0; i++) {
        known |= length == n + strlen(SUFFIXES[i]) &&
                 memcmp(line + n, SUFFIXES[i], strlen(SUFFIXES[i])) == 0;
    }
    assert_true(known);
    const char *value = skip_labels(line + length);
    see_once(reader, line, (size_t)(value - line));
    assert_int_equal(*value, ' ');
    double number = 0;
    int digits = 0;
    assert_int_equal(sscanf(value + 1, "%lf%n", &number, &digits), 1);
    assert_int_equal(value[1 + digits], '\n');
}

static void read_line(struct reader *reader, const char *line)
{
    if (strncmp(line, "# HELP ", 7) == 0) {
        size_t n = name_length(line + 7);
        snprintf(reader->family, sizeof reader->family, "%.*s", (int)n, line + 7);
        see_once(reader, line, 7 + n);
        reader->type[0] = '\0';
        assert_true(line[7 + n] == ' ' && isgraph((unsigned char)line[8 + n]));
    } else if (strncmp(line, "# TYPE ", 7) == 0) {
        size_t n = strlen(reader->family);
        assert_memory_equal(line + 7, reader->family, n);
        assert_int_equal(sscanf(line + 7 + n, " %15s", reader->type), 1);
        bool counter = strcmp(reader->type, "counter") == 0;
        bool total = n > 6 && strcmp(reader->family + n - 6, "_total") == 0;
        assert_int_equal(counter, total);
    } else {
        assert_true(reader->type[0] != '\0');
        read_sample(reader, line);
    }
}

static void exposition_is_well_formed(void **state)
{
    (void)state;
    struct reader reader = {.n = 0};
    char *all = scrape();
    const char *line = all;
    for (const char *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        read_line(&reader, line);
    }
    assert_int_equal(*line, '\0');
    for (size_t i = 0; i < reader.n; i++) {
        free(reader.seen[i]);
    }
    free(all);
}

/* -- families -- */

static void unused_families_are_described(void **state)
{
    (void)state;
    assert_family("pratique_images_total", "# HELP pratique_images_total Images judged, by "
                                           "verdict.\n# TYPE pratique_images_total counter\n");
    assert_family("pratique_connections", "# HELP pratique_connections Open connections.\n"
                                          "# TYPE pratique_connections gauge\n");
}

static void counters(void **state)
{
    (void)state;
    struct metric_series *allow =
        metric_series(METRIC_REVIEWS, (struct str[]){STR("/validate"), STR("allow")}, 2);
    struct metric_series *deny =
        metric_series(METRIC_REVIEWS, (struct str[]){STR("/mutate"), STR("deny")}, 2);
    metric_add(allow, 1);
    metric_add(allow, 41);
    metric_add(deny, 0);
    assert_int_equal(metric_value(allow), 42);
    assert_family("pratique_reviews_total",
                  "# HELP pratique_reviews_total Reviews answered, by endpoint and verdict; error: "
                  "not judged, HTTP status 4xx or 5xx.\n"
                  "# TYPE pratique_reviews_total counter\n"
                  "pratique_reviews_total{endpoint=\"/validate\",verdict=\"allow\"} 42\n"
                  "pratique_reviews_total{endpoint=\"/mutate\",verdict=\"deny\"} 0\n");
}

static void gauges(void **state)
{
    (void)state;
    struct metric_series *gauge = metric_series(METRIC_CONNECTIONS, NULL, 0);
    metric_set(gauge, 5);
    metric_add(gauge, -7);
    assert_family("pratique_connections",
                  "# HELP pratique_connections Open connections.\n"
                  "# TYPE pratique_connections gauge\npratique_connections -2\n");
    metric_set(gauge, INT64_MAX);
    assert_true(scrape_value("pratique_connections") > 9.2e18);
    metric_set(gauge, 0);
}

static void labels_are_escaped(void **state)
{
    (void)state;
    const struct str labels[] = {STR("a\\b\"c\nd"), STR("\t} 1"), STR("\xc3\xa9")};
    metric_add(metric_series(METRIC_VIOLATIONS, labels, 3), 3);
    char *family = scrape_family("pratique_violations_total");
    assert_non_null(strstr(family, "\npratique_violations_total{policy=\"a\\\\b\\\"c\\nd\","
                                   "rule=\"\t} 1\",mode=\"\xc3\xa9\"} 3\n"));
    free(family);
}

/* -- histograms -- */

/* In nanoseconds, and as they are written. */
static const struct {
    int64_t ns;
    const char *text;
} BOUNDS[] = {
    {10000, "1e-05"},    {25000, "2.5e-05"},  {50000, "5e-05"},   {100000, "0.0001"},
    {250000, "0.00025"}, {500000, "0.0005"},  {1000000, "0.001"}, {5000000, "0.005"},
    {25000000, "0.025"}, {100000000, "0.1"},  {500000000, "0.5"}, {1000000000, "1"},
    {5000000000, "5"},   {10000000000, "10"},
};

static int bucket(const char *endpoint, const char *le)
{
    char series[160];
    snprintf(series, sizeof series,
             "pratique_review_duration_seconds_bucket{endpoint=\"%s\",le=\"%s\"}", endpoint, le);
    return (int)scrape_value(series);
}

static void histograms_are_written(void **state)
{
    (void)state;
    struct str endpoint = STR("/imagepolicy");
    struct metric_series *series = metric_series(METRIC_REVIEW_SECONDS, &endpoint, 1);
    metric_observe_ns(series, 0);
    metric_observe_ns(series, 20 * NS_PER_US);
    metric_observe_ns(series, 2 * NS_PER_S + 5);
    metric_observe_ns(series, 60 * NS_PER_S);
    assert_int_equal(metric_value(series), 4);
#define LINE(suffix, rest)                                                                         \
    "pratique_review_duration_seconds" suffix "{endpoint=\"/imagepolicy\"" rest
#define BUCKET(le, n) LINE("_bucket", ",le=\"" le "\"} " n "\n")
    assert_family(
        "pratique_review_duration_seconds",
        "# HELP pratique_review_duration_seconds Time from the last byte of a review's body to its "
        "answer.\n# TYPE pratique_review_duration_seconds histogram\n" BUCKET("1e-05", "1")
            BUCKET("2.5e-05", "2") BUCKET("5e-05", "2") BUCKET("0.0001", "2") BUCKET("0.00025", "2")
                BUCKET("0.0005", "2") BUCKET("0.001", "2") BUCKET("0.005", "2") BUCKET("0.025", "2")
                    BUCKET("0.1", "2") BUCKET("0.5", "2") BUCKET("1", "2") BUCKET("5", "3")
                        BUCKET("10", "3") BUCKET("+Inf", "4") LINE("_sum", "} 62.000020005\n")
                            LINE("_count", "} 4\n"));
#undef BUCKET
#undef LINE
}

static void buckets_include_their_bound(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(BOUNDS); i++) {
        char name[16];
        snprintf(name, sizeof name, "b%zu", i);
        struct str endpoint = str_from(name);
        struct metric_series *series = metric_series(METRIC_REVIEW_SECONDS, &endpoint, 1);
        double seconds = 0;
        assert_int_equal(sscanf(BOUNDS[i].text, "%lf", &seconds), 1);
        assert_true(seconds == (double)BOUNDS[i].ns / 1e9);
        metric_observe_ns(series, BOUNDS[i].ns);
        assert_int_equal(bucket(name, BOUNDS[i].text), 1);
        assert_int_equal(i == 0 ? 0 : bucket(name, BOUNDS[i - 1].text), 0);
        metric_observe_ns(series, BOUNDS[i].ns + 1);
        assert_int_equal(bucket(name, BOUNDS[i].text), 1);
        assert_int_equal(bucket(name, i + 1 < COUNT(BOUNDS) ? BOUNDS[i + 1].text : "+Inf"), 2);
    }
}

/* A sum such as -0.-5 would make Prometheus refuse the whole scrape. */
static void negative_durations_count_as_none(void **state)
{
    (void)state;
    struct str endpoint = STR("negative");
    metric_observe_ns(metric_series(METRIC_REVIEW_SECONDS, &endpoint, 1), -5);
    char *family = scrape_family("pratique_review_duration_seconds");
    assert_non_null(strstr(family, "_sum{endpoint=\"negative\"} 0.000000000\n"));
    assert_non_null(strstr(family, "_bucket{endpoint=\"negative\",le=\"1e-05\"} 1\n"));
    free(family);
}

int metrics_tests(void)
{
    static const struct CMUnitTest TESTS[] = {
        cmocka_unit_test(unused_families_are_described),
        cmocka_unit_test(counters),
        cmocka_unit_test(gauges),
        cmocka_unit_test(labels_are_escaped),
        cmocka_unit_test(histograms_are_written),
        cmocka_unit_test(buckets_include_their_bound),
        cmocka_unit_test(negative_durations_count_as_none),
        cmocka_unit_test(exposition_is_well_formed),
    };
    return cmocka_run_group_tests_name("metrics", TESTS, NULL, NULL);
}

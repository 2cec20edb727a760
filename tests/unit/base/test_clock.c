#include "test.h"

#include "base/clock.h"

static void durations(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ns; /* -1: an error */
    } CASES[] = {
        {"0", 0},
        {"10s", 10 * NS_PER_S},
        {"1m30s", 90 * NS_PER_S},
        {"1.5h", 5400 * NS_PER_S},
        {"7d", 7 * 86400 * NS_PER_S},
        {"250ms", 250 * NS_PER_MS},
        {".5s", NS_PER_S / 2},
        {"1.s", NS_PER_S},
        {"1\xc2\xb5s", 1000},
        {"292277h", INT64_C(292277) * 3600 * NS_PER_S},
        {"2562047h", INT64_C(2562047) * 3600 * NS_PER_S},
        {"2562048h", -1}, /* more than 63 bits of nanoseconds */
        {"9999999999999999999999s", -1},
        {"", -1},
        {"10", -1},
        {"s", -1},
        {"-1s", -1},
        {"+1s", -1},
        {"1 s", -1},
        {"1S", -1},
        {"1s ", -1},
        {"1s2", -1},
        {".s", -1},
        {"1..5s", -1},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        int64_t ns = -1;
        struct error err = {0};
        status st = clock_parse_duration(str_from(CASES[i].text), &ns, &err);
        if (failed(st) != (CASES[i].ns < 0) || ns != CASES[i].ns) {
            fail_msg("duration \"%s\": %lld", CASES[i].text, (long long)ns);
        }
        assert_int_equal(err.kind, CASES[i].ns < 0 ? ERROR_INPUT : ERROR_NONE);
    }
}

static void times(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t seconds; /* -1: an error */
    } CASES[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"2000-02-29T12:00:00Z", 951825600},
        {"2026-12-31T00:00:00Z", 1798675200},
        {"2026-12-31T02:00:00+02:00", 1798675200},
        {"2026-12-30T19:30:00-04:30", 1798675200},
        {"2026-12-31t00:00:00z", 1798675200},
        {"2016-12-31T23:59:60Z", 1483228800}, /* a leap second */
        {"2100-03-01T00:00:00Z", 4107542400},
        {"2026-02-29T00:00:00Z", -1},
        {"2100-02-29T00:00:00Z", -1},
        {"2026-13-01T00:00:00Z", -1},
        {"2026-00-01T00:00:00Z", -1},
        {"2026-04-31T00:00:00Z", -1},
        {"2026-12-31", -1},
        {"2026-12-31T24:00:00Z", -1},
        {"2026-12-31T00:00:00", -1},
        {"2026-12-31 00:00:00Z", -1},
        {"2026-12-31T00:00:00.Z", -1},
        {"2026-12-31T00:00:00Zx", -1},
        {"2026-12-31T00:00:00+2:00", -1},
        {"tomorrow", -1},
        {"", -1},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        int64_t ns = -1;
        struct error err = {0};
        status st = clock_parse_time(str_from(CASES[i].text), &ns, &err);
        bool bad = CASES[i].seconds < 0;
        if (failed(st) != bad || ns != (bad ? -1 : CASES[i].seconds * NS_PER_S)) {
            fail_msg("time \"%s\": %lld", CASES[i].text, (long long)ns);
        }
    }
    int64_t ns = 0;
    struct error err;
    assert_false(failed(clock_parse_time(STR("2026-12-31T00:00:00.123456789012Z"), &ns, &err)));
    assert_int_equal(ns % NS_PER_S, 123456789);
    assert_false(failed(clock_parse_time(STR("9999-12-31T23:59:59Z"), &ns, &err)));
    assert_int_equal(ns, INT64_MAX);
}

static void formatting(void **state)
{
    (void)state;
    char text[CLOCK_TEXT_MAX];
    clock_format(1798675200 * NS_PER_S + 7 * NS_PER_MS, text);
    assert_string_equal(text, "2026-12-31T00:00:00.007Z");
    assert_true(clock_monotonic() <= clock_monotonic());
    assert_true(clock_wall() > 1700000000 * NS_PER_S);
}

int clock_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations),
        cmocka_unit_test(times),
        cmocka_unit_test(formatting),
    };
    return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}

#include "test.h"

#include "image/semver.h"

static void parsing(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *version; /* major.minor.patch-prerelease/parts; NULL: none */
    } CASES[] = {
        {"1.2.3", "1.2.3-/3"},
        {"v1.2.3", "1.2.3-/3"},
        {"1.2", "1.2.0-/2"},
        {"1", "1.0.0-/1"},
        {"0", "0.0.0-/1"},
        {"1.27.0-alpine", "1.27.0-alpine/3"},
        {"1.27-alpine3.19", "1.27.0-alpine3.19/2"},
        {"3-alpine", "3.0.0-alpine/1"},
        {"1.2.3-rc.1", "1.2.3-rc.1/3"},
        {"1.2.3-a-b", "1.2.3-a-b/3"},
        {"1.2.3--", "1.2.3--/3"},
        {"1.2.3-0", "1.2.3-0/3"},
        {"1.2.3+build.01", "1.2.3-/3"},
        {"1.2.3-rc.1+b", "1.2.3-rc.1/3"},
        {"1.2.3-rc.1_b-c", "1.2.3-rc.1/3"},
        {"1.2.3_amd64", "1.2.3-/3"},
        {"1+a", "1.0.0-/1"},
        {"1+a-b", "1.0.0-/1"},
        /* as tags have them */
        {"2024.01.15", "2024.1.15-/3"},
        {"24.04", "24.4.0-/2"},
        {"01", "1.0.0-/1"},
        {"20240115", "20240115.0.0-/1"},
        {"18446744073709551614.0.0", "18446744073709551614.0.0-/3"},
        {"18446744073709551615.0.0", NULL},
        {"1.18446744073709551616", NULL},
        {"1.2.3-18446744073709551616", "1.2.3-18446744073709551616/3"},
        {"", NULL},
        {"v", NULL},
        {"V1", NULL},
        {"vv1", NULL},
        {"latest", NULL},
        {"1.", NULL},
        {".1", NULL},
        {"1..2", NULL},
        {"1.2.3.4", NULL},
        {"1.2.x", NULL},
        {"1.2.3-", NULL},
        {"1.2.3-a..b", NULL},
        {"1.2.3-.a", NULL},
        {"1.2.3-01", NULL},
        {"1.2.3-a_b_c", NULL},
        {"1.2.3+", NULL},
        {"1.2.3+a+b", NULL},
        {"1.2.3+a..b", NULL},
        {"1.2.3_", NULL},
        {"1.2.3 ", NULL},
        {" 1.2.3", NULL},
        {"-1.2.3", NULL},
        {"+1", NULL},
        {"1.2.3-\xc3\xa9", NULL},
        {"0x1", NULL},
        {"1e3", NULL},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        arena_auto arena;
        arena_init(&arena, ROOM);
        struct semver v = {.parts = 99};
        bool good = semver_parse(str_from(CASES[i].text), &v);
        if (good != (CASES[i].version != NULL)) {
            fail_msg("version \"%s\" is %s", CASES[i].text, good ? "taken" : "refused");
        }
        struct str got =
            arena_printf(&arena, "%ju.%ju.%ju-%.*s/%u", (uintmax_t)v.major, (uintmax_t)v.minor,
                         (uintmax_t)v.patch, STR_ARG(v.prerelease), v.parts);
        if (good ? !str_eq(got, str_from(CASES[i].version)) : v.parts != 99) {
            fail_msg("version \"%s\" became %.*s", CASES[i].text, STR_ARG(got));
        }
    }
    struct semver v;
    assert_false(semver_parse((struct str){NULL, 0}, &v));
    assert_false(semver_parse((struct str){"1\0.2", 4}, &v));
}

/* Each stands below the next, and is equal to itself: all pairs are compared. */
static const char *const LADDER[] = {
    "0.0.0-0",
    "0.0.0-1",
    "0.0.0-99999999999999999999",
    "0.0.0-100000000000000000000",
    "0.0.0--",
    "0.0.0-a",
    "0.0.0",
    "0.0.1-0",
    "0.0.1",
    "0.1.0",
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "1.0.0",
    "1.2",
    "1.10.0",
    "2.0.0-A",
    "2.0.0-a",
    "2",
    "18446744073709551614.18446744073709551614.18446744073709551614",
};

static void order(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(LADDER); i++) {
        for (size_t k = 0; k < COUNT(LADDER); k++) {
            struct semver a, b;
            assert_true(semver_parse(str_from(LADDER[i]), &a));
            assert_true(semver_parse(str_from(LADDER[k]), &b));
            int got = semver_cmp(&a, &b), wanted = (i > k) - (i < k);
            if ((got > 0) - (got < 0) != wanted) {
                fail_msg("%s and %s: %d", LADDER[i], LADDER[k], got);
            }
        }
    }
}

static void equal(void **state)
{
    (void)state;
    static const char *const PAIRS[][2] = {
        {"1", "1.0.0"},       {"v1.2", "1.2.0"}, {"1.2.3+a", "1.2.3+b"},
        {"1.2.3_a", "1.2.3"}, {"01.02", "1.2"},  {"1-rc", "1.0.0-rc+x"},
    };
    for (size_t i = 0; i < COUNT(PAIRS); i++) {
        struct semver a, b;
        assert_true(semver_parse(str_from(PAIRS[i][0]), &a));
        assert_true(semver_parse(str_from(PAIRS[i][1]), &b));
        assert_int_equal(semver_cmp(&a, &b), 0);
    }
}

int semver_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parsing),
        cmocka_unit_test(order),
        cmocka_unit_test(equal),
    };
    return cmocka_run_group_tests_name("semver", tests, NULL, NULL);
}

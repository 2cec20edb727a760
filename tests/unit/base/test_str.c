#include "test.h"

#include <string.h>

#include "base/str.h"
#include "base/utf8.h"

static void comparing(void **state)
{
    (void)state;
    assert_true(str_eq(STR("a\0b"), (struct str){"a\0b", 3}));
    assert_false(str_eq(STR("a"), STR("ab")));
    assert_true(str_eq(STR_EMPTY, (struct str){NULL, 0}));
    assert_true(str_eq_nocase(STR("GHCR.io"), STR("ghcr.IO")));
    assert_false(str_eq_nocase(STR("a"), STR("b")));
    assert_false(str_eq_nocase(STR("["), STR("{"))); /* 0x20 apart, but no letters */
    assert_true(str_cmp(STR("a"), STR("b")) < 0);
    assert_true(str_cmp(STR("ab"), STR("a")) > 0);
    assert_int_equal(str_cmp(STR("x"), STR("x")), 0);
    assert_true(str_starts(STR("docker.io/x"), STR("docker.io")));
    assert_false(str_starts(STR("doc"), STR("docker")));
    assert_true(str_ends(STR("a.yaml"), STR(".yaml")));
    assert_false(str_ends(STR("yaml"), STR(".yaml")));
}

static void cutting(void **state)
{
    (void)state;
    struct str before, after;
    assert_true(str_cut(STR("a:b:c"), ':', &before, &after));
    assert_true(str_eq(before, STR("a")) && str_eq(after, STR("b:c")));
    assert_false(str_cut(STR("abc"), ':', &before, &after));
    assert_true(str_eq(before, STR("abc")) && after.n == 0);
    assert_int_equal(str_find(STR("a:b:c"), ':'), 1);
    assert_int_equal(str_rfind(STR("a:b:c"), ':'), 3);
    assert_int_equal(str_rfind(STR_EMPTY, ':'), 0);
    assert_true(str_eq(str_sub(STR("abc"), 1, 99), STR("bc")));
    assert_int_equal(str_sub(STR("abc"), 5, 9).n, 0);
    assert_int_equal(str_sub(STR("abc"), 2, 1).n, 0);
    assert_true(str_eq(str_trim(STR(" \t\na b\r\n")), STR("a b")));
    assert_int_equal(str_trim(STR("  ")).n, 0);
}

static void numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t max;
        bool good;
    } CASES[] = {
        {"0", 10, true},
        {"10", 10, true},
        {"11", 10, false},
        {"007", 10, true},
        {"18446744073709551615", UINT64_MAX, true},
        {"18446744073709551616", UINT64_MAX, false},
        {"5", 4, false},
        {"", 10, false},
        {"-1", 10, false},
        {"1 ", 10, false},
        {"0x1", 10, false},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        uint64_t value = 99;
        if (str_parse_u64(str_from(CASES[i].text), CASES[i].max, &value) != CASES[i].good) {
            fail_msg("number \"%s\"", CASES[i].text);
        }
        assert_true(CASES[i].good || value == 99);
    }
}

static void nearest(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"allow", "deny", "require", "namespaces", "tag", NULL};
    static const struct {
        const char *word;
        const char *nearest;
    } CASES[] = {
        {"alow", "allow"},
        {"allows", "allow"},
        {"dney", "deny"},
        {"Require", "require"},
        {"nameSpace", "namespaces"},
        {"tags", "tag"},
        {"signature", NULL},
        {"x", NULL},
        {"", NULL},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        const char *found = str_nearest(str_from(CASES[i].word), NAMES);
        bool same = found == NULL || CASES[i].nearest == NULL
                        ? found == CASES[i].nearest
                        : strcmp(found, CASES[i].nearest) == 0;
        if (!same) {
            fail_msg("nearest to \"%s\": %s", CASES[i].word, found == NULL ? "(none)" : found);
        }
    }
}

static void utf8(void **state)
{
    (void)state;
    assert_true(utf8_valid(STR("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80")));
    static const char *const BAD[] = {"\x80",
                                      "\xc0\xaf",
                                      "\xc3",
                                      "\xe0\x80\x80",
                                      "\xed\xa0\x80",
                                      "\xf4\x90\x80\x80",
                                      "\xf8\x88\x80\x80\x80",
                                      "\xe2\x82"};
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        if (utf8_valid(str_from(BAD[i]))) {
            fail_msg("row %zu counts as UTF-8", i);
        }
    }
    struct str euro = STR("ab\xe2\x82\xac");
    assert_int_equal(utf8_cut(euro.p, euro.n, 5), 5);
    assert_int_equal(utf8_cut(euro.p, euro.n, 4), 2);
    assert_int_equal(utf8_cut(euro.p, euro.n, 3), 2);
    assert_int_equal(utf8_cut(euro.p, euro.n, 2), 2);
    assert_int_equal(utf8_cut(euro.p, euro.n, 99), 5);
    assert_int_equal(utf8_cut("", 0, 4), 0);
}

int str_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comparing), cmocka_unit_test(cutting), cmocka_unit_test(numbers),
        cmocka_unit_test(nearest),   cmocka_unit_test(utf8),
    };
    return cmocka_run_group_tests_name("str", tests, NULL, NULL);
}

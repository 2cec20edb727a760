#include "test.h"

#include "base/limits.h"
#include "image/semver.h"

static const struct semver_range *compile(struct arena *arena, const char *text)
{
    const struct semver_range *range = NULL;
    struct error err;
    if (failed(semver_range_parse(arena, str_from(text), &range, &err))) {
        fail_msg("%s", err.text);
    }
    return range;
}

static struct semver parse(const char *text)
{
    struct semver version;
    if (!semver_parse(str_from(text), &version)) {
        fail_msg("\"%s\" is no version", text);
    }
    return version;
}

static void matching(void **state)
{
    (void)state;
    static const struct {
        const char *range;
        const char *in;  /* versions, joined by spaces */
        const char *out; /* likewise */
    } CASES[] = {
        {"1.2.3", "1.2.3 v1.2.3 1.2.3+b", "1.2.2 1.2.4 1.2.3-a 2.2.3"},
        {"=1.2.3", "1.2.3", "1.2.4"},
        {"= v1.2.3", "1.2.3", "1.2.4"},
        {"1.2", "1.2.0 1.2.9 1.2", "1.1.9 1.3.0 1.2.5-rc.1"},
        {"=1.2", "1.2.0 1.2.9", "1.3.0"},
        {"1.2.x", "1.2.0 1.2.9", "1.1.9 1.3.0"},
        {"1.2.*", "1.2.0 1.2.9", "1.1.9 1.3.0"},
        {"1.X", "1.0.0 1.9.9", "0.9.9 2.0.0"},
        {"1.x.x", "1.0.0 1.9.9", "0.9.9 2.0.0"},
        {"v1.x", "1.0.0 1.9.9", "0.9.9 2.0.0"},
        {"1", "1.0.0 1.9.9", "0.9.9 2.0.0"},
        {"*", "0.0.0 1.2.3 99", "1.2.3-rc.1"},
        {"x", "0.0.0 1.2.3", "1.2.3-rc.1"},
        {"!=1.2.3", "1.2.2 1.2.4 0.0.0", "1.2.3 1.2.3+b 1.2.2-rc.1"},
        {"!=1.2", "1.1.9 1.3.0", "1.2.0 1.2.5"},
        {">1.2.3", "1.2.4 2", "1.2.3 1.2.2"},
        {">1.2", "1.3.0 2", "1.2.0 1.2.9"},
        {">1", "2.0.0", "1.0.0 1.9.9"},
        {">=1.2.3", "1.2.3 9", "1.2.2"},
        {">=1.2", "1.2.0 9", "1.1.9"},
        {"<1.2.3", "1.2.2 0", "1.2.3"},
        {"<1.2", "1.1.9", "1.2.0 1.2.1"},
        {"<=1.2.3", "1.2.3 0", "1.2.4"},
        {"<=1.2", "1.2.0 1.2.99", "1.3.0"},
        {"<=1", "1.99.99", "2.0.0"},
        {"~1.2.3", "1.2.3 1.2.9", "1.2.2 1.3.0"},
        {"~1.2", "1.2.0 1.2.9", "1.1.9 1.3.0"},
        {"~1", "1.0.0 1.9.9", "0.9.9 2.0.0"},
        {"~0.0.0", "0.0.0 0.0.9", "0.1.0 1.0.0"},
        {"^1.2.3", "1.2.3 1.99.0", "1.2.2 2.0.0"},
        {"^1.2", "1.2.0 1.99.0", "1.1.9 2.0.0"},
        {"^1", "1.0.0 1.99.0", "0.9.9 2.0.0"},
        {"^0.2.3", "0.2.3 0.2.9", "0.2.2 0.3.0 1.0.0"},
        {"^0.2", "0.2.0 0.2.9", "0.1.9 0.3.0"},
        {"^0.0.3", "0.0.3", "0.0.2 0.0.4"},
        {"^0.0.0", "0.0.0", "0.0.1"},
        {"^0.0", "0.0.0 0.0.9", "0.1.0"},
        {"^0", "0.0.0 0.9.9", "1.0.0"},
        {"^0.x", "0.0.0 0.9.9", "1.0.0"},
        {">=1.2 <3", "1.2.0 2.9.9", "1.1.9 3.0.0"},
        {">=1.2, <3", "1.2.0 2.9.9", "1.1.9 3.0.0"},
        {">=1.2,<3", "1.2.0 2.9.9", "1.1.9 3.0.0"},
        {" >= 1.2 , < 3 ", "1.2.0 2.9.9", "1.1.9 3.0.0"},
        {">=1.2\n<3", "1.2.0 2.9.9", "1.1.9 3.0.0"},
        {">=1.2 <3 !=1.5", "1.4.9 1.6.0", "1.5.0 1.5.9"},
        {"1.2 || 2.x || >=5", "1.2.9 2.5.0 5.0.0", "1.3.0 3.0.0 4.9.9"},
        {"1.2||2.x", "1.2.9 2.5.0", "1.3.0 3.0.0"},
        {"1.2 - 1.4", "1.2.0 1.4.9", "1.1.9 1.5.0"},
        {"1.2.3 - 1.4.5", "1.2.3 1.4.5", "1.2.2 1.4.6"},
        {"1.2 - 1.4 !=1.3", "1.2.0 1.4.9", "1.3.0"},
        {"1 - 2 || 4", "1.0.0 2.9.9 4.1.1", "3.0.0"},
        {">=24.04", "24.04 24.10 25.01", "23.10 24.03"},
        {">=2024.01.15", "2024.01.15 2024.2.1", "2024.01.14"},
        {">2 <1", "", "0.0.0 1 1.5 2 3"},
        {"=1.2.3 =1.2.4", "", "1.2.3 1.2.4"},
        /* prereleases: only where the same alternative names one */
        {">=1.2.3-0", "1.2.3-0 1.2.3-rc.1 1.2.3 9.0.0-a", "1.2.2"},
        {">=1.27-0", "1.27.0-alpine 1.27.0 1.28.1-alpine", "1.26.9 1.26.9-z"},
        {">=1.27-0 <2", "1.27.0-alpine 1.99.0-x", "2.0.0-rc.1 2.0.0"},
        {">=1.27-0 <2.0.0", "1.99.0-x 2.0.0-rc.1", "2.0.0"},
        {"^1.27-0", "1.27.0-alpine 1.28.0-x", "2.0.0-0 2.0.0-rc.1"},
        {"~1.27-0", "1.27.0-alpine 1.27.9", "1.28.0-0"},
        {"<=1.2 >=1.0.0-0", "1.2.9-x 1.0.0-a", "1.3.0-0 1.3.0"},
        {"1.27-alpine", "1.27-alpine 1.27.0-alpine", "1.27.0 1.27.1-alpine"},
        {">1.2.3-rc.1", "1.2.3-rc.2 1.2.3 1.2.4-a", "1.2.3-rc.1 1.2.3-rc.0"},
        {"1.0 || >=2.0.0-0", "1.0.0 2.0.0-a", "1.0.5-a"},
        {">=1.0.0 !=1.5.0-rc.1", "1.5.0", "1.5.0-rc.1 1.5.0-rc.2"},
        {">=1.0.0-0 !=1.5.0-rc.1", "1.5.0-rc.2", "1.5.0-rc.1"},
        {">=1.0.0-0 !=1.5", "1.4.0-x 1.6.0", "1.5.0-rc.1 1.5.9-x 1.5.0"},
        {"<1.0.0", "0.9.9", "1.0.0-rc.1"},
        {"0.0.0-0 - 0.0.0", "0.0.0-0 0.0.0-x 0.0.0", "0.0.1"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        arena_auto arena;
        arena_init(&arena, ROOM);
        const struct semver_range *range = compile(&arena, CASES[i].range);
        for (int in = 0; in < 2; in++) {
            struct str word, rest = str_from(in == 1 ? CASES[i].in : CASES[i].out);
            while (rest.n > 0) {
                (void)str_cut(rest, ' ', &word, &rest);
                struct semver version = parse(arena_dup(&arena, word).p);
                if (semver_range_match(range, &version) != in) {
                    fail_msg("\"%.*s\" is %s \"%s\"", STR_ARG(word), in == 1 ? "not in" : "in",
                             CASES[i].range);
                }
            }
        }
    }
}

static void refusals(void **state)
{
    (void)state;
    static const struct {
        const char *range;
        const char *message; /* part of it */
    } CASES[] = {
        {"", "empty: write \"*\" for any version"},
        {"  ", "empty: write \"*\" for any version"},
        {">=1 ||", "empty: write \"*\" for any version"},
        {"|| 1", "empty: write \"*\" for any version"},
        {"1 || || 2", "empty: write \"*\" for any version"},
        {"1 | 2", "\"|\" is no version"},
        {"=>1.2", "did you mean \">=\"?"},
        {"=<1.2", "did you mean \"<=\"?"},
        {"==1.2", "did you mean \"=\"?"},
        {"~>1.2", "did you mean \"~\"?"},
        {"!1.2", "did you mean \"!=\"?"},
        {"<>1.2", "did you mean \"!=\"?"},
        {">>1", "\">>\" is no operator"},
        {">= ", "a version is missing behind \">=\""},
        {">=", "a version is missing behind \">=\""},
        {", 1", "a version is missing behind \"\""},
        {"1,,2", "a version is missing behind \"\""},
        {"1,", "nothing stands behind the last \",\""},
        {">=1.2<3", "\"1.2<3\" is no version"},
        {"latest", "\"latest\" is no version"},
        {"1.2.3.4", "\"1.2.3.4\" is no version"},
        {"1.x.3", "\"1.x.3\" is no version"},
        {"1.2.3.x", "\"1.2.3.x\" is no version"},
        {"1.x-rc.1", "\"1.x-rc.1\" is no version"},
        {"*.1", "\"*.1\" is no version"},
        {">*", "any version is \"*\" alone"},
        {"^x", "any version is \"*\" alone"},
        {"* - 2", "write \"<=\" instead"},
        {"1 - *", "any version is \"*\" alone"},
        {"1 -", "a version is missing behind \"-\""},
        {"1 -2", "\"-2\" is no version"},
        {">=1 - 2", "\"-\" is no version"},
        {"1.2.3+b", "leave it out"},
        {"1.2.3_b", "leave it out"},
        {"^18446744073709551615", "is no version"},
        {"1.2.3-", "is no version"},
        {"^1.2.3-01", "is no version"},
        {"1.2\x01", "is no version"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        arena_auto arena;
        arena_init(&arena, ROOM);
        const struct semver_range *range = NULL;
        struct error err = {0};
        if (!failed(semver_range_parse(&arena, str_from(CASES[i].range), &range, &err))) {
            fail_msg("range \"%s\" is taken", CASES[i].range);
        }
        if (err.kind != ERROR_INPUT || strstr(err.text, CASES[i].message) == NULL) {
            fail_msg("range \"%s\": %s", CASES[i].range, err.text);
        }
        assert_null(range);
    }
}

#define TOP "18446744073709551614" /* SEMVER_NUMBER_MAX */

static void emptiness(void **state)
{
    (void)state;
    static const struct {
        const char *range;
        bool empty;
    } CASES[] = {
        {"*", false},
        {"1.2.3", false},
        {">2 <1", true},
        {">=2 <2", true},
        {">=2 <=2.0.0", false},
        {">2.0.0 <2.0.1", true},
        {">2.0.0 <2.0.2", false},
        {">2 <=2.5", true},
        {"<0", true},
        {"<0.0.0", true},
        {"<=0.0.0", false},
        {"1.x 2.x", true},
        {"^1.2 <1.2", true},
        {"^1.2 <1.2.1", false},
        {"=1.2.3 !=1.2.3", true},
        {"1.2 !=1.2", true},
        {"1.2 !=1.2.0", false},
        {">=1.2.0 <1.2.3 !=1.2.0 !=1.2.2 !=1.2.1", true},
        {">=1.2.0 <1.2.3 !=1.2.0 !=1.2.2", false},
        {">=1.2 <1.4 !=1.3 !=1.2", true},
        {">2 <1 || 3", false},
        {">2 <1 || <0", true},
        {"!=1", false},
        {"<1 !=0", true},
        {">" TOP, true},
        {">" TOP "." TOP "." TOP, true},
        {">=" TOP "." TOP "." TOP, false},
        {">1." TOP " <2", true},
        {">1." TOP "." TOP " <2.0.0", true},
        {">1." TOP "." TOP " <=2.0.0", false},
        {">=1.0." TOP " <1.1 !=1.0." TOP, true},
        /* with a prerelease: sure only where bounds cross */
        {">=1.0.0-b <1.0.0-a", true},
        {">1.0.0-a <1.0.0-a", true},
        {"=1.0.0-a", false},
        {"=1.0.0-a !=1.0.0-a", true},
        {">=1.0.0-a <1.0.0", false},
        {">=1.0.0-0", false},
        {"<1 >=1-0", true},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        arena_auto arena;
        arena_init(&arena, ROOM);
        if (semver_range_empty(compile(&arena, CASES[i].range)) != CASES[i].empty) {
            fail_msg("range \"%s\" counts as %s", CASES[i].range,
                     CASES[i].empty ? "inhabited" : "empty");
        }
    }
}

/* Over a small world, emptiness says what matching says: exactly, for versions without prerelease
 * and ranges that lie within that world. */
static void emptiness_agrees_with_matching(void **state)
{
    (void)state;
    static const char *const OPERATORS[] = {"", "=", "!=", ">", ">=", "<", "<=", "^", "~"};
    static const char *const VERSIONS[] = {"0",   "1",     "1.0",   "1.1",   "0.1",  "0.0.1",
                                           "1.x", "1.0.0", "1.0.1", "1.1.0", "1.1.1"};
    enum { COMPARATORS = COUNT(OPERATORS) * COUNT(VERSIONS) };
    arena_auto arena;
    arena_init(&arena, 64 * ROOM);
    size_t empty = 0;
    for (size_t i = 0; i < COMPARATORS * COMPARATORS; i++) {
        size_t a = i / COMPARATORS, b = i % COMPARATORS;
        arena_reset(&arena);
        struct str text =
            arena_printf(&arena, "%s%s %s%s <=2.2.2", OPERATORS[a / COUNT(VERSIONS)],
                         VERSIONS[a % COUNT(VERSIONS)], OPERATORS[b / COUNT(VERSIONS)],
                         VERSIONS[b % COUNT(VERSIONS)]);
        const struct semver_range *range = compile(&arena, text.p);
        bool inhabited = false;
        for (unsigned v = 0; v < 27; v++) {
            const struct semver version = {v / 9, v / 3 % 3, v % 3, STR_EMPTY, 3};
            inhabited = inhabited || semver_range_match(range, &version);
        }
        if (inhabited == semver_range_empty(range)) {
            fail_msg("range \"%s\" counts as %s", text.p, inhabited ? "empty" : "inhabited");
        }
        empty += !inhabited;
    }
    assert_true(empty > 500);
}

static void limits(void **state)
{
    (void)state;
    arena_auto arena;
    arena_init(&arena, ROOM);
    const struct semver_range *range;
    struct error err;
    char text[LIMIT_PATTERN_TEXT + 1];
    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = i % 2 == 0 ? '1' : ' ';
    }
    text[LIMIT_PATTERN_TEXT - 1] = '1';
    assert_false(
        failed(semver_range_parse(&arena, (struct str){text, LIMIT_PATTERN_TEXT}, &range, &err)));
    assert_true(failed(
        semver_range_parse(&arena, (struct str){text, LIMIT_PATTERN_TEXT + 1}, &range, &err)));
    assert_int_equal(err.kind, ERROR_LIMIT);
}

int semver_range_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matching),  cmocka_unit_test(refusals),
        cmocka_unit_test(emptiness), cmocka_unit_test(emptiness_agrees_with_matching),
        cmocka_unit_test(limits),
    };
    return cmocka_run_group_tests_name("semver range", tests, NULL, NULL);
}

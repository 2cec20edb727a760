/* When what came out is what was expected. */
#include <string.h>

#include "test.h"

/* Entries of one letter each; NULL: not expected. */
static struct suite_entries entries(struct str room[static 8], const char *letters)
{
    struct suite_entries entries = {.items = room, .set = letters != NULL};
    for (; letters != NULL && letters[entries.n] != '\0'; entries.n++) {
        room[entries.n] = (struct str){letters + entries.n, 1};
    }
    return entries;
}

static const struct {
    const char *expected, *got;
    bool any_order, in_order;
} ROWS[] = {
    {NULL, "", true, true},      {NULL, "ab", true, true},     {"", "", true, true},
    {"", "a", false, false},     {"a", "", false, false},      {"ab", "ab", true, true},
    {"ab", "ba", true, false},   {"aab", "abb", false, false}, {"aab", "aba", true, false},
    {"ab", "abc", false, false}, {"aa", "a", false, false},
};

static void test_fields(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct str a[8], b[8];
        struct suite_entries expected = entries(a, ROWS[i].expected), got = entries(b, ROWS[i].got);
        for (enum suite_field field = 0; field < SUITE_FIELDS; field++) {
            bool want = field == SUITE_PATCH ? ROWS[i].in_order : ROWS[i].any_order;
            if (suite_field_agrees(field, &expected, &got) != want) {
                fail_msg("row %zu, %s", i, suite_field_name(field));
            }
        }
    }
}

static void test_cases(void **state)
{
    (void)state;
    struct str room[8], other[8];
    struct suite_case test = {.name = STR("x")};
    struct suite_outcome got = {.fields = {[SUITE_VERDICT] = entries(room, "d")}};
    assert_false(suite_passes(&test, &got)); /* what expects nothing shows nothing */
    test.expected.fields[SUITE_VERDICT] = entries(other, "d");
    assert_true(suite_passes(&test, &got));
    test.expected.fields[SUITE_RULES] = entries(other, "d");
    assert_false(suite_passes(&test, &got));
}

int compare_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_cases),
    };
    return cmocka_run_group_tests_name("compare", tests, NULL, NULL);
}

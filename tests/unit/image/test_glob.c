#include "test.h"

#include "image/glob.h"

static void matching(void **state)
{
    (void)state;
    static const struct {
        const char *glob;
        const char *text;
        bool match;
    } CASES[] = {
        {"", "", true},
        {"", "a", false},
        {"*", "", true},
        {"*", "anything at all", true},
        {"a", "a", true},
        {"a", "A", false},
        {"a", "ab", false},
        {"ab", "a", false},
        {"a*", "a", true},
        {"a*", "abc", true},
        {"a*", "ba", false},
        {"*a", "a", true},
        {"*a", "bca", true},
        {"*a", "ab", false},
        {"a*b", "ab", true},
        {"a*b", "aXXb", true},
        {"a*b", "aXXbX", false},
        {"a*b*c", "a-b-b-c", true},
        {"a*b*c", "a-c-b", false},
        {"**", "x", true},
        {"*ab*ab", "abab", true},
        {"*ab*ab", "aabb", false},
        {"prod-*", "prod-eu", true},
        {"prod-*", "preprod-eu", false},
        {"a?c", "abc", false},
        {"a?c", "a?c", true},
        {"[ab]", "a", false},
        {"a.c", "abc", false},
        {"*-*-*", "a-b", false},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        if (glob_match(str_from(CASES[i].glob), str_from(CASES[i].text)) != CASES[i].match) {
            fail_msg("glob \"%s\", text \"%s\"", CASES[i].glob, CASES[i].text);
        }
    }
    assert_true(glob_match((struct str){NULL, 0}, (struct str){NULL, 0}));
}

/* By the definition, in exponential time: the first character of the glob decides. */
static bool match_slowly(const char *glob, const char *text)
{
    if (*glob == '\0') {
        return *text == '\0';
    }
    if (*glob == '*') {
        return match_slowly(glob + 1, text) || (*text != '\0' && match_slowly(glob, text + 1));
    }
    return *glob == *text && match_slowly(glob + 1, text + 1);
}

/* Texts over a few letters, counted up. */
static void spell(unsigned number, const char *letters, char ret_text[8])
{
    unsigned base = (unsigned)strlen(letters);
    size_t n = 0;
    for (; number > 0; number = (number - 1) / base) {
        ret_text[n++] = letters[(number - 1) % base];
    }
    ret_text[n] = '\0';
}

static void agrees_with_the_definition(void **state)
{
    (void)state;
    char glob[8], text[8];
    for (unsigned g = 0; g <= 1092; g++) { /* to 6 characters of "ab*" */
        spell(g, "ab*", glob);
        for (unsigned t = 0; t <= 126; t++) { /* to 6 characters of "ab" */
            spell(t, "ab", text);
            if (glob_match(str_from(glob), str_from(text)) != match_slowly(glob, text)) {
                fail_msg("glob \"%s\", text \"%s\"", glob, text);
            }
        }
    }
}

/* Thirty stars against forty thousand letters: a matcher that tries all ways never returns. */
static void many_stars(void **state)
{
    (void)state;
    static char text[40000];
    memset(text, 'a', sizeof text);
    struct str glob = STR("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b");
    assert_false(glob_match(glob, (struct str){text, sizeof text}));
}

static void lists(void **state)
{
    (void)state;
    struct str include[] = {STR("prod-*"), STR("shop")};
    struct str exclude[] = {STR("prod-test")};
    const struct glob_list all = {0};
    const struct glob_list some = {include, 2, NULL, 0};
    const struct glob_list but = {include, 2, exclude, 1};
    const struct glob_list not_this = {NULL, 0, exclude, 1};
    assert_true(glob_list_match(&all, STR("x")));
    assert_true(glob_list_match(&some, STR("prod-test")));
    assert_false(glob_list_match(&some, STR("x")));
    assert_true(glob_list_match(&but, STR("shop")));
    assert_false(glob_list_match(&but, STR("prod-test")));
    assert_true(glob_list_match(&not_this, STR("x")));
    assert_false(glob_list_match(&not_this, STR("prod-test")));
}

int glob_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matching),
        cmocka_unit_test(agrees_with_the_definition),
        cmocka_unit_test(many_stars),
        cmocka_unit_test(lists),
    };
    return cmocka_run_group_tests_name("glob", tests, NULL, NULL);
}

#include "test.h"

#include "policy/words.h"

static const struct {
    const char *text;
    size_t max;
    const char *safe;
} SAFE[] = {
    {"nginx:1", 100, "nginx:1"},
    {"", 100, ""},
    {"a\"b\\c", 100, "a\\\"b\\\\c"},
    {"a\nb\r\tc\x1b[31m\x7f", 100, "a?b??c?[31m?"},
    {"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xb3", 100, "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xb3"},
    /* not UTF-8: alone, cut short, overlong, a surrogate */
    {"a\xff"
     "b",
     100, "a?b"},
    {"a\xe2\x82", 100, "a??"},
    {"\xc0\xaf", 100, "??"},
    {"\xed\xa0\x80", 100, "???"},
    /* C1 controls, line separators, marks that reorder or hide */
    {"a\xc2\x9b"
     "b",
     100, "a?b"},
    {"a\xe2\x80\xa8"
     "b",
     100, "a?b"},
    {"a\xe2\x80\xae"
     "b",
     100, "a?b"},
    {"a\xe2\x80\x8b"
     "b",
     100, "a?b"},
    {"a\xe2\x81\xa6"
     "b",
     100, "a?b"},
    {"a\xef\xbb\xbf"
     "b",
     100, "a?b"},
    {"a\xd8\x9c"
     "b",
     100, "a?b"},
    /* cut at a character's border, which is shown */
    {"abc", 3, "abc"},
    {"abcd", 3, "abc\xe2\x80\xa6"},
    {"a\xe2\x82\xac", 3, "a\xe2\x80\xa6"},
    {"a\xe2\x82\xac", 4, "a\xe2\x82\xac"},
};

static void safe(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(SAFE); i++) {
        arena_auto arena;
        arena_init(&arena, MIB);
        struct policy_words words = {0};
        policy_words_safe(&words, str_from(SAFE[i].text), SAFE[i].max);
        struct str text = policy_words_done(&words, &arena);
        if (!str_eq(text, str_from(SAFE[i].safe))) {
            fail_msg("case %zu: %.*s, not %s", i, STR_ARG(text), SAFE[i].safe);
        }
    }
}

/* What is over the limit is left out whole, and "…" says so. */
static void full(void **state)
{
    (void)state;
    static const struct str ELLIPSIS = {"\xe2\x80\xa6", 3};
    char text[LIMIT_MESSAGE + 2];
    memset(text, 'x', sizeof text);
    for (size_t n = LIMIT_MESSAGE - 4; n <= LIMIT_MESSAGE + 1; n++) {
        arena_auto arena;
        arena_init(&arena, MIB);
        struct policy_words words = {0};
        policy_words_safe(&words, (struct str){text, n}, sizeof text);
        policy_words_add(&words, "%s", "");
        struct str safe = policy_words_done(&words, &arena);
        bool fits = n <= LIMIT_MESSAGE - ELLIPSIS.n;
        assert_int_equal(safe.n, fits ? n : LIMIT_MESSAGE);
        assert_int_equal(str_ends(safe, ELLIPSIS), !fits);
        policy_words_add(&words, "more");
        policy_words_safe(&words, STR("more"), 4);
        assert_true(policy_words_done(&words, &arena).n <= LIMIT_MESSAGE);
    }
}

int words_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(safe),
        cmocka_unit_test(full),
    };
    return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}

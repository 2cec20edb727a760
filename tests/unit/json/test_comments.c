/* Comments of YAML: which there are, in which line, and whether they stand alone. */
#include "test.h"
#include "json/comments.h"

struct row {
    const char *text;
    const char
        *want; /* "LINE:TEXT" each, "+" before those of their own line; then starts, anchor */
};

static const struct row ROWS[] = {
    {"", ""},
    {"a: 1", ""},
    {"# a", "+1:# a "},
    {"a: 1 # b  \n", "1:# b "},
    {"  # a\n\n#\n", "+1:# a +3:# "},
    {"a: '# no' # yes\nb: \"# no\"\nc: x#no\n", "1:# yes "},
    {"a: | # b\n  # no\n  text\n# c\n", "1:# b +4:# c "},
    {"a: >-\n  # no\n\n  # no\n", ""},
    {"a: |\n\n# b\n", "+3:# b "},
    {"- # a\n  b\n", "+1:# a "},
    {"--- # a\nb: 1\n--- # c\n", "+1:# a +3:# c ---1 ---3 "},
    {"a: b\n... # c\n", "2:# c "},
    {"a: [1, # b\n 2 # c\n ] # d\n", "1:# b 2:# c 3:# d "},
    {"a: b\r\n# c\r\nd: e # f\r\n", "+2:# c 3:# f "},
    {"# a\rb: c # d\r", "+1:# a 2:# d "},
    {"# a\xe2\x80\xa8"
     "b: c # d\xc2\x85# e",
     "+1:# a 2:# d +3:# e "},
    {"\xef\xbb\xbf# a\n", "+1:# a "},
    {"a: \xc3\xa9 # b\nc: \xf0\x9f\x98\x80 # d\n", "1:# b 2:# d "},
    {"a: &x 1\nb: *x # c\n", "2:# c &1"},
    {"a: 1\nb: 2\nc: *x\n", "&3"},
    {"a: '&x'\n", ""},
};

static void test_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        arena_auto arena;
        arena_init(&arena, MIB);
        struct comments comments;
        struct error err;
        assert_false(failed(comments_find(&arena, str_from(ROWS[i].text), &comments, &err)));
        buf_auto got;
        buf_init(&got, MIB);
        for (size_t j = 0; j < comments.n; j++) {
            const struct comment *comment = &comments.items[j];
            buf_printf(&got, "%s%u:%.*s ", comment->own_line ? "+" : "", comment->line,
                       STR_ARG(comment->text));
        }
        for (size_t j = 0; j < comments.n_starts; j++) {
            buf_printf(&got, "---%u ", comments.starts[j]);
        }
        if (comments.anchor > 0) {
            buf_printf(&got, "&%u", comments.anchor);
        }
        expect_text(ROWS[i].text, buf_str(&got), ROWS[i].want);
    }
}

static void test_no_yaml(void **state)
{
    (void)state;
    arena_auto arena;
    arena_init(&arena, MIB);
    struct comments comments;
    struct error err;
    assert_true(failed(comments_find(&arena, STR("a: 1\n\"b"), &comments, &err)));
    assert_int_equal(err.kind, ERROR_INPUT);
    assert_int_equal(strncmp(err.text, "line ", 5), 0);
}

int comments_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_found),
        cmocka_unit_test(test_no_yaml),
    };
    return cmocka_run_group_tests_name("comments", tests, NULL, NULL);
}

#include "test.h"

#include "json/diagnostic.h"

static const struct mark NOWHERE = {0, 0};

/* Fail unless the list is printed as `wanted`. */
static void expect_printed(const char *row, const struct diagnostics *list, const char *wanted)
{
    buf_auto text;
    buf_init(&text, MIB);
    diagnostics_print(list, &text);
    expect_text(row, buf_str(&text), wanted);
}

static void printing(void **state)
{
    (void)state;
    static const struct {
        enum diagnostic_level level;
        const char *file;
        struct mark mark;
        const char *path, *suggestion, *message;
        const char *wanted;
    } ROWS[] = {
        {DIAGNOSTIC_ERROR,
         "a.yaml",
         {3, 7},
         "spec.mode",
         "warn",
         "bad mode",
         "a.yaml:3:7: error: spec.mode: bad mode (did you mean \"warn\"?)\n"},
        {DIAGNOSTIC_WARNING,
         "a.yaml",
         {3, 7},
         "spec",
         "",
         "odd",
         "a.yaml:3:7: warning: spec: odd\n"},
        {DIAGNOSTIC_ERROR, "a.yaml", {1, 1}, "", "", "bad", "a.yaml:1:1: error: bad\n"},
        {DIAGNOSTIC_ERROR, "a.yaml", {0, 0}, "", "", "bad", "a.yaml: error: bad\n"},
        {DIAGNOSTIC_ERROR, "", {2, 1}, "", "", "bad", "2:1: error: bad\n"},
        {DIAGNOSTIC_ERROR, "", {0, 0}, "", "", "bad", "error: bad\n"},
        /* What a terminal should not be sent is not: C0, DEL, C1, bytes that are no UTF-8. */
        {DIAGNOSTIC_ERROR,
         "a\x1b[2J",
         {1, 1},
         "p\nq",
         "s\x7f",
         "m\xc2\x9b\xff\xc3\xa4\r\xe2\x82",
         "a?[2J:1:1: error: p?q: m??\xc3\xa4? (did you mean \"s?\"?)\n"},
    };
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        arena_auto arena;
        arena_init(&arena, MIB);
        struct diagnostics list;
        diagnostics_init(&list, &arena);
        list.file = str_from(ROWS[i].file);
        diagnostics_add(&list, ROWS[i].level, ROWS[i].mark, str_from(ROWS[i].path),
                        str_from(ROWS[i].suggestion), "%s", ROWS[i].message);
        assert_int_equal(list.errors, ROWS[i].level == DIAGNOSTIC_ERROR);
        assert_int_equal(list.warnings, ROWS[i].level == DIAGNOSTIC_WARNING);
        expect_printed(ROWS[i].wanted, &list, ROWS[i].wanted);
    }
}

static void of_errors(void **state)
{
    (void)state;
    static const char *const ROWS[][2] = {
        {"line 3, column 14: bad", "f:3:14: error: bad\n"},
        {"line 3, column x: bad", "f: error: line 3, column x: bad\n"},
        {"line 99999999999, column 1: bad", "f: error: line 99999999999, column 1: bad\n"},
        {"line 3 is bad", "f: error: line 3 is bad\n"},
        {"the text is empty", "f: error: the text is empty\n"},
        {"", "f: error: \n"},
    };
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        arena_auto arena;
        arena_init(&arena, MIB);
        struct diagnostics list;
        diagnostics_init(&list, &arena);
        list.file = STR("f");
        struct error err;
        assert_true(failed(error_set(&err, ERROR_INPUT, "%s", ROWS[i][0])));
        diagnostics_add_error(&list, &err);
        expect_printed(ROWS[i][0], &list, ROWS[i][1]);
    }
}

/* The error of a real parser finds its place. */
static void of_parsers(void **state)
{
    (void)state;
    static const char *const ROWS[][2] = {
        {"a: 1\na: 2", "f:2:1: error: the key \"a\" stands twice, first at line 1, column 1\n"},
        {"{\"a\":\n01}", "f:2:1: error: number with leading zero is not allowed\n"},
        {"a: b: c", "f:1:5: error: mapping values are not allowed in this context\n"},
    };
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        arena_auto arena;
        arena_init(&arena, MIB);
        struct diagnostics list;
        diagnostics_init(&list, &arena);
        list.file = STR("f");
        json_stream_auto stream = {0};
        struct error err;
        assert_true(failed(yaml_parse(str_from(ROWS[i][0]), &stream, &err)));
        diagnostics_add_error(&list, &err);
        expect_printed(ROWS[i][0], &list, ROWS[i][1]);
    }
}

static void sorting(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        struct mark mark;
        const char *message;
    } ROWS[] = {
        {"b", {1, 1}, "6"}, {"a", {2, 1}, "3"}, {"a", {1, 9}, "2"}, {"b", {0, 0}, "5"},
        {"a", {2, 1}, "4"}, {"a", {1, 1}, "1"}, {"b", {1, 2}, "7"},
    };
    arena_auto arena;
    arena_init(&arena, MIB);
    struct diagnostics list;
    diagnostics_init(&list, &arena);
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        list.file = str_from(ROWS[i].file);
        diagnostics_add(&list, DIAGNOSTIC_ERROR, ROWS[i].mark, STR_EMPTY, STR_EMPTY, "%s",
                        ROWS[i].message);
    }
    diagnostics_sort(&list);
    expect_printed("sorted", &list,
                   "a:1:1: error: 1\na:1:9: error: 2\na:2:1: error: 3\na:2:1: error: 4\n"
                   "b: error: 5\nb:1:1: error: 6\nb:1:2: error: 7\n");
}

static void limits(void **state)
{
    (void)state;
    arena_auto arena;
    arena_init(&arena, MIB);
    struct diagnostics list;
    diagnostics_init(&list, &arena);
    for (size_t i = 0; i < LIMIT_DIAGNOSTICS; i++) {
        diagnostics_add(&list, DIAGNOSTIC_ERROR, NOWHERE, STR_EMPTY, STR_EMPTY, "e");
    }
    buf_auto text;
    buf_init(&text, MIB);
    diagnostics_print(&list, &text);
    assert_int_equal(list.n, LIMIT_DIAGNOSTICS);
    assert_true(str_ends(buf_str(&text), STR("\nerror: e\n")));
    diagnostics_add(&list, DIAGNOSTIC_WARNING, NOWHERE, STR_EMPTY, STR_EMPTY, "w");
    buf_clear(&text);
    diagnostics_print(&list, &text);
    assert_int_equal(list.n, LIMIT_DIAGNOSTICS);
    assert_true(str_ends(buf_str(&text),
                         STR("\n1 more, of 200 errors and 1 warnings in all, are not shown\n")));
}

/* Long texts are cut, and never inside of a character. */
static void cutting(void **state)
{
    (void)state;
    static char text[LIMIT_MESSAGE + 3];
    memset(text, 'x', sizeof text - 1);
    static const struct {
        size_t length;     /* of a text that ends in a character of two bytes */
        size_t in_path;    /* what stays of it as a path */
        size_t in_message; /* and as a message, which has a NUL behind it */
    } ROWS[] = {
        {LIMIT_FIELD_PATH, LIMIT_FIELD_PATH, LIMIT_FIELD_PATH},
        {LIMIT_FIELD_PATH + 1, LIMIT_FIELD_PATH - 1, LIMIT_FIELD_PATH + 1},
        {LIMIT_FIELD_PATH + 2, LIMIT_FIELD_PATH, LIMIT_FIELD_PATH + 2},
        {LIMIT_MESSAGE - 1, LIMIT_FIELD_PATH, LIMIT_MESSAGE - 1},
    };
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        arena_auto arena;
        arena_init(&arena, MIB);
        struct diagnostics list;
        diagnostics_init(&list, &arena);
        memcpy(text + ROWS[i].length - 2, "\xc3\xa4", 2);
        struct str whole = {text, ROWS[i].length};
        diagnostics_add(&list, DIAGNOSTIC_ERROR, NOWHERE, whole, whole, "%.*s", STR_ARG(whole));
        assert_int_equal(list.items[0].path.n, ROWS[i].in_path);
        assert_int_equal(list.items[0].suggestion.n, ROWS[i].in_path);
        assert_int_equal(list.items[0].message.n, ROWS[i].in_message);
        memset(text, 'x', sizeof text - 1);
    }
    memset(text, 'x', sizeof text - 1);
    arena_auto arena;
    arena_init(&arena, MIB);
    struct diagnostics list;
    diagnostics_init(&list, &arena);
    diagnostics_add(&list, DIAGNOSTIC_ERROR, NOWHERE, STR_EMPTY, STR_EMPTY, "%s", text);
    assert_int_equal(list.items[0].message.n, LIMIT_MESSAGE - 1);
}

int diagnostic_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(printing), cmocka_unit_test(of_errors), cmocka_unit_test(of_parsers),
        cmocka_unit_test(sorting),  cmocka_unit_test(limits),    cmocka_unit_test(cutting),
    };
    return cmocka_run_group_tests_name("diagnostics", tests, NULL, NULL);
}

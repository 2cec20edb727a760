/* YAML in the canonical form: the form itself, and where comments and empty lines go. */
#include "test.h"
#include "json/format.h"

static const struct field INNER_MEMBERS[] = {
    {.name = "name", .type = FIELD_ANY},
    {.name = "rest", .type = FIELD_ANY},
};
static const struct fields INNER = {"Inner", "", 1, INNER_MEMBERS, COUNT(INNER_MEMBERS)};
static const struct field MEMBERS[] = {
    {.name = "kind", .type = FIELD_ANY},
    {.name = "list", .type = FIELD_OBJECTS, .object = &INNER},
    {.name = "last", .type = FIELD_ANY},
};
static const struct fields TABLE = {"Table", "", 1, MEMBERS, COUNT(MEMBERS)};

static const struct fields *table(yyjson_val *root)
{
    return json_get(root, "kind") != NULL ? &TABLE : NULL;
}

struct row {
    const char *text, *want;
};

static const struct row ROWS[] = {
    {"", ""},
    {"{}", "{}\n"},
    {"a:   1", "a: 1\n"},
    {"a: {b: {c: [1, 2.5, null, true]}}", "a:\n  b:\n    c: [1, 2.5, null, true]\n"},
    {"a: []\nb: {}\nc: ''\n", "a: []\nb: {}\nc: \"\"\n"},
    {"a:\n- - 1\n  - [2]\n- {b: c}\n", "a:\n  - - 1\n    - [2]\n  - b: c\n"},
    {"b: 1\na: 2\n", "b: 1\na: 2\n"},
    {"last: 3\nother: 4\nlist: [{rest: 2, more: 3, name: 1}]\nkind: x\n",
     "kind: x\nlist:\n  - name: 1\n    rest: 2\n    more: 3\nlast: 3\nother: 4\n"},
    {"a: 1\n---\n---\nb: 2\n", "a: 1\n---\nb: 2\n"},
    {"{} [1]", "---\n{}\n---\n- 1\n"},
    {"'<<': 1\n", "\"<<\": 1\n"},
    {"<<: {a: 1}\nb: 2\n", "a: 1\nb: 2\n"},
    /* empty lines */
    {"\n\na: 1\n\n\nb: 2\n\n", "a: 1\n\nb: 2\n"},
    {"a:\n\n  b: 1\n\n  c: 2\n", "a:\n  b: 1\n\n  c: 2\n"},
    {"a: 1\n\nb: {c: 1, d: 2}\n", "a: 1\n\nb:\n  c: 1\n  d: 2\n"},
    {"# a\n\n# b\n\nc: 1\n", "# a\n\n# b\n\nc: 1\n"},
    {"a:\n- 1\n\n- 2\n", "a: [1, 2]\n"},
    /* comments */
    {"a: [x, z] # c\n", "a: [x, z]  # c\n"},
    {"a: [x, # b\n yy] # c\n", "a:\n  - x  # b\n  - yy  # c\n"},
    {"a: # b\n  - x # c\n", "a:  # b\n  - x  # c\n"},
    {"a:\n  - x\n  # b\n  - z\n  # c\n", "a:\n  - x\n  # b\n  - z\n# c\n"},
    {"# top\nlast: 1 # one\n# about\nkind: 2 # two\n",
     "# top\n# about\nkind: 2  # two\nlast: 1  # one\n"},
    {"list:\n  # item\n  - rest: 1 # r\n    # above\n    name: 2 # n\nkind: x\n",
     "kind: x\nlist:\n  # item\n  # above\n  - name: 2  # n\n    rest: 1  # r\n"},
    {"a: b\n# end\n---\n# head\nc: d\n", "a: b\n# end\n---\n# head\nc: d\n"},
    {"a: {b: 1, # x\n c: 2} # z\n", "a:\n  b: 1  # x\n  c: 2  # z\n"},
    {"a: 'x' # y\n  # z\n", "a: x  # y\n# z\n"},
};

static void test_forms(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        buf_auto once, twice;
        buf_init(&once, MIB);
        buf_init(&twice, MIB);
        struct error err;
        if (failed(format_yaml(str_from(ROWS[i].text), table, &once, &err))) {
            fail_msg("%s: %s", ROWS[i].text, err.text);
        }
        expect_text(ROWS[i].text, buf_str(&once), ROWS[i].want);
        assert_false(failed(format_yaml(buf_str(&once), table, &twice, &err)));
        assert_true(str_eq(buf_str(&once), buf_str(&twice)));
    }
}

static void expect_error(const char *text, size_t max, enum error_kind kind, const char *want)
{
    buf_auto buf;
    buf_init(&buf, max);
    struct error err;
    assert_true(failed(format_yaml(str_from(text), table, &buf, &err)));
    assert_int_equal(err.kind, kind);
    expect_text(text, str_from(err.text), want);
}

static void test_errors(void **state)
{
    (void)state;
    expect_error("a: 1\nb: &x 2\n", MIB, ERROR_INPUT,
                 "line 2: anchors and aliases cannot be kept; write out what they mean");
    expect_error("a: 1\n", 4, ERROR_LIMIT, "the formatted text is larger than the limit");
    expect_error("{\"a\": 1.0}", MIB, ERROR_INTERNAL,
                 "formatting would change what it says, so it is left as it is");
}

/* A text at the width of a line stands on it, one byte more does not. */
static void test_width(void **state)
{
    (void)state;
    for (size_t extra = 0; extra < 2; extra++) {
        buf_auto text, got, want;
        buf_init(&text, MIB);
        buf_init(&got, MIB);
        buf_init(&want, MIB);
        const int width = 100 - 5 + (int)extra; /* "a: [" and "]" */
        buf_printf(&text, "a: [x%0*d]\n", width - 1, 0);
        buf_printf(&want, extra == 0 ? "a: [x%0*d]\n" : "a:\n  - x%0*d\n", width - 1, 0);
        buf_add_char(&want, '\0');
        struct error err;
        assert_false(failed(format_yaml(buf_str(&text), table, &got, &err)));
        expect_text("width", buf_str(&got), want.p);
    }
}

int format_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_width),
    };
    return cmocka_run_group_tests_name("format", tests, NULL, NULL);
}

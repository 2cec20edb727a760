#include "test.h"

static void check_rows(const char *const (*rows)[2], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char *shown = shown_yaml(str_from(rows[i][0]));
        expect_text(rows[i][0], str_from(shown), rows[i][1]);
        free(shown);
    }
}

static void shapes(void **state)
{
    (void)state;
    static const char *const ROWS[][2] = {
        {"a: b", "{\"a\":\"b\"}"},
        {"- a\n- [b, c]\n- {d: e}\n-\n  - f", "[\"a\",[\"b\",\"c\"],{\"d\":\"e\"},[\"f\"]]"},
        {"a:\n- b\n- c", "{\"a\":[\"b\",\"c\"]}"},
        {"a:\n  b:\n    c: d\n  e: f", "{\"a\":{\"b\":{\"c\":\"d\"},\"e\":\"f\"}}"},
        {"- - - a", "[[[\"a\"]]]"},
        {"? a", "{\"a\":null}"},
        {"? |\n  block key\n: 1", "{\"block key\\n\":1}"},
        {"a: []\nb: {}", "{\"a\":[],\"b\":{}}"},
        {"a: [b: c, d]", "{\"a\":[{\"b\":\"c\"},\"d\"]}"},
        {"a: b # c\n# d", "{\"a\":\"b\"}"},
        {"a: b#c", "{\"a\":\"b#c\"}"},
        {"a: b\r\nc: d\r\n", "{\"a\":\"b\",\"c\":\"d\"}"},
        {"\xef\xbb\xbf"
         "a: b",
         "{\"a\":\"b\"}"},
        {"a: \"\\x41\\u00e4\\U0001F600\\0\\n\"", "{\"a\":\"A\xc3\xa4\xf0\x9f\x98\x80\\u0000\\n\"}"},
        {"a: 'it''s'", "{\"a\":\"it's\"}"},
        {"a: \"x\n  y\"", "{\"a\":\"x y\"}"},
        {"a: |-\n  x\n\n  y\n", "{\"a\":\"x\\n\\ny\"}"},
        {"a: >\n  x\n  y\n\n  z", "{\"a\":\"x y\\nz\"}"},
    };
    check_rows(ROWS, COUNT(ROWS));
}

static void documents(void **state)
{
    (void)state;
    static const char *const ROWS[][2] = {
        {"", ""},
        {" \n", ""},
        {"# nothing", ""},
        {"---\n---\n# c\n---\n", ""},
        {"a: b\n---\n---\nc: d\n...\n---\n", "{\"a\":\"b\"}\n{\"c\":\"d\"}"},
        {"--- a\n--- |\n x\n--- \"\"", "\"a\"\n\"x\\n\"\n\"\""},
        {"null\n---\n~", "null\nnull"},
        {"%YAML 1.1\n---\na: b\n...\n%YAML 1.2\n---\nc: d", "{\"a\":\"b\"}\n{\"c\":\"d\"}"},
        {"a: b\n---\nc: \"d", "input: line 3, column 6: found unexpected end of stream"},
    };
    check_rows(ROWS, COUNT(ROWS));
}

static void json_documents(void **state)
{
    (void)state;
    static const char *const ROWS[][2] = {
        {"{\"a\":1}", "{\"a\":1}"},
        {"\n [1]", "[1]"},
        {"{\"a\":\"}\"}{\"b\":[{}]} [\"\\\"]\"]\n", "{\"a\":\"}\"}\n{\"b\":[{}]}\n[\"\\\"]\"]"},
        {"{}\n---\n{}\n---\n---\n", "{}\n{}"},
        {"{}\n--- []", "{}\n[]"},
        {"{\"a\":yes}",
         "input: line 1, column 6: unexpected character, expected a valid JSON value"},
        {"{a: 1}",
         "input: line 1, column 2: unexpected character, expected a string for object key"},
        {"{\"a\":1},",
         "input: line 1, column 8: unexpected character, expected a valid root value"},
        {"{\"a\":1}\n {\"a\":1,\"a\":2}",
         "input: line 2, column 9: the key \"a\" stands twice, first at line 2, column 3"},
        {"[]---\n[]", "input: line 1, column 4: no digit after minus sign"},
        {"[]\n---\na: b",
         "input: line 3, column 1: unexpected character, expected a valid root value"},
        {"[[]\n{}", "input: line 2, column 1: unexpected character, expected a comma or a closing "
                    "bracket"},
        {"{\"a\":\"", "input: line 1, column 7: unexpected end of data"},
        {"---\n{a: 1, b: [x, y]}", "{\"a\":1,\"b\":[\"x\",true]}"},
    };
    check_rows(ROWS, COUNT(ROWS));
}

static void malformed(void **state)
{
    (void)state;
    static const char *const ROWS[][2] = {
        {"a: b: c", "input: line 1, column 5: mapping values are not allowed in this context"},
        {"a: [1, 2", "input: line 2, column 1: did not find expected ',' or ']' (while parsing a "
                     "flow sequence that begins in line 1)"},
        {"a: 1\nb", "input: line 3, column 1: could not find expected ':' (while scanning a simple "
                    "key that begins in line 2)"},
        {"a:\n  b: 1\n c: 2", "input: line 3, column 2: did not find expected key (while parsing "
                              "a block mapping that begins in line 1)"},
        {"a: @x", "input: line 1, column 4: found character that cannot start any token"},
        {"\ta: 1", "input: line 1, column 1: a tab stands where YAML wants spaces"},
        {"\xc3\xa4:\n\t- b", "input: line 2, column 1: a tab stands where YAML wants spaces"},
        {"a: \"\\q\"", "input: line 1, column 5: found unknown escape character"},
        {"a: \"\\ud800\"", "input: line 1, column 7: found invalid Unicode character escape code"},
        {"a:\n  \xff", "input: line 2, column 3: invalid leading UTF-8 octet"},
        {"a: \x01", "input: line 1, column 4: control characters are not allowed"},
        {"%YAML 2.0\n---\na: b", "input: line 1, column 1: found incompatible YAML document"},
        {"%TAG ! x:\n---\na: 1", "input: line 1, column 1: %TAG is not supported"},
        {"a: %TAG\n...\n%TAG ! x:\n---\n", "input: line 3, column 1: %TAG is not supported"},
        {"\r%TAG ! x:\r---\ra: 1", "input: line 1, column 2: %TAG is not supported"},
        {"\xc2\x85%TAG ! x:\n---\na: 1", "input: line 1, column 2: %TAG is not supported"},
        {"a: \"%TAG\"", "{\"a\":\"%TAG\"}"},
    };
    check_rows(ROWS, COUNT(ROWS));
}

static void keys(void **state)
{
    (void)state;
    static const char *const ROWS[][2] = {
        {"1: a\n0x10: b\n-1: c\n\"\": d\nyes: e",
         "{\"1\":\"a\",\"16\":\"b\",\"-1\":\"c\",\"\":\"d\",\"true\":\"e\"}"},
        {"\"null\": a\n!!str 1.5: b", "{\"null\":\"a\",\"1.5\":\"b\"}"},
        {"a: 1\na: 2",
         "input: line 2, column 1: the key \"a\" stands twice, first at line 1, column 1"},
        {"a: 1\n'a': 2",
         "input: line 2, column 1: the key \"a\" stands twice, first at line 1, column 1"},
        {"1: a\n\"1\": b",
         "input: line 2, column 1: the key \"1\" stands twice, first at line 1, column 1"},
        {"1: a\n0x1: b",
         "input: line 2, column 1: the key \"1\" stands twice, first at line 1, column 1"},
        {"on: a\ntrue: b",
         "input: line 2, column 1: the key \"true\" stands twice, first at line 1, column 1"},
        {"a:\n- b:\n    c: 1\n    c: 2", "input: line 4, column 5: the key \"c\" stands twice in "
                                         "a[0].b, first at line 3, column 5"},
        {"null: a",
         "input: line 1, column 1: \"null\" is null, which cannot be a key; quote it if it is "
         "text"},
        {"1.5: a", "input: line 1, column 1: \"1.5\" would lose its spelling as a key; quote it"},
        {"? [a]\n: b", "input: line 1, column 3: a key must be a scalar"},
        {"? {a: b}\n: c", "input: line 1, column 3: a key must be a scalar"},
    };
    check_rows(ROWS, COUNT(ROWS));
}

/* A text may hold NUL and need not end in one. */
static void bytes(void **state)
{
    (void)state;
    static const struct {
        struct str text;
        const char *wanted;
    } ROWS[] = {
        {{"a: bc", 4}, "{\"a\":\"b\"}"},
        {{"[1]2", 3}, "[1]"},
        {{NULL, 0}, ""},
        {{"a: b\0c", 6}, "input: line 1, column 5: control characters are not allowed"},
        {{"[]\0", 3}, "input: line 1, column 3: unexpected character, expected a valid root value"},
    };
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        char *shown = shown_yaml(ROWS[i].text);
        expect_text(ROWS[i].wanted, str_from(shown), ROWS[i].wanted);
        free(shown);
    }
}

int yaml_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes),    cmocka_unit_test(documents), cmocka_unit_test(json_documents),
        cmocka_unit_test(malformed), cmocka_unit_test(keys),      cmocka_unit_test(bytes),
    };
    return cmocka_run_group_tests_name("yaml", tests, NULL, NULL);
}

#include "test.h"

static void check_rows(const char *const (*rows)[2], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char *shown = shown_yaml(str_from(rows[i][0]));
        expect_text(rows[i][0], str_from(shown), rows[i][1]);
        free(shown);
    }
}

static void aliases(void **state)
{
    (void)state;
    static const char *const ROWS[][2] = {
        {"a: &x {b: 1}\nc: *x\nd: [*x, *x]",
         "{\"a\":{\"b\":1},\"c\":{\"b\":1},\"d\":[{\"b\":1},{\"b\":1}]}"},
        {"a: &x 1\nb: &x 2\nc: *x", "{\"a\":1,\"b\":2,\"c\":2}"},
        {"a: &x\n  b: &y 1\n  c: *y\nd: *x", "{\"a\":{\"b\":1,\"c\":1},\"d\":{\"b\":1,\"c\":1}}"},
        {"- &a [s]\n- &b [*a, *a]\n- [*b, *b]",
         "[[\"s\"],[[\"s\"],[\"s\"]],[[[\"s\"],[\"s\"]],[[\"s\"],[\"s\"]]]]"},
        {"a: &x\nb: *x", "{\"a\":null,\"b\":null}"},
        {"&x a: *x", "{\"a\":\"a\"}"},
        {"a: &x b\n*x : c", "{\"a\":\"b\",\"b\":\"c\"}"},
        {"a: &x 0x10\n*x : c", "{\"a\":16,\"16\":\"c\"}"},
        {"a: &x yes\nb: &y [*x]", "{\"a\":true,\"b\":[true]}"},

        {"a: *x", "input: line 1, column 4: there is no anchor \"&x\" before this"},
        {"a: *x\nb: &x 1", "input: line 1, column 4: there is no anchor \"&x\" before this"},
        {"---\na: &x 1\n---\nb: *x",
         "input: line 4, column 4: there is no anchor \"&x\" before this"},
        {"a: &x [*x]", "input: line 1, column 8: the anchor \"&x\" contains itself"},
        {"a: &x {b: *x}", "input: line 1, column 11: the anchor \"&x\" contains itself"},
        {"a: &x [b]\n*x : c", "input: line 2, column 1: a key must be a scalar"},
        {"a: &x\n*x : c",
         "input: line 2, column 1: \"\" is null, which cannot be a key; quote it if it is text"},
        {"a: &x b\nb: 1\n*x : 2",
         "input: line 3, column 1: the key \"b\" stands twice, first at line 2, column 1"},
        {"a: &x {b: 1, b: 2}",
         "input: line 1, column 14: the key \"b\" stands twice in a, first at line 1, column 8"},
    };
    check_rows(ROWS, COUNT(ROWS));
}

static void merges(void **state)
{
    (void)state;
    static const char *const ROWS[][2] = {
        {"a: &x {b: 1, c: 2}\nd:\n  <<: *x\n  c: 3",
         "{\"a\":{\"b\":1,\"c\":2},\"d\":{\"b\":1,\"c\":3}}"},
        {"a: &x {b: 1}\nd:\n  c: 2\n  <<: *x", "{\"a\":{\"b\":1},\"d\":{\"c\":2,\"b\":1}}"},
        {"a: &x {b: 1, c: 2}\nd: &y {c: 3, e: 4}\nf:\n  <<: [*x, *y]\n  e: 5",
         "{\"a\":{\"b\":1,\"c\":2},\"d\":{\"c\":3,\"e\":4},\"f\":{\"b\":1,\"c\":2,\"e\":5}}"},
        {"a: {<<: {b: [1, {c: 2}]}, d: [3]}", "{\"a\":{\"b\":[1,{\"c\":2}],\"d\":[3]}}"},
        {"a: &x {<<: {b: {c: 1}}, d: 2}\ne: *x\nf: {<<: *x, b: 3}",
         "{\"a\":{\"b\":{\"c\":1},\"d\":2},\"e\":{\"b\":{\"c\":1},\"d\":2},\"f\":{\"d\":2,\"b\":3}"
         "}"},
        {"a: {<<: {<<: {b: 1}, c: 2}}", "{\"a\":{\"b\":1,\"c\":2}}"},
        {"<<: {a: 1}\nb: 2", "{\"a\":1,\"b\":2}"},
        {"a: {<<: {}}", "{\"a\":{}}"},
        {"a: {<<: [], b: 1}", "{\"a\":{\"b\":1}}"},
        {"a:\n  !!merge \"<<\": {b: 1}", "{\"a\":{\"b\":1}}"},
        {"a: {\"<<\": 1}", "{\"a\":{\"<<\":1}}"},
        {"a: {!!str <<: 1}", "{\"a\":{\"<<\":1}}"},
        {"a: &x {b: 1}\nd:\n  <<: *x\n  \"<<\": 2", "{\"a\":{\"b\":1},\"d\":{\"b\":1,\"<<\":2}}"},
        {"a: [<<]", "{\"a\":[\"<<\"]}"},

        {"a: &x {b: 1}\nd:\n  <<: *x\n  <<: *x",
         "input: line 4, column 3: the key \"<<\" stands twice; to merge several, write one list: "
         "<<: [*a, *b]"},
        {"a: &x {b: 1}\nd:\n  b: 2\n  <<: *x",
         "input: line 3, column 3: the key \"b\" stands before a \"<<\" that merges it too (from "
         "line 1), and readers of YAML disagree which wins; write \"<<\" first"},
        {"a: &x\n  <<: *x", "input: line 2, column 7: the anchor \"&x\" contains itself"},
        {"<<: 1",
         "input: line 1, column 5: what \"<<\" merges must be a mapping, or a list of mappings"},
        {"<<:",
         "input: line 1, column 4: what \"<<\" merges must be a mapping, or a list of mappings"},
        {"<<: [{b: 1}, 2]",
         "input: line 1, column 14: what \"<<\" merges must be a mapping, or a list of mappings"},
        {"<<: [[{b: 1}]]",
         "input: line 1, column 6: what \"<<\" merges must be a mapping, or a list of mappings"},
        {"a: &x {b: 1}\nd:\n  <<: *x\n  b: 2\n  b: 3",
         "input: line 5, column 3: the key \"b\" stands twice in d, first at line 4, column 3"},
        {"<<: {b: 1, b: 2}", "input: line 1, column 12: the key \"b\" stands twice"},
        {"b: 3\n<<: {c: 1, c: 2}", "input: line 2, column 12: the key \"c\" stands twice"},
        {"<<: {c: 1, c: 2}\nc: 3", "input: line 1, column 12: the key \"c\" stands twice"},
        {"<<: [{b: 1}, {b: 2}, {b: 3, b: 4}]",
         "input: line 1, column 29: the key \"b\" stands twice"},
        {"<<: [{b: 1}, {c: 2, b: 3}, {c: 4}]", "{\"b\":1,\"c\":2}"},
    };
    check_rows(ROWS, COUNT(ROWS));
}

int yaml_alias_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(aliases),
        cmocka_unit_test(merges),
    };
    return cmocka_run_group_tests_name("yaml aliases", tests, NULL, NULL);
}

/* In what two trees differ. */
#include <stdlib.h>

#include "base/buf.h"
#include "base/limits.h"
#include "cli/tree_diff.h"
#include "test.h"

struct row {
    const char *old, *new;
    const char *want; /* "PATH -OLD +NEW; " each */
};

static const struct row ROWS[] = {
    {"{\"a\":1}", "{\"a\":1}", ""},
    {"{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}", ""},
    {"{\"a\":1}", "{\"a\":2}", "a -1 +2; "},
    {"{\"a\":1}", "{}", "a -1; "},
    {"{}", "{\"a\":{\"b\":1}}", "a +{\"b\":1}; "},
    {"{\"a\":{\"b\":1}}", "{\"a\":{\"b\":\"1\"}}", "a.b -1 +\"1\"; "},
    {"{\"a\":null}", "{}", "a -null; "},
    {"1", "[1]", " -1 +[1]; "},
    {"[1,2,3]", "[3,1,2]", ""},
    {"[1,1,2]", "[1,2,2]", " -1;  +2; "},
    {"[\"b\",\"a\"]", "[\"d\",\"c\"]", " -\"b\";  -\"a\";  +\"d\";  +\"c\"; "},
    {"[\"1\"]", "[1]", " -\"1\";  +1; "},
    {"[]", "[{\"name\":\"x\"}]", "[x] +{\"name\":\"x\"}; "},
    {"[{\"name\":\"x\",\"a\":1},{\"name\":\"y\"}]", "[{\"name\":\"y\"},{\"name\":\"x\",\"a\":2}]",
     "[x].a -1 +2; "},
    {"[{\"name\":\"x\"}]", "[{\"name\":\"z\"}]", "[x] -{\"name\":\"x\"}; [z] +{\"name\":\"z\"}; "},
    {"[{\"name\":\"x\"},{\"name\":\"x\",\"a\":1}]", "[{\"name\":\"x\"},{\"name\":\"x\",\"a\":2}]",
     "[1].a -1 +2; "},
    {"[{\"a\":1}]", "[{\"a\":1},{\"a\":2}]", "[1] +{\"a\":2}; "},
    {"[{\"a\":1},2]", "[2,{\"a\":1}]", "[0] -{\"a\":1} +2; [1] -2 +{\"a\":1}; "},
};

static void show(struct buf *buf, const char *sign, yyjson_val *value)
{
    if (value != NULL) {
        char *text = yyjson_val_write(value, YYJSON_WRITE_NOFLAG, NULL);
        buf_printf(buf, " %s%s", sign, text);
        free(text);
    }
}

static void test_changes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        json_doc_auto old = {0}, new = {0};
        struct error err;
        assert_false(failed(json_parse(str_from(ROWS[i].old), JSON_WITHOUT_MARKS, &old, &err)));
        assert_false(failed(json_parse(str_from(ROWS[i].new), JSON_WITHOUT_MARKS, &new, &err)));
        arena_auto arena;
        arena_init(&arena, MIB);
        struct tree_changes changes = {.n = 0};
        tree_diff(&arena, old.root, new.root, STR_EMPTY, &changes);
        buf_auto got;
        buf_init(&got, MIB);
        for (size_t j = 0; j < changes.n; j++) {
            buf_add(&got, changes.items[j].path);
            show(&got, "-", changes.items[j].old);
            show(&got, "+", changes.items[j].new);
            buf_add_cstr(&got, "; ");
        }
        if (!str_eq(buf_str(&got), str_from(ROWS[i].want))) {
            fail_msg("%s to %s: got %.*s, wanted %s", ROWS[i].old, ROWS[i].new,
                     STR_ARG(buf_str(&got)), ROWS[i].want);
        }
    }
}

int tree_diff_tests(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_changes)};
    return cmocka_run_group_tests_name("tree_diff", tests, NULL, NULL);
}

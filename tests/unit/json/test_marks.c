#include "test.h"

/* Write "LINE:COLUMN" of every value of a tree, in the order of the text, keys left out. */
static void add_marks(const struct json_doc *doc, yyjson_val *value, struct buf *buf)
{
    struct mark mark = json_mark(doc, value);
    buf_printf(buf, "%s%u:%u", buf->n == 0 ? "" : " ", mark.line, mark.column);
    size_t index, max;
    yyjson_val *key, *item;
    yyjson_arr_foreach(value, index, max, item)
    {
        add_marks(doc, item, buf);
    }
    yyjson_obj_foreach(value, index, max, key, item)
    {
        struct mark at_key = json_mark(doc, key);
        struct mark at_value = json_mark(doc, item);
        assert_memory_equal(&at_key, &at_value, sizeof at_key);
        add_marks(doc, item, buf);
    }
}

static void of_json(void **state)
{
    (void)state;
    static const char *const ROWS[][2] = {
        {"1", "1:1"},
        {"\n  {}", "2:3"},
        {"{\"a\":1, \"b\" : [true,null,\n\"x\",-1.5e3]}", "1:1 1:2 1:9 1:16 1:21 2:1 2:5"},
        {"[[],{},[{}]]", "1:1 1:2 1:5 1:8 1:9"},
        {"[\"\xc3\xa4\xf0\x9f\x98\x80\",2]", "1:1 1:2 1:7"},
        {"[\"\\\"]\\\\\",{\"]:,\":3}]", "1:1 1:2 1:10 1:11"},
        {"[1\r\n,\t2]", "1:1 1:2 2:3"},
    };
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        json_doc_auto doc = {0};
        struct error err;
        assert_false(failed(json_parse(str_from(ROWS[i][0]), JSON_WITH_MARKS, &doc, &err)));
        buf_auto marks;
        buf_init(&marks, MIB);
        add_marks(&doc, doc.root, &marks);
        expect_text(ROWS[i][0], buf_str(&marks), ROWS[i][1]);
    }
}

static void of_yaml(void **state)
{
    (void)state;
    static const char *const ROWS[][2] = {
        {"a: 1\nb:\n  - x\n  - y: z\n", "1:1 1:1 2:1 3:5 4:5 4:5"},
        {"# c\n---\n\n- \"\xc3\xa4\": [1, \xc3\xa4, 2]", "4:1 4:3 4:3 4:9 4:12 4:15"},
        {"a: b\n---\nc: d", "1:1 1:1 | 3:1 3:1"},
        /* What is repeated or merged stands where it was written. */
        {"a: &x {b: 1}\nc: *x\nd:\n  <<: *x\n  e: 2", "1:1 1:1 1:8 2:1 1:8 3:1 1:8 5:3"},
        {"{\"a\":\n1}\n [2]", "1:1 1:2 | 3:2 3:3"},
    };
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        json_stream_auto stream = {0};
        struct error err;
        assert_false(failed(yaml_parse(str_from(ROWS[i][0]), &stream, &err)));
        buf_auto marks;
        buf_init(&marks, MIB);
        for (size_t k = 0; k < stream.n; k++) {
            buf_add_cstr(&marks, k == 0 ? "" : " |");
            add_marks(&stream.docs[k], stream.docs[k].root, &marks);
            assert_int_equal(stream.docs[k].start.line,
                             json_mark(&stream.docs[k], stream.docs[k].root).line);
        }
        expect_text(ROWS[i][0], buf_str(&marks), ROWS[i][1]);
    }
}

static void missing(void **state)
{
    (void)state;
    json_doc_auto doc = {0};
    struct error err;
    assert_false(failed(json_parse(STR("[1]"), JSON_WITHOUT_MARKS, &doc, &err)));
    assert_int_equal(json_mark(&doc, doc.root).line, 0);
    json_doc_auto marked = {0};
    assert_false(failed(json_parse(STR("[1]"), JSON_WITH_MARKS, &marked, &err)));
    assert_int_equal(json_mark(&marked, NULL).line, 0);
}

int mark_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_json),
        cmocka_unit_test(of_yaml),
        cmocka_unit_test(missing),
    };
    return cmocka_run_group_tests_name("marks", tests, NULL, NULL);
}

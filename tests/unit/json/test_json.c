#include "test.h"

/* "input", "limit": the kinds of errors, as shown_json writes them. */
static void parsing(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *wanted;
    } CASES[] = {
        {"{}", "{}"},
        {" [1,\"\xc3\xa4\",{\"a\":[true,false,null]}]\r\n\t",
         "[1,\"\xc3\xa4\",{\"a\":[true,false,null]}]"},
        {"1", "1"},
        {"\"x\"", "\"x\""},
        {"null", "null"},
        {"-0", "0"},
        {"1.5e3", "1500.0"},
        {"18446744073709551615", "18446744073709551615"},
        {"-9223372036854775808", "-9223372036854775808"},
        {"{\"b\":1,\"a\":2,\"\":3}", "{\"b\":1,\"a\":2,\"\":3}"},
        {"\"\\u0061\\ud83d\\ude00\\/\"", "\"a\xf0\x9f\x98\x80/\""},
        {"\"\\u0000\"", "\"\\u0000\""},

        {"", "input: the text is empty"},
        {" \n", "input: the text is empty"},
        {"{\"a\":1} x", "input: line 1, column 9: unexpected content after document"},
        {"{}{}", "input: line 1, column 3: unexpected content after document"},
        {"[1,2", "input: line 1, column 5: unexpected end of data"},
        {"nul", "input: line 1, column 4: unexpected end of data"},
        {"[1,]", "input: line 1, column 3: trailing comma is not allowed"},
        {"{a:1}",
         "input: line 1, column 2: unexpected character, expected a string for object key"},
        {"{\"a\":\n 'x'}",
         "input: line 2, column 2: unexpected character, expected a valid JSON value"},
        {"// c\n1", "input: line 1, column 1: unexpected character, expected a valid root value"},
        {"[NaN]", "input: line 1, column 2: unexpected character, expected a valid JSON value"},
        {"1e999", "input: line 1, column 1: number is infinity when parsed as double"},
        {"[01]", "input: line 1, column 2: number with leading zero is not allowed"},
        {"[\"a\tb\"]", "input: line 1, column 4: unexpected control character in string"},
        {"\"\\ud800\"", "input: line 1, column 8: no low surrogate in string"},
        {"[\"\xc3\xa4\",\n \"\xc3\xa4\x80\"]",
         "input: line 2, column 4: invalid UTF-8 encoding in string"},
        {"\xef\xbb\xbf{}", "input: line 1, column 1: byte order mark (BOM) is not supported"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        char *shown = shown_json(str_from(CASES[i].text));
        expect_text(CASES[i].text, str_from(shown), CASES[i].wanted);
        free(shown);
    }
}

static void duplicates(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *wanted;
    } CASES[] = {
        {"{\"a\":1,\"a\":2}",
         "input: line 1, column 8: the key \"a\" stands twice, first at line 1, column 2"},
        {"{\"a\":1,\"\\u0061\":2}",
         "input: line 1, column 8: the key \"a\" stands twice, first at line 1, column 2"},
        {"{\"\":1,\n\"\":2}",
         "input: line 2, column 1: the key \"\" stands twice, first at line 1, column 2"},
        {"{\"a\":{\"b\":1,\"c\":[0,{\"d\":1,\"d\":1}]}}",
         "input: line 1, column 27: the key \"d\" stands twice in a.c[1], first at line 1, column "
         "21"},
        {"{\"a.b\":{\"x/y\":{\"d\":1,\"d\":1}}}",
         "input: line 1, column 22: the key \"d\" stands twice in [\"a.b\"][\"x/y\"], first at "
         "line 1, column 16"},
        {"[{\"a\":1},{\"a\":1}]", "[{\"a\":1},{\"a\":1}]"},
        {"{\"a\":{\"a\":{\"a\":1}}}", "{\"a\":{\"a\":{\"a\":1}}}"},
        {"{\"a\":1,\"A\":2,\"a\\u0000\":3,\"ab\":4}", "{\"a\":1,\"A\":2,\"a\\u0000\":3,\"ab\":4}"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        char *shown = shown_json(str_from(CASES[i].text));
        expect_text(CASES[i].text, str_from(shown), CASES[i].wanted);
        free(shown);
    }
}

/* An object of `n` members "k0", "k1", …, of which the last repeats `twice` if that is below n. */
static void add_object(struct buf *buf, size_t n, size_t twice)
{
    for (size_t i = 0; i < n; i++) {
        buf_printf(buf, "%c\"k%zu\":[%zu]", i == 0 ? '{' : ',', i == n - 1 && twice < n ? twice : i,
                   i);
    }
    buf_add_char(buf, '}');
}

/* Small objects and large ones are searched in different ways: whatever key stands twice is found
 * by both, on either side of where they meet. */
static void duplicates_by_size(void **state)
{
    (void)state;
    static const size_t SIZES[] = {2, 3, 31, 32, 33, 34, 64, 65, 1000};
    buf_auto text;
    buf_init(&text, MIB);
    for (size_t i = 0; i < COUNT(SIZES); i++) {
        size_t n = SIZES[i];
        for (size_t twice = 0; twice < n; twice += n < 100 ? 1 : 111) {
            buf_clear(&text);
            add_object(&text, n, twice);
            json_doc_auto doc = {0};
            struct error err = {0};
            bool refused = failed(json_parse(buf_str(&text), JSON_WITHOUT_MARKS, &doc, &err));
            bool expected = twice < n - 1;
            if (refused != expected || (refused && err.kind != ERROR_INPUT)) {
                fail_msg("%zu members, the last as member %zu: %s", n, twice, err.text);
            }
        }
    }
}

/* Of several keys that stand twice, the first in the text is reported. */
static void first_duplicate(void **state)
{
    (void)state;
    buf_auto text;
    buf_init(&text, MIB);
    buf_add_cstr(&text, "{\"z\":0,\"a\":0,\"z\":1,\"a\":1");
    for (size_t i = 0; i < 100; i++) {
        buf_printf(&text, ",\"k%zu\":0", i);
    }
    buf_add_char(&text, '}');
    char *shown = shown_json(buf_str(&text));
    expect_text("first of two", str_from(shown),
                "input: line 1, column 14: the key \"z\" stands twice, first at line 1, column 2");
    free(shown);
}

static void untouched_on_failure(void **state)
{
    (void)state;
    char marker;
    struct json_doc doc = {.marks = (void *)&marker};
    struct json_stream stream = {.n = 77};
    struct error err;
    assert_true(failed(json_parse(STR("{"), JSON_WITH_MARKS, &doc, &err)));
    assert_ptr_equal(doc.marks, &marker);
    assert_true(failed(yaml_parse(STR("a: b\n---\n\"x"), &stream, &err)));
    assert_int_equal(stream.n, 77);
}

static void helpers(void **state)
{
    (void)state;
    json_doc_auto doc = {0};
    struct error err;
    struct str text = STR("{\"s\":\"a\\u0000b\",\"n\":1,\"b\":true,\"l\":[],\"o\":{},\"z\":null}");
    assert_false(failed(json_parse(text, JSON_WITHOUT_MARKS, &doc, &err)));
    assert_true(str_eq(json_str(json_get(doc.root, "s")), STR("a\0b")));
    assert_int_equal(json_str(json_get(doc.root, "n")).n, 0);
    assert_int_equal(json_str(NULL).n, 0);
    assert_null(json_get(doc.root, "missing"));
    assert_null(json_get(NULL, "s"));
    assert_null(json_get(json_get(doc.root, "l"), "s"));
    static const char *const NAMES[][2] = {
        {"s", "a string"},  {"n", "a number"}, {"b", "true or false"}, {"l", "a list"},
        {"o", "an object"}, {"z", "null"},     {"missing", "nothing"},
    };
    for (size_t i = 0; i < COUNT(NAMES); i++) {
        expect_text(NAMES[i][0], str_from(json_type_name(json_get(doc.root, NAMES[i][0]))),
                    NAMES[i][1]);
    }
    assert_int_equal(json_mark(&doc, doc.root).line, 0);
}

int json_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parsing),
        cmocka_unit_test(duplicates),
        cmocka_unit_test(duplicates_by_size),
        cmocka_unit_test(first_duplicate),
        cmocka_unit_test(untouched_on_failure),
        cmocka_unit_test(helpers),
    };
    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}

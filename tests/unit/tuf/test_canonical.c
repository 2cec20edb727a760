/* The canonical form against what OLPC's page and the reference implementation say. */
#include "test.h"

#include "tuf/canonical.h"

static const char *canonical(const char *text)
{
    json_doc_auto doc = {0};
    struct error err;
    buf_auto buf;
    size_t n = strlen(text);
    buf_init(&buf, n);
    if (failed(json_parse((struct str){text, n}, JSON_WITHOUT_MARKS, &doc, &err)) ||
        failed(tuf_canonical(doc.root, &buf, &err))) {
        return arena_printf(&test_arena, "error: %s", err.text).p;
    }
    assert_false(buf_overflowed(&buf));
    return arena_dup(&test_arena, buf_str(&buf)).p;
}

static void forms(void **state)
{
    (void)state;
    static const struct {
        const char *text, *form;
    } CASES[] = {
        {" { } ", "{}"},
        {"[ 1 , [ ] , {\"a\" : null} ]", "[1,[],{\"a\":null}]"},
        {"{\"b\":1,\"a\":2,\"aa\":3,\"\":4,\"B\":5}", "{\"\":4,\"B\":5,\"a\":2,\"aa\":3,\"b\":1}"},
        {"{\"\\ud83d\\ude00\":1,\"\\uffee\":2}", "{\"\xef\xbf\xae\":2,\"\xf0\x9f\x98\x80\":1}"},
        {"\"\\u0041\\/\\n\\t\\u0001\\u007f\"", "\"A/\n\t\x01\x7f\""},
        {"\"\\\"\\\\\"", "\"\\\"\\\\\""},
        {"\"\\\\n\"", "\"\\\\n\""},
        {"\"\\u00e9\"", "\"\xc3\xa9\""},
        {"\"\"", "\"\""},
        {"[true,false,null]", "[true,false,null]"},
        {"[0,-1,18446744073709551615,-9223372036854775808]",
         "[0,-1,18446744073709551615,-9223372036854775808]"},
        {"{\"a\\\"b\":{\"c\":[\"d\"]}}", "{\"a\\\"b\":{\"c\":[\"d\"]}}"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        assert_string_equal(canonical(CASES[i].text), CASES[i].form);
    }
}

static void numbers_without_a_form(void **state)
{
    (void)state;
    static const char *const CASES[] = {
        "[1.0]",
        "[1.5]",
        "[1e2]",
        "[-0]",
        "[-0.0]",
        "[18446744073709551616]",
        "[-9223372036854775809]",
        "{\"a\":{\"b\":[0.1]}}",
        "[1E0]",
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        assert_string_equal(canonical(CASES[i]),
                            "error: it holds a number that is not whole, minus zero, or beyond 64 "
                            "bits, of which there is no canonical form");
    }
}

static void keys_that_stand_twice(void **state)
{
    (void)state;
    static const char *const CASES[] = {
        "{\"a\":1,\"a\":1}",
        "{\"a\":1,\"\\u0061\":2}",
        "{\"x\":[{\"a\":1,\"b\":2,\"a\":3}]}",
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        assert_non_null(strstr(canonical(CASES[i]), "error: "));
        assert_non_null(strstr(canonical(CASES[i]), "twice"));
    }
}

int canonical_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(forms, start, stop),
        cmocka_unit_test_setup_teardown(numbers_without_a_form, start, stop),
        cmocka_unit_test_setup_teardown(keys_that_stand_twice, start, stop),
    };
    return cmocka_run_group_tests_name("canonical form", tests, NULL, NULL);
}

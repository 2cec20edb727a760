#include "test.h"

#include "kube/parse.h"

static struct error err;

/* `n` times `open`, `middle`, `n` times `closed`; lives in the test's arena. */
static struct str nested(size_t n, const char *open, const char *middle, const char *closed)
{
    struct str text = str_from(middle);
    for (size_t i = 0; i < n; i++) {
        text = arena_join(&test_arena, (struct str[]){str_from(open), text, str_from(closed)}, 3);
    }
    return text;
}

static size_t depth_of(yyjson_val *value)
{
    size_t depth = 0;
    while (yyjson_is_ctn(value)) {
        depth++;
        value = yyjson_is_arr(value) ? yyjson_arr_get_first(value) : yyjson_obj_get(value, "a");
    }
    return depth;
}

static void what_is_deep_is_cut(void **state)
{
    (void)state;
    static const char *const MIDDLES[] = {"{}", "[]", "[\"]\\\"[\"]", "{\"a\":[1,{\"}\":2}]}"};
    for (size_t n = KUBE_PARSE_DEPTH - 1; n <= KUBE_PARSE_DEPTH + 1; n++) {
        for (size_t i = 0; i < COUNT(MIDDLES); i++) {
            json_doc_auto doc = {0};
            struct str text = nested(n, i % 2 ? "[" : "{\"a\":", MIDDLES[i], i % 2 ? ", 7]" : "}");
            assert_false(failed(kube_parse(text, &doc, &err)));
            assert_true(depth_of(doc.root) <= KUBE_PARSE_DEPTH);
            assert_true(depth_of(doc.root) >= KUBE_PARSE_DEPTH - (n < KUBE_PARSE_DEPTH));
        }
    }
}

static void what_stands_beside_it_stays(void **state)
{
    (void)state;
    json_doc_auto doc = {0};
    struct str deep = nested(1000, "[", "", "]");
    struct str text =
        arena_join(&test_arena,
                   (struct str[]){STR("{\"x\":\"[[[\\\"{\",\"deep\":"), deep, STR(",\"y\":["), deep,
                                  STR(",\"b\"],\"z\":{\"c\":\"d\"}}")},
                   5);
    assert_false(failed(kube_parse(text, &doc, &err)));
    assert_true(str_eq(json_str(json_get(doc.root, "x")), STR("[[[\"{")));
    assert_true(str_eq(json_str(yyjson_arr_get(json_get(doc.root, "y"), 1)), STR("b")));
    assert_true(str_eq(json_str(json_get(json_get(doc.root, "z"), "c")), STR("d")));
    assert_int_equal(depth_of(json_get(doc.root, "deep")), KUBE_PARSE_DEPTH - 1);
}

static void what_is_no_json_stays_none(void **state)
{
    (void)state;
    const struct str texts[] = {
        STR(""),
        STR("{\"a\":\"\\"),
        nested(1000, "[", "", ""),
        nested(1000, "[", "\"", ""),
        nested(1000, "[", "\"\\", ""),
        nested(1000, "", "[", "]"),
        nested(1000, "[", "", "}"),
        nested(1000, "{", "", "}"),
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        json_doc_auto doc = {0};
        assert_true(failed(kube_parse(texts[i], &doc, &err)));
        assert_int_equal(err.kind, ERROR_INPUT);
    }
}

int parse_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_deep_is_cut, start, stop),
        cmocka_unit_test_setup_teardown(what_stands_beside_it_stays, start, stop),
        cmocka_unit_test_setup_teardown(what_is_no_json_stays_none, start, stop),
    };
    return cmocka_run_group_tests_name("parse", tests, NULL, NULL);
}

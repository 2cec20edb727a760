#include "test.h"

#include "base/limits.h"
#include "cluster/keep.h"

static struct arena arena;

static int start(void **state)
{
    (void)state;
    arena_init(&arena, MIB);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static void assert_kept(struct str (*keep)(struct arena *arena, yyjson_val *object),
                        const char *object, const char *expected)
{
    json_doc_auto doc = {0};
    struct error err;
    assert_false(failed(json_parse(str_from(object), JSON_WITHOUT_MARKS, &doc, &err)));
    assert_string_equal(arena_dup(&arena, keep(&arena, doc.root)).p, expected);
}

static void a_policy_as_one_would_write_it(void **state)
{
    (void)state;
    assert_kept(keep_policy,
                "{\"apiVersion\":\"v\",\"kind\":\"K\",\"metadata\":{\"uid\":\"u\",\"name\":\"n\","
                "\"resourceVersion\":\"7\",\"managedFields\":[{}],\"labels\":{\"a\":\"b\"},"
                "\"namespace\":\"s\"},\"spec\":{\"x\":null},\"status\":{\"judged\":3},\"more\":1}",
                "{\"apiVersion\":\"v\",\"kind\":\"K\",\"metadata\":{\"name\":\"n\","
                "\"namespace\":\"s\"},\"spec\":{\"x\":null},\"more\":1}");
    assert_kept(keep_policy, "{\"metadata\":{\"name\":\"n\"},\"status\":null}",
                "{\"metadata\":{\"name\":\"n\"}}");
}

static void labels_are_an_object(void **state)
{
    (void)state;
    assert_kept(keep_labels, "{\"metadata\":{\"labels\":{\"a\":\"b\",\"c\":\"\"}}}",
                "{\"a\":\"b\",\"c\":\"\"}");
    assert_kept(keep_labels, "{\"metadata\":{}}", "{}");
    assert_kept(keep_labels, "{\"metadata\":{\"labels\":null}}", "{}");
}

static void the_status_is_kept_for_who_writes_it(void **state)
{
    (void)state;
    assert_kept(keep_status, "{\"status\":{\"judged\":3}}", "{\"judged\":3}");
    assert_kept(keep_status, "{\"spec\":{}}", "");
}

int keep_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_policy_as_one_would_write_it),
        cmocka_unit_test(labels_are_an_object),
        cmocka_unit_test(the_status_is_kept_for_who_writes_it),
    };
    return cmocka_run_group_tests_name("what is kept", tests, start, stop);
}

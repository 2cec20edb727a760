#include "test.h"

#include "base/limits.h"
#include "policy/crd.h"

static void kinds(void **state)
{
    (void)state;
    assert_true(policy_is_kind(STR("ClusterImagePolicy")));
    assert_true(policy_is_kind(STR("ImagePolicy")));
    assert_true(policy_is_kind(STR("ImagePolicyException")));
    assert_false(policy_is_kind(STR("ImagePolicyTest")));
    assert_false(policy_is_kind(STR("imagepolicy")));
    assert_false(policy_is_kind(STR("")));
}

/* Two lists with `n` items together, and one rule's list of one. */
static void check_items(size_t n, size_t wanted_errors)
{
    buf_auto text;
    buf_init(&text, MIB);
    buf_add_cstr(&text, "{\"apiVersion\":\"pratique.dev/v1alpha1\",\"kind\":\"ClusterImagePolicy\","
                        "\"metadata\":{\"name\":\"p\"},\"spec\":{\"rules\":[");
    size_t per_rule = LIMIT_LIST_ITEMS / 2;
    for (size_t i = 0, rule = 0; i < n; rule++) {
        buf_printf(&text, "%s{\"name\":\"r%zu\",\"deny\":[", rule == 0 ? "" : ",", rule);
        i++; /* the rule itself */
        for (size_t j = 0; j < per_rule && i < n; j++, i++) {
            buf_printf(&text, "%s\"a%zu.example/x\"", j == 0 ? "" : ",", i);
        }
        buf_add_cstr(&text, "]}");
    }
    buf_add_cstr(&text, "]}}");
    json_doc_auto doc = {0};
    struct error err;
    assert_false(failed(json_parse(buf_str(&text), JSON_WITH_MARKS, &doc, &err)));
    arena_auto arena;
    arena_init(&arena, 64 * MIB);
    struct diagnostics list;
    diagnostics_init(&list, &arena);
    policy_check_object(&doc, doc.root, NOW, &list);
    assert_int_equal(list.errors, wanted_errors);
    if (wanted_errors > 0) {
        assert_true(str_eq(list.items[0].path, STR("spec")));
        assert_true(str_eq(list.items[0].message,
                           STR("the lists of a policy in a cluster have at most 8192 items "
                               "together; make several policies of it")));
    }
}

static void items(void **state)
{
    (void)state;
    check_items(LIMIT_POLICY_OBJECT_ITEMS, 0);
    check_items(LIMIT_POLICY_OBJECT_ITEMS + 1, 1);
}

/* -- the definitions -- */

static yyjson_val *schema_of(const struct json_doc *doc)
{
    yyjson_val *version = yyjson_arr_get_first(json_get(json_get(doc->root, "spec"), "versions"));
    return json_get(json_get(version, "schema"), "openAPIV3Schema");
}

/* Rules of structural schemas that an API server holds, for every part of one. */
static void check_structural(yyjson_val *schema, bool ours)
{
    assert_true(yyjson_is_obj(schema));
    struct str type = json_str(json_get(schema, "type"));
    assert_true(type.n > 0);
    assert_null(json_get(schema, "$ref"));
    yyjson_val *properties = json_get(schema, "properties");
    bool keeps = yyjson_get_bool(json_get(schema, "x-kubernetes-preserve-unknown-fields"));
    if (properties != NULL) {
        assert_int_equal(keeps, !ours); /* a typo must not vanish */
    }
    size_t i, n;
    yyjson_val *key, *property;
    yyjson_obj_foreach(properties, i, n, key, property)
    {
        check_structural(property, ours || str_eq(json_str(key), STR("status")));
    }
    if (str_eq(type, STR("array"))) {
        assert_non_null(json_get(schema, "maxItems"));
        check_structural(json_get(schema, "items"), ours);
    }
}

static void definitions(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"clusterimagepolicies.pratique.dev",
                                        "imagepolicies.pratique.dev",
                                        "imagepolicyexceptions.pratique.dev"};
    buf_auto text;
    buf_init(&text, MIB);
    policy_crds(&text);
    json_stream_auto stream = {0};
    struct error err;
    if (failed(yaml_parse(buf_str(&text), &stream, &err))) {
        fail_msg("%s", err.text);
    }
    assert_int_equal(stream.n, COUNT(NAMES));
    for (size_t i = 0; i < stream.n; i++) {
        yyjson_val *name = json_get(json_get(stream.docs[i].root, "metadata"), "name");
        assert_true(str_eq(json_str(name), str_from(NAMES[i])));
        check_structural(schema_of(&stream.docs[i]), false);
    }
}

int crd_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds),
        cmocka_unit_test(items),
        cmocka_unit_test(definitions),
    };
    return cmocka_run_group_tests_name("custom resources", tests, NULL, NULL);
}

#include "test.h"

#include "sample.h"
#include "json/fields.h"

static const struct fields *const ONE[] = {&sample_fields};
static const struct fields *const TWO[] = {&sample_fields, &sample_other_fields};

static void add_schema(struct buf *buf, const struct fields *const *fields, size_t n)
{
    buf_init(buf, MIB);
    fields_schema(fields, n, "https://example.com/sample.json", buf);
    assert_false(buf_overflowed(buf));
}

static void parse_schema(const struct buf *buf, struct json_doc *ret_doc)
{
    struct error err;
    if (failed(json_parse(buf_str(buf), JSON_WITHOUT_MARKS, ret_doc, &err))) {
        fail_msg("%s", err.text);
    }
}

/* Fail unless the value at a JSON pointer is `wanted`, written as compact JSON. */
static void expect_at(const struct json_doc *doc, const char *pointer, const char *wanted)
{
    yyjson_val *value = yyjson_doc_ptr_get(doc->tree, pointer);
    char *written = value == NULL ? NULL : yyjson_val_write(value, YYJSON_WRITE_NOFLAG, NULL);
    expect_text(pointer, str_from(written == NULL ? "nothing" : written), wanted);
    free(written);
}

static void members(void **state)
{
    (void)state;
    static const char *const ROWS[][2] = {
        {"/$schema", "\"https://json-schema.org/draft/2020-12/schema\""},
        {"/$id", "\"https://example.com/sample.json\""},
        {"/$ref", "\"#/$defs/Sample\""},
        {"/oneOf", "nothing"},
        {"/$defs/Sample/type", "\"object\""},
        {"/$defs/Sample/description", "\"A sample.\""},
        {"/$defs/Sample/required", "[\"kind\"]"},
        {"/$defs/Sample/additionalProperties", "false"},
        {"/$defs/Sample/properties/kind",
         "{\"type\":\"string\",\"const\":\"Sample\",\"description\":\"What it is.\"}"},
        /* At least 2 bytes may be one character; at most 5 bytes are at most 5. */
        {"/$defs/Sample/properties/title",
         "{\"type\":\"string\",\"minLength\":1,\"maxLength\":5,\"description\":\"A title, "
         "a|b.\",\"examples\":[\"a|b\"]}"},
        {"/$defs/Sample/properties/mode",
         "{\"type\":\"string\",\"enum\":[\"enforce\",\"warn\",\"audit\"],"
         "\"description\":\"How. Default: enforce.\"}"},
        {"/$defs/Sample/properties/period/type", "\"string\""},
        {"/$defs/Sample/properties/period/examples", "[\"10s\"]"},
        {"/$defs/Sample/properties/until",
         "{\"type\":\"string\",\"format\":\"date-time\",\"description\":\"How long.\","
         "\"examples\":[\"2030-12-31T00:00:00Z\"]}"},
        {"/$defs/Sample/properties/count",
         "{\"type\":\"integer\",\"minimum\":2,\"maximum\":9,\"description\":\"How many.\"}"},
        {"/$defs/Sample/properties/anyCount",
         "{\"type\":\"integer\",\"minimum\":0,\"description\":\"How many, without end.\"}"},
        {"/$defs/Sample/properties/enabled", "{\"type\":\"boolean\",\"description\":\"Whether.\"}"},
        {"/$defs/Sample/properties/names",
         "{\"type\":\"array\",\"minItems\":1,\"maxItems\":3,\"items\":{\"type\":\"string\"},"
         "\"description\":\"Names.\",\"examples\":[[\"a\",\"!b\"]]}"},
        {"/$defs/Sample/properties/words",
         "{\"type\":\"array\",\"maxItems\":4096,\"items\":{\"type\":\"string\",\"enum\":["
         "\"digest\",\"tag\"]},\"description\":\"Words.\"}"},
        {"/$defs/Sample/properties/labels",
         "{\"type\":\"object\",\"maxProperties\":2,\"additionalProperties\":{\"type\":\"string\"},"
         "\"description\":\"Labels.\",\"examples\":[{\"a\":\"b\"}]}"},
        {"/$defs/Sample/properties/inner",
         "{\"$ref\":\"#/$defs/SampleInner\",\"description\":\"One inside.\"}"},
        {"/$defs/Sample/properties/parts",
         "{\"type\":\"array\",\"minItems\":1,\"maxItems\":3,\"items\":{\"$ref\":"
         "\"#/$defs/SampleInner\"},\"description\":\"Many inside.\"}"},
        {"/$defs/Sample/properties/status", "{\"description\":\"Not looked at.\"}"},
        {"/$defs/Sample/properties/signature", "nothing"},
        {"/$defs/SampleInner",
         "{\"type\":\"object\",\"description\":\"What is inside.\",\"properties\":{\"name\":{"
         "\"type\":\"string\",\"minLength\":1,\"description\":\"Its name.\",\"examples\":["
         "\"first\"]},\"weight\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":10,"
         "\"description\":\"More is more. Default: 0.\"}},\"required\":[\"name\"],"
         "\"additionalProperties\":false}"},
    };
    buf_auto schema;
    add_schema(&schema, ONE, COUNT(ONE));
    json_doc_auto doc = {0};
    parse_schema(&schema, &doc);
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        expect_at(&doc, ROWS[i][0], ROWS[i][1]);
    }
    /* No definition but these, outer ones first. */
    yyjson_val *definitions = json_get(doc.root, "$defs");
    assert_int_equal(yyjson_obj_size(definitions), 2);
    yyjson_obj_iter iter = yyjson_obj_iter_with(definitions);
    expect_text("first", json_str(yyjson_obj_iter_next(&iter)), "Sample");
}

static void choice_by_kind(void **state)
{
    (void)state;
    static const char *const ROWS[][2] = {
        {"/oneOf", "[{\"$ref\":\"#/$defs/Sample\"},{\"$ref\":\"#/$defs/Other\"}]"},
        {"/$ref", "nothing"},
        {"/$defs/Sample/properties/kind/const", "\"Sample\""},
        {"/$defs/Other/properties/kind/const", "\"Other\""},
        {"/$defs/Other/required", "[\"kind\"]"},
        {"/$defs/Other/properties/inner/$ref", "\"#/$defs/SampleInner\""},
    };
    buf_auto schema;
    add_schema(&schema, TWO, COUNT(TWO));
    json_doc_auto doc = {0};
    parse_schema(&schema, &doc);
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        expect_at(&doc, ROWS[i][0], ROWS[i][1]);
    }
    assert_int_equal(yyjson_obj_size(json_get(doc.root, "$defs")), 3);
}

static void form(void **state)
{
    (void)state;
    buf_auto first, second;
    add_schema(&first, TWO, COUNT(TWO));
    add_schema(&second, TWO, COUNT(TWO));
    assert_true(str_eq(buf_str(&first), buf_str(&second)));
    assert_true(str_starts(buf_str(&first), STR("{\n  \"$schema\": \"https://")));
    assert_true(str_ends(buf_str(&first), STR("\n  }\n}\n")));
}

int schema_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members),
        cmocka_unit_test(choice_by_kind),
        cmocka_unit_test(form),
    };
    return cmocka_run_group_tests_name("schema", tests, NULL, NULL);
}

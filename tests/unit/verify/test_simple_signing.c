/* Payloads of cosign: the cases of sigstore/sigstore, and what a reader must not pass over. */
#include "test.h"

#include "verify/simple_signing.h"

#define DIGEST  "sha256:d34db33fd34db33fd34db33fd34db33fd34db33fd34db33fd34db33fd34db33f"
#define TYPE    "\"type\":\"cosign container image signature\""
#define IMAGE   "\"image\":{\"docker-manifest-digest\":\"" DIGEST "\"}"
#define NAME    "\"identity\":{\"docker-reference\":\"example.com/test/image\"}"
#define PAYLOAD "{\"critical\":{" NAME "," IMAGE "," TYPE "},\"optional\":null}"

static void read_one(struct str payload, struct simple_signing *ret)
{
    struct error err;
    if (failed(simple_signing_parse(&test_arena, payload, ret, &err))) {
        fail_msg("%s: %.*s", err.text, STR_ARG(payload));
    }
}

/* -- cases from outside -- */

/* What is expected of a payload that is read: the digest behind the name, and the name itself. */
static void compare(const yyjson_val *expected, const struct simple_signing *it)
{
    struct str image = json_str(json_get(expected, "Image"));
    struct str claimed = json_str(json_get(expected, "ClaimedIdentity"));
    assert_true(str_ends(image, it->digest));
    assert_true(claimed.n == 0 || str_eq(claimed, it->reference));
    size_t index, n;
    yyjson_val *key, *value;
    yyjson_obj_foreach(json_get(expected, "Annotations"), index, n, key, value)
    {
        struct str found;
        if (yyjson_is_str(value)) {
            assert_true(simple_signing_annotation(it, json_str(key), &found));
            assert_true(str_eq(found, json_str(value)));
        }
    }
}

static void vectors(void **state)
{
    (void)state;
    json_doc_auto doc = {0};
    size_t index, n, cases = 0;
    yyjson_val *v;
    vector_json("sigstore-payload/cases.json", &doc);
    yyjson_arr_foreach(doc.root, index, n, v)
    {
        struct simple_signing it;
        struct error err;
        bool marshal = json_get(v, "payload") == NULL;
        struct str payload = json_str(json_get(v, marshal ? "expected" : "payload"));
        bool wanted = !yyjson_get_bool(json_get(v, "expectErr"));
        bool read = !failed(simple_signing_parse(&test_arena, payload, &it, &err));
        if (read != wanted) {
            fail_msg("%s: %s", yyjson_get_str(json_get(v, "desc")), read ? "read" : err.text);
        }
        if (read) {
            compare(json_get(v, marshal ? "imgPayload" : "expected"), &it);
        }
        cases++;
    }
    assert_true(cases > 0);
}

/* -- our own -- */

static void about(void **state)
{
    (void)state;
    struct simple_signing it;
    struct error err;
    read_one(STR(PAYLOAD), &it);
    assert_false(failed(simple_signing_check(&it, STR(DIGEST), STR_EMPTY, &err)));
    assert_false(
        failed(simple_signing_check(&it, STR(DIGEST), STR("example.com/test/image"), &err)));
    assert_true(failed(simple_signing_check(&it, STR("sha256:00"), STR_EMPTY, &err)));
    expect_error(&err, ERROR_EVIDENCE, "of another image: " DIGEST);
    assert_true(failed(simple_signing_check(&it, STR(DIGEST), STR("example.com/test"), &err)));
    expect_error(&err, ERROR_EVIDENCE,
                 "of another name: \"example.com/test/image\", not example.com/test");
    read_one(STR("{\"critical\":{\"identity\":{\"docker-reference\":\"nginx:1.27\"}," IMAGE "," TYPE
                 "}}"),
             &it);
    assert_false(
        failed(simple_signing_check(&it, STR(DIGEST), STR("docker.io/library/nginx"), &err)));
    read_one(STR("{\"critical\":{" IMAGE "," TYPE "}}"), &it);
    assert_true(
        failed(simple_signing_check(&it, STR(DIGEST), STR("docker.io/library/nginx"), &err)));
}

static void refused(void **state)
{
    (void)state;
    static const struct {
        const char *payload, *says;
    } ROWS[] = {
        {"", "empty"},
        {"[]", "must be an object"},
        {"{}", "critical: is missing"},
        {"{\"critical\":{" IMAGE "}}", "critical.type: is missing"},
        {"{\"critical\":{" TYPE "}}", "critical.image: is missing"},
        {"{\"critical\":{\"image\":{}," TYPE "}}", "docker-manifest-digest: is missing"},
        {"{\"critical\":{\"image\":{\"docker-manifest-digest\":\"sha256:0\"}," TYPE "}}",
         "docker-manifest-digest"},
        {"{\"critical\":{" IMAGE ",\"type\":\"atomic container signature\"}}",
         "type must be \"cosign container image signature\", found \"atomic container signature\""},
        {"{\"critical\":{" IMAGE "," TYPE ",\"more\":1}}", "unknown member \"more\""},
        {"{\"critical\":{" IMAGE "," TYPE "},\"Critical\":{}}", "unknown member \"Critical\""},
        {"{\"critical\":{" IMAGE "," IMAGE "," TYPE "}}", "stands twice"},
        {"{\"critical\":{" IMAGE "," TYPE "},\"optional\":[]}", "optional: must be an object"},
    };
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct simple_signing it;
        struct error err = {.kind = ERROR_NONE};
        if (!failed(simple_signing_parse(&test_arena, str_from(ROWS[i].payload), &it, &err))) {
            fail_msg("read: %s", ROWS[i].payload);
        }
        expect_error(&err, ERROR_INPUT, ROWS[i].says);
    }
}

static struct str with_annotations(unsigned n)
{
    struct str *all = ARENA_ARRAY(&test_arena, struct str, n + 2);
    all[0] = STR("{\"critical\":{" IMAGE "," TYPE "},\"optional\":{");
    for (unsigned i = 1; i <= n; i++) {
        all[i] = arena_printf(&test_arena, "%s\"k%u\":\"v\"", i == 1 ? "" : ",", i);
    }
    all[n + 1] = STR("}}");
    return arena_join(&test_arena, all, n + 2);
}

static void limits(void **state)
{
    (void)state;
    struct simple_signing it;
    struct error err;
    read_one(with_annotations(LIMIT_SIMPLE_ANNOTATIONS), &it);
    assert_int_equal(it.n_annotations, LIMIT_SIMPLE_ANNOTATIONS);
    assert_true(failed(simple_signing_parse(
        &test_arena, with_annotations(LIMIT_SIMPLE_ANNOTATIONS + 1), &it, &err)));
    expect_error(&err, ERROR_LIMIT, "more than 256 members");
    char *large = arena_alloc(&test_arena, LIMIT_SIMPLE_SIGNING + 1);
    memset(large, ' ', LIMIT_SIMPLE_SIGNING + 1);
    memcpy(large, PAYLOAD, sizeof PAYLOAD - 1);
    read_one((struct str){large, LIMIT_SIMPLE_SIGNING}, &it);
    assert_true(failed(simple_signing_parse(
        &test_arena, (struct str){large, LIMIT_SIMPLE_SIGNING + 1}, &it, &err)));
    expect_error(&err, ERROR_LIMIT, "larger than 65536 bytes");
}

int simple_signing_tests(void)
{
    const struct CMUnitTest tests[] = {TEST(vectors), TEST(about), TEST(refused), TEST(limits)};
    return cmocka_run_group_tests_name("simple_signing", tests, NULL, NULL);
}

/* DSSE envelopes: the test vector of the protocol's page, and what is at the edges. */
#include "test.h"

#include "verify/dsse.h"

#define ENVELOPE(payload, type, signatures)                                                        \
    "{\"payload\":\"" payload "\",\"payloadType\":\"" type "\",\"signatures\":[" signatures "]}"
#define SIG "{\"keyid\":\"k\",\"sig\":\"YWJj\"}"

static void pre_authentication(void **state)
{
    (void)state;
    const struct dsse_envelope hello = {.payload_type = STR("http://example.com/HelloWorld"),
                                        .payload = STR("hello world")};
    assert_true(str_eq(dsse_signed(&test_arena, &hello),
                       STR("DSSEv1 29 http://example.com/HelloWorld 11 hello world")));
    const struct dsse_envelope nothing = {.payload_type = STR(""), .payload = STR("")};
    assert_true(str_eq(dsse_signed(&test_arena, &nothing), STR("DSSEv1 0  0 ")));
}

static void parts(void **state)
{
    (void)state;
    struct dsse_envelope it;
    struct error err;
    struct str text = STR(ENVELOPE("aGk=", "t", SIG ",{\"sig\":\"eA==\",\"more\":1}"));
    assert_false(failed(dsse_parse(&test_arena, text, &it, &err)));
    assert_true(str_eq(it.payload, STR("hi")));
    assert_true(str_eq(it.payload_type, STR("t")));
    assert_int_equal(it.n_signatures, 2);
    assert_true(str_eq(it.signatures[0].key_id, STR("k")));
    assert_true(str_eq(it.signatures[0].bytes, STR("abc")));
    assert_true(str_eq(it.signatures[1].bytes, STR("x")));
    assert_int_equal(it.signatures[1].key_id.n, 0);
}

static void refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } ROWS[] = {
        {"", "the envelope: the text is empty"},
        {"[]", "the envelope must be an object, found a list"},
        {"{}", "payloadType: is missing"},
        {ENVELOPE("aGk=", "t", ""), "signatures: is empty"},
        {ENVELOPE("aGk", "t", SIG), "payload: is not base64"},
        {ENVELOPE("aG_=", "t", SIG), "payload: is not base64"},
        {ENVELOPE("aGl=", "t", SIG), "payload: is not base64"},
        {ENVELOPE("aGk=", "t", "1"), "signatures[0]: must be an object, found a number"},
        {ENVELOPE("aGk=", "t", SIG ",{}"), "signatures[1].sig: is missing"},
        {"{\"payload\":\"\",\"payload\":\"\"}", "stands twice"},
        {"{\"payload\":1,\"payloadType\":\"t\"}", "payload: must be a string of base64"},
        {"{\"payload\":\"\",\"payloadType\":null}", "payloadType: is missing"},
        {"{\"payload\":\"\",\"payloadType\":\"t\"}", "signatures: is missing"},
        {"{\"payload\":\"\",\"payloadType\":\"t\",\"signatures\":{}}", "must be a list"},
    };
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct dsse_envelope it;
        struct error err = {.kind = ERROR_NONE};
        if (!failed(dsse_parse(&test_arena, str_from(ROWS[i].text), &it, &err))) {
            fail_msg("read: %s", ROWS[i].text);
        }
        expect_error(&err, ERROR_INPUT, ROWS[i].says);
    }
}

static struct str with_signatures(size_t n, size_t bytes)
{
    char *zeros = arena_alloc(&test_arena, bytes / 3 * 4 + 1);
    memset(zeros, 'A', bytes / 3 * 4);
    struct str *all = ARENA_ARRAY(&test_arena, struct str, n + 2);
    all[0] = STR("{\"payload\":\"\",\"payloadType\":\"t\",\"signatures\":[");
    for (size_t i = 1; i <= n; i++) {
        all[i] = arena_printf(&test_arena, "%s{\"sig\":\"%s%s\"}", i == 1 ? "" : ",", zeros,
                              bytes % 3 == 0   ? ""
                              : bytes % 3 == 1 ? "AA=="
                                               : "AAA=");
    }
    all[n + 1] = STR("]}");
    return arena_join(&test_arena, all, n + 2);
}

static void limits(void **state)
{
    (void)state;
    struct dsse_envelope it;
    struct error err;
    struct str text = with_signatures(LIMIT_DSSE_SIGNATURES, LIMIT_SIGNATURE);
    assert_false(failed(dsse_parse(&test_arena, text, &it, &err)));
    assert_int_equal(it.signatures[0].bytes.n, LIMIT_SIGNATURE);
    text = with_signatures(LIMIT_DSSE_SIGNATURES + 1, 3);
    assert_true(failed(dsse_parse(&test_arena, text, &it, &err)));
    expect_error(&err, ERROR_LIMIT, "signatures: has more than 16 items");
    text = with_signatures(1, LIMIT_SIGNATURE + 1);
    assert_true(failed(dsse_parse(&test_arena, text, &it, &err)));
    expect_error(&err, ERROR_LIMIT, "signatures[0].sig: is longer than 1024 bytes");
    char *large = arena_alloc(&test_arena, LIMIT_SIGSTORE_BUNDLE + 1);
    memset(large, ' ', LIMIT_SIGSTORE_BUNDLE + 1);
    memcpy(large, ENVELOPE("aGk=", "t", SIG), sizeof(ENVELOPE("aGk=", "t", SIG)) - 1);
    assert_false(
        failed(dsse_parse(&test_arena, (struct str){large, LIMIT_SIGSTORE_BUNDLE}, &it, &err)));
    assert_true(
        failed(dsse_parse(&test_arena, (struct str){large, LIMIT_SIGSTORE_BUNDLE + 1}, &it, &err)));
    expect_error(&err, ERROR_LIMIT, "the envelope is larger than");
}

int dsse_tests(void)
{
    const struct CMUnitTest tests[] = {TEST(pre_authentication), TEST(parts), TEST(refused),
                                       TEST(limits)};
    return cmocka_run_group_tests_name("dsse", tests, NULL, NULL);
}

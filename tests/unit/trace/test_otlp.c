/* Spans as OTLP has them in JSON, byte for byte; what is read of an answer. */
#include "test.h"

#include "base/limits.h"
#include "trace/otlp.h"
#include "json/doc.h"

static const struct trace_resource RESOURCE = {
    .service = STR("pratique"),
    .version = STR("1.2.3"),
    .instance = STR("i"),
    .pod = STR("pod-\"1\""),
    .namespace = STR("ns"),
};

static struct buf buf;

static int begin(void **state)
{
    (void)state;
    buf_init(&buf, 4 * MIB);
    return 0;
}

static int end(void **state)
{
    (void)state;
    buf_done(&buf);
    return 0;
}

static struct span a_span(const char *parent)
{
    struct span span = {.id = {1, 2, 3, 4, 5, 6, 7, 8},
                        .name = "POST /validate",
                        .start = 1700000000000000001,
                        .end = 1700000000000000002,
                        .why = STR_EMPTY};
    trace_join(str_from(parent), STR("foo=1"), 1000000, &span.context);
    memset(span.context.trace, 0xab, parent[0] == '\0' ? TRACE_ID_BYTES : 0);
    return span;
}

static void is(const char *text)
{
    assert_false(buf_overflowed(&buf));
    buf_add_char(&buf, '\0');
    assert_string_equal(buf.p, text);
    buf_clear(&buf);
}

static void a_request(void **state)
{
    (void)state;
    otlp_begin(&RESOURCE, &buf);
    otlp_end(&buf);
    is("{\"resourceSpans\":[{\"resource\":{\"attributes\":["
       "{\"key\":\"service.name\",\"value\":{\"stringValue\":\"pratique\"}},"
       "{\"key\":\"service.version\",\"value\":{\"stringValue\":\"1.2.3\"}},"
       "{\"key\":\"service.instance.id\",\"value\":{\"stringValue\":\"i\"}},"
       "{\"key\":\"k8s.pod.name\",\"value\":{\"stringValue\":\"pod-\\\"1\\\"\"}},"
       "{\"key\":\"k8s.namespace.name\",\"value\":{\"stringValue\":\"ns\"}}"
       "]},\"scopeSpans\":[{\"scope\":{\"name\":\"pratique\",\"version\":\"1.2.3\"},"
       "\"spans\":[]}]}]}");
    const struct trace_resource nowhere = {.service = STR("s"), .version = STR("v")};
    otlp_begin(&nowhere, &buf);
    is("{\"resourceSpans\":[{\"resource\":{\"attributes\":["
       "{\"key\":\"service.name\",\"value\":{\"stringValue\":\"s\"}},"
       "{\"key\":\"service.version\",\"value\":{\"stringValue\":\"v\"}}"
       "]},\"scopeSpans\":[{\"scope\":{\"name\":\"pratique\",\"version\":\"v\"},\"spans\":[");
}

static void a_child_of_the_caller(void **state)
{
    (void)state;
    const struct span_attribute attributes[] = {
        {.key = "a", .type = SPAN_TEXT, .text = STR("<\x1b\xff>")},
        {.key = "b", .type = SPAN_INT, .number = INT64_MIN},
        {.key = "c", .type = SPAN_BOOL, .number = 1},
        {.key = "d", .type = SPAN_BOOL},
    };
    const struct span_step steps[] = {
        {.name = "decode", .start = 3, .end = 4, .id = {0xff, 1, 1, 1, 1, 1, 1, 1}}};
    struct span span = a_span("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    span.attributes = attributes;
    span.n_attributes = COUNT(attributes);
    span.steps = steps;
    span.n_steps = 1;
    otlp_span(&span, true, &buf);
    is("{\"traceId\":\"0af7651916cd43dd8448eb211c80319c\",\"spanId\":\"0102030405060708\","
       "\"parentSpanId\":\"b7ad6b7169203331\",\"traceState\":\"foo=1\",\"flags\":769,"
       "\"name\":\"POST /validate\",\"kind\":2,\"startTimeUnixNano\":\"1700000000000000001\","
       "\"endTimeUnixNano\":\"1700000000000000002\",\"attributes\":["
       "{\"key\":\"a\",\"value\":{\"stringValue\":\"<\\u001b\xef\xbf\xbd>\"}},"
       "{\"key\":\"b\",\"value\":{\"intValue\":\"-9223372036854775808\"}},"
       "{\"key\":\"c\",\"value\":{\"boolValue\":true}},"
       "{\"key\":\"d\",\"value\":{\"boolValue\":false}}]},"
       "{\"traceId\":\"0af7651916cd43dd8448eb211c80319c\",\"spanId\":\"ff01010101010101\","
       "\"parentSpanId\":\"0102030405060708\",\"traceState\":\"foo=1\",\"flags\":257,"
       "\"name\":\"decode\",\"kind\":1,\"startTimeUnixNano\":\"3\",\"endTimeUnixNano\":\"4\"}");
}

static void a_root_that_failed(void **state)
{
    (void)state;
    struct span span = a_span("");
    span.failed = true;
    span.why = STR("no \"time\"");
    otlp_span(&span, false, &buf);
    is(",{\"traceId\":\"abababababababababababababababab\",\"spanId\":\"0102030405060708\","
       "\"flags\":257,\"name\":\"POST /validate\",\"kind\":2,"
       "\"startTimeUnixNano\":\"1700000000000000001\",\"endTimeUnixNano\":\"1700000000000000002\","
       "\"attributes\":[],\"status\":{\"code\":2,\"message\":\"no \\\"time\\\"\"}}");
}

/* The largest span, with the dearest character in each text: it is bounded, and it is JSON. */
static void the_largest(void **state)
{
    (void)state;
    static char text[LIMIT_SPAN_TEXT + 1], long_state[LIMIT_TRACE_STATE];
    struct span_attribute attributes[LIMIT_SPAN_ATTRIBUTES];
    struct span_step steps[LIMIT_SPAN_STEPS];
    memset(text, '\x01', sizeof text);
    memset(long_state, '\x01', sizeof long_state);
    for (size_t i = 0; i < COUNT(attributes); i++) {
        attributes[i] = (struct span_attribute){
            .key = "pratique.review.subresource", .type = SPAN_TEXT, .text = {text, sizeof text}};
    }
    for (size_t i = 0; i < COUNT(steps); i++) {
        steps[i] = (struct span_step){.name = "decode", .start = INT64_MAX, .end = INT64_MAX};
    }
    struct span span = a_span("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    span.context.state = (struct str){long_state, sizeof long_state};
    span.failed = true;
    span.why = (struct str){text, sizeof text};
    span.attributes = attributes;
    span.n_attributes = COUNT(attributes);
    span.steps = steps;
    span.n_steps = COUNT(steps);
    void *memory = malloc(span_size(&span));
    span_copy(&span, memory);
    memset(text, 'x', sizeof text); /* the copy borrows nothing */
    otlp_begin(&RESOURCE, &buf);
    size_t before = buf.n;
    otlp_span(memory, true, &buf);
    assert_in_range(buf.n - before, 6 * LIMIT_SPAN_TEXT * LIMIT_SPAN_ATTRIBUTES, LIMIT_TRACE_SPAN);
    otlp_end(&buf);
    json_doc_auto doc = {0};
    struct error err;
    assert_false(failed(json_parse(buf_str(&buf), JSON_WITHOUT_MARKS, &doc, &err)));
    const struct span *copy = memory;
    assert_int_equal(copy->why.n, LIMIT_SPAN_TEXT);
    assert_int_equal(span_count(copy), 1 + LIMIT_SPAN_STEPS);
    free(memory);
}

static void answers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t rejected; /* -1: no answer of a collector */
        const char *message;
    } CASES[] = {
        {"", 0, ""},
        {" \r\n", 0, ""},
        {"{}", 0, ""},
        {"{\"partialSuccess\":{}}", 0, ""},
        {"{\"partialSuccess\":null}", 0, ""},
        {"{\"partialSuccess\":{\"rejectedSpans\":\"7\",\"errorMessage\":\"too old\"}}", 7,
         "too old"},
        {"{\"partialSuccess\":{\"rejectedSpans\":7}}", 7, ""},
        {"{\"partialSuccess\":{\"rejectedSpans\":0,\"errorMessage\":\"hm\"}}", 0, "hm"},
        {"{\"partialSuccess\":{\"rejectedSpans\":-7,\"errorMessage\":7}}", 0, ""},
        {"{\"partialSuccess\":{\"rejectedSpans\":\"-7\"}}", 0, ""},
        {"{\"partialSuccess\":{\"rejectedSpans\":[1]}}", 0, ""},
        {"{\"unknown\":[]}", 0, ""}, /* of a later version */
        {"[]", -1, ""},
        {"7", -1, ""},
        {"{", -1, ""},
        {"<html>", -1, ""},
        {"\x0a\x02xx", -1, ""},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct otlp_answer answer = {0};
        struct error err;
        arena_auto arena;
        arena_init(&arena, MIB);
        status st = otlp_read(str_from(CASES[i].text), &arena, &answer, &err);
        if (failed(st) != (CASES[i].rejected < 0) ||
            (!failed(st) && ((int64_t)answer.rejected != CASES[i].rejected ||
                             !str_eq(answer.message, str_from(CASES[i].message))))) {
            fail_msg("%s: %llu", CASES[i].text, (unsigned long long)answer.rejected);
        }
    }
}

int otlp_tests(void)
{
    const struct CMUnitTest TESTS[] = {
        cmocka_unit_test_setup_teardown(a_request, begin, end),
        cmocka_unit_test_setup_teardown(a_child_of_the_caller, begin, end),
        cmocka_unit_test_setup_teardown(a_root_that_failed, begin, end),
        cmocka_unit_test_setup_teardown(the_largest, begin, end),
        cmocka_unit_test(answers),
    };
    return cmocka_run_group_tests_name("otlp", TESTS, NULL, NULL);
}

#include "test.h"

#include "base/limits.h"
#include "cluster/status.h"
#include "fetch/scripted.h"

#define PATH "https://api/apis/pratique.dev/v1alpha1/namespaces/shop/imagepolicies/team"

/* An API server with one object. */
static struct {
    const char *object;
    unsigned put_status;
    char url[256], body[4096];
    size_t puts;
} api;

static status answer(void *argument, const struct fetch_request *request, struct arena *arena,
                     struct fetch_answer *ret_answer, struct error *err)
{
    (void)argument, (void)err;
    bool put = strcmp(request->method, "PUT") == 0;
    *ret_answer = (struct fetch_answer){.status = put                  ? api.put_status
                                                  : api.object == NULL ? 404
                                                                       : 200};
    ret_answer->body = arena_dup(arena, str_from(api.object == NULL ? "{}" : api.object));
    if (put) {
        api.puts++;
        snprintf(api.url, sizeof api.url, "%.*s", STR_ARG(request->url));
        snprintf(api.body, sizeof api.body, "%.*s", STR_ARG(request->body));
    } else {
        assert_true(str_eq(request->url, STR(PATH)));
    }
    return OK;
}

static const struct policy_target TARGET = {
    {"ImagePolicy", 11}, {"shop", 4}, {"team", 4}, {"u-1", 3}};
static const struct policy_counts_of NONE = {0};

/* Write; returns whether it was done. */
static bool write(const char *object, const struct policy_ready *ready,
                  const struct policy_counts_of *counts)
{
    static const struct kube_config CONFIG = {.server = {"https://api", 11}};
    struct fetch_scripted scripted = {.script = answer};
    struct fetch port = fetch_scripted_port(&scripted);
    struct kube *kube = kube_new(&CONFIG, &port, NULL);
    struct error err;
    bool done = false;
    api.object = object;
    api.puts = 0;
    assert_false(failed(status_write(kube, &TARGET, ready, counts, &done, &err)));
    kube_free(kube);
    return done;
}

/* What was written at a JSON pointer, as JSON. */
static const char *written(const char *pointer)
{
    static char text[512];
    json_doc_auto doc = {0};
    struct error err;
    assert_false(failed(json_parse(str_from(api.body), JSON_WITHOUT_MARKS, &doc, &err)));
    yyjson_val *value = yyjson_ptr_get(doc.root, pointer);
    char *json = value == NULL ? NULL : yyjson_val_write(value, 0, NULL);
    snprintf(text, sizeof text, "%s", json == NULL ? "nothing" : json);
    free(json);
    return text;
}

static int begin(void **state)
{
    (void)state;
    memset(&api, 0, sizeof api);
    api.put_status = 200;
    return 0;
}

#define META "\"metadata\":{\"name\":\"team\",\"uid\":\"u-1\",\"resourceVersion\":\"41\"}"

static void a_first_status(void **state)
{
    (void)state;
    const struct policy_ready ready = {
        .ready = true, .reason = "Loaded", .message = STR("in use"), .generation = 3, .rules = 2};
    assert_true(write("{" META ",\"spec\":{\"a\":1}}", &ready, &NONE));
    assert_string_equal(api.url, PATH "/status");
    assert_string_equal(written("/metadata/resourceVersion"), "\"41\"");
    assert_string_equal(written("/spec"), "{\"a\":1}");
    assert_string_equal(written("/status/conditions/0/type"), "\"Ready\"");
    assert_string_equal(written("/status/conditions/0/status"), "\"True\"");
    assert_string_equal(written("/status/conditions/0/reason"), "\"Loaded\"");
    assert_string_equal(written("/status/conditions/0/message"), "\"in use\"");
    assert_string_equal(written("/status/conditions/0/observedGeneration"), "3");
    assert_int_equal(strlen(written("/status/conditions/0/lastTransitionTime")), 22);
    assert_string_equal(written("/status/observedGeneration"), "3");
    assert_string_equal(written("/status/rules"), "2");
    assert_string_equal(written("/status/judged"), "nothing");
}

#define BEFORE                                                                                     \
    "{" META ",\"status\":{\"judged\":7,\"rules\":1,\"conditions\":[{\"type\":\"Other\","          \
    "\"status\":\"True\"},{\"type\":\"Ready\",\"status\":\"False\",\"reason\":\"Invalid\","        \
    "\"message\":\"no\",\"observedGeneration\":2,\"lastTransitionTime\":\"2026-01-01T00:00:00Z\""  \
    "}]}}"

static void what_others_wrote_stays(void **state)
{
    (void)state;
    const struct policy_ready still = {.reason = "Invalid", .message = STR("no"), .generation = 3};
    const struct policy_counts_of counts = {.judged = 5, .denied = 2};
    assert_true(write(BEFORE, &still, &counts));
    assert_string_equal(written("/status/conditions/0"),
                        "{\"type\":\"Other\",\"status\":\"True\"}");
    assert_string_equal(written("/status/conditions/1/lastTransitionTime"),
                        "\"2026-01-01T00:00:00Z\"");
    assert_string_equal(written("/status/conditions/2"), "nothing");
    assert_string_equal(written("/status/judged"), "12");
    assert_string_equal(written("/status/denied"), "2");
    assert_string_equal(written("/status/warned"), "nothing");
    const struct policy_ready mended = {
        .ready = true, .reason = "Loaded", .message = STR("in use"), .generation = 3, .rules = 1};
    assert_true(write(BEFORE, &mended, &NONE));
    assert_string_not_equal(written("/status/conditions/1/lastTransitionTime"),
                            "\"2026-01-01T00:00:00Z\"");
    assert_true(write(BEFORE, NULL, &counts));
    assert_string_equal(written("/status/conditions/1/reason"), "\"Invalid\"");
    assert_string_equal(written("/status/judged"), "12");
}

static void a_sum_stays_a_number(void **state)
{
    (void)state;
    const struct policy_counts_of counts = {.judged = 9};
    assert_true(write("{" META ",\"status\":{\"judged\":9223372036854775800}}", NULL, &counts));
    assert_string_equal(written("/status/judged"), "9223372036854775807");
    assert_true(write("{" META ",\"status\":{\"judged\":\"many\"}}", NULL, &counts));
    assert_string_equal(written("/status/judged"), "9");
    assert_true(write("{" META ",\"status\":7}", NULL, &counts));
    assert_string_equal(written("/status"), "{\"judged\":9}");
}

static void another_object_is_left_alone(void **state)
{
    (void)state;
    const struct policy_counts_of counts = {.judged = 9};
    assert_false(write("{\"metadata\":{\"name\":\"team\",\"uid\":\"u-2\"}}", NULL, &counts));
    assert_int_equal(api.puts, 0);
    assert_false(write(NULL, NULL, &counts));
    assert_int_equal(api.puts, 0);
    api.put_status = 409;
    assert_false(write(BEFORE, NULL, &counts));
    assert_int_equal(api.puts, 1);
}

static void says(void **state)
{
    (void)state;
    static const char TEXT[] =
        "{\"observedGeneration\":3,\"rules\":2,\"conditions\":[{\"type\":\"Ready\",\"status\":"
        "\"True\",\"reason\":\"Loaded\",\"message\":\"in use\",\"observedGeneration\":3}]}";
    const struct policy_ready ready = {
        .ready = true, .reason = "Loaded", .message = STR("in use"), .generation = 3, .rules = 2};
    assert_true(status_says(str_from(TEXT), &ready));
    struct policy_ready other = ready;
    other.generation = 4;
    assert_false(status_says(str_from(TEXT), &other));
    other = ready;
    other.ready = false;
    assert_false(status_says(str_from(TEXT), &other));
    other = ready;
    other.message = STR("in us");
    assert_false(status_says(str_from(TEXT), &other));
    other = ready;
    other.reason = "Ended";
    assert_false(status_says(str_from(TEXT), &other));
    other = ready;
    other.rules = 3;
    assert_false(status_says(str_from(TEXT), &other));
    assert_false(status_says(STR_EMPTY, &ready));
    assert_false(status_says(STR("[]"), &ready));
    assert_false(status_says(STR("{"), &ready));
}

int status_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_first_status, begin),
        cmocka_unit_test_setup(what_others_wrote_stays, begin),
        cmocka_unit_test_setup(a_sum_stays_a_number, begin),
        cmocka_unit_test_setup(another_object_is_left_alone, begin),
        cmocka_unit_test(says),
    };
    return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}

#include "test.h"

#include "fetch/scripted.h"
#include "kube/client.h"

/* What the script answers next, and what it was asked. */
static struct {
    struct fetch_answer answers[4];
    size_t n;
    char authorization[4][64];
    char url[256], accept[64], type[64];
    int64_t time;
    struct str ca;
} script;

static status answer(void *argument, const struct fetch_request *request, struct arena *arena,
                     struct fetch_answer *ret_answer, struct error *err)
{
    (void)argument, (void)err;
    assert_true(script.n < COUNT(script.answers));
    const struct fetch_answer asked = {.headers = request->headers,
                                       .n_headers = request->n_headers};
    snprintf(script.authorization[script.n], 64, "%.*s",
             STR_ARG(fetch_header(&asked, "Authorization")));
    snprintf(script.accept, 64, "%.*s", STR_ARG(fetch_header(&asked, "Accept")));
    snprintf(script.type, 64, "%.*s", STR_ARG(fetch_header(&asked, "Content-Type")));
    snprintf(script.url, sizeof script.url, "%.*s", STR_ARG(request->url));
    script.time = request->deadline - clock_monotonic();
    script.ca = arena_dup(&test_arena, request->ca);
    *ret_answer = script.answers[script.n++];
    ret_answer->body = arena_dup(arena, ret_answer->body);
    return OK;
}

static struct kube_config config;
static struct fetch_scripted scripted = {.script = answer};
static struct fetch port;
static struct kube *kube;
static struct error err;
static enum kube_outcome outcome;
static struct json_doc object;

static int begin(void **state)
{
    memset(&script, 0, sizeof script);
    config = (struct kube_config){.server = STR("https://api:6443"),
                                  .namespace = STR("default"),
                                  .token = {.path = "token"},
                                  .ca = {.text = STR("CA")}};
    port = fetch_scripted_port(&scripted);
    kube = kube_new(&config, &port, NULL);
    outcome = KUBE_CONFLICT;
    return start(state);
}

static int end(void **state)
{
    kube_free(kube);
    json_doc_done(&object);
    object = (struct json_doc){0};
    return stop(state);
}

static bool calls(bool secret)
{
    const struct kube_call call = {.method = "PUT",
                                   .path = STR("/api/v1/x"),
                                   .content_type = "application/json",
                                   .body = STR("{}"),
                                   .secret = secret};
    json_doc_done(&object);
    return !failed(kube_call(kube, &call, &outcome, &object, &err));
}

static void a_call(void **state)
{
    (void)state;
    write_file("token", "abc\n");
    script.answers[0] = (struct fetch_answer){.status = 200, .body = STR("{\"a\":\"b\"}")};
    assert_true(calls(false));
    assert_int_equal(outcome, KUBE_DONE);
    assert_true(str_eq(json_str(json_get(object.root, "a")), STR("b")));
    assert_string_equal(script.url, "https://api:6443/api/v1/x");
    assert_string_equal(script.authorization[0], "Bearer abc");
    assert_string_equal(script.accept, "application/json");
    assert_string_equal(script.type, "application/json");
    assert_true(str_eq(script.ca, STR("CA")));
    assert_true(script.time > 0 && script.time <= KUBE_CALL_TIME);
}

static void outcomes(void **state)
{
    (void)state;
    write_file("token", "abc");
    script.answers[0] = (struct fetch_answer){.status = 404, .body = STR("gone")};
    script.answers[1] = (struct fetch_answer){.status = 409, .body = STR("{}")};
    script.answers[2] = (struct fetch_answer){.status = 201, .body = STR("{}")};
    assert_true(calls(false));
    assert_int_equal(outcome, KUBE_NOT_FOUND);
    assert_null(object.tree);
    assert_true(calls(false));
    assert_int_equal(outcome, KUBE_CONFLICT);
    assert_true(calls(false));
    assert_int_equal(outcome, KUBE_DONE);
}

#define STATUS_OBJECT(reason, message)                                                             \
    STR("{\"kind\":\"Status\",\"status\":\"Failure\",\"reason\":\"" reason                         \
        "\",\"message\":\"" message "\"}")

static void errors(void **state)
{
    (void)state;
    static const struct {
        unsigned status;
        struct str body;
        bool secret;
        enum error_kind kind;
        const char *wanted;
    } CASES[] = {
        {403, STATUS_OBJECT("Forbidden", "not you"), false, ERROR_UNAUTHORIZED,
         "PUT /api/v1/x: 403 Forbidden: not you"},
        {403, STATUS_OBJECT("Forbidden", "not you"), true, ERROR_UNAUTHORIZED,
         "PUT /api/v1/x: 403 Forbidden"},
        {422, STATUS_OBJECT("Invalid", "bad"), false, ERROR_UPSTREAM,
         "PUT /api/v1/x: 422 Invalid: bad"},
        {500, STR("<html>"), false, ERROR_UPSTREAM, "PUT /api/v1/x: 500"},
        {302, STR(""), false, ERROR_UPSTREAM, "PUT /api/v1/x: 302"},
        {200, STR("<html>"), false, ERROR_UPSTREAM, "PUT /api/v1/x: the answer is no JSON"},
        {200, STR(""), false, ERROR_UPSTREAM, "PUT /api/v1/x: the answer is no JSON"},
    };
    write_file("token", "abc");
    for (size_t i = 0; i < COUNT(CASES); i++) {
        script.n = 0;
        script.answers[0] = (struct fetch_answer){.status = CASES[i].status, .body = CASES[i].body};
        assert_false(calls(CASES[i].secret));
        assert_string_equal(err.text, CASES[i].wanted);
        assert_int_equal(err.kind, CASES[i].kind);
        assert_null(object.tree);
    }
}

/* A token that was renewed is read again when the old one is not taken, once. */
static void renewed_token(void **state)
{
    (void)state;
    write_file("token", "old");
    script.answers[0] = (struct fetch_answer){.status = 200, .body = STR("{}")};
    script.answers[1] = (struct fetch_answer){.status = 401, .body = STR("{}")};
    script.answers[2] = (struct fetch_answer){.status = 200, .body = STR("{}")};
    assert_true(calls(false));
    write_file("token", "new");
    assert_true(calls(false));
    assert_string_equal(script.authorization[1], "Bearer old");
    assert_string_equal(script.authorization[2], "Bearer new");
    script.n = 0;
    script.answers[0] = script.answers[1] =
        (struct fetch_answer){.status = 401, .body = STATUS_OBJECT("Unauthorized", "Unauthorized")};
    assert_false(calls(false));
    assert_int_equal(script.n, 2);
    assert_int_equal(err.kind, ERROR_UNAUTHORIZED);
    assert_null(strstr(err.text, "new"));
}

static void files_that_are_missing(void **state)
{
    (void)state;
    assert_false(calls(false));
    assert_non_null(strstr(err.text, "PUT /api/v1/x: token: cannot open"));
    write_file("token", " \n");
    assert_false(calls(false));
    assert_string_equal(err.text, "PUT /api/v1/x: token: no token in it");
    assert_int_equal(script.n, 0);
    write_file("token", "two\nlines");
    assert_false(calls(false));
    assert_string_equal(err.text, "PUT /api/v1/x: header 3 is not one line");
}

static void being_asked_to_wait(void **state)
{
    (void)state;
    static const struct fetch_header AFTER = {{"Retry-After", 11}, {"30", 2}};
    write_file("token", "abc");
    script.answers[0] =
        (struct fetch_answer){.status = 429,
                              .headers = &AFTER,
                              .n_headers = 1,
                              .body = STATUS_OBJECT("TooManyRequests", "slow down")};
    assert_false(calls(false));
    assert_string_equal(err.text, "PUT /api/v1/x: 429 TooManyRequests: slow down");
    assert_false(calls(false));
    assert_string_equal(err.text,
                        "PUT /api/v1/x: the API server asked to be left alone for a while");
    assert_int_equal(script.n, 1);
}

static void the_other_clock(void **state)
{
    (void)state;
    static const struct fetch_header PAST = {{"Date", 4}, {"Thu, 26 Nov 2020 14:36:31 GMT", 29}};
    static const struct fetch_header FUTURE = {{"Date", 4}, {"Thu, 26 Nov 2099 14:36:31 GMT", 29}};
    write_file("token", "abc");
    script.answers[0] = (struct fetch_answer){.status = 200, .body = STR("{}")};
    script.answers[1] =
        (struct fetch_answer){.status = 200, .body = STR("{}"), .headers = &PAST, .n_headers = 1};
    script.answers[2] = (struct fetch_answer){.status = 404, .headers = &FUTURE, .n_headers = 1};
    assert_true(calls(false));
    assert_int_equal(kube_clock_ahead(kube), 0);
    assert_true(calls(false));
    assert_true(kube_clock_ahead(kube) < -365 * 24 * 3600 * NS_PER_S);
    assert_true(calls(false));
    assert_true(kube_clock_ahead(kube) > 365 * 24 * 3600 * NS_PER_S);
}

int client_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_call, begin, end),
        cmocka_unit_test_setup_teardown(outcomes, begin, end),
        cmocka_unit_test_setup_teardown(errors, begin, end),
        cmocka_unit_test_setup_teardown(renewed_token, begin, end),
        cmocka_unit_test_setup_teardown(files_that_are_missing, begin, end),
        cmocka_unit_test_setup_teardown(being_asked_to_wait, begin, end),
        cmocka_unit_test_setup_teardown(the_other_clock, begin, end),
    };
    return cmocka_run_group_tests_name("client", tests, NULL, NULL);
}

#include "server.h"

#include <pthread.h>
#include <unistd.h>

static void methods_headers_and_bodies(void **state)
{
    (void)state;
    static const char *const METHODS[] = {"GET", "POST", "PUT", "PATCH"};
    const struct fetch_header headers[] = {{STR("Content-Type"), STR("application/x-it")},
                                           {STR("X-Empty"), STR("")}};
    for (size_t i = 0; i < COUNT(METHODS); i++) {
        struct fetch_request request = to(modern, "echo?a=%20b");
        request.method = METHODS[i];
        request.headers = headers;
        request.n_headers = COUNT(headers);
        request.body = i > 0 ? (struct str){"with\0zero", 9} : STR_EMPTY;
        assert_true(sends(&request));
        assert_int_equal(answer.status, 200);
        assert_body(arena_printf(&arena, "%s /echo?a=%%20b\n", METHODS[i]).p);
        assert_body("Content-Type: application/x-it\n");
        assert_body("X-Empty: \n");
        assert_null(strstr(answer.body.p, "Expect"));
        assert_true(i == 0 || str_ends(answer.body, (struct str){"\n\nwith\0zero", 11}));
        assert_true(fetch_date(&answer) > 0);
    }
}

static void head(void **state)
{
    (void)state;
    struct fetch_request request = to(modern, "");
    request.method = "HEAD";
    assert_true(sends(&request));
    assert_int_equal(answer.status, 200);
    assert_int_equal(answer.body.n, 0);
    assert_true(str_eq(fetch_header(&answer, "content-length"), STR("5")));
}

static void answers_of_any_status(void **state)
{
    (void)state;
    struct fetch_request request = to(modern, "missing");
    assert_true(sends(&request));
    assert_int_equal(answer.status, 404);
    assert_body("nothing here");
    request = to(modern, "busy");
    assert_true(sends(&request));
    assert_int_equal(answer.status, 429);
    assert_int_equal(fetch_retry_after(&answer), 7 * NS_PER_S);
}

static void redirects_are_not_followed(void **state)
{
    (void)state;
    struct fetch_request request = to(modern, "redirect");
    assert_true(sends(&request));
    assert_int_equal(answer.status, 302);
    assert_body("elsewhere");
    assert_true(str_eq(fetch_header(&answer, "Location"), STR("/echo")));
}

static void bodies_have_a_limit(void **state)
{
    (void)state;
    static const char *const PATHS[] = {"told", "chunks"};
    for (size_t i = 0; i < COUNT(PATHS); i++) {
        struct fetch_request request = to(modern, PATHS[i]);
        request.max_body = 100;
        assert_true(sends(&request));
        assert_int_equal(answer.body.n, 100);
        request.max_body = 99;
        assert_refused(&request, ERROR_LIMIT, "the answer is larger than 99 bytes");
    }
    struct fetch_request request = to(modern, "endless"); /* while it comes in */
    assert_refused(&request, ERROR_LIMIT, "the answer is larger than 1048576 bytes");
    request = to(modern, "headers");
    assert_refused(&request, ERROR_LIMIT, "the answer's headers are larger than 65536 bytes");
}

static void time_has_an_end(void **state)
{
    (void)state;
    static const char *const PATHS[] = {"slow", "silent"};
    for (size_t i = 0; i < COUNT(PATHS); i++) {
        struct fetch_request request = to(modern, PATHS[i]);
        request.deadline = clock_monotonic() + 300 * NS_PER_MS;
        assert_refused(&request, ERROR_TIMEOUT, "no answer in time");
        request.deadline = clock_monotonic() - NS_PER_S; /* over before it begins */
        assert_refused(&request, ERROR_TIMEOUT, "no answer in time");
    }
}

static atomic_bool cancelled;

static void *cancel(void *argument)
{
    usleep(100 * 1000);
    atomic_store(&cancelled, true);
    return argument;
}

static void requests_can_be_cancelled(void **state)
{
    (void)state;
    pthread_t thread;
    struct fetch_request request = to(modern, "silent");
    request.cancel = &cancelled;
    assert_int_equal(pthread_create(&thread, NULL, cancel, NULL), 0);
    assert_refused(&request, ERROR_TIMEOUT, "cancelled");
    pthread_join(thread, NULL);
}

static void broken_answers(void **state)
{
    (void)state;
    struct fetch_request request = to(modern, "short");
    assert_refused(&request, ERROR_UPSTREAM, "127.0.0.1:");
    request = to(modern, "junk");
    assert_refused(&request, ERROR_UPSTREAM, "127.0.0.1:");
    request = to(1, "nobody-listens");
    assert_refused(&request, ERROR_UPSTREAM, "127.0.0.1:1: ");
}

static void trust(void **state)
{
    (void)state;
    struct fetch_request request = to(modern, "echo");
    request.ca = file("other.crt");
    assert_refused(&request, ERROR_UPSTREAM, "certificate");
    request.ca = STR_EMPTY; /* the system's authorities do not know it */
    assert_refused(&request, ERROR_UPSTREAM, "certificate");
    request.ca = STR("not PEM");
    assert_refused(&request, ERROR_UPSTREAM, "CA");
    request = to(elsewhere, "echo");
    request.ca = file("elsewhere.crt");
    assert_refused(&request, ERROR_UPSTREAM, "127.0.0.1");
    request = to(old, "echo");
    assert_refused(&request, ERROR_UPSTREAM, "protocol version");
    request = to(modern, "echo"); /* a connection of another trust is not used again */
    assert_true(sends(&request));
    request.ca = file("other.crt");
    assert_refused(&request, ERROR_UPSTREAM, "certificate");
}

static void plain_http_only_when_asked(void **state)
{
    (void)state;
    struct fetch_request request = to(plain, "echo");
    assert_refused(&request, ERROR_INPUT, "not a URL that may be asked");
    request.plain = true;
    assert_true(sends(&request));
    assert_int_equal(answer.status, 200);
}

static void client_certificates(void **state)
{
    (void)state;
    struct fetch_request request = to(modern, "client");
    assert_true(sends(&request));
    assert_body("nobody");
    request.client_certificate = file("client.crt");
    request.client_key = file("client.key");
    assert_true(sends(&request));
    assert_body("client");
    request.client_certificate = request.client_key = STR_EMPTY;
    assert_true(sends(&request)); /* the connection with it is another one */
    assert_body("nobody");
    fetch_curl_free(&fetch); /* a connection that was made with the right key would be used */
    fetch = fetch_curl_new();
    request.client_certificate = file("client.crt");
    request.client_key = file("other.key");
    assert_refused(&request, ERROR_UPSTREAM, "");
}

static void connections_are_kept(void **state)
{
    (void)state;
    struct fetch_request request = to(modern, "connection");
    assert_true(sends(&request));
    struct str first = answer.body;
    assert_true(sends(&request));
    assert_true(str_eq(answer.body, first));
}

static void proxies_of_the_environment_are_not_used(void **state)
{
    (void)state;
    setenv("https_proxy", "http://127.0.0.1:1", 1);
    setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
    struct fetch other = fetch_curl_new();
    struct fetch_request request = to(modern, "echo");
    assert_false(failed(fetch_send(&other, &request, &arena, &answer, &err)));
    fetch_curl_free(&other);
    unsetenv("https_proxy");
    unsetenv("ALL_PROXY");
}

int curl_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(methods_headers_and_bodies),
        cmocka_unit_test(head),
        cmocka_unit_test(answers_of_any_status),
        cmocka_unit_test(redirects_are_not_followed),
        cmocka_unit_test(bodies_have_a_limit),
        cmocka_unit_test(time_has_an_end),
        cmocka_unit_test(requests_can_be_cancelled),
        cmocka_unit_test(broken_answers),
        cmocka_unit_test(trust),
        cmocka_unit_test(plain_http_only_when_asked),
        cmocka_unit_test(client_certificates),
        cmocka_unit_test(connections_are_kept),
        cmocka_unit_test(proxies_of_the_environment_are_not_used),
    };
    return cmocka_run_group_tests_name("curl", tests, start_server, end_server);
}

#include "test.h"

#include <pthread.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "fetch/curl.h"

/* Real connections to the server of server.py. */

static const int64_t SECONDS = 60 * NS_PER_S; /* for what should take none */

static char folder[] = "/tmp/pratique-fetch-XXXXXX";
static pid_t server;
static int server_input;
static unsigned modern, old, elsewhere, plain; /* ports */
static struct arena arena;
static struct fetch fetch;
static struct fetch_answer answer;
static struct error err;

static int start_server(void **state)
{
    (void)state;
    int in[2], out[2];
    posix_spawn_file_actions_t actions;
    char script[4096], line[64] = "";
    snprintf(script, sizeof script, "%s/tests/unit/fetch/server.py", getenv("PRATIQUE_SOURCE"));
    if (mkdtemp(folder) == NULL || pipe(in) != 0 || pipe(out) != 0) {
        return 1;
    }
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, in[1]);
    posix_spawn_file_actions_addclose(&actions, out[0]);
    char *const arguments[] = {(char *)(uintptr_t) "python3", script, folder, NULL};
    int code = posix_spawnp(&server, "python3", &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    server_input = in[1];
    FILE *ports = fdopen(out[0], "r");
    bool told = code == 0 && fgets(line, sizeof line, ports) != NULL &&
                sscanf(line, "%u %u %u %u", &modern, &old, &elsewhere, &plain) == 4;
    fclose(ports);
    arena_init(&arena, 64 << 20);
    fetch = fetch_curl_new();
    return !told;
}

static int end_server(void **state)
{
    (void)state;
    int end;
    close(server_input);
    waitpid(server, &end, 0);
    fetch_curl_free(&fetch);
    arena_done(&arena);
    char command[128];
    snprintf(command, sizeof command, "%s", folder);
    const char *const arguments[] = {"rm", "-r", command, NULL};
    pid_t child;
    return posix_spawnp(&child, "rm", NULL, NULL, (char *const *)(uintptr_t)arguments, environ) !=
               0 ||
           waitpid(child, &end, 0) != child;
}

static struct str file(const char *name)
{
    struct str text = STR_EMPTY;
    assert_false(failed(
        file_read(&arena, arena_printf(&arena, "%s/%s", folder, name).p, 1 << 20, &text, &err)));
    return text;
}

static struct fetch_request to(unsigned port, const char *path)
{
    return (struct fetch_request){
        .method = "GET",
        .url =
            arena_printf(&arena, "http%s://127.0.0.1:%u/%s", port == plain ? "" : "s", port, path),
        .deadline = clock_monotonic() + SECONDS,
        .max_body = 1 << 20,
        .ca = file("server.crt"),
    };
}

static bool sends(const struct fetch_request *request)
{
    memset(&answer, 0, sizeof answer);
    err = (struct error){0};
    return !failed(fetch_send(&fetch, request, &arena, &answer, &err));
}

static void assert_refused(const struct fetch_request *request, enum error_kind kind,
                           const char *wanted)
{
    assert_false(sends(request));
    if (err.kind != kind || strstr(err.text, wanted) == NULL) {
        fail_msg("not \"%s\" but \"%s\"", wanted, err.text);
    }
    assert_int_equal(answer.status, 0);
}

static void assert_body(const char *wanted)
{
    if (strstr(answer.body.p, wanted) == NULL) {
        fail_msg("no \"%s\" in:\n%.*s", wanted, STR_ARG(answer.body));
    }
}

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

/* -- bodies that are handed over -- */

static struct {
    char text[4096];
    size_t n, pieces, max;
    atomic_size_t begun;
} taken;

static void begin(void *self)
{
    (void)self;
    taken.begun++;
}

static status take(void *self, struct str bytes, struct error *problem)
{
    (void)self;
    assert_true(bytes.n > 0 && taken.begun == 1);
    if (taken.n + bytes.n > taken.max) {
        return error_set(problem, ERROR_LIMIT, "that is enough");
    }
    memcpy(taken.text + taken.n, bytes.p, bytes.n);
    taken.n += bytes.n;
    taken.pieces++;
    return OK;
}

static const struct fetch_sink SINK = {NULL, begin, take};

static struct fetch_request into_sink(const char *path)
{
    struct fetch_request request = to(modern, path);
    memset(&taken, 0, sizeof taken);
    taken.max = sizeof taken.text - 1;
    request.sink = &SINK;
    return request;
}

static void a_sink_takes_the_body(void **state)
{
    (void)state;
    struct fetch_request request = into_sink("pieces");
    request.max_body = 1; /* of what is kept */
    assert_true(sends(&request));
    assert_int_equal(answer.status, 200);
    assert_int_equal(answer.body.n, 0);
    assert_string_equal(taken.text, "one\ntwo\nthree");
    assert_true(taken.pieces == 3 && taken.begun == 1);
    request = into_sink("pieces");
    const struct fetch_sink without_begin = {NULL, NULL, take};
    request.sink = &without_begin;
    taken.begun = 1;
    assert_true(sends(&request));
    assert_string_equal(taken.text, "one\ntwo\nthree");
}

/* What is no answer to a stream is kept, and bounded. */
static void a_sink_takes_nothing_else(void **state)
{
    (void)state;
    struct fetch_request request = into_sink("missing");
    assert_true(sends(&request));
    assert_int_equal(answer.status, 404);
    assert_body("nothing here");
    request.max_body = 11;
    assert_refused(&request, ERROR_LIMIT, "the answer is larger than 11 bytes");
    request = into_sink("redirect");
    assert_true(sends(&request));
    assert_body("elsewhere");
    assert_true(taken.begun == 0 && taken.pieces == 0);
}

static void a_sink_may_refuse(void **state)
{
    (void)state;
    struct fetch_request request = into_sink("endless");
    assert_refused(&request, ERROR_LIMIT, "that is enough");
    request = into_sink("connection"); /* the port is as good as before */
    assert_true(sends(&request));
    assert_true(taken.n > 0);
}

static void broken_streams(void **state)
{
    (void)state;
    struct fetch_request request = into_sink("broken");
    assert_refused(&request, ERROR_UPSTREAM, "127.0.0.1:");
    assert_string_equal(taken.text, "one\n");
    request = into_sink("short");
    assert_refused(&request, ERROR_UPSTREAM, "127.0.0.1:");
    assert_string_equal(taken.text, "x");
    request = into_sink("begun");
    request.deadline = clock_monotonic() + 300 * NS_PER_MS;
    assert_refused(&request, ERROR_TIMEOUT, "no answer in time");
    assert_true(taken.begun == 1 && taken.pieces == 0);
}

/* The longest time until the kernel does something of its own about a connection to `port`, in
 * hundredths of a second; -1: it will not. */
static long keepalive_of(unsigned port)
{
    char line[512];
    long longest = -1;
    FILE *table = fopen("/proc/net/tcp", "r");
    assert_non_null(table);
    while (fgets(line, sizeof line, table) != NULL) {
        unsigned remote = 0, timer = 0;
        unsigned long when = 0;
        if (sscanf(line, " %*d: %*x:%*x %*x:%x %*x %*x:%*x %x:%lx", &remote, &timer, &when) == 3 &&
            remote == port && timer == 2) {
            longest = (long)when > longest ? (long)when : longest;
        }
    }
    fclose(table);
    return longest;
}

static void *look_and_cancel(void *argument)
{
    while (taken.begun == 0) {
        usleep(1000);
    }
    *(long *)argument = keepalive_of(modern);
    atomic_store(&cancelled, true);
    return NULL;
}

/* A stream on which nothing comes asks for signs of life, and can be cancelled. */
static void silent_streams(void **state)
{
    (void)state;
    pthread_t thread;
    long keepalive = -1;
    struct fetch_request request = into_sink("begun");
    atomic_store(&cancelled, false);
    request.cancel = &cancelled;
    assert_int_equal(pthread_create(&thread, NULL, look_and_cancel, &keepalive), 0);
    assert_refused(&request, ERROR_TIMEOUT, "cancelled");
    pthread_join(thread, NULL);
    assert_true(keepalive > 0 && keepalive <= 3000);
}

/* -- answers that are none -- */

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
        cmocka_unit_test(a_sink_takes_the_body),
        cmocka_unit_test(a_sink_takes_nothing_else),
        cmocka_unit_test(a_sink_may_refuse),
        cmocka_unit_test(broken_streams),
        cmocka_unit_test(silent_streams),
        cmocka_unit_test(broken_answers),
        cmocka_unit_test(trust),
        cmocka_unit_test(plain_http_only_when_asked),
        cmocka_unit_test(client_certificates),
        cmocka_unit_test(connections_are_kept),
        cmocka_unit_test(proxies_of_the_environment_are_not_used),
    };
    return cmocka_run_group_tests_name("curl", tests, start_server, end_server);
}

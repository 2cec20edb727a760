#include "server.h"

#include <pthread.h>
#include <unistd.h>

/* Bodies that are handed over. */

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

static const struct fetch_sink SINK = {NULL, begin, take, NULL};

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
    const struct fetch_sink without_begin = {NULL, NULL, take, NULL};
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

static bool impatient(void *self)
{
    const size_t *least = self;
    return taken.begun < *least;
}

/* Before the answer begins, and while nothing more comes. */
static void patience_ends(void **state)
{
    (void)state;
    static const char *const PATHS[] = {"silent", "begun"};
    for (size_t i = 0; i < COUNT(PATHS); i++) {
        size_t least = i;
        const struct fetch_sink sink = {&least, begin, take, impatient};
        struct fetch_request request = into_sink(PATHS[i]);
        request.sink = &sink;
        assert_refused(&request, ERROR_TIMEOUT, "nothing came for too long");
        assert_true(taken.begun == i);
    }
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

static atomic_bool cancelled;

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

int streams_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sink_takes_the_body), cmocka_unit_test(a_sink_takes_nothing_else),
        cmocka_unit_test(a_sink_may_refuse),     cmocka_unit_test(patience_ends),
        cmocka_unit_test(broken_streams),        cmocka_unit_test(silent_streams),
    };
    return cmocka_run_group_tests_name("streams", tests, start_server, end_server);
}

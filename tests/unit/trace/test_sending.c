/* What is sent, tried again, given up and counted, with a collector that is a script. */
#include "test.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/limits.h"
#include "fetch/scripted.h"
#include "trace/trace.h"

enum { ASKED_MAX = 16 };

/* One answer of the collector's; the last one given is repeated. */
struct said {
    unsigned code;
    const char *body, *retry_after;
    enum error_kind failure; /* in place of an answer */
};

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct said said[ASKED_MAX];
    size_t n_said;
    bool closed, deaf; /* does not answer; not even when it is cancelled */
    size_t asked;
    size_t spans[ASKED_MAX];
    int64_t times[ASKED_MAX];
    char url[128], type[64], authorization[ASKED_MAX][32];
    uint64_t sent, lost[TRACE_LOSS_COUNT];
    unsigned losing[TRACE_LOSS_COUNT], recovered, remarks;
    char text[ERROR_TEXT_MAX];
} world = {.lock = PTHREAD_MUTEX_INITIALIZER};

static size_t count_spans(struct str body)
{
    static const char WORD[] = "\"spanId\":";
    size_t n = 0;
    const char *at = body.p, *end = body.p + body.n;
    while ((at = memmem(at, (size_t)(end - at), WORD, sizeof WORD - 1)) != NULL) {
        at++;
        n++;
    }
    return n;
}

static void note(const struct fetch_request *request)
{
    const struct fetch_answer asked = {.headers = request->headers,
                                       .n_headers = request->n_headers};
    assert_true(world.asked < ASKED_MAX);
    snprintf(world.url, sizeof world.url, "%.*s", STR_ARG(request->url));
    snprintf(world.type, sizeof world.type, "%.*s", STR_ARG(fetch_header(&asked, "Content-Type")));
    snprintf(world.authorization[world.asked], 32, "%.*s",
             STR_ARG(fetch_header(&asked, "Authorization")));
    world.spans[world.asked] = count_spans(request->body);
    world.times[world.asked] = clock_monotonic();
    world.asked++;
    pthread_cond_broadcast(&world.changed);
}

/* Under the lock. */
static void wait_a_little(void)
{
    int64_t until = clock_monotonic() + 5 * NS_PER_MS;
    const struct timespec time = {.tv_sec = until / NS_PER_S, .tv_nsec = until % NS_PER_S};
    pthread_cond_timedwait(&world.changed, &world.lock, &time);
}

static status respond(const struct fetch_request *request, const struct said *said,
                      struct arena *arena, struct fetch_answer *ret_answer, struct error *err)
{
    if (request->cancel != NULL && atomic_load(request->cancel)) {
        return error_set(err, ERROR_TIMEOUT, "cancelled");
    }
    if (said->failure != ERROR_NONE) {
        return error_set(err, said->failure, "collector: it failed");
    }
    struct fetch_header *header = ARENA_NEW(arena, struct fetch_header);
    *header = (struct fetch_header){STR("Retry-After"), str_from(said->retry_after)};
    *ret_answer = (struct fetch_answer){
        .status = said->code, .headers = header, .n_headers = 1, .body = str_from(said->body)};
    return OK;
}

static status answer(void *argument, const struct fetch_request *request, struct arena *arena,
                     struct fetch_answer *ret_answer, struct error *err)
{
    (void)argument;
    pthread_mutex_lock(&world.lock);
    note(request);
    while (world.closed && (world.deaf || !atomic_load(request->cancel))) {
        wait_a_little();
    }
    size_t i = world.asked - 1;
    status st = respond(request, &world.said[i < world.n_said ? i : world.n_said - 1], arena,
                        ret_answer, err);
    pthread_mutex_unlock(&world.lock);
    return st;
}

/* -- the watcher -- */

static void count(void *self, enum trace_loss loss, uint64_t n)
{
    (void)self;
    pthread_mutex_lock(&world.lock);
    world.lost[loss] += n;
    pthread_cond_broadcast(&world.changed);
    pthread_mutex_unlock(&world.lock);
}

static void sent(void *self, uint64_t n)
{
    (void)self;
    pthread_mutex_lock(&world.lock);
    world.sent += n;
    pthread_cond_broadcast(&world.changed);
    pthread_mutex_unlock(&world.lock);
}

static void tell(void *self, const struct trace_event *event)
{
    (void)self;
    pthread_mutex_lock(&world.lock);
    world.losing[event->loss] += event->kind == TRACE_LOSING;
    world.recovered += event->kind == TRACE_RECOVERED;
    world.remarks += event->kind == TRACE_REMARK;
    if (event->err != NULL) {
        snprintf(world.text, sizeof world.text, "%s", event->err->text);
    }
    pthread_mutex_unlock(&world.lock);
}

static const struct trace_watcher WATCHER = {.count = count, .sent = sent, .tell = tell};

/* -- the test's side -- */

static struct trace_config config;
static struct trace *trace;
static struct fetch port;

static void begin(const struct said *said, size_t n)
{
    static struct fetch_scripted scripted = {.script = answer};
    struct error err;
    memcpy(world.said, said, n * sizeof *said);
    world.n_said = n;
    port = fetch_scripted_port(&scripted);
    if (failed(trace_start(&config, &WATCHER, &port, &trace, &err))) {
        fail_msg("%s", err.text);
    }
}

#define BEGIN(...)                                                                                 \
    begin((const struct said[]){__VA_ARGS__},                                                      \
          sizeof((const struct said[]){__VA_ARGS__}) / sizeof(struct said))

/* A span with one step: two. */
static void add(unsigned n)
{
    const struct span_step step = {.name = "decode", .start = 1, .end = 2, .id = {1}};
    struct span span = {.id = {1}, .name = "x", .why = STR_EMPTY, .steps = &step, .n_steps = 1};
    trace_join(STR_EMPTY, STR_EMPTY, 1000000, &span.context);
    for (unsigned i = 0; i < n; i++) {
        trace_add(trace, &span);
    }
}

static uint64_t all_lost(void)
{
    uint64_t n = 0;
    for (size_t i = 0; i < TRACE_LOSS_COUNT; i++) {
        n += world.lost[i];
    }
    return n;
}

static void wait_for(const size_t *value, const uint64_t *spans, uint64_t n)
{
    int64_t until = clock_monotonic() + 60 * NS_PER_S;
    pthread_mutex_lock(&world.lock);
    while ((value != NULL ? *value : spans != NULL ? *spans : world.sent + all_lost()) < n) {
        assert_true(clock_monotonic() < until);
        wait_a_little();
    }
    pthread_mutex_unlock(&world.lock);
}

static void settled(uint64_t n)
{
    wait_for(NULL, NULL, n);
}

static void stop_by(int64_t time)
{
    trace_end(trace, clock_monotonic() + time);
    trace_stop(trace);
    trace = NULL;
}

static int prepare(void **state)
{
    memset(world.said, 0, sizeof world - offsetof(typeof(world), said));
    clock_condition_init(&world.changed);
    config = (struct trace_config){.url = STR("https://collector/v1/traces"),
                                   .queue = 4096,
                                   .timeout_ns = 10 * NS_PER_S,
                                   .retry_ns = 1};
    return enter_folder(state);
}

static int finish(void **state)
{
    if (trace != NULL) {
        stop_by(60 * NS_PER_S);
    }
    return leave_folder(state);
}

/* -- the tests -- */

static void one_request(void **state)
{
    (void)state;
    config.gather_ns = 3600 * NS_PER_S; /* stopping sends at once what waits for others */
    BEGIN({.code = 200, .body = "{}"});
    add(3);
    stop_by(60 * NS_PER_S);
    assert_int_equal(world.asked, 1);
    assert_int_equal(world.spans[0], 6);
    assert_int_equal(world.sent, 6);
    assert_int_equal(all_lost(), 0);
    assert_string_equal(world.url, "https://collector/v1/traces");
    assert_string_equal(world.type, "application/json");
}

static void nothing_to_send(void **state)
{
    (void)state;
    BEGIN({.code = 200});
    stop_by(60 * NS_PER_S);
    assert_int_equal(world.asked, 0);
}

static void many_requests(void **state)
{
    (void)state;
    config.gather_ns = 3600 * NS_PER_S;
    BEGIN({.code = 200});
    add(LIMIT_TRACE_REQUEST_SPANS / 2 + 1);
    stop_by(60 * NS_PER_S);
    assert_int_equal(world.asked, 2);
    assert_int_equal(world.spans[0], LIMIT_TRACE_REQUEST_SPANS);
    assert_int_equal(world.spans[1], 2);
    assert_int_equal(world.sent, LIMIT_TRACE_REQUEST_SPANS + 2);
}

static void tried_again(void **state)
{
    (void)state;
    static const struct said CASES[] = {{.code = 429},
                                        {.code = 502},
                                        {.code = 503},
                                        {.code = 504},
                                        {.failure = ERROR_UPSTREAM},
                                        {.failure = ERROR_TIMEOUT}};
    for (size_t i = 0; i < COUNT(CASES); i++) {
        world.asked = 0;
        world.sent = 0;
        BEGIN(CASES[i], CASES[i], {.code = 200});
        add(1);
        settled(2);
        stop_by(60 * NS_PER_S);
        assert_int_equal(world.asked, 3);
        assert_int_equal(world.sent, 2);
        assert_int_equal(all_lost(), 0);
        assert_int_equal(world.losing[TRACE_LOST_UNREACHABLE], 0);
    }
}

static void not_tried_again(void **state)
{
    (void)state;
    static const unsigned CODES[] = {301, 304, 400, 401, 403, 404, 413, 415, 500, 501, 505};
    for (size_t i = 0; i < COUNT(CODES); i++) {
        world.asked = 0;
        world.lost[TRACE_LOST_REFUSED] = 0;
        BEGIN({.code = CODES[i]}, {.code = 200});
        add(1);
        settled(2);
        stop_by(60 * NS_PER_S);
        if (world.asked != 1 || world.lost[TRACE_LOST_REFUSED] != 2) {
            fail_msg("%u: asked %zu times", CODES[i], world.asked);
        }
    }
    assert_string_equal(world.text, "the collector answers 505");
}

static void given_up(void **state)
{
    (void)state;
    BEGIN({.code = 503}, {.code = 503}, {.code = 503}, {.code = 503}, {.code = 503}, {.code = 200});
    add(1);
    settled(2);
    assert_int_equal(world.asked, 5);
    assert_int_equal(world.lost[TRACE_LOST_UNREACHABLE], 2);
    add(1);
    settled(4);
    stop_by(60 * NS_PER_S);
    assert_int_equal(world.sent, 2);
    assert_int_equal(world.losing[TRACE_LOST_UNREACHABLE], 1);
}

/* What the collector asks for is kept, though it is more than we would wait. */
static void retry_after(void **state)
{
    (void)state;
    BEGIN({.code = 429, .retry_after = "1"}, {.code = 200});
    add(1);
    settled(2);
    stop_by(60 * NS_PER_S);
    assert_int_equal(world.asked, 2);
    assert_true(world.times[1] - world.times[0] >= NS_PER_S);
}

static void partial_success(void **state)
{
    (void)state;
    BEGIN({.code = 200,
           .body = "{\"partialSuccess\":{\"rejectedSpans\":\"1\",\"errorMessage\":\"a\\u001bb\"}}"},
          {.code = 200, .body = "{\"partialSuccess\":{\"rejectedSpans\":\"99999\"}}"});
    add(1);
    settled(2);
    assert_string_equal(world.text, "the collector left 1 of 2 spans out: a?b");
    add(1);
    settled(4);
    stop_by(60 * NS_PER_S);
    assert_int_equal(world.asked, 2);
    assert_int_equal(world.sent, 1);
    assert_int_equal(world.lost[TRACE_LOST_REFUSED], 3); /* no more than there were */
    assert_int_equal(world.losing[TRACE_LOST_REFUSED], 1);
}

static void a_remark(void **state)
{
    (void)state;
    BEGIN({.code = 200, .body = "{\"partialSuccess\":{\"errorMessage\":\"use another path\"}}"});
    add(1);
    settled(2);
    add(1);
    settled(4);
    stop_by(60 * NS_PER_S);
    assert_int_equal(world.sent, 4);
    assert_int_equal(world.remarks, 1);
    assert_string_equal(world.text, "use another path");
}

static void another_program_answers(void **state)
{
    (void)state;
    BEGIN({.code = 200, .body = "<html>"}, {.failure = ERROR_LIMIT}, {.code = 200});
    add(1);
    settled(2);
    add(1);
    settled(4);
    add(1);
    settled(6);
    stop_by(60 * NS_PER_S);
    assert_int_equal(world.asked, 3); /* none was tried again */
    assert_int_equal(world.lost[TRACE_LOST_ANSWER], 4);
    assert_int_equal(world.losing[TRACE_LOST_ANSWER], 1);
    assert_int_equal(world.sent, 2);
}

static void not_known_any_more(void **state)
{
    (void)state;
    config.headers = "headers";
    write_file("headers", "Authorization: Bearer old\n");
    BEGIN({.code = 200}, {.code = 401}, {.code = 200}, {.code = 401});
    add(1);
    settled(2);
    write_file("headers", "Authorization: Bearer new\n");
    add(1);
    settled(4);
    add(1);
    settled(6);
    stop_by(60 * NS_PER_S);
    assert_int_equal(world.asked, 5);
    assert_string_equal(world.authorization[1], "Bearer old");
    assert_string_equal(world.authorization[2], "Bearer new");
    assert_int_equal(world.sent, 4);
    assert_int_equal(world.lost[TRACE_LOST_REFUSED], 2);
}

static void no_headers(void **state)
{
    (void)state;
    config.headers = "headers";
    BEGIN({.code = 200});
    add(1);
    settled(2);
    assert_int_equal(world.asked, 0);
    assert_int_equal(world.lost[TRACE_LOST_FILE], 2);
    write_file("headers", "A: b\n");
    add(1);
    settled(4);
    stop_by(60 * NS_PER_S);
    assert_int_equal(world.sent, 2);
}

static void set_closed(bool closed)
{
    pthread_mutex_lock(&world.lock);
    world.closed = closed;
    pthread_cond_broadcast(&world.changed);
    pthread_mutex_unlock(&world.lock);
}

/* A collector that hangs: what is more than the queue holds is lost, and the rest is sent. */
static void overflow(void **state)
{
    (void)state;
    world.closed = true;
    config.queue = 20;
    BEGIN({.code = 200});
    add(1);
    wait_for(&world.asked, NULL, 1);
    add(11);
    assert_int_equal(world.lost[TRACE_LOST_QUEUE], 2);
    add(5);
    assert_int_equal(world.lost[TRACE_LOST_QUEUE], 12);
    set_closed(false);
    settled(2 + 22 + 10);
    stop_by(60 * NS_PER_S);
    assert_int_equal(world.sent, 22);
    assert_int_equal(all_lost(), 12);
    assert_int_equal(world.losing[TRACE_LOST_QUEUE], 1);
    assert_string_equal(world.text, "12 spans came while the queue was full");
}

/* One that hangs while the server stops: it is cancelled, and all is accounted for. */
static void stopping_while_it_hangs(void **state)
{
    (void)state;
    world.closed = true;
    BEGIN({.code = 200});
    add(1);
    wait_for(&world.asked, NULL, 1);
    add(2);
    stop_by(50 * NS_PER_MS);
    assert_int_equal(world.asked, 1);
    assert_int_equal(world.sent, 0);
    assert_int_equal(world.lost[TRACE_LOST_UNREACHABLE], 2);
    assert_int_equal(world.lost[TRACE_LOST_STOP], 4);
}

/* One that is away: each request is tried once, without a pause. */
static void stopping_while_it_is_away(void **state)
{
    (void)state;
    config.gather_ns = config.retry_ns = 3600 * NS_PER_S;
    BEGIN({.failure = ERROR_UPSTREAM});
    add(LIMIT_TRACE_REQUEST_SPANS);
    stop_by(3600 * NS_PER_S);
    assert_int_equal(world.asked, 2);
    assert_int_equal(world.lost[TRACE_LOST_UNREACHABLE], 2 * LIMIT_TRACE_REQUEST_SPANS);
}

/* Not even cancelling helps, as while a name server is asked: the process ends without it. */
static void abandoned(void **state)
{
    (void)state;
    static struct trace *left; /* what is left behind is no leak to a sanitizer */
    world.closed = world.deaf = true;
    BEGIN({.code = 200});
    left = trace;
    add(1);
    wait_for(&world.asked, NULL, 1);
    stop_by(0);
    assert_non_null(left);
    assert_int_equal(world.lost[TRACE_LOST_STOP], 2);
    assert_int_equal(world.losing[TRACE_LOST_STOP], 1);
    assert_string_equal(world.text, "2 spans were not sent in time");
}

int sending_tests(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, prepare, finish)
    const struct CMUnitTest TESTS[] = {
        TEST(one_request),
        TEST(nothing_to_send),
        TEST(many_requests),
        TEST(tried_again),
        TEST(not_tried_again),
        TEST(given_up),
        TEST(retry_after),
        TEST(partial_success),
        TEST(a_remark),
        TEST(another_program_answers),
        TEST(not_known_any_more),
        TEST(no_headers),
        TEST(overflow),
        TEST(stopping_while_it_hangs),
        TEST(stopping_while_it_is_away),
        TEST(abandoned), /* the last: its thread still uses the script */
    };
    return cmocka_run_group_tests_name("sending", TESTS, NULL, NULL);
}

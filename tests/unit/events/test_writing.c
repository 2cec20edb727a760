/* What is written, changed, given up and counted, with an API server that is a script. */
#include "test.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/limits.h"
#include "events/events.h"
#include "events/limiter.h"
#include "fetch/scripted.h"

enum { ASKED_MAX = 256 };

/* One call, and the status that it was answered with. */
struct asked {
    char method[8], type[48], path[200], body[2048];
};

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned codes[ASKED_MAX]; /* answers; the last one given is repeated; 0: no connection */
    size_t n_codes;
    bool closed, deaf; /* does not answer; not even when it is cancelled */
    size_t n;
    struct asked asked[ASKED_MAX];
    uint64_t made, changes, lost[EVENTS_LOSS_COUNT];
    unsigned losing[EVENTS_LOSS_COUNT];
    char text[ERROR_TEXT_MAX];
} world = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void note(const struct fetch_request *request)
{
    const struct fetch_answer headers = {.headers = request->headers,
                                         .n_headers = request->n_headers};
    assert_true(world.n < ASKED_MAX);
    struct asked *asked = &world.asked[world.n++];
    snprintf(asked->method, sizeof asked->method, "%s", request->method);
    snprintf(asked->type, sizeof asked->type, "%.*s",
             STR_ARG(fetch_header(&headers, "Content-Type")));
    snprintf(asked->path, sizeof asked->path, "%.*s", STR_ARG(request->url));
    snprintf(asked->body, sizeof asked->body, "%.*s", STR_ARG(request->body));
    pthread_cond_broadcast(&world.changed);
}

/* Under the lock. */
static void wait_a_little(void)
{
    int64_t until = clock_monotonic() + 5 * NS_PER_MS;
    const struct timespec time = {.tv_sec = until / NS_PER_S, .tv_nsec = until % NS_PER_S};
    pthread_cond_timedwait(&world.changed, &world.lock, &time);
}

static status answer(void *argument, const struct fetch_request *request, struct arena *arena,
                     struct fetch_answer *ret_answer, struct error *err)
{
    (void)argument, (void)arena;
    pthread_mutex_lock(&world.lock);
    note(request);
    while (world.closed && (world.deaf || !atomic_load(request->cancel))) {
        wait_a_little();
    }
    size_t i = world.n - 1;
    unsigned code = world.codes[i < world.n_codes ? i : world.n_codes - 1];
    bool cancelled = world.closed;
    pthread_mutex_unlock(&world.lock);
    if (cancelled || code == 0) {
        return error_set(err, ERROR_UPSTREAM, "api: no connection");
    }
    *ret_answer = (struct fetch_answer){.status = code, .body = STR("{\"message\":\"because\"}")};
    return OK;
}

/* -- the watcher -- */

static void count(void *self, enum events_loss loss, uint64_t n)
{
    (void)self;
    pthread_mutex_lock(&world.lock);
    world.lost[loss] += n;
    pthread_cond_broadcast(&world.changed);
    pthread_mutex_unlock(&world.lock);
}

static void written(void *self, bool again)
{
    (void)self;
    pthread_mutex_lock(&world.lock);
    world.made += !again;
    world.changes += again;
    pthread_cond_broadcast(&world.changed);
    pthread_mutex_unlock(&world.lock);
}

static void tell(void *self, const struct events_event *event)
{
    (void)self;
    pthread_mutex_lock(&world.lock);
    world.losing[event->loss] += event->kind == EVENTS_LOSING;
    if (event->err != NULL) {
        snprintf(world.text, sizeof world.text, "%s", event->err->text);
    }
    pthread_mutex_unlock(&world.lock);
}

static const struct events_watcher WATCHER = {.count = count, .written = written, .tell = tell};

/* -- the test's side -- */

static const struct kube_config KUBE = {.server = STR("https://api"), .namespace = STR("default")};
static struct events_config config;
static struct events *events;
static struct fetch port;

static void begin(const unsigned *codes, size_t n)
{
    static struct fetch_scripted scripted = {.script = answer};
    struct error err;
    memcpy(world.codes, codes, n * sizeof *codes);
    world.n_codes = n;
    port = fetch_scripted_port(&scripted);
    if (failed(events_start(&config, &WATCHER, &port, &events, &err))) {
        fail_msg("%s", err.text);
    }
}

#define BEGIN(...)                                                                                 \
    begin((const unsigned[]){__VA_ARGS__},                                                         \
          sizeof((const unsigned[]){__VA_ARGS__}) / sizeof(unsigned))

static void add(const char *namespace, const char *message, unsigned n)
{
    struct event event = a_denial();
    event.namespace = str_from(namespace);
    event.message = str_from(message);
    for (unsigned i = 0; i < n; i++) {
        events_add(events, &event);
    }
}

static uint64_t all_lost(void)
{
    uint64_t n = 0;
    for (size_t i = 0; i < EVENTS_LOSS_COUNT; i++) {
        n += world.lost[i];
    }
    return n;
}

static void wait_for(const uint64_t *value, uint64_t n)
{
    int64_t until = clock_monotonic() + 60 * NS_PER_S;
    pthread_mutex_lock(&world.lock);
    while ((value == NULL ? world.made + all_lost() : *value) < n) {
        assert_true(clock_monotonic() < until);
        wait_a_little();
    }
    pthread_mutex_unlock(&world.lock);
}

static void settled(uint64_t n)
{
    wait_for(NULL, n);
}

static void wait_until_asked(size_t n)
{
    pthread_mutex_lock(&world.lock);
    while (world.n < n) {
        wait_a_little();
    }
    pthread_mutex_unlock(&world.lock);
}

static void stop_by(int64_t time)
{
    events_end(events, clock_monotonic() + time);
    events_stop(events);
    events = NULL;
}

static int prepare(void **state)
{
    (void)state;
    memset(world.codes, 0, sizeof world - offsetof(typeof(world), codes));
    clock_condition_init(&world.changed);
    config = (struct events_config){.kube = &KUBE,
                                    .instance = STR("pratique-0"),
                                    .queue = 1024,
                                    .series_ns = 3600 * NS_PER_S,
                                    .retry_ns = 1};
    return 0;
}

static int finish(void **state)
{
    (void)state;
    if (events != NULL) {
        stop_by(60 * NS_PER_S);
    }
    return 0;
}

/* -- the tests -- */

#define ALL "https://api/apis/events.k8s.io/v1/namespaces/shop/events"

static void a_new_one(void **state)
{
    (void)state;
    BEGIN(201);
    add("shop", "m", 1);
    settled(1);
    stop_by(60 * NS_PER_S);
    assert_int_equal(world.n, 1);
    assert_string_equal(world.asked[0].method, "POST");
    assert_string_equal(world.asked[0].type, "application/json");
    assert_string_equal(world.asked[0].path, ALL);
    assert_non_null(strstr(world.asked[0].body, "\"note\":\"m (Pod web-1-)\""));
    assert_int_equal(world.made, 1);
    assert_int_equal(all_lost(), 0);
}

/* The name that the first call gave is what the second one changes. */
static void a_series(void **state)
{
    (void)state;
    BEGIN(201, 200);
    add("shop", "m", 1);
    settled(1);
    add("shop", "m", 41);
    stop_by(60 * NS_PER_S); /* what is pending is written at the end */
    assert_int_equal(world.n, 2);
    const struct asked *second = &world.asked[1];
    assert_string_equal(second->method, "PATCH");
    assert_string_equal(second->type, "application/merge-patch+json");
    assert_int_equal(strncmp(second->path, ALL "/web-1.", strlen(ALL) + 7), 0);
    assert_non_null(strstr(world.asked[0].body, second->path + strlen(ALL) + 1));
    assert_non_null(
        strstr(second->body, "{\"series\":{\"count\":42,\"lastObservedTime\":\"2023-11"));
    assert_int_equal(world.changes, 1);
    assert_int_equal(all_lost(), 0);
}

/* While the server runs, too: not before its time, and then by itself. */
static void a_series_in_time(void **state)
{
    (void)state;
    config.series_ns = 50 * NS_PER_MS;
    BEGIN(201, 200);
    add("shop", "m", 3);
    wait_for(&world.changes, 1);
    assert_non_null(strstr(world.asked[1].body, "\"count\":3,"));
}

static void different_ones(void **state)
{
    (void)state;
    BEGIN(201);
    add("shop", "m", 1);
    add("shop", "n", 1);
    add("other", "m", 1);
    settled(3);
    stop_by(60 * NS_PER_S);
    assert_int_equal(world.n, 3);
    assert_string_not_equal(strstr(world.asked[0].body, "\"name\":"),
                            strstr(world.asked[1].body, "\"name\":"));
}

/* It has ended its hour, or somebody has deleted it. */
static void a_series_whose_event_is_gone(void **state)
{
    (void)state;
    BEGIN(201, 404, 201);
    add("shop", "m", 1);
    settled(1);
    add("shop", "m", 3);
    stop_by(60 * NS_PER_S);
    assert_int_equal(world.n, 3);
    assert_string_equal(world.asked[2].method, "POST");
    assert_non_null(strstr(world.asked[2].body, "\"series\":{\"count\":3,"));
    assert_int_equal(world.made, 2);
    assert_int_equal(all_lost(), 0);
}

static void a_series_that_cannot_be_written(void **state)
{
    (void)state;
    config.series_ns = 0;
    BEGIN(201, 503, 0, 200);
    add("shop", "m", 1);
    settled(1);
    add("shop", "m", 1);
    wait_for(&world.changes, 1); /* it was tried again */
    stop_by(60 * NS_PER_S);
    assert_int_equal(world.n, 4);
    assert_int_equal(all_lost(), 0);
    assert_int_equal(world.losing[EVENTS_LOST_UNREACHABLE], 0);
}

/* An API server that is away for a moment: what comes meanwhile is told with it. */
static void a_new_one_that_cannot_be_written(void **state)
{
    (void)state;
    BEGIN(500, 0, 504, 301, 201);
    add("shop", "m", 1);
    wait_until_asked(1);
    add("shop", "m", 2);
    settled(1);
    stop_by(60 * NS_PER_S);
    assert_string_equal(world.asked[4].method, "POST");
    assert_int_equal(world.made, 1);
    assert_int_equal(all_lost(), 0);
}

/* Away now and then is not away for long. */
static void failures_are_forgotten(void **state)
{
    (void)state;
    config.series_ns = 0;
    BEGIN(0, 0, 0, 0, 201, 0, 0, 0, 0, 200);
    add("shop", "m", 1);
    settled(1);
    add("shop", "m", 1);
    wait_for(&world.changes, 1);
    assert_int_equal(world.n, 10);
    assert_int_equal(all_lost(), 0);
}

/* Changes have a limit of their own, though each is due at once. */
static void changes_are_limited(void **state)
{
    (void)state;
    enum { TRIES = 150 };
    config.series_ns = 0;
    BEGIN(200);
    int64_t began = clock_monotonic();
    for (int i = 0; i < TRIES; i++) {
        add("shop", "m", 1);
        pthread_mutex_lock(&world.lock);
        wait_a_little();
        pthread_mutex_unlock(&world.lock);
    }
    pthread_mutex_lock(&world.lock);
    uint64_t changes = world.changes;
    int64_t most = EVENTS_CHANGES + (clock_monotonic() - began) / EVENTS_CHANGES_EVERY + 1;
    pthread_mutex_unlock(&world.lock);
    assert_in_range(changes, 1, most);
    stop_by(60 * NS_PER_S); /* and none is lost by it */
    assert_int_equal(all_lost(), 0);
    char count[32];
    snprintf(count, sizeof count, "\"count\":%d,", TRIES);
    assert_non_null(strstr(world.asked[world.n - 1].body, count));
}

/* One that is away for longer: it is given up, and told once. */
static void given_up(void **state)
{
    (void)state;
    BEGIN(0);
    add("shop", "m", 1);
    settled(1);
    assert_int_equal(world.n, 6);
    add("shop", "m", 1);
    settled(2);
    stop_by(60 * NS_PER_S);
    assert_int_equal(world.n, 12);
    assert_int_equal(world.lost[EVENTS_LOST_UNREACHABLE], 2);
    assert_int_equal(world.losing[EVENTS_LOST_UNREACHABLE], 1);
    assert_string_equal(world.text,
                        "POST /apis/events.k8s.io/v1/namespaces/shop/events: api: no connection");
}

static void a_series_that_is_forbidden(void **state)
{
    (void)state;
    BEGIN(201, 403);
    add("shop", "m", 1);
    settled(1);
    add("shop", "m", 5);
    stop_by(60 * NS_PER_S);
    assert_int_equal(world.lost[EVENTS_LOST_FORBIDDEN], 5);
    assert_int_equal(all_lost(), 5);
}

/* What a second try would not change: each is asked about once, and told once. */
static void not_taken(void **state)
{
    (void)state;
    static const struct {
        unsigned code;
        enum events_loss loss;
    } CASES[] = {
        {403, EVENTS_LOST_FORBIDDEN}, {404, EVENTS_LOST_GONE},    {409, EVENTS_LOST_CONFLICT},
        {422, EVENTS_LOST_INVALID},   {400, EVENTS_LOST_INVALID}, {413, EVENTS_LOST_INVALID},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        world.n = 0;
        world.made = 0;
        memset(world.lost, 0, sizeof world.lost);
        memset(world.losing, 0, sizeof world.losing);
        BEGIN(CASES[i].code);
        add("shop", "m", 2);
        settled(2);
        stop_by(60 * NS_PER_S);
        if (world.lost[CASES[i].loss] != 2 || world.losing[CASES[i].loss] != 1 || world.n != 2) {
            fail_msg("%u: asked %zu times: %s", CASES[i].code, world.n, world.text);
        }
        assert_int_equal(world.made, 0);
    }
}

/* A 401 makes the client read its token again: two calls. */
static void not_known(void **state)
{
    (void)state;
    BEGIN(401);
    add("shop", "m", 1);
    settled(1);
    assert_int_equal(world.lost[EVENTS_LOST_FORBIDDEN], 1);
    assert_int_equal(world.n, 2);
}

/* What asks to be left alone is: the second is not asked at all. */
static void left_alone(void **state)
{
    (void)state;
    config.retry_ns = 3600 * NS_PER_S;
    BEGIN(429, 201);
    add("shop", "m", 1);
    wait_until_asked(1);
    add("shop", "n", 1);
    stop_by(60 * NS_PER_S);
    assert_int_equal(world.n, 1);
    assert_int_equal(world.lost[EVENTS_LOST_UNREACHABLE], 2);
}

static void a_flood(void **state)
{
    (void)state;
    BEGIN(201);
    for (unsigned i = 0; i < 200; i++) {
        char message[32];
        snprintf(message, sizeof message, "m %u", i);
        add("shop", message, 1);
    }
    settled(200);
    assert_in_range(world.made, EVENTS_OF_NAMESPACE, EVENTS_OF_NAMESPACE + 1);
    assert_int_equal(world.lost[EVENTS_LOST_RATE], 200 - world.made);
    assert_int_equal(world.losing[EVENTS_LOST_RATE], 1);
    assert_string_equal(world.text, "namespace shop: as many were made as may be");
}

/* Where the name of a namespace would lead elsewhere. */
static void no_namespace(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"../secrets", "a/b", "a?x=y", "", "Shop", "a%2fb", ".."};
    BEGIN(201);
    for (size_t i = 0; i < COUNT(NAMES); i++) {
        add(NAMES[i], "m", 1);
    }
    settled(COUNT(NAMES));
    assert_int_equal(world.n, 0);
    assert_int_equal(world.lost[EVENTS_LOST_INVALID], COUNT(NAMES));
}

static void set_closed(bool closed)
{
    pthread_mutex_lock(&world.lock);
    world.closed = closed;
    pthread_cond_broadcast(&world.changed);
    pthread_mutex_unlock(&world.lock);
}

static void overflow(void **state)
{
    (void)state;
    world.closed = true;
    config.queue = 10;
    BEGIN(201);
    add("shop", "m", 1);
    wait_until_asked(1);
    add("shop", "n", 12);
    assert_int_equal(world.lost[EVENTS_LOST_QUEUE], 2);
    set_closed(false);
    settled(2 + 2);
    stop_by(60 * NS_PER_S);
    assert_int_equal(world.losing[EVENTS_LOST_QUEUE], 1);
    assert_string_equal(world.text, "2 denials came while the queue was full");
    assert_int_equal(all_lost(), 2);
    assert_non_null(strstr(world.asked[2].body, "\"count\":10,"));
}

static void stopping_while_it_hangs(void **state)
{
    (void)state;
    world.closed = true;
    BEGIN(201);
    add("shop", "m", 1);
    wait_until_asked(1);
    add("shop", "n", 1);
    add("shop", "m", 1);
    stop_by(50 * NS_PER_MS);
    assert_int_equal(world.n, 1);
    assert_int_equal(all_lost(), 3);
    assert_int_equal(world.lost[EVENTS_LOST_UNREACHABLE], 1);
    assert_int_equal(world.lost[EVENTS_LOST_STOP], 2);
}

/* Not even cancelling helps: the process ends without it. */
static void abandoned(void **state)
{
    (void)state;
    static struct events *left; /* what is left behind is no leak to a sanitizer */
    world.closed = world.deaf = true;
    BEGIN(201);
    left = events;
    add("shop", "m", 1);
    wait_until_asked(1);
    stop_by(0);
    assert_non_null(left);
    assert_int_equal(world.lost[EVENTS_LOST_STOP], 1);
    assert_string_equal(world.text, "1 denials were not written in time");
}

int writing_tests(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, prepare, finish)
    const struct CMUnitTest TESTS[] = {
        TEST(a_new_one),
        TEST(a_series),
        TEST(a_series_in_time),
        TEST(different_ones),
        TEST(a_series_whose_event_is_gone),
        TEST(a_series_that_cannot_be_written),
        TEST(a_new_one_that_cannot_be_written),
        TEST(failures_are_forgotten),
        TEST(changes_are_limited),
        TEST(given_up),
        TEST(a_series_that_is_forbidden),
        TEST(not_taken),
        TEST(not_known),
        TEST(left_alone),
        TEST(a_flood),
        TEST(no_namespace),
        TEST(overflow),
        TEST(stopping_while_it_hangs),
        TEST(abandoned), /* the last: its thread still uses the script */
    };
#undef TEST
    return cmocka_run_group_tests_name("writing", TESTS, NULL, NULL);
}

/* Documents of an image that are read before they are wanted. Readers wait for each other, or for
 * the test, so that what is read at the same time shows. */
#include "net.h"

#include <pthread.h>

#include "registry/ahead.h"

enum { MOST = 20 };

static struct {
    pthread_mutex_t lock;
    pthread_cond_t change;
    unsigned inside, peak; /* who reads now; most of them at a time */
    unsigned reads, by_us; /* all; those of the test's own thread */
    unsigned wait_for;     /* a reader goes on when so many have come */
    bool held;             /* none goes on but who is cancelled */
    pthread_t us;
} seen;

static struct oci_descriptor documents[MOST];
static struct ahead *ahead;

static struct oci_descriptor document(const char *digest, uint64_t size)
{
    return (struct oci_descriptor){
        .digest = str_from(digest), .media_type = STR("x/y"), .size = size};
}

static bool goes_on(const atomic_bool *cancel)
{
    bool cancelled = cancel != NULL && atomic_load(cancel);
    return cancelled || (!seen.held && seen.reads >= seen.wait_for);
}

/* Within a second, or the test fails by what it sees. */
static void look_again(void)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += 10000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_cond_timedwait(&seen.change, &seen.lock, &until);
}

static status read_it(void *self, const struct oci_descriptor *descriptor, size_t max,
                      const atomic_bool *cancel, struct arena *its, struct str *ret_bytes,
                      struct error *error)
{
    (void)self;
    int64_t end = clock_monotonic() + 20 * NS_PER_S;
    pthread_mutex_lock(&seen.lock);
    seen.reads++;
    seen.by_us += pthread_equal(pthread_self(), seen.us) != 0;
    seen.inside++;
    seen.peak = seen.inside > seen.peak ? seen.inside : seen.peak;
    pthread_cond_broadcast(&seen.change);
    while (!goes_on(cancel) && clock_monotonic() < end) {
        look_again();
    }
    bool good = !seen.held && seen.reads >= seen.wait_for;
    seen.inside--;
    pthread_mutex_unlock(&seen.lock);
    if (!good || str_starts(descriptor->digest, STR("bad"))) {
        return error_set(error, good ? ERROR_NOT_FOUND : ERROR_TIMEOUT, "not %.*s",
                         STR_ARG(descriptor->digest));
    }
    *ret_bytes = arena_printf(its, "%.*s %zu", STR_ARG(descriptor->digest), max);
    return OK;
}

static void until_reads(unsigned n)
{
    int64_t end = clock_monotonic() + 20 * NS_PER_S;
    pthread_mutex_lock(&seen.lock);
    while (seen.reads < n && clock_monotonic() < end) {
        look_again();
    }
    assert_true(seen.reads >= n);
    pthread_mutex_unlock(&seen.lock);
}

static void announce(size_t n, uint64_t size)
{
    for (size_t i = 0; i < n; i++) {
        documents[i] = document(arena_printf(&arena, "document %zu", i).p, size);
        ahead_announce(ahead, &documents[i]);
    }
}

static void assert_reads(const struct oci_descriptor *descriptor, size_t max, const char *wanted)
{
    struct str bytes;
    if (failed(ahead_want(ahead, descriptor, max, &arena, &bytes, &err))) {
        fail_msg("%s", err.text);
    }
    assert_string_equal(bytes.p, wanted);
}

static int start(void **state)
{
    static const struct ahead_reader READER = {.read = read_it};
    memset(&seen, 0, sizeof seen);
    pthread_mutex_init(&seen.lock, NULL);
    pthread_cond_init(&seen.change, NULL);
    seen.us = pthread_self();
    ahead = ahead_new(&READER);
    return net_start(state);
}

static int end(void **state)
{
    ahead_free(ahead);
    return net_end(state);
}

static void beside_each_other(void **state)
{
    (void)state;
    seen.wait_for = 5; /* none goes on before all have come */
    announce(5, 100);
    for (size_t i = 0; i < 5; i++) {
        assert_reads(&documents[i], 100, arena_printf(&arena, "document %zu 100", i).p);
    }
    assert_int_equal(seen.reads, 5);
}

static void in_any_order(void **state)
{
    (void)state;
    announce(3, 7);
    assert_reads(&documents[2], 7, "document 2 7");
    assert_reads(&documents[0], 7, "document 0 7");
    assert_reads(&documents[0], 7, "document 0 7"); /* not announced twice: read now */
    assert_true(seen.by_us >= 1);
}

static void a_lone_one_by_who_wants_it(void **state)
{
    (void)state;
    announce(1, 100);
    assert_reads(&documents[0], 100, "document 0 100");
    const struct oci_descriptor other = document("unannounced", 5);
    assert_reads(&other, 9, "unannounced 9");
    assert_int_equal(seen.by_us, 2);
    assert_int_equal(seen.reads, 2);
}

static void no_more_threads(void **state)
{
    (void)state;
    seen.wait_for = LIMIT_IMAGE_READERS;
    announce(MOST, 100);
    for (size_t i = MOST; i-- > 0;) { /* the last first: read by who wants it */
        assert_reads(&documents[i], 100, arena_printf(&arena, "document %zu 100", i).p);
    }
    assert_true(seen.peak >= LIMIT_IMAGE_READERS);
    assert_true(seen.peak <= LIMIT_IMAGE_READERS + 1);
    assert_int_equal(seen.reads, MOST);
}

static void let_go(void)
{
    pthread_mutex_lock(&seen.lock);
    seen.held = false;
    pthread_cond_broadcast(&seen.change);
    pthread_mutex_unlock(&seen.lock);
}

/* What may be held at all: one that takes all of it, and none beside it; one that takes a byte more
 * is read by who wants it. */
static void memory(void **state)
{
    (void)state;
    const uint64_t whole = LIMIT_IMAGE_AHEAD / 4;
    const struct oci_descriptor larger = document("larger", whole + 1);
    seen.held = true;
    announce(4, whole);
    ahead_announce(ahead, &larger);
    until_reads(1);
    let_go();
    assert_reads(&larger, 1, "larger 1");
    assert_true(seen.by_us == 1);
    for (size_t i = 4; i-- > 0;) {
        assert_reads(&documents[i], whole,
                     arena_printf(&arena, "document %zu %ju", i, (uintmax_t)whole).p);
    }
    assert_true(seen.peak <= 2); /* another, and who wants them */
}

static void failures(void **state)
{
    (void)state;
    const struct oci_descriptor all[] = {document("good", 1), document("bad", 2),
                                         document("well", 3)};
    struct str bytes;
    for (size_t i = 0; i < COUNT(all); i++) {
        ahead_announce(ahead, &all[i]);
    }
    assert_reads(&all[0], 1, "good 1");
    assert_true(failed(ahead_want(ahead, &all[1], 2, &arena, &bytes, &err)));
    assert_string_equal(err.text, "not bad");
    assert_int_equal(err.kind, ERROR_NOT_FOUND);
    assert_reads(&all[2], 3, "well 3");
}

static void *cancel_soon(void *argument)
{
    until_reads(2);
    atomic_store((atomic_bool *)argument, true);
    return NULL;
}

static void cancelled(void **state)
{
    (void)state;
    static atomic_bool cancel;
    const struct ahead_reader reader = {.read = read_it, .cancel = &cancel};
    struct str bytes;
    pthread_t thread;
    ahead_free(ahead);
    ahead = ahead_new(&reader);
    atomic_store(&cancel, false);
    seen.held = true;
    announce(2, 100);
    assert_int_equal(pthread_create(&thread, NULL, cancel_soon, &cancel), 0);
    assert_true(failed(ahead_want(ahead, &documents[0], 100, &arena, &bytes, &err)));
    assert_int_equal(err.kind, ERROR_TIMEOUT);
    pthread_join(thread, NULL);
}

/* What nobody wanted in the end is ended and freed. */
static void ended(void **state)
{
    (void)state;
    seen.held = true;
    announce(4, 100);
    until_reads(4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int ahead_tests(void)
{
    const struct CMUnitTest tests[] = {
        TEST(beside_each_other), TEST(in_any_order), TEST(a_lone_one_by_who_wants_it),
        TEST(no_more_threads),   TEST(memory),       TEST(failures),
        TEST(cancelled),         TEST(ended),
    };
    return cmocka_run_group_tests_name("ahead", tests, NULL, NULL);
}

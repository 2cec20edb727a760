/* Threads that ask for the same at the same time. */
#include "test.h"

#include <pthread.h>
#include <unistd.h>

enum { ASKING = 8 };

static struct cache *cache;
static atomic_uint times;       /* how often it was made */
static atomic_bool go;          /* makers may end */
static enum error_kind failure; /* of the first maker */

static int begin(void **state)
{
    (void)state;
    const struct cache_config config = {.max_bytes = 1 << 20, .failure_ttl = 3600 * NS_PER_S};
    cache = cache_new(&config);
    atomic_store(&times, 0);
    atomic_store(&go, false);
    failure = ERROR_NONE;
    return 0;
}

static int end(void **state)
{
    (void)state;
    cache_free(cache);
    return 0;
}

static void until(bool (*done)(unsigned n), unsigned n)
{
    int64_t deadline = clock_monotonic() + 60 * NS_PER_S;
    while (!done(n) && clock_monotonic() < deadline) {
        usleep(1000);
    }
    assert_true(done(n));
}

static bool are_waiting(unsigned n)
{
    return cache_counters(cache).waits >= n;
}

static bool are_making(unsigned n)
{
    return atomic_load(&times) >= n;
}

static bool may_go(unsigned n)
{
    (void)n;
    return atomic_load(&go);
}

/* The first maker waits to be let go, and may fail; later ones do not. */
static status make(void *self, struct arena *arena, struct cache_made *ret_made, struct error *err)
{
    (void)self;
    unsigned n = atomic_fetch_add(&times, 1) + 1;
    if (n == 1) {
        until(may_go, 0);
        if (failure != ERROR_NONE) {
            return error_set(err, failure, "no luck");
        }
    }
    *ret_made = (struct cache_made){arena_printf(arena, "made by %u", n), 3600 * NS_PER_S, 0};
    return OK;
}

struct asker {
    pthread_t thread;
    struct str key;
    int64_t patience;
    const atomic_bool *cancel;
    bool failed;
    char text[ERROR_TEXT_MAX];
    enum error_kind kind;
};

static void *ask(void *argument)
{
    struct asker *asker = argument;
    struct str bytes;
    struct error err;
    arena_auto arena;
    arena_init(&arena, 1 << 20);
    const struct cache_call call = {.key = asker->key,
                                    .make = make,
                                    .deadline = clock_monotonic() + asker->patience,
                                    .cancel = asker->cancel};
    asker->failed = failed(cache_get(cache, &call, &arena, &bytes, &err));
    if (asker->failed) {
        snprintf(asker->text, sizeof asker->text, "%s", err.text);
        asker->kind = err.kind;
    } else {
        snprintf(asker->text, sizeof asker->text, "%.*s", STR_ARG(bytes));
    }
    return NULL;
}

static void start(struct asker *asker)
{
    assert_int_equal(pthread_create(&asker->thread, NULL, ask, asker), 0);
}

/* The first is making it, and all others wait. */
static void start_all(struct asker askers[ASKING])
{
    for (unsigned i = 0; i < ASKING; i++) {
        askers[i] = (struct asker){.key = STR("k"), .patience = 600 * NS_PER_S};
        start(&askers[i]);
        if (i == 0) {
            until(are_making, 1);
        }
    }
    until(are_waiting, ASKING - 1);
}

static void join_all(struct asker *askers, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        pthread_join(askers[i].thread, NULL);
    }
}

static void it_is_made_once(void **state)
{
    (void)state;
    struct asker askers[ASKING];
    start_all(askers);
    atomic_store(&go, true);
    join_all(askers, ASKING);
    for (unsigned i = 0; i < ASKING; i++) {
        assert_false(askers[i].failed);
        assert_string_equal(askers[i].text, "made by 1");
    }
    assert_int_equal(atomic_load(&times), 1);
    const struct cache_counters counters = cache_counters(cache);
    assert_int_equal(counters.misses, 1);
    assert_int_equal(counters.waits, ASKING - 1);
    assert_int_equal(counters.hits, 0);
}

static void a_failure_is_everyones(void **state)
{
    (void)state;
    /* one that is remembered, and one that is not */
    static const enum error_kind KINDS[] = {ERROR_NOT_FOUND, ERROR_INTERNAL};
    for (size_t kind = 0; kind < COUNT(KINDS); kind++) {
        struct asker askers[ASKING];
        end(state);
        begin(state);
        failure = KINDS[kind];
        start_all(askers);
        atomic_store(&go, true);
        join_all(askers, ASKING);
        for (unsigned i = 0; i < ASKING; i++) {
            assert_true(askers[i].failed);
            assert_int_equal(askers[i].kind, KINDS[kind]);
            assert_string_equal(askers[i].text, "no luck");
        }
        assert_int_equal(atomic_load(&times), 1);
    }
}

/* Who makes it is out of time or cancelled: that is not what the others asked for. */
static void a_maker_that_gives_up(void **state)
{
    (void)state;
    struct asker askers[ASKING];
    failure = ERROR_TIMEOUT;
    start_all(askers);
    atomic_store(&go, true);
    join_all(askers, ASKING);
    assert_true(askers[0].failed);
    assert_int_equal(askers[0].kind, ERROR_TIMEOUT);
    for (unsigned i = 1; i < ASKING; i++) {
        assert_false(askers[i].failed);
        assert_string_equal(askers[i].text, "made by 2");
    }
    assert_int_equal(atomic_load(&times), 2);
}

static void waiting_has_an_end(void **state)
{
    (void)state;
    atomic_bool cancel = false;
    struct asker maker = {.key = STR("k"), .patience = 600 * NS_PER_S};
    struct asker short_one = {.key = STR("k"), .patience = 50 * NS_PER_MS};
    struct asker cancelled = {.key = STR("k"), .patience = 600 * NS_PER_S, .cancel = &cancel};
    struct asker late = {.key = STR("k"), .patience = -1, .cancel = &cancel};
    start(&maker);
    until(are_making, 1);
    start(&short_one);
    start(&cancelled);
    start(&late);
    until(are_waiting, 3);
    pthread_join(short_one.thread, NULL);
    pthread_join(late.thread, NULL);
    atomic_store(&cancel, true);
    pthread_join(cancelled.thread, NULL);
    assert_string_equal(short_one.text, "no answer in time");
    assert_int_equal(short_one.kind, ERROR_TIMEOUT);
    assert_string_equal(late.text, "no answer in time");
    assert_string_equal(cancelled.text, "cancelled");
    assert_int_equal(cancelled.kind, ERROR_TIMEOUT);
    atomic_store(&go, true);
    pthread_join(maker.thread, NULL);
    assert_false(maker.failed);
}

static void other_keys_do_not_wait(void **state)
{
    (void)state;
    struct asker maker = {.key = STR("k"), .patience = 600 * NS_PER_S};
    struct asker other = {.key = STR("K"), .patience = 600 * NS_PER_S};
    start(&maker);
    until(are_making, 1);
    start(&other);
    pthread_join(other.thread, NULL);
    assert_string_equal(other.text, "made by 2");
    atomic_store(&go, true);
    pthread_join(maker.thread, NULL);
    assert_int_equal(cache_counters(cache).waits, 0);
}

/* -- many threads, many keys, little room -- */

static status make_some(void *self, struct arena *arena, struct cache_made *ret_made,
                        struct error *err)
{
    struct str key = *(struct str *)self;
    if (key.p[0] == '7') {
        return error_set(err, key.p[1] == '7' ? ERROR_TIMEOUT : ERROR_NOT_FOUND, "%.*s",
                         STR_ARG(key));
    }
    *ret_made = (struct cache_made){arena_join(arena, (struct str[]){key, key}, 2),
                                    key.p[0] == '5' ? 1 : NS_PER_S, NS_PER_S};
    return OK;
}

static void *ask_many(void *argument)
{
    unsigned *wrong = argument, seed = *wrong;
    *wrong = 0;
    arena_auto arena;
    arena_init(&arena, 64 << 20);
    for (unsigned i = 0; i < 3000; i++) {
        char room[16];
        seed = seed * 1664525 + 1013904223;
        snprintf(room, sizeof room, "%u", (seed >> 16) % 500);
        struct str key = str_from(room), bytes = STR_EMPTY;
        struct error err = {0};
        const struct cache_call call = {.key = key,
                                        .make = make_some,
                                        .self = &key,
                                        .deadline = clock_monotonic() + 600 * NS_PER_S};
        if (i % 8 == 0) {
            struct cache_found found = {.bytes = STR_EMPTY};
            cache_look(cache, key, CACHE_WISH_STALE, &arena, &found);
            bytes = found.bytes;
        } else if (failed(cache_get(cache, &call, &arena, &bytes, &err))) {
            *wrong += room[0] != '7' || strncmp(err.text, room, strlen(room)) != 0;
            continue;
        }
        *wrong += bytes.n > 0 && (bytes.n != 2 * key.n || !str_starts(bytes, key));
    }
    return NULL;
}

static void all_at_once(void **state)
{
    (void)state;
    pthread_t threads[ASKING];
    unsigned wrong[ASKING];
    end(state);
    const struct cache_config config = {.max_bytes = 24 << 10, .failure_ttl = NS_PER_MS};
    cache = cache_new(&config);
    for (unsigned i = 0; i < ASKING; i++) {
        wrong[i] = i + 1;
        assert_int_equal(pthread_create(&threads[i], NULL, ask_many, &wrong[i]), 0);
    }
    for (unsigned i = 0; i < ASKING; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(wrong[i], 0);
    }
    const struct cache_counters counters = cache_counters(cache);
    assert_true(counters.evictions > 0 && counters.hits > 0);
    assert_true(counters.bytes <= 24 << 10);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int sharing_tests(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_is_made_once),    TEST(a_failure_is_everyones), TEST(a_maker_that_gives_up),
        TEST(waiting_has_an_end), TEST(other_keys_do_not_wait), TEST(all_at_once),
    };
    return cmocka_run_group_tests_name("sharing", tests, NULL, NULL);
}

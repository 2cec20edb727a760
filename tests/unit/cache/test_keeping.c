/* What is kept, how long, and what goes first. The time is the test's. */
#include "test.h"

static int64_t now, takes; /* making one takes so long */
static struct arena arena;
static struct cache *cache;
static struct str bytes;
static struct error err;

static int64_t tell(void *clock)
{
    return *(int64_t *)clock;
}

static void start(size_t max)
{
    const struct cache_config config = {
        .max_bytes = max, .failure_ttl = 5 * NS_PER_S, .now = tell, .clock = &now};
    cache = cache_new(&config);
}

static int begin(void **state)
{
    (void)state;
    now = 1000 * NS_PER_S;
    takes = 0;
    arena_init(&arena, 1 << 30);
    start(1 << 20);
    return 0;
}

static int end(void **state)
{
    (void)state;
    cache_free(cache);
    arena_done(&arena);
    return 0;
}

/* What the next making gives. */
static struct cache_made made;
static enum error_kind failure; /* ERROR_NONE: it gives `made` */
static unsigned times;

static status make(void *self, struct arena *memory, struct cache_made *ret_made,
                   struct error *error)
{
    (void)self, (void)memory;
    times++;
    now += takes;
    if (failure != ERROR_NONE) {
        return error_set(error, failure, "no luck");
    }
    *ret_made = made;
    return OK;
}

/* Ask for it; whether it was made. */
static bool is_made(struct str key)
{
    const struct cache_call call = {
        .key = key, .make = make, .deadline = clock_monotonic() + 20 * NS_PER_S};
    unsigned before = times;
    bytes = STR_EMPTY;
    err = (struct error){0};
    status st = cache_get(cache, &call, &arena, &bytes, &err);
    assert_int_equal(failed(st), err.kind != ERROR_NONE);
    return times > before;
}

static void gives(const char *text, int64_t ttl, int64_t stale)
{
    failure = ERROR_NONE;
    made = (struct cache_made){.bytes = str_from(text), .ttl = ttl, .stale = stale};
}

static int64_t age; /* of what was looked up last */

static enum cache_state look(struct str key, enum cache_wish wish)
{
    struct cache_found found = {.bytes = STR_EMPTY};
    enum cache_state state = cache_look(cache, key, wish, &arena, &found);
    bytes = found.bytes;
    age = found.age;
    err = found.failure;
    return state;
}

static void fresh_for_a_time(void **state)
{
    (void)state;
    gives("one", 10, 0);
    assert_int_equal(look(STR("k"), CACHE_WISH_STALE), CACHE_NOTHING);
    assert_true(is_made(STR("k")));
    assert_true(str_eq(bytes, STR("one")));
    gives("two", 10, 0);
    now += 9;
    assert_false(is_made(STR("k")));
    assert_true(str_eq(bytes, STR("one")));
    assert_int_equal(look(STR("k"), CACHE_WISH_FRESH), CACHE_FRESH);
    assert_true(is_made(STR("K"))); /* another key */
    now++;
    assert_int_equal(look(STR("k"), CACHE_WISH_FRESH), CACHE_NOTHING);
    assert_int_equal(look(STR("k"), CACHE_WISH_STALE), CACHE_NOTHING);
    assert_true(is_made(STR("k")));
    assert_true(str_eq(bytes, STR("two")));
}

static void any_bytes(void **state)
{
    (void)state;
    made = (struct cache_made){.bytes = {"a\0b", 3}, .ttl = 10};
    failure = ERROR_NONE;
    assert_true(is_made((struct str){"k\0a", 3}));
    assert_false(is_made((struct str){"k\0a", 3}));
    assert_true(str_eq(bytes, (struct str){"a\0b", 3}));
    assert_true(is_made((struct str){"k\0b", 3}));
    gives("", 10, 0);
    assert_true(is_made(STR("")));
    assert_false(is_made(STR("")));
    assert_int_equal(bytes.n, 0);
}

static void times_without_an_end(void **state)
{
    (void)state;
    gives("x", INT64_MAX, INT64_MAX);
    assert_true(is_made(STR("k")));
    now = INT64_MAX - 1;
    assert_false(is_made(STR("k")));
}

static void not_kept_at_all(void **state)
{
    (void)state;
    gives("x", 0, 0);
    assert_true(is_made(STR("k")));
    assert_true(str_eq(bytes, STR("x")));
    assert_true(is_made(STR("k")));
    assert_int_equal(cache_counters(cache).entries, 0);
}

/* What is not kept is newer all the same. */
static void not_kept_in_the_place_of_another(void **state)
{
    (void)state;
    gives("old", 10, 100);
    assert_true(is_made(STR("k")));
    now += 10;
    gives("x", 0, 0);
    assert_true(is_made(STR("k")));
    assert_int_equal(look(STR("k"), CACHE_WISH_STALE), CACHE_NOTHING);
}

static void stale_from_the_start(void **state)
{
    (void)state;
    gives("x", 0, 100);
    assert_true(is_made(STR("k")));
    assert_true(is_made(STR("k")));
    now += 99;
    assert_int_equal(look(STR("k"), CACHE_WISH_STALE), CACHE_STALE);
    assert_int_equal(age, 99);
    now += 1;
    assert_int_equal(look(STR("k"), CACHE_WISH_STALE), CACHE_NOTHING);
}

/* It counts from when making it began: what is told by then may have been so no longer. */
static void ages(void **state)
{
    (void)state;
    takes = 7;
    gives("x", 10, 20);
    assert_true(is_made(STR("k")));
    assert_int_equal(look(STR("k"), CACHE_WISH_FRESH), CACHE_FRESH);
    assert_int_equal(age, 7);
    now += 3;
    assert_int_equal(look(STR("k"), CACHE_WISH_FRESH), CACHE_NOTHING);
    assert_int_equal(look(STR("k"), CACHE_WISH_STALE), CACHE_STALE);
    assert_int_equal(age, 10);
    takes = 0;
    made.age = 4; /* another had it before */
    assert_true(is_made(STR("k")));
    now += 5;
    assert_int_equal(look(STR("k"), CACHE_WISH_FRESH), CACHE_FRESH);
    assert_int_equal(age, 9);
    now += 1;
    assert_int_equal(look(STR("k"), CACHE_WISH_FRESH), CACHE_NOTHING);
    now += 19;
    assert_int_equal(look(STR("k"), CACHE_WISH_STALE), CACHE_STALE);
    now += 1;
    assert_int_equal(look(STR("k"), CACHE_WISH_STALE), CACHE_NOTHING);
}

/* Silence leaves what was known; any answer is newer, whether it is remembered or not. */
static void failures_and_stale_values(void **state)
{
    (void)state;
    for (enum error_kind kind = ERROR_NONE + 1; kind < ERROR_KIND_COUNT; kind++) {
        gives("old", 10, 100 * NS_PER_S);
        assert_true(is_made(STR("k")));
        now += 10;
        failure = kind;
        assert_true(is_made(STR("k")));
        bool silent = kind == ERROR_UPSTREAM || kind == ERROR_TIMEOUT;
        enum cache_state state_then = look(STR("k"), CACHE_WISH_STALE);
        assert_int_equal(state_then == CACHE_STALE, silent);
        assert_int_equal(error_kind_info(kind)->silent, silent);
        now += 6 * NS_PER_S; /* what is remembered of the failure is over */
        assert_int_equal(look(STR("k"), CACHE_WISH_STALE), silent ? CACHE_STALE : CACHE_NOTHING);
    }
}

static void stale_for_another(void **state)
{
    (void)state;
    gives("old", 10, 20);
    assert_true(is_made(STR("k")));
    now += 10;
    assert_int_equal(look(STR("k"), CACHE_WISH_FRESH), CACHE_NOTHING);
    assert_int_equal(look(STR("k"), CACHE_WISH_STALE), CACHE_STALE);
    assert_true(str_eq(bytes, STR("old")));
    now += 19;
    assert_int_equal(look(STR("k"), CACHE_WISH_STALE), CACHE_STALE);
    now += 1;
    assert_int_equal(look(STR("k"), CACHE_WISH_STALE), CACHE_NOTHING);
    assert_int_equal(cache_counters(cache).entries, 0); /* and it is gone */
}

static void a_failure_beside_a_stale_value(void **state)
{
    (void)state;
    gives("old", 10, 100 * NS_PER_S);
    assert_true(is_made(STR("k")));
    now += 10;
    failure = ERROR_UPSTREAM;
    assert_true(is_made(STR("k")));
    assert_string_equal(err.text, "no luck");
    now += 2 * NS_PER_S;
    assert_false(is_made(STR("k")));
    assert_string_equal(err.text, "no luck (2s ago)");
    assert_int_equal(look(STR("k"), CACHE_WISH_FRESH), CACHE_FAILED);
    assert_string_equal(err.text, "no luck (2s ago)");
    assert_int_equal(look(STR("k"), CACHE_WISH_STALE), CACHE_STALE);
    assert_true(str_eq(bytes, STR("old")));
    now += 3 * NS_PER_S;
    gives("new", 10, 0);
    assert_int_equal(look(STR("k"), CACHE_WISH_FRESH), CACHE_NOTHING);
    assert_true(is_made(STR("k")));
    assert_int_equal(look(STR("k"), CACHE_WISH_FRESH), CACHE_FRESH);
    assert_true(str_eq(bytes, STR("new")));
}

/* Those that base/status.c calls cacheable, and no others. */
static void failures_by_kind(void **state)
{
    (void)state;
    static const enum error_kind KEPT[] = {ERROR_INPUT,        ERROR_EVIDENCE, ERROR_NOT_FOUND,
                                           ERROR_UNAUTHORIZED, ERROR_UPSTREAM, ERROR_LIMIT};
    static const enum error_kind LET_GO[] = {ERROR_TIMEOUT, ERROR_CONFIG, ERROR_INTERNAL};
    for (size_t i = 0; i < COUNT(KEPT); i++) {
        char key[8];
        snprintf(key, sizeof key, "kept%zu", i);
        failure = KEPT[i];
        assert_true(is_made(str_from(key)));
        now += 5 * NS_PER_S - 1;
        assert_false(is_made(str_from(key)));
        assert_int_equal(err.kind, KEPT[i]);
        assert_string_equal(err.text, "no luck (4s ago)");
        now += 1;
        assert_true(is_made(str_from(key)));
    }
    for (size_t i = 0; i < COUNT(LET_GO); i++) {
        failure = LET_GO[i];
        assert_true(is_made(STR("k")));
        assert_true(is_made(STR("k")));
        assert_int_equal(look(STR("k"), CACHE_WISH_STALE), CACHE_NOTHING);
    }
}

static void failures_may_be_let_go(void **state)
{
    (void)state;
    cache_free(cache);
    const struct cache_config config = {.max_bytes = 1 << 20};
    cache = cache_new(&config); /* with the machine's time */
    failure = ERROR_NOT_FOUND;
    assert_true(is_made(STR("k")));
    assert_true(is_made(STR("k")));
    gives("x", 3600 * NS_PER_S, 0);
    assert_true(is_made(STR("k")));
    assert_false(is_made(STR("k")));
}

static void what_was_used_last_stays(void **state)
{
    (void)state;
    char key[16];
    cache_free(cache);
    start(64 << 10);
    gives("0123456789abcdef", NS_PER_S, 0);
    assert_true(is_made(STR("first")));
    for (unsigned i = 0; i < 2000; i++) {
        snprintf(key, sizeof key, "%u", i);
        assert_true(is_made(str_from(key)));
        assert_int_equal(look(STR("first"), CACHE_WISH_FRESH), CACHE_FRESH);
        assert_true(cache_counters(cache).bytes <= 64 << 10);
    }
    const struct cache_counters counters = cache_counters(cache);
    assert_true(counters.evictions > 1000);
    assert_int_equal(counters.entries + counters.evictions, 2001);
    assert_int_equal(look(STR("0"), CACHE_WISH_FRESH), CACHE_NOTHING);
    for (unsigned i = 2000 - (unsigned)counters.entries + 1; i < 2000; i++) {
        snprintf(key, sizeof key, "%u", i); /* the last ones are all there */
        assert_int_equal(look(str_from(key), CACHE_WISH_FRESH), CACHE_FRESH);
    }
}

static void failures_are_bounded_too(void **state)
{
    (void)state;
    char key[16];
    cache_free(cache);
    start(64 << 10);
    failure = ERROR_NOT_FOUND;
    for (unsigned i = 0; i < 2000; i++) {
        snprintf(key, sizeof key, "%u", i);
        assert_true(is_made(str_from(key)));
        assert_true(cache_counters(cache).bytes <= 64 << 10);
    }
    assert_true(cache_counters(cache).evictions > 1000);
}

static void one_that_is_too_large(void **state)
{
    (void)state;
    cache_free(cache);
    start(64 << 10);
    gives("small", NS_PER_S, 0);
    assert_true(is_made(STR("small")));
    uint64_t before = cache_counters(cache).bytes;
    struct str large = {arena_alloc(&arena, 64 << 10), 0};
    /* grow it until it is not kept: the last that was is an eighth, with what it takes beside */
    for (large.n = 7000; large.n < 9000; large.n++) {
        failure = ERROR_NONE;
        made = (struct cache_made){.bytes = large, .ttl = 1};
        assert_true(is_made(STR("large")));
        assert_int_equal(bytes.n, large.n);
        if (look(STR("large"), CACHE_WISH_FRESH) == CACHE_NOTHING) {
            break;
        }
        assert_true(cache_counters(cache).bytes - before <= 8 << 10);
        now++;
    }
    assert_in_range(large.n, 8000, 8192);
    assert_int_equal(cache_counters(cache).bytes, before);
    assert_int_equal(look(STR("small"), CACHE_WISH_FRESH), CACHE_FRESH);
    assert_int_equal(cache_counters(cache).evictions, 0);
}

static void keys_have_a_limit(void **state)
{
    (void)state;
    struct str key = {arena_alloc(&arena, LIMIT_CACHE_KEY + 1), LIMIT_CACHE_KEY};
    gives("x", 10, 0);
    assert_true(is_made(key));
    assert_false(is_made(key));
    key.n++;
    assert_false(is_made(key));
    assert_int_equal(err.kind, ERROR_LIMIT);
    assert_string_equal(err.text, "a key of 2049 bytes");
}

static void numbers(void **state)
{
    (void)state;
    gives("x", 10, 10);
    is_made(STR("k"));
    is_made(STR("k"));
    look(STR("k"), CACHE_WISH_FRESH);
    look(STR("none"), CACHE_WISH_FRESH);
    now += 10;
    look(STR("k"), CACHE_WISH_STALE);
    failure = ERROR_NOT_FOUND;
    is_made(STR("k"));
    is_made(STR("k"));
    is_made(STR("k"));
    const struct cache_counters counters = cache_counters(cache);
    assert_int_equal(counters.misses, 2);
    assert_int_equal(counters.hits, 2);
    assert_int_equal(counters.stale, 1);
    assert_int_equal(counters.failures, 2);
    assert_int_equal(counters.waits, 0);
    assert_int_equal(counters.evictions, 0);
    assert_int_equal(counters.entries, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int keeping_tests(void)
{
    const struct CMUnitTest tests[] = {
        TEST(fresh_for_a_time),
        TEST(any_bytes),
        TEST(times_without_an_end),
        TEST(not_kept_at_all),
        TEST(not_kept_in_the_place_of_another),
        TEST(stale_from_the_start),
        TEST(ages),
        TEST(failures_and_stale_values),
        TEST(stale_for_another),
        TEST(a_failure_beside_a_stale_value),
        TEST(failures_by_kind),
        TEST(failures_may_be_let_go),
        TEST(what_was_used_last_stays),
        TEST(failures_are_bounded_too),
        TEST(one_that_is_too_large),
        TEST(keys_have_a_limit),
        TEST(numbers),
    };
    return cmocka_run_group_tests_name("keeping", tests, NULL, NULL);
}

/* What another replica had of a tag, by a place that is the test's. */
#include <string.h>

#include "world.h"

/* The place: one value under any key. */
static struct {
    const char *value; /* NULL: there is none */
    int64_t age;
    struct str put;
    int64_t had;
    unsigned asked, puts, forgets;
    struct str keys[2]; /* of the last two questions */
    int64_t ttl;
} place;

static void note(const struct cache_shared_query *query)
{
    place.keys[1] = place.keys[0];
    place.keys[0] = arena_dup(&arena, query->key);
    place.ttl = query->ttl;
    assert_true(query->deadline > clock_monotonic());
}

static bool get(void *self, const struct cache_shared_query *query, struct arena *its,
                struct cache_found *ret_found)
{
    (void)self;
    place.asked++;
    note(query);
    if (place.value == NULL) {
        return false;
    }
    ret_found->bytes = arena_dup(its, str_from(place.value));
    ret_found->age = place.age;
    return true;
}

static void put(void *self, const struct cache_shared_query *query, struct str bytes, int64_t had)
{
    (void)self;
    place.puts++;
    note(query);
    place.put = arena_dup(&arena, bytes);
    place.had = had;
}

static void forget(void *self, const struct cache_shared_query *query)
{
    (void)self;
    place.forgets++;
    note(query);
}

static const struct cache_shared PORT = {NULL, get, put, forget};

static int begin_shared(void **state)
{
    begin(state);
    stop();
    memset(&place, 0, sizeof place);
    start(30 * NS_PER_S, 0, &PORT);
    return 0;
}

static void what_another_had(void **state)
{
    (void)state;
    place.value = OTHER " " TYPE;
    place.age = 10 * NS_PER_S;
    assert_fresh(ask(0), OTHER);
    assert_int_equal(network.sent, 0);
    assert_int_equal(place.ttl, 30 * NS_PER_S);
    assert_int_equal(place.puts, 0); /* it would seem newer than it is */
    now += 20 * NS_PER_S - 1;
    assert_fresh(ask(0), OTHER);
    assert_int_equal(place.asked, 1);
    now += 1; /* its time is over: thirty seconds since another had it */
    place.value = NULL;
    assert_fresh(ask(0), network.digest);
    assert_int_equal(place.asked, 2);
}

static void it_is_stale_by_its_own_time(void **state)
{
    (void)state;
    place.value = arena_printf(&arena, "%.*s " TYPE, STR_ARG(digest)).p;
    place.age = 10 * NS_PER_S;
    assert_fresh(ask(0), network.digest);
    place.value = NULL;
    network.failure = ERROR_UPSTREAM;
    now += HOUR;
    assert_stale(ask(2 * HOUR), HOUR + 10 * NS_PER_S);
    assert_none(ask(HOUR), ERROR_UPSTREAM);
}

static void what_is_told_to_others(void **state)
{
    (void)state;
    int64_t before = clock_wall();
    assert_fresh(ask(0), network.digest);
    assert_int_equal(place.puts, 1);
    assert_true(str_eq(place.put, arena_printf(&arena, "%s " TYPE, network.digest)));
    assert_true(place.had >= before && place.had <= clock_wall());
    assert_true(str_eq(place.keys[0], place.keys[1]));
    assert_fresh(ask(0), network.digest);
    assert_int_equal(place.asked + place.puts, 2);
}

static void what_is_no_digest(void **state)
{
    (void)state;
    static const char *const VALUES[] = {"", " ", ("sha256:xyz " TYPE), "sha256:0123", OTHER};
    for (size_t i = 0; i < sizeof VALUES / sizeof *VALUES; i++) {
        stop();
        start(30 * NS_PER_S, 0, &PORT);
        place.value = VALUES[i];
        assert_fresh(ask(0), network.digest);
    }
}

/* What the registry says is newer; silence says nothing. */
static void failures(void **state)
{
    (void)state;
    network.status = 404;
    assert_none(ask(0), ERROR_NOT_FOUND);
    assert_int_equal(place.forgets, 1);
    assert_int_equal(place.puts, 0);
    network.failure = ERROR_UPSTREAM;
    assert_none(ask(0), ERROR_UPSTREAM);
    assert_int_equal(place.forgets, 1);
}

static void askers_apart(void **state)
{
    (void)state;
    const struct asker other = {.scope = STR("shop")};
    assert_fresh(ask(0), network.digest);
    assert_fresh(ask_as(&other, 0, EVIDENCE_DIGEST, 20 * NS_PER_S), network.digest);
    assert_int_equal(place.puts, 2);
    struct str first = place.keys[0];
    stop();
    start(30 * NS_PER_S, 0, &PORT);
    assert_fresh(ask(0), network.digest);
    assert_false(str_eq(first, place.keys[0]));
}

/* Where each review asks for itself, none takes another's. */
static void nothing_is_remembered(void **state)
{
    (void)state;
    stop();
    start(0, 0, &PORT);
    place.value = OTHER " " TYPE;
    assert_fresh(ask(0), network.digest);
    assert_int_equal(place.asked + place.puts + place.forgets, 0);
}

#define TEST_SHARED(name) cmocka_unit_test_setup_teardown(name, begin_shared, end)

int shared_tests(void)
{
    const struct CMUnitTest tests[] = {
        TEST_SHARED(what_another_had),
        TEST_SHARED(it_is_stale_by_its_own_time),
        TEST_SHARED(what_is_told_to_others),
        TEST_SHARED(what_is_no_digest),
        TEST_SHARED(failures),
        TEST_SHARED(askers_apart),
        TEST_SHARED(nothing_is_remembered),
    };
    return cmocka_run_group_tests_name("shared", tests, NULL, NULL);
}

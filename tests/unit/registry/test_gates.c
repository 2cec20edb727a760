#include "net.h"

#include <pthread.h>

#include "registry/gates.h"

static struct gates *gates;

static int start(void **state)
{
    gates = gates_new();
    return net_start(state);
}

static int end(void **state)
{
    gates_free(gates);
    return net_end(state);
}

static bool enters(const char *host)
{
    int64_t wait;
    return !failed(
               gate_enter(gates, str_from(host), now, clock_monotonic() - 1, NULL, &wait, &err)) &&
           wait == 0;
}

static void places(void **state)
{
    (void)state;
    for (unsigned i = 0; i < LIMIT_REGISTRY_PER_HOST; i++) {
        assert_true(enters("h"));
    }
    assert_false(enters("h"));
    assert_int_equal(err.kind, ERROR_TIMEOUT);
    assert_string_equal(err.text, "h: 8 requests are under way already");
    assert_true(enters("g"));
    gate_leave(gates, STR("h"), GATE_GOOD, now, 0);
    assert_true(enters("h"));
    assert_false(enters("h"));
}

static void *leave(void *argument)
{
    gate_leave(gates, STR("h"), GATE_GOOD, now, 0);
    return argument;
}

static void waiting_for_a_place(void **state)
{
    (void)state;
    pthread_t thread;
    int64_t wait;
    for (unsigned i = 0; i < LIMIT_REGISTRY_PER_HOST; i++) {
        assert_true(enters("h"));
    }
    assert_int_equal(pthread_create(&thread, NULL, leave, NULL), 0);
    assert_false(failed(
        gate_enter(gates, STR("h"), now, clock_monotonic() + 60 * NS_PER_S, NULL, &wait, &err)));
    pthread_join(thread, NULL);
    const atomic_bool cancel = true;
    assert_true(failed(
        gate_enter(gates, STR("h"), now, clock_monotonic() + 60 * NS_PER_S, &cancel, &wait, &err)));
    assert_int_equal(err.kind, ERROR_TIMEOUT);
}

static void fail_once(void)
{
    assert_true(enters("h"));
    gate_leave(gates, STR("h"), GATE_BAD, now, 0);
}

static void one_trial_at_a_time(void **state)
{
    (void)state;
    for (unsigned i = 0; i < GATE_FAILURES; i++) {
        fail_once();
    }
    assert_false(enters("h"));
    now += GATE_SHORTEST;
    assert_true(enters("h"));
    assert_false(enters("h"));
    assert_string_equal(err.text, "h failed 5 times in a row; it is being tried");
    gate_leave(gates, STR("h"), GATE_NEITHER, now, 0); /* nothing was learnt: another trial */
    assert_true(enters("h"));
    gate_leave(gates, STR("h"), GATE_GOOD, now, 0);
    assert_true(enters("h"));
    assert_true(enters("h"));
}

static void ever_longer(void **state)
{
    (void)state;
    static const int64_t SECONDS[] = {5, 10, 20, 40, 60, 60};
    for (unsigned i = 0; i < GATE_FAILURES - 1; i++) {
        fail_once();
    }
    for (size_t i = 0; i < COUNT(SECONDS); i++) {
        fail_once();
        now += SECONDS[i] * NS_PER_S - 1;
        assert_false(enters("h"));
        now += 1;
    }
    assert_true(enters("h"));
}

static void gave_up(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2 * GATE_FAILURES; i++) {
        assert_true(enters("h"));
        gate_leave(gates, STR("h"), GATE_NEITHER, now, 0);
    }
    for (unsigned i = 0; i < GATE_FAILURES - 1; i++) { /* in a row means in a row */
        fail_once();
    }
    assert_true(enters("h"));
    gate_leave(gates, STR("h"), GATE_GOOD, now, 0);
    fail_once();
    assert_true(enters("h"));
}

static void limit(void **state)
{
    (void)state;
    for (unsigned i = 0; i < LIMIT_REGISTRY_HOSTS; i++) {
        assert_true(enters(arena_printf(&arena, "h%u", i).p));
    }
    assert_false(enters("one more"));
    assert_string_equal(err.text, "too many registries are being asked at one time");
    gate_leave(gates, STR("h5"), GATE_GOOD, now, 0);
    assert_true(enters("one more"));
    assert_false(enters("h5"));
}

/* Who names many hosts does not make us forget which fail. */
static void what_fails_is_remembered_longest(void **state)
{
    (void)state;
    for (unsigned i = 0; i < GATE_FAILURES; i++) {
        fail_once();
    }
    for (unsigned i = 0; i < 2 * LIMIT_REGISTRY_HOSTS; i++) {
        const char *host = arena_printf(&arena, "h%u", i).p;
        assert_true(enters(host));
        gate_leave(gates, str_from(host), GATE_GOOD, now, 0);
    }
    assert_false(enters("h"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int gates_tests(void)
{
    const struct CMUnitTest tests[] = {
        TEST(places),
        TEST(waiting_for_a_place),
        TEST(one_trial_at_a_time),
        TEST(ever_longer),
        TEST(gave_up),
        TEST(limit),
        TEST(what_fails_is_remembered_longest),
    };
    return cmocka_run_group_tests_name("gates", tests, NULL, NULL);
}

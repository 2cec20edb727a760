/* A thread that acts again and again, until it is asked to end. */
#include "test.h"

#include "base/chance.h"
#include "base/clock.h"
#include "base/task.h"

static struct task task;
static atomic_int rounds;

static void *run(void *argument)
{
    int64_t pause = *(const int64_t *)argument;
    while (task_wait(&task, clock_monotonic() + pause)) {
        atomic_fetch_add(&rounds, 1);
    }
    return NULL;
}

static void start(const int64_t *pause)
{
    struct error err;
    atomic_store(&rounds, 0);
    task_init(&task);
    assert_false(failed(task_start(&task, run, (void *)(uintptr_t)pause, &err)));
}

static void it_goes_on_until_it_is_stopped(void **state)
{
    (void)state;
    static const int64_t PAUSE = NS_PER_MS;
    start(&PAUSE);
    while (atomic_load(&rounds) < 3) {
    }
    task_stop(&task);
    task_done(&task);
}

/* Would not end before tomorrow. */
static void stopping_ends_its_sleep(void **state)
{
    (void)state;
    static const int64_t PAUSE = 86400 * NS_PER_S;
    start(&PAUSE);
    task_stop(&task);
    assert_int_equal(atomic_load(&rounds), 0);
    assert_false(task_wait(&task, clock_monotonic() + PAUSE));
    task_done(&task);
}

static void chances_stay_below(void **state)
{
    (void)state;
    bool seen[5] = {false};
    for (int i = 0; i < 1000; i++) {
        uint64_t number = chance(5);
        assert_true(number < 5);
        seen[number] = true;
    }
    assert_true(seen[0] && seen[1] && seen[2] && seen[3] && seen[4]);
}

int task_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_goes_on_until_it_is_stopped),
        cmocka_unit_test(stopping_ends_its_sleep),
        cmocka_unit_test(chances_stay_below),
    };
    return cmocka_run_group_tests_name("task", tests, NULL, NULL);
}

#include "test.h"

#include <pthread.h>

#include "server/budget.h"

static void assert_used(const struct budget *budget, size_t reviews, size_t bytes)
{
    assert_int_equal(atomic_load(&budget->reviews), reviews);
    assert_int_equal(atomic_load(&budget->bytes), bytes);
    assert_int_equal(metric_value(budget->reviews_gauge), reviews);
    assert_int_equal(metric_value(budget->bytes_gauge), bytes);
}

static void reviews(void **state)
{
    (void)state;
    struct budget budget;
    budget_init(&budget, 2, 100);
    assert_true(budget_take_review(&budget));
    assert_true(budget_take_review(&budget));
    assert_used(&budget, 2, 0);
    assert_false(budget_take_review(&budget));
    assert_used(&budget, 2, 0);
    budget_return(&budget, 1, 0);
    assert_true(budget_take_review(&budget));
    assert_false(budget_take_review(&budget));
    budget_return(&budget, 2, 0);
    assert_used(&budget, 0, 0);
}

static void bytes(void **state)
{
    (void)state;
    struct budget budget;
    budget_init(&budget, 1, 100);
    assert_false(budget_take_bytes(&budget, 101));
    assert_true(budget_take_bytes(&budget, 100));
    assert_false(budget_take_bytes(&budget, 1));
    assert_true(budget_take_bytes(&budget, 0));
    assert_used(&budget, 0, 100);
    budget_return(&budget, 0, 40);
    assert_false(budget_take_bytes(&budget, 41));
    assert_used(&budget, 0, 60);
    assert_true(budget_take_bytes(&budget, 40));
    budget_return(&budget, 0, 100);
    assert_used(&budget, 0, 0);
}

/* A sum that wraps would be a small one. */
static void sums_do_not_wrap(void **state)
{
    (void)state;
    struct budget budget;
    budget_init(&budget, 1, SIZE_MAX / 4);
    assert_true(budget_take_bytes(&budget, 1000));
    assert_false(budget_take_bytes(&budget, SIZE_MAX));
    assert_false(budget_take_bytes(&budget, SIZE_MAX - 999));
    assert_used(&budget, 0, 1000);
    budget_return(&budget, 0, 1000);
}

static void nothing_is_allowed_by_none(void **state)
{
    (void)state;
    struct budget budget;
    budget_init(&budget, 0, 0);
    assert_false(budget_take_review(&budget));
    assert_false(budget_take_bytes(&budget, 1));
    assert_used(&budget, 0, 0);
}

static void return_a_review_too_many(void)
{
    struct budget budget;
    budget_init(&budget, 2, 2);
    budget_return(&budget, 1, 0);
}

static void return_a_byte_too_many(void)
{
    struct budget budget;
    budget_init(&budget, 2, 2);
    if (budget_take_bytes(&budget, 1)) {
        budget_return(&budget, 0, 2);
    }
}

static void returning_too_much_aborts(void **state)
{
    (void)state;
    assert_true(aborts(return_a_review_too_many));
    assert_true(aborts(return_a_byte_too_many));
}

/* -- threads -- */

enum { THREADS = 4, ROUNDS = 50000, REVIEWS = 3, BYTES = 1000 };

struct crowd {
    struct budget budget;
    atomic_int inside, most, taken;
    atomic_int bytes, most_bytes;
};

static void raise_to(atomic_int *most, int value)
{
    int now = atomic_load(most);
    while (value > now && !atomic_compare_exchange_weak(most, &now, value)) {
    }
}

static void *take_and_return(void *memory)
{
    struct crowd *crowd = memory;
    for (int i = 0; i < ROUNDS; i++) {
        int n = 100 + i % 300;
        if (!budget_take_review(&crowd->budget)) {
            continue;
        }
        raise_to(&crowd->most, atomic_fetch_add(&crowd->inside, 1) + 1);
        bool more = budget_take_bytes(&crowd->budget, (size_t)n);
        if (more) {
            raise_to(&crowd->most_bytes, atomic_fetch_add(&crowd->bytes, n) + n);
            atomic_fetch_add(&crowd->taken, 1);
            atomic_fetch_sub(&crowd->bytes, n);
        }
        atomic_fetch_sub(&crowd->inside, 1);
        budget_return(&crowd->budget, 1, more ? (size_t)n : 0);
    }
    return NULL;
}

static void many_threads_never_take_too_much(void **state)
{
    (void)state;
    static struct crowd crowd;
    pthread_t threads[THREADS];
    budget_init(&crowd.budget, REVIEWS, BYTES);
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, take_and_return, &crowd), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    assert_in_range(atomic_load(&crowd.most), 1, REVIEWS);
    assert_in_range(atomic_load(&crowd.most_bytes), 1, BYTES);
    assert_true(atomic_load(&crowd.taken) > 0);
    assert_used(&crowd.budget, 0, 0);
}

int budget_tests(void)
{
    static const struct CMUnitTest TESTS[] = {
        cmocka_unit_test(reviews),
        cmocka_unit_test(bytes),
        cmocka_unit_test(sums_do_not_wrap),
        cmocka_unit_test(nothing_is_allowed_by_none),
        cmocka_unit_test(returning_too_much_aborts),
        cmocka_unit_test(many_threads_never_take_too_much),
    };
    return cmocka_run_group_tests_name("budget", TESTS, NULL, NULL);
}

#include "test.h"

#include <pthread.h>
#include <stdatomic.h>

#include "policy/model.h"
#include "server/snapshot.h"

/* A set of `n` policies. */
static struct policy_set *set_of(size_t n)
{
    arena_auto arena;
    arena_init(&arena, 16 << 20);
    buf_auto text;
    buf_init(&text, 65536);
    for (size_t i = 0; i < n; i++) {
        buf_printf(&text,
                   "---\napiVersion: pratique.dev/v1alpha1\nkind: ClusterImagePolicy\n"
                   "metadata: {name: p%zu}\nspec: {rules: [{name: r, allow: [docker.io]}]}\n",
                   i);
    }
    struct diagnostics list;
    diagnostics_init(&list, &arena);
    struct policy_options options = {.now = 0};
    struct policy_set *set = NULL;
    struct error err = {0};
    if (failed(policy_parse(STR("p.yaml"), buf_str(&text), &options, &list, &set, &err))) {
        fail_msg("%s", err.text);
    }
    return set;
}

static size_t policies_of(const struct policy_set *set)
{
    struct policy_counts counts;
    policy_set_counts(set, &counts);
    return counts.policies;
}

static unsigned references(const struct policy_set *set)
{
    return (unsigned)atomic_load(&set->references);
}

static void a_swap_replaces_the_whole(void **state)
{
    (void)state;
    struct snapshot snapshot;
    struct policy_set *one = set_of(1), *two = set_of(2);
    snapshot_init(&snapshot, one);
    struct policy_set *taken = snapshot_take(&snapshot);
    assert_ptr_equal(taken, one);
    assert_int_equal(references(one), 2);
    snapshot_swap(&snapshot, two);
    assert_int_equal(references(one), 1); /* of the review that goes on */
    assert_int_equal(policies_of(taken), 1);
    struct policy_set *next = snapshot_take(&snapshot);
    assert_ptr_equal(next, two);
    policy_set_unref(taken); /* the last user: freed, as the sanitizer sees */
    policy_set_unref(next);
    assert_int_equal(references(two), 1);
    snapshot_done(&snapshot);
}

static void what_is_taken_outlives_the_snapshot(void **state)
{
    (void)state;
    struct snapshot snapshot;
    snapshot_init(&snapshot, set_of(3));
    struct policy_set *taken = snapshot_take(&snapshot);
    snapshot_done(&snapshot);
    assert_int_equal(references(taken), 1);
    assert_int_equal(policies_of(taken), 3);
    policy_set_unref(taken);
}

static void it_may_begin_empty(void **state)
{
    (void)state;
    struct snapshot snapshot;
    snapshot_init(&snapshot, NULL);
    snapshot_done(&snapshot);
    snapshot_init(&snapshot, NULL);
    snapshot_swap(&snapshot, set_of(1));
    struct policy_set *taken = snapshot_take(&snapshot);
    assert_int_equal(policies_of(taken), 1);
    policy_set_unref(taken);
    snapshot_done(&snapshot);
}

static void nothing_before_the_first(void **state)
{
    (void)state;
    struct snapshot snapshot;
    snapshot_init(&snapshot, NULL);
    assert_true(snapshot_is_empty(&snapshot));
    assert_null(snapshot_take(&snapshot));
    snapshot_swap(&snapshot, set_of(1));
    assert_false(snapshot_is_empty(&snapshot));
    snapshot_done(&snapshot);
}

/* -- threads -- */

enum { THREADS = 4, SWAPS = 300, KINDS = 3 };

static struct snapshot shared;
static atomic_bool swapping;
static atomic_int taken_in_all;

/* What is taken is one of the sets, whole, from its beginning to its end. */
static void *review_much(void *nothing)
{
    while (atomic_load(&swapping)) {
        struct policy_set *set = snapshot_take(&shared);
        size_t n = policies_of(set);
        uint64_t hash = policy_set_hash(set);
        if (n < 1 || n > KINDS || policies_of(set) != n || policy_set_hash(set) != hash) {
            nothing = &shared;
        }
        atomic_fetch_add(&taken_in_all, 1);
        policy_set_unref(set);
    }
    return nothing;
}

static void sets_die_with_their_last_review(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    struct policy_set *kept[SWAPS];
    snapshot_init(&shared, set_of(1));
    atomic_store(&swapping, true);
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, review_much, NULL), 0);
    }
    for (size_t i = 0; i < SWAPS; i++) {
        kept[i] = policy_set_ref(set_of(1 + i % KINDS));
        snapshot_swap(&shared, kept[i]);
    }
    while (atomic_load(&taken_in_all) < SWAPS) {
        sched_yield();
    }
    atomic_store(&swapping, false);
    for (size_t i = 0; i < THREADS; i++) {
        void *wrong = NULL;
        assert_int_equal(pthread_join(threads[i], &wrong), 0);
        assert_null(wrong);
    }
    snapshot_done(&shared);
    for (size_t i = 0; i < SWAPS; i++) {
        assert_int_equal(references(kept[i]), 1);
        policy_set_unref(kept[i]);
    }
}

int snapshot_tests(void)
{
    static const struct CMUnitTest TESTS[] = {
        cmocka_unit_test(a_swap_replaces_the_whole),
        cmocka_unit_test(what_is_taken_outlives_the_snapshot),
        cmocka_unit_test(it_may_begin_empty),
        cmocka_unit_test(nothing_before_the_first),
        cmocka_unit_test(sets_die_with_their_last_review),
    };
    return cmocka_run_group_tests_name("snapshot", TESTS, NULL, NULL);
}

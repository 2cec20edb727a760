/* The bounded queue: what fits, in which order it comes, what is lost. */
#include "test.h"

#include "base/clock.h"
#include "base/queue.h"

enum { ROOM = 256, HEAD = 16 };

static struct queue queue;

static int begin(void **state)
{
    (void)state;
    queue_init(&queue, 4, ROOM, 0);
    return 0;
}

static int end(void **state)
{
    (void)state;
    queue_done(&queue);
    return 0;
}

static size_t size_of_next;

static void copy(const void *entry, void *memory)
{
    assert_int_equal((uintptr_t)memory % _Alignof(max_align_t), 0);
    memcpy(memory, entry, size_of_next);
}

static bool add(const char *text, size_t size, size_t n)
{
    static char entry[ROOM * 2];
    snprintf(entry, sizeof entry, "%s", text);
    size_of_next = size;
    return queue_add(&queue, entry, size, n, copy);
}

static void order(void **state)
{
    (void)state;
    static const char *const TEXTS[] = {"one", "seventeen bytes..", "three"};
    for (size_t i = 0; i < 3; i++) {
        assert_true(add(TEXTS[i], strlen(TEXTS[i]) + 1, 1));
    }
    struct batch *batch = queue_take(&queue, 0);
    assert_int_equal(batch->n, 3);
    size_t at = 0;
    for (size_t i = 0; i < 3; i++) {
        assert_true(at < batch->used);
        assert_string_equal(batch_next(batch, &at), TEXTS[i]);
    }
    assert_int_equal(at, batch->used);
    assert_true(add("while it is written", 20, 1));
    assert_int_equal(queue_left(&queue), 4);
    queue_written(&queue);
    batch = queue_take(&queue, 0);
    assert_int_equal(batch->n, 1);
    queue_written(&queue);
    assert_int_equal(queue_left(&queue), 0);
}

static void how_many(void **state)
{
    (void)state;
    assert_true(add("x", 2, 3)); /* counts as three */
    assert_false(add("x", 2, 2));
    assert_true(add("x", 2, 1));
    assert_false(add("x", 2, 1));
    struct batch *batch = queue_take(&queue, 0);
    assert_int_equal(batch->n, 4);
    assert_int_equal(batch->lost, 3);
    queue_written(&queue);
    assert_true(add("x", 2, 4));
    assert_int_equal(queue_take(&queue, 0)->lost, 0);
    queue_written(&queue);
}

static void how_large(void **state)
{
    (void)state;
    assert_false(add("x", ROOM - HEAD + 1, 1));
    assert_false(add("x", SIZE_MAX, 1));
    assert_false(add("x", SIZE_MAX - HEAD, 1));
    assert_true(add("x", ROOM - HEAD, 1));
    assert_false(add("", 0, 1)); /* its size alone is too much */
    struct batch *batch = queue_take(&queue, 0);
    assert_int_equal(batch->used, ROOM);
    queue_written(&queue);
}

static void nothing_comes(void **state)
{
    (void)state;
    struct batch *batch = queue_take(&queue, NS_PER_MS);
    assert_int_equal(batch->n, 0);
    queue_written(&queue);
    int64_t until = clock_monotonic() + NS_PER_MS;
    queue_pause(&queue, until);
    assert_true(clock_monotonic() >= until);
}

static void stopping(void **state)
{
    (void)state;
    assert_true(add("x", 2, 1));
    queue_stop(&queue);
    queue_pause(&queue, INT64_MAX);
    assert_int_equal(queue_take(&queue, INT64_MAX / 2)->n, 1);
    queue_written(&queue);
    assert_null(queue_take(&queue, INT64_MAX / 2));
}

int queue_tests(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest TESTS[] = {
        TEST(order), TEST(how_many), TEST(how_large), TEST(nothing_comes), TEST(stopping),
    };
    return cmocka_run_group_tests_name("queue", TESTS, NULL, NULL);
}

/* Bounds in bytes, age and queue. */
#include "test.h"

static const char *const OLDEST = "SELECT min(id) FROM decision";
static const char *const USED =
    "SELECT 4096 * (page_count - freelist_count) FROM pragma_page_count, pragma_freelist_count";

/* Whatever is written, the files stay below their size; nothing goes before it has to, and what
 * stays is a good part of it. */
static void test_bytes(void **state)
{
    static char text[LIMIT_MESSAGE];
    struct world *world = *state;
    struct history_violation violation = {.message = {text, sizeof text}};
    memset(text, 'm', sizeof text);
    open_history(world);
    int64_t before = 0, after = 0;
    for (int i = 0; i < 40; i++) {
        for (int j = 0; j < 300; j++) {
            struct history_entry entry = sample(clock_wall());
            entry.violations = &violation;
            entry.n_violations = 1;
            add(world, &entry);
        }
        history_flush(world->history);
        assert_true(bytes_of(world) <= world->config.size);
        if (sql(world, OLDEST) == 1) {
            before = sql(world, USED);
        } else if (after == 0) {
            after = sql(world, USED);
        }
    }
    assert_true(before > (int64_t)world->config.size / 2 &&
                after > (int64_t)world->config.size / 2);
    assert_true(sql(world, OLDEST) > 4000);
    assert_int_equal(world->losing, 0);
    assert_int_equal(world->written, 40 * 300);
    assert_int_equal(sql(world, "SELECT max(id) FROM decision"), 40 * 300);
}

/* The largest entries that there can be, each byte of which is six in the file. */
static void test_largest_entries(void **state)
{
    static char text[LIMIT_IMAGE_TEXT];
    static struct history_image images[LIMIT_IMAGES_PER_REVIEW];
    struct world *world = *state;
    memset(text, 1, sizeof text);
    for (size_t i = 0; i < COUNT(images); i++) {
        images[i].text = (struct str){text, sizeof text};
    }
    open_history(world);
    for (int i = 0; i < 60; i++) {
        struct history_entry entry = sample(clock_wall());
        entry.images = images;
        entry.n_images = COUNT(images);
        add(world, &entry);
        if (i % 10 == 9) {
            history_flush(world->history);
            assert_true(bytes_of(world) <= world->config.size);
        }
    }
    assert_int_equal(world->written, 60);
    assert_int_equal(world->losing, 0);
}

/* A size that is made smaller: the file follows. */
static void test_smaller_size(void **state)
{
    static char text[LIMIT_MESSAGE];
    memset(text, 'd', sizeof text);
    struct world *world = *state;
    world->config.size = 64 * MIB;
    open_history(world);
    for (int i = 0; i < 10000; i++) {
        struct history_entry entry = sample(clock_wall());
        entry.detail = (struct str){text, sizeof text};
        add(world, &entry);
        if (i % 1000 == 999) {
            history_flush(world->history);
        }
    }
    close_history(world);
    assert_true(bytes_of(world) > LIMIT_HISTORY_SIZE_LEAST);
    world->config.size = LIMIT_HISTORY_SIZE_LEAST;
    open_history(world);
    add_many(world, 1);
    close_history(world);
    assert_true(bytes_of(world) <= LIMIT_HISTORY_SIZE_LEAST);
    assert_int_equal(sql(world, "SELECT max(id) FROM decision"), 10001);
}

/* Younger than the age stays, older goes, also when nothing is written any more. */
static void test_age(void **state)
{
    struct world *world = *state;
    int64_t now = clock_wall(), age = 3600 * NS_PER_S;
    world->config.age_ns = age;
    open_history(world);
    const int64_t times[] = {now - age - NS_PER_S, now - age + 600 * NS_PER_S, now,
                             now + 2 * age /* a clock that was wrong */};
    for (size_t i = 0; i < COUNT(times); i++) {
        struct history_entry entry = sample(times[i]);
        add(world, &entry);
    }
    history_flush(world->history);
    close_history(world);
    open_history(world); /* each batch prunes before it writes */
    add_many(world, 1);
    struct history_page page = read_all(world);
    assert_int_equal(page.n, 3);
    assert_true(page.entries[1]->time == now && page.entries[2]->time == times[1]);
}

static void test_age_while_idle(void **state)
{
    struct world *world = *state;
    world->config.age_ns = NS_PER_S;
    open_history(world);
    add_many(world, 500);
    int64_t until = clock_monotonic() + 60 * NS_PER_S;
    while (sql(world, "SELECT count(*) FROM decision") > 0) {
        assert_true(clock_monotonic() < until);
    }
}

/* n entries wait, one more is lost; told once, and counted each time. */
static void test_queue(void **state)
{
    struct world *world = *state;
    world->config.queue = 10;
    open_history(world);
    add_many(world, 1);
    sqlite3 *other;
    assert_int_equal(sqlite3_open(world->path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    for (int i = 0; i < 1000; i++) {
        struct history_entry entry = sample(clock_wall());
        add(world, &entry);
    }
    /* The lock is held all the time, so nothing was written, and nothing waited for it. */
    assert_int_equal(world->written, 1);
    assert_true(world->lost[HISTORY_LOST_QUEUE] + world->lost[HISTORY_LOST_LOCKED] >=
                1000 - 2 * 10);
    assert_int_equal(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(other);
    close_history(world);
    uint64_t lost = world->lost[HISTORY_LOST_QUEUE] + world->lost[HISTORY_LOST_LOCKED];
    assert_int_equal(world->written + lost, 1001);
    assert_true(world->losing >= 1 && world->losing <= 2);
}

int bounds_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_bytes, start, stop),
        cmocka_unit_test_setup_teardown(test_largest_entries, start, stop),
        cmocka_unit_test_setup_teardown(test_smaller_size, start, stop),
        cmocka_unit_test_setup_teardown(test_age, start, stop),
        cmocka_unit_test_setup_teardown(test_age_while_idle, start, stop),
        cmocka_unit_test_setup_teardown(test_queue, start, stop),
    };
    return cmocka_run_group_tests_name("history: bounds", tests, NULL, NULL);
}

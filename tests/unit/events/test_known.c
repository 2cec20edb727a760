/* Events that may be repeated: found again, and the places that they take. */
#include "test.h"

#include "events/known.h"

static struct known_table *table;

static int begin(void **state)
{
    (void)state;
    table = calloc(1, sizeof *table);
    return table == NULL;
}

static int end(void **state)
{
    (void)state;
    known_done(table);
    free(table);
    return 0;
}

/* Number `n`, seen at that time. */
static struct known *keep(unsigned n)
{
    char message[32];
    struct event event = a_denial();
    snprintf(message, sizeof message, "number %u", n);
    event.message = str_from(message);
    struct known *place = known_place(table);
    if (place != NULL) {
        known_keep(place, &event, n);
    }
    return place;
}

static struct known *find(unsigned n)
{
    char message[32];
    struct event event = a_denial();
    snprintf(message, sizeof message, "number %u", n);
    event.message = str_from(message);
    event.time = 0;
    return known_find(table, &event);
}

static void fill(void)
{
    for (unsigned n = 0; n < LIMIT_EVENTS_KNOWN; n++) {
        assert_non_null(keep(n));
    }
}

static void found_again(void **state)
{
    (void)state;
    struct known *one = keep(1), *two = keep(2);
    assert_ptr_equal(find(1), one);
    assert_ptr_equal(find(2), two);
    assert_null(find(3));
    assert_true(one->count == 1 && one->pending == 1 && one->name[0] == '\0');
    known_forget(one);
    assert_null(find(1));
    assert_ptr_equal(find(2), two);
    assert_ptr_equal(keep(3), one);
}

/* Its place is for another, but what is not told yet stays. */
static void the_oldest_goes(void **state)
{
    (void)state;
    fill();
    assert_null(known_place(table));
    find(7)->pending = 0;
    find(5)->pending = 0;
    find(9)->pending = 0;
    find(5)->seen = 8; /* since it was seen again */
    struct known *seventh = find(7), *fifth = find(5);
    assert_ptr_equal(keep(1000), seventh);
    assert_null(find(7));
    assert_ptr_equal(keep(1001), fifth);
    assert_non_null(keep(1002));
    assert_null(find(9));
    assert_null(keep(1003));
    assert_non_null(find(0));
}

int known_tests(void)
{
    const struct CMUnitTest TESTS[] = {
        cmocka_unit_test_setup_teardown(found_again, begin, end),
        cmocka_unit_test_setup_teardown(the_oldest_goes, begin, end),
    };
    return cmocka_run_group_tests_name("known", TESTS, NULL, NULL);
}

/* How many Events may be made, by a clock of the test's own. */
#include "test.h"

#include "events/limiter.h"

static struct limiter limiter;
static const int64_t START = 1000 * NS_PER_S;

static int begin(void **state)
{
    (void)state;
    limiter = (struct limiter){.n = 0};
    return 0;
}

static unsigned take_all(const char *namespace, int64_t now)
{
    unsigned n = 0;
    while (n < 10000 && limiter_take(&limiter, str_from(namespace), now)) {
        n++;
    }
    return n;
}

static void a_namespace(void **state)
{
    (void)state;
    assert_int_equal(take_all("shop", START), EVENTS_OF_NAMESPACE);
    assert_int_equal(take_all("shop", START + EVENTS_OF_NAMESPACE_EVERY - 1), 0);
    assert_int_equal(take_all("shop", START + EVENTS_OF_NAMESPACE_EVERY), 1);
    assert_int_equal(take_all("other", START + EVENTS_OF_NAMESPACE_EVERY), EVENTS_OF_NAMESPACE);
    /* After a long time it has its share, and no more. */
    assert_int_equal(take_all("shop", START + 3600 * 1000 * NS_PER_S), EVENTS_OF_NAMESPACE);
}

static void all(void **state)
{
    (void)state;
    char name[32];
    unsigned n = 0;
    for (unsigned i = 0; i < 10; i++) {
        snprintf(name, sizeof name, "ns-%u", i);
        n += take_all(name, START);
    }
    assert_int_equal(n, EVENTS_OF_ALL);
    assert_int_equal(take_all("fresh", START + EVENTS_OF_ALL_EVERY - 1), 0);
    assert_int_equal(take_all("fresh", START + 3 * EVENTS_OF_ALL_EVERY), 3);
}

/* What is written in an hour, for which an API server keeps it. */
static void an_hour(void **state)
{
    (void)state;
    unsigned n = 0, of_one = 0;
    for (int64_t second = 0; second < 3600; second++) {
        char name[32];
        of_one += take_all("shop", START + second * NS_PER_S);
        for (unsigned i = 0; i < 8; i++) {
            snprintf(name, sizeof name, "ns-%u", (unsigned)second % 125 * 8 + i);
            n += take_all(name, START + second * NS_PER_S);
        }
    }
    assert_in_range(of_one, EVENTS_OF_NAMESPACE, 85);
    assert_in_range(n + of_one, 3500, 3700);
}

static void how_many_namespaces(void **state)
{
    (void)state;
    char name[32];
    for (unsigned i = 0; i < LIMIT_EVENTS_NAMESPACES; i++) {
        snprintf(name, sizeof name, "ns-%u", i);
        assert_true(limiter_take(&limiter, str_from(name), START + i * NS_PER_S / 25));
        limiter.all.at = 0; /* all of the cluster's share again */
    }
    int64_t now = START + 45 * NS_PER_S;
    assert_true(limiter_take(&limiter, STR("ns-0"), now));
    assert_false(limiter_take(&limiter, STR("one-more"), now));
    /* Once one of them has all its share again, it is forgotten for another. */
    assert_true(limiter_take(&limiter, STR("one-more"), START + 70 * NS_PER_S));
    assert_int_equal(limiter.n, LIMIT_EVENTS_NAMESPACES);
}

static void names(void **state)
{
    (void)state;
    char name[LIMITER_NAME + 1];
    memset(name, 'a', sizeof name);
    assert_true(limiter_take(&limiter, (struct str){name, LIMITER_NAME}, START));
    assert_false(limiter_take(&limiter, (struct str){name, LIMITER_NAME + 1}, START));
    assert_false(limiter_take(&limiter, STR_EMPTY, START));
}

static void changes(void **state)
{
    (void)state;
    unsigned n = 0;
    while (limiter_take_change(&limiter, START)) {
        n++;
    }
    assert_int_equal(n, EVENTS_CHANGES);
    assert_false(limiter_take_change(&limiter, START + EVENTS_CHANGES_EVERY - 1));
    assert_true(limiter_take_change(&limiter, START + EVENTS_CHANGES_EVERY));
    assert_true(limiter_take(&limiter, STR("shop"), START)); /* they take nothing from new ones */
}

int limiter_tests(void)
{
#define TEST(name) cmocka_unit_test_setup(name, begin)
    const struct CMUnitTest TESTS[] = {
        TEST(a_namespace),         TEST(all),   TEST(an_hour),
        TEST(how_many_namespaces), TEST(names), TEST(changes),
    };
#undef TEST
    return cmocka_run_group_tests_name("limiter", TESTS, NULL, NULL);
}

/* The hash, and the table that bounds what is kept. */
#include "test.h"

#include "cache/table.h"

/* Appendix A of the paper, and the first answers of its authors' table. */
static void hashes_of_the_paper(void **state)
{
    (void)state;
    const struct hash_seed seed = {UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)};
    static const struct {
        size_t n;
        uint64_t hash;
    } CASES[] = {
        {0, UINT64_C(0x726fdb47dd0e0e31)},  {1, UINT64_C(0x74f839c593dc67fd)},
        {7, UINT64_C(0xab0200f58b01d137)},  {8, UINT64_C(0x93f5f5799a932462)},
        {15, UINT64_C(0xa129ca6149be45e5)},
    };
    char bytes[16];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (char)i;
    }
    for (size_t i = 0; i < COUNT(CASES); i++) {
        assert_true(hash_seeded(&seed, (struct str){bytes, CASES[i].n}) == CASES[i].hash);
    }
}

static void seeds_differ(void **state)
{
    (void)state;
    struct hash_seed one = hash_seed_new(), two = hash_seed_new();
    assert_true(one.a != two.a && one.b != two.b);
}

static struct str number(char room[16], unsigned i)
{
    snprintf(room, 16, "%u", i);
    return str_from(room);
}

static void bytes_are_counted(void **state)
{
    (void)state;
    struct table table;
    char room[16];
    cache_table_init(&table, 1 << 20);
    size_t empty = table.bytes;
    assert_true(empty >= (1 << 20) / 1024 * sizeof(void *));
    for (unsigned i = 0; i < 100; i++) {
        struct entry *entry = cache_table_need(&table, number(room, i));
        size_t before = table.bytes;
        cache_table_put(&table, entry, value_new(STR("0123456789")), NULL);
        assert_true(table.bytes >= before + 10);
        cache_table_put(&table, entry, value_ref(entry->value), value_new(STR("a problem")));
        cache_table_put(&table, entry, NULL, NULL);
        assert_int_equal(table.bytes, before);
    }
    assert_int_equal(table.n, 100);
    for (unsigned i = 0; i < 100; i++) {
        cache_table_drop(&table, cache_table_find(&table, number(room, i)));
    }
    assert_int_equal(table.n, 0);
    assert_int_equal(table.bytes, empty);
    assert_null(table.oldest);
    assert_null(table.newest);
    cache_table_done(&table);
}

/* Every key is found again among a hundred thousand, and buckets stay short. */
static void many(void **state)
{
    (void)state;
    enum { MANY = 100000 };
    struct table table;
    char room[16];
    cache_table_init(&table, 64 << 20);
    for (unsigned i = 0; i < MANY; i++) {
        cache_table_put(&table, cache_table_need(&table, number(room, i)), value_new(STR("x")),
                        NULL);
    }
    assert_int_equal(table.n, MANY);
    assert_int_equal(table.evictions, 0);
    for (unsigned i = 0; i < MANY; i++) {
        assert_non_null(cache_table_find(&table, number(room, i)));
    }
    size_t longest = 0;
    for (size_t i = 0; i < table.n_buckets; i++) {
        size_t n = 0;
        for (const struct entry *entry = table.buckets[i]; entry != NULL; entry = entry->next) {
            n++;
        }
        longest = n > longest ? n : longest;
    }
    assert_true(longest < 20); /* by chance less than once in a billion runs */
    cache_table_done(&table);
}

int cache_table_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_of_the_paper),
        cmocka_unit_test(seeds_differ),
        cmocka_unit_test(bytes_are_counted),
        cmocka_unit_test(many),
    };
    return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}

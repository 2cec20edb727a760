#include "test.h"

#include "cluster/table.h"

static bool put(struct table *table, const char *namespace, const char *name, const char *text)
{
    const struct table_entry entry = {
        .namespace = str_from(namespace), .name = str_from(name), .text = str_from(text)};
    return table_put(table, &entry);
}

static void assert_order(const struct table *table, const char *expected)
{
    char all[512] = "";
    for (size_t i = 0; i < table->n; i++) {
        size_t n = strlen(all);
        snprintf(all + n, sizeof all - n, "%.*s/%.*s=%.*s ", STR_ARG(table->entries[i]->namespace),
                 STR_ARG(table->entries[i]->name), STR_ARG(table->entries[i]->text));
    }
    assert_string_equal(all, expected);
}

static void sorted_and_replaced(void **state)
{
    (void)state;
    struct table table = {0};
    assert_true(put(&table, "b", "x", "1"));
    assert_true(put(&table, "a", "z", "2"));
    assert_true(put(&table, "a", "y", "3"));
    assert_false(put(&table, "a", "y", "3"));
    assert_true(put(&table, "a", "y", "4"));
    assert_order(&table, "a/y=4 a/z=2 b/x=1 ");
    assert_int_equal(table.bytes, 3);
    assert_true(table_drop(&table, STR("a"), STR("z")));
    assert_false(table_drop(&table, STR("a"), STR("z")));
    assert_order(&table, "a/y=4 b/x=1 ");
    assert_null(table_find(&table, STR("a"), STR("z")));
    assert_true(str_eq(table_find(&table, STR("b"), STR("x"))->text, STR("1")));
    table_done(&table);
}

static void a_list_forgets_what_it_lacks(void **state)
{
    (void)state;
    struct table table = {0};
    for (int i = 0; i < 40; i++) {
        char name[8];
        snprintf(name, sizeof name, "p%02d", 39 - i);
        assert_true(put(&table, "", name, ""));
    }
    table_list(&table);
    assert_false(put(&table, "", "p07", ""));
    assert_true(put(&table, "", "p08", "changed"));
    assert_true(put(&table, "", "new", "x"));
    assert_int_equal(table.n, 41);
    assert_true(table_listed(&table));
    assert_order(&table, "/new=x /p07= /p08=changed ");
    table_list(&table);
    put(&table, "", "p07", "");
    put(&table, "", "p08", "changed");
    put(&table, "", "new", "x");
    assert_false(table_listed(&table));
    assert_int_equal(table.bytes, 8);
    table_done(&table);
}

int table_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sorted_and_replaced),
        cmocka_unit_test(a_list_forgets_what_it_lacks),
    };
    return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}

/* Pages for people. */
#include "test.h"

#include "base/limits.h"

static void test_defaults(void **state)
{
    (void)state;
    struct loaded loaded;
    load(&loaded, MINIMAL);
    assert_false(loaded.config.ui_set);
    loaded_done(&loaded);
    load(&loaded, MINIMAL "plain: {}\nui: {}\n");
    assert_string_equal(loaded.printed, "");
    assert_true(loaded.config.ui_set);
    assert_false(loaded.config.ui_any);
    assert_int_equal(loaded.config.ui_hosts.n_include, 0);
    loaded_done(&loaded);
}

static void test_everything(void **state)
{
    (void)state;
    struct loaded loaded;
    load(&loaded, MINIMAL "plain: {}\nui: {callers: any, hosts: [a.example, '!b.example']}\n");
    assert_string_equal(loaded.printed, "");
    assert_true(loaded.config.ui_any);
    assert_int_equal(loaded.config.ui_hosts.n_include, 1);
    assert_true(str_eq(loaded.config.ui_hosts.include[0], STR("a.example")));
    assert_true(str_eq(loaded.config.ui_hosts.exclude[0], STR("b.example")));
    loaded_done(&loaded);
}

static void test_refused(void **state)
{
    (void)state;
    assert_refused(MINIMAL "ui: {}\n",
                   "server.yaml: error: ui: pages are served on the plain port; give plain\n");
    assert_refused(MINIMAL "plain: {}\nui: {callers: all}\n",
                   "server.yaml:6:6: error: ui.callers: must be one of \"local\", \"any\", found "
                   "\"all\"\n");
    assert_refused(MINIMAL "plain: {}\nui: {hosts: ['']}\n",
                   "server.yaml:6:14: error: ui.hosts[0]: must not be empty\n");
}

/* As many names as client certificates may have. */
static void test_limit(void **state)
{
    (void)state;
    for (size_t n = LIMIT_CLIENT_NAMES; n <= LIMIT_CLIENT_NAMES + 1; n++) {
        struct loaded loaded;
        buf_auto text;
        buf_init(&text, 65536);
        buf_add_cstr(&text, MINIMAL "plain: {}\nui: {hosts: [");
        for (size_t i = 0; i < n; i++) {
            buf_printf(&text, "%sh%zu", i == 0 ? "" : ",", i);
        }
        buf_add_cstr(&text, "]}\n");
        load_as(&loaded, "server.yaml", buf_str(&text));
        assert_int_equal(loaded.good, n == LIMIT_CLIENT_NAMES);
        loaded_done(&loaded);
    }
}

int config_ui_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_everything),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_limit),
    };
    return cmocka_run_group_tests_name("config: ui", tests, enter_folder, leave_folder);
}

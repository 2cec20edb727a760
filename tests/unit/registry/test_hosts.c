#include "net.h"

static void what_is_said_of_a_host(void **state)
{
    (void)state;
    static const struct registry_host HOSTS[] = {
        {.name = STR("h"), .ca = STR("any")},          {.name = STR("h:5000"), .ca = STR("5000")},
        {.name = STR("H:6000"), .ca = STR("6000")},    {.name = STR("docker.io"), .ca = STR("hub")},
        {.name = STR("[::1]:5000"), .ca = STR("six")},
    };
    static const struct registry_hosts LIST = {HOSTS, COUNT(HOSTS)};
    static const char *const CASES[][2] = {
        {"https://h/", "any"},
        {"https://h:5000/", "5000"},
        {"http://h:6000/", "6000"},
        {"https://g/", ""},
        {"https://registry-1.docker.io/", "hub"},
        {"https://[::1]:5000/", "six"},
        {"https://[::1]:5001/", ""},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct url url;
        assert_true(url_parse(&arena, str_from(CASES[i][0]), &url));
        assert_true(str_eq(registry_host_of(&LIST, &url)->ca, str_from(CASES[i][1])));
    }
}

static void places(void **state)
{
    (void)state;
    static const struct registry_host HOSTS[] = {
        {.name = STR("plain"), .plain = true},     {.name = STR("plain.local"), .plain = true},
        {.name = STR("eighty:80"), .plain = true}, {.name = STR("eighty.local:80"), .plain = true},
        {.name = STR("one:5000"), .plain = true},
    };
    static const struct registry_hosts LIST = {HOSTS, COUNT(HOSTS)};
    static const char *const CASES[][2] = {
        {"plain.local/x", "http://plain.local/"},
        {"plain.example/x", "https://plain.example/"},
        {"plain:5000/x", "http://plain:5000/"},
        {"eighty:80/x", "http://eighty/"},
        {"eighty.local/x", "http://eighty.local/"},
        {"one:5000/x", "http://one:5000/"},
        {"one:5001/x", "https://one:5001/"},
        {"[::1]:5000/x", "https://[::1]:5000/"},
        {"REGISTRY.example/x", "https://registry.example/"},
        {"x", "https://registry-1.docker.io/"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct registry_place *found;
        size_t n;
        struct reference reference = reference_of(CASES[i][0]);
        if (failed(registry_places(&arena, &LIST, &reference, &found, &n, &err))) {
            fail_msg("%s: %s", CASES[i][0], err.text);
        }
        assert_int_equal(n, 1);
        assert_true(found->named);
        if (strcmp(url_print(&arena, &found->at).p, CASES[i][1]) != 0) {
            fail_msg("%s: %s", CASES[i][0], url_print(&arena, &found->at).p);
        }
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, net_start, net_end)

int hosts_tests(void)
{
    const struct CMUnitTest tests[] = {TEST(what_is_said_of_a_host), TEST(places)};
    return cmocka_run_group_tests_name("hosts", tests, NULL, NULL);
}

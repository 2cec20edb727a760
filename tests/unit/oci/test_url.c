#include "test.h"

#include "oci/url.h"

static struct arena arena;

static int start(void **state)
{
    (void)state;
    arena_init(&arena, 1 << 20);
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static void sound(void **state)
{
    (void)state;
    static const char *const CASES[][2] = {
        {"https://h", "https://h/"},
        {"https://H.Example/", "https://h.example/"},
        {"https://h:443/x", "https://h/x"},
        {"http://h:80/x", "http://h/x"},
        {"http://h:443/x", "http://h:443/x"},
        {"https://h:05000/x", "https://h:5000/x"},
        {"https://h?a=b", "https://h/?a=b"},
        {"https://h/x?a=/b?c@d:", "https://h/x?a=/b?c@d:"},
        {"https://[::1]:5000/x", "https://[::1]:5000/x"},
        {"https://[2001:DB8::1]/x", "https://[2001:db8::1]/x"},
        {"https://10.0.0.1:5000/", "https://10.0.0.1:5000/"},
        {"https://a_b.c-d/", "https://a_b.c-d/"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct url url;
        if (!url_parse(&arena, str_from(CASES[i][0]), &url)) {
            fail_msg("%s: none", CASES[i][0]);
        }
        assert_string_equal(url_print(&arena, &url).p, CASES[i][1]);
    }
}

static void unsound(void **state)
{
    (void)state;
    static const struct str CASES[] = {
        STR(""),
        STR("h"),
        STR("//h/"),
        STR("ftp://h/"),
        STR("HTTPS://h/"),
        STR("https:/h/"),
        STR("https:///x"),
        STR("https://?x"),
        STR("https://user@h/"),
        STR("https://user:password@h/"),
        STR("https://h@evil/"),
        STR("https://h\\@evil/"),
        STR("https://h%2eevil/"),
        STR("https://h\tevil/"),
        STR("https://h evil/"),
        STR("https://h/\r\nX: y"),
        STR("https://h/\0"),
        STR("https://h/\xc3\xa9"),
        STR("https://\xc3\xa9/"),
        STR("https://h#x"),
        STR("https://h/#x"),
        STR("https://h:/"),
        STR("https://h:0/"),
        STR("https://h:65536/"),
        STR("https://h:5000x/"),
        STR("https://h:5000:1/"),
        STR("https://h:-1/"),
        STR("https://[::1/"),
        STR("https://[::1]x/"),
        STR("https://[::1%25eth0]/"),
        STR("https://[h]/"),
        STR("https://[]/"),
        STR("https://::1/"),
        STR("https://.h/"),
        STR("https://-h/"),
        STR("https://h,evil/"),
        STR("https://h/<x>"),
        STR("https://h/\"x\""),
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct url url;
        if (url_parse(&arena, CASES[i], &url)) {
            fail_msg("%s: %s", CASES[i].p, url_print(&arena, &url).p);
        }
    }
}

static void limit(void **state)
{
    (void)state;
    static char text[LIMIT_URL + 1];
    struct url url;
    memset(text, 'a', sizeof text);
    memcpy(text, "https://h/", strlen("https://h/"));
    assert_true(url_parse(&arena, (struct str){text, LIMIT_URL}, &url));
    assert_false(url_parse(&arena, (struct str){text, LIMIT_URL + 1}, &url));
    text[0] = '/';
    assert_true(url_resolve(&arena, &url, (struct str){"/x", 2}, &url));
    memset(text, 'a', sizeof text);
    text[0] = '/';
    assert_true(url_resolve(&arena, &url, (struct str){text, LIMIT_URL}, &url));
    assert_false(url_resolve(&arena, &url, (struct str){text, LIMIT_URL + 1}, &url));
}

static void resolving(void **state)
{
    (void)state;
    static const char *const CASES[][2] = {
        {"/y?z", "https://h:5000/y?z"},
        {"https://other/y", "https://other/y"},
        {"http://h/y", "http://h/y"},
        {"//other/y", NULL},
        {"y", NULL},
        {"", NULL},
        {"/y z", NULL},
        {"/y#z", NULL},
        {"/\\other", NULL},
    };
    struct url base, url;
    assert_true(url_parse(&arena, STR("https://h:5000/x"), &base));
    for (size_t i = 0; i < COUNT(CASES); i++) {
        bool is = url_resolve(&arena, &base, str_from(CASES[i][0]), &url);
        assert_int_equal(is, CASES[i][1] != NULL);
        if (is) {
            assert_string_equal(url_print(&arena, &url).p, CASES[i][1]);
        }
    }
}

static void origins(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        bool same;
    } CASES[] = {
        {"https://h/", "https://H:443/x", true},  {"https://h/", "http://h/", false},
        {"https://h/", "https://h:5000/", false}, {"https://h/", "https://h./", false},
        {"https://h:80/", "http://h/", false},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct url a, b;
        assert_true(url_parse(&arena, str_from(CASES[i].a), &a));
        assert_true(url_parse(&arena, str_from(CASES[i].b), &b));
        assert_int_equal(url_same_origin(&a, &b), CASES[i].same);
    }
}

static void encoding(void **state)
{
    (void)state;
    assert_string_equal(url_encode(&arena, (struct str){"aZ9-._~ &=%\0\xff/:", 15}).p,
                        "aZ9-._~%20%26%3D%25%00%FF%2F%3A");
}

int url_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sound, start, end),
        cmocka_unit_test_setup_teardown(unsound, start, end),
        cmocka_unit_test_setup_teardown(limit, start, end),
        cmocka_unit_test_setup_teardown(resolving, start, end),
        cmocka_unit_test_setup_teardown(origins, start, end),
        cmocka_unit_test_setup_teardown(encoding, start, end),
    };
    return cmocka_run_group_tests_name("url", tests, NULL, NULL);
}

/* Who may see pages. */
#include "test.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "server/caller.h"

static bool is_local(const char *text)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address = {.any = {.sa_family = AF_INET}};
    if (inet_pton(AF_INET, text, &address.v4.sin_addr) != 1) {
        address.v6.sin6_family = AF_INET6;
        assert_int_equal(inet_pton(AF_INET6, text, &address.v6.sin6_addr), 1);
    }
    return caller_is_local(&address.any);
}

static void addresses(void **state)
{
    (void)state;
    static const char *const LOCAL[] = {"127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1"};
    static const char *const OTHERS[] = {"126.255.255.255", "128.0.0.1", "10.0.0.1",
                                         "0.0.0.0",         "::",        "::2",
                                         "::ffff:10.0.0.1", "fe80::1",   "::127.0.0.1"};
    for (size_t i = 0; i < COUNT(LOCAL); i++) {
        assert_true(is_local(LOCAL[i]));
    }
    for (size_t i = 0; i < COUNT(OTHERS); i++) {
        assert_false(is_local(OTHERS[i]));
    }
    assert_false(caller_is_local(NULL));
    assert_false(caller_is_local(&(struct sockaddr){.sa_family = AF_UNIX}));
}

static void hosts(void **state)
{
    (void)state;
    static struct str names[] = {STR("pratique.example.com"), STR("*.corp.example")};
    static struct str not [] = {STR("bad.corp.example")};
    static const struct glob_list LISTED = {names, 2, not, 1}, NONE = {0};
    static const struct str ALWAYS[] = {
        STR("localhost"),  STR("LocalHost:8080"),  STR("localhost."),    STR("localhost.:1"),
        STR("127.0.0.1"),  STR("127.0.0.1:65535"), STR("10.1.2.3:8080"), STR("[::1]"),
        STR("[::1]:8080"), STR("[fd00::12]:8080"), STR("localhost:")};
    static const struct str IF_LISTED[] = {
        STR("pratique.example.com"), STR("Pratique.Example.Com:80"), STR("pratique.example.com."),
        STR("a.corp.example"), STR("a.b.corp.example:8443")};
    static const struct str NEVER[] = {STR(""),
                                       STR(":8080"),
                                       STR("evil.example"),
                                       STR("localhost.evil.example"),
                                       STR("127.0.0.1.evil.example"),
                                       STR("evil.example:127.0.0.1"),
                                       STR("localhost:x"),
                                       STR("localhost:65536"),
                                       STR("localhost:80:80"),
                                       STR("127.0.0.1:80x"),
                                       STR("[::1"),
                                       STR("[::1]x"),
                                       STR("[localhost"),
                                       STR("127.1"),
                                       STR("2130706433"),
                                       STR("0x7f.0.0.1"),
                                       STR("localhost\0"),
                                       STR("pratique.example.com.evil.example"),
                                       STR("bad.corp.example"),
                                       STR("corp.example"),
                                       STR("."),
                                       STR("localhost..")};
    for (size_t i = 0; i < COUNT(ALWAYS); i++) {
        assert_true(caller_host_is_ours(ALWAYS[i], &LISTED));
        assert_true(caller_host_is_ours(ALWAYS[i], &NONE));
    }
    for (size_t i = 0; i < COUNT(IF_LISTED); i++) {
        assert_true(caller_host_is_ours(IF_LISTED[i], &LISTED));
        assert_false(caller_host_is_ours(IF_LISTED[i], &NONE));
    }
    for (size_t i = 0; i < COUNT(NEVER); i++) {
        if (caller_host_is_ours(NEVER[i], &LISTED) || caller_host_is_ours(NEVER[i], &NONE)) {
            fail_msg("%.*s", STR_ARG(NEVER[i]));
        }
    }
}

/* A name may have 253 characters, and a dot behind it. */
static void long_hosts(void **state)
{
    (void)state;
    static struct str any[] = {STR("*")};
    static const struct glob_list ANY = {any, 1, NULL, 0};
    char name[256];
    memset(name, 'a', sizeof name);
    assert_true(caller_host_is_ours((struct str){name, 253}, &ANY));
    name[253] = '.';
    assert_true(caller_host_is_ours((struct str){name, 254}, &ANY));
    assert_false(caller_host_is_ours((struct str){name, 255}, &ANY));
}

static void sites(void **state)
{
    (void)state;
    static const struct {
        struct str site, mode, dest;
        bool other;
    } CASES[] = {
        {STR(""), STR(""), STR(""), false},
        {STR("none"), STR("navigate"), STR("document"), false},
        {STR("same-origin"), STR("no-cors"), STR("image"), false},
        {STR("cross-site"), STR("navigate"), STR("document"), false},
        {STR("cross-site"), STR("navigate"), STR("iframe"), true},
        {STR("cross-site"), STR("no-cors"), STR("image"), true},
        {STR("cross-site"), STR("cors"), STR("empty"), true},
        {STR("same-site"), STR("no-cors"), STR("script"), true},
        {STR("cross-site"), STR(""), STR(""), true},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        assert_int_equal(caller_is_another_site(CASES[i].site, CASES[i].mode, CASES[i].dest),
                         CASES[i].other);
    }
}

int caller_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses),
        cmocka_unit_test(hosts),
        cmocka_unit_test(long_hosts),
        cmocka_unit_test(sites),
    };
    return cmocka_run_group_tests_name("caller", tests, NULL, NULL);
}

#include "server.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "fetch/guard.h"

static bool refuses(const char *text)
{
    union {
        struct sockaddr any;
        struct sockaddr_in ipv4;
        struct sockaddr_in6 ipv6;
    } it = {0};
    if (inet_pton(AF_INET, text, &it.ipv4.sin_addr) == 1) {
        it.any.sa_family = AF_INET;
    } else {
        assert_int_equal(inet_pton(AF_INET6, text, &it.ipv6.sin6_addr), 1);
        it.any.sa_family = AF_INET6;
    }
    return guard_refuses(&it.any);
}

static void addresses(void **state)
{
    (void)state;
    static const char *const REFUSED[] = {
        "0.0.0.0",
        "0.1.2.3",
        "127.0.0.1",
        "127.255.255.255",
        "169.254.0.1",
        "169.254.169.254",
        "169.254.255.255",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "febf::1",
        "fec0::1",
        "ff02::1",
        "fd00:ec2::254",
        "fd00:ec2::23",
        "fd20:ce::254",
        "fd00:42::42",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:0:127.0.0.1",
        "::127.0.0.1",
        "64:ff9b::169.254.169.254",
        "64:ff9b::7f00:1",
        "64:ff9b:1::127.0.0.1",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::1",
    };
    static const char *const ASKED[] = {
        "1.1.1.1",         "10.0.0.1",          "172.16.0.1",
        "192.168.1.1",     "100.64.0.1",        "100.100.100.199",
        "168.63.129.15",   "126.255.255.255",   "128.0.0.1",
        "169.253.255.255", "169.255.0.0",       "223.255.255.255",
        "192.0.0.191",     "2606:4700::1",      "fd00::1",
        "fc00::1",         "fd00:ec3::254",     "fd20:ce::253",
        "::ffff:10.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b:2::127.0.0.1",
        "2002:a00:1::",    "fe00::1",
    };
    for (size_t i = 0; i < COUNT(REFUSED); i++) {
        if (!refuses(REFUSED[i])) {
            fail_msg("%s is asked", REFUSED[i]);
        }
    }
    for (size_t i = 0; i < COUNT(ASKED); i++) {
        if (refuses(ASKED[i])) {
            fail_msg("%s is not asked", ASKED[i]);
        }
    }
    const struct sockaddr unix_address = {.sa_family = AF_UNIX};
    assert_true(guard_refuses(&unix_address));
}

static void hosts(void **state)
{
    (void)state;
    static const struct {
        const char *host;
        bool refused;
    } CASES[] = {
        {"localhost", true},  {"LOCALHOST.", true},   {"a.localhost", true},
        {"127.0.0.1", true},  {"127.1", true},        {"0x7f.1", true},
        {"2130706433", true}, {"[::1]", true},        {"[fe80::1%1]", true},
        {"10.0.0.1", false},  {"example.com", false}, {"localhost.com", false},
        {"[2606::1]", false}, {"nolocalhost", false},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        if (guard_refuses_host(str_from(CASES[i].host)) != CASES[i].refused) {
            fail_msg("%s", CASES[i].host);
        }
    }
}

static void connections(void **state)
{
    (void)state;
    struct fetch_request request = to(modern, "echo");
    request.guarded = true;
    assert_refused(&request, ERROR_UPSTREAM,
                   "has an address of this machine or of its network's own services");
    request.url = arena_printf(&arena, "https://localhost:%u/echo", modern); /* by name */
    assert_refused(&request, ERROR_UPSTREAM, "localhost:");
    request.url = arena_printf(&arena, "https://[::ffff:127.0.0.1]:%u/echo", modern);
    assert_refused(&request, ERROR_UPSTREAM, "which is not asked");
}

static void connections_that_were_kept(void **state)
{
    (void)state;
    struct fetch_request request = to(modern, "connection");
    assert_true(sends(&request));
    request.guarded = true;
    assert_refused(&request, ERROR_UPSTREAM, "which is not asked");
    request.guarded = false;
    assert_true(sends(&request));
}

static void proxies(void **state)
{
    (void)state;
    struct fetch_request request = {
        .method = "GET",
        .url = STR("http://registry.example/v2/"),
        .plain = true,
        .guarded = true,
        .deadline = clock_monotonic() + SECONDS,
        .max_body = 1000,
        .proxy = arena_printf(&arena, "http://127.0.0.1:%u", plain),
    };
    assert_true(sends(&request));
    assert_body("by proxy: http://registry.example/v2/");
    request.url = STR("http://127.0.0.1:80/");
    assert_refused(&request, ERROR_UPSTREAM, "which is not asked");
    request.url = STR("http://[::1]:80/");
    assert_refused(&request, ERROR_UPSTREAM, "which is not asked");
    request.url = STR("https://registry.example/");
    assert_refused(&request, ERROR_UPSTREAM, "registry.example: ");
    request.proxy = STR("socks5://h");
    assert_refused(&request, ERROR_INPUT, "the proxy is no URL that begins with http://");
}

int guard_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses),   cmocka_unit_test(hosts),
        cmocka_unit_test(connections), cmocka_unit_test(connections_that_were_kept),
        cmocka_unit_test(proxies),
    };
    return cmocka_run_group_tests_name("guard", tests, start_server, end_server);
}

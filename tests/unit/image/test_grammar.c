#include "test.h"

#include "image/grammar.h"
#include "image/host.h"

struct row {
    const char *text;
    bool good;
};

static void check(const char *rule, bool (*is)(struct str), const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (is(str_from(rows[i].text)) != rows[i].good) {
            fail_msg("%s \"%s\" %s", rule, rows[i].text, rows[i].good ? "refused" : "taken");
        }
    }
}

static void domains(void **state)
{
    (void)state;
    static const struct row ROWS[] = {
        {"ghcr.io", true},
        {"a", true},
        {"Foo", true},
        {"xn--n3h.com", true},
        {"a-b.c--d", true},
        {"0.0.0.0", true},
        {"host:0", true},
        {"host:99999999999999999999", true},
        {"[::1]", true},
        {"[::1]:5000", true},
        {"[dead]", true},
        {"[FC00::1]", true},
        {"", false},
        {".", false},
        {"a.", false},
        {".a", false},
        {"a..b", false},
        {"-a", false},
        {"a-", false},
        {"a-.b", false},
        {"a.-b", false},
        {"a_b", false},
        {"host:", false},
        {"host:http", false},
        {"host:5000:5000", false},
        {":5000", false},
        {"[]", false},
        {"[::1", false},
        {"::1]", false},
        {"[::1]x", false},
        {"[::1]:", false},
        {"[::1%eth0]", false},
        {"[::ffff:1.2.3.4]", false},
        {"a/b", false},
        {"a b", false},
        {"user@host", false},
    };
    check("domain", grammar_is_domain, ROWS, COUNT(ROWS));
    assert_false(grammar_is_domain((struct str){"a\0b", 3}));
}

static void components(void **state)
{
    (void)state;
    static const struct row ROWS[] = {
        {"nginx", true}, {"0", true},      {"a.b", true},     {"a_b", true},
        {"a__b", true},  {"a-b", true},    {"a-----b", true}, {"a.b_c__d-e", true},
        {"", false},     {"a___b", false}, {"a..b", false},   {"a._b", false},
        {"a-_b", false}, {"_a", false},    {"a_", false},     {".a", false},
        {"a.", false},   {"-a", false},    {"a-", false},     {"A", false},
        {"a/b", false},  {"a:b", false},   {"a b", false},    {"\xc3\xa9", false},
    };
    static const struct row PATHS[] = {
        {"a", true},   {"a/b", true}, {"a/b/c.d", true}, {"", false},    {"/", false},
        {"/a", false}, {"a/", false}, {"a//b", false},   {"a/B", false},
    };
    check("component", grammar_is_component, ROWS, COUNT(ROWS));
    check("path", grammar_is_path, PATHS, COUNT(PATHS));
}

static void tags_and_identifiers(void **state)
{
    (void)state;
    static const struct row TAGS[] = {
        {"latest", true}, {"1.27-alpine", true}, {"_", true},    {"V1_x.y-z", true},
        {"", false},      {".a", false},         {"-a", false},  {"a+b", false},
        {"a b", false},   {"a/b", false},        {"a:b", false}, {"a@b", false},
    };
    static const struct row IDENTIFIERS[] = {
        {HEX64, true},
        {HEX64 "0", false},
        {"", false},
        {"A123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", false},
        {"g123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", false},
    };
    check("tag", grammar_is_tag, TAGS, COUNT(TAGS));
    check("identifier", grammar_is_identifier, IDENTIFIERS, COUNT(IDENTIFIERS));
    char tag[GRAMMAR_TAG_MAX + 1];
    memset(tag, 'a', sizeof tag);
    assert_true(grammar_is_tag((struct str){tag, GRAMMAR_TAG_MAX}));
    assert_false(grammar_is_tag((struct str){tag, GRAMMAR_TAG_MAX + 1}));
}

static void canonical_hosts(void **state)
{
    (void)state;
    static const struct {
        const char *domain;
        const char *host;
        unsigned port;
    } CASES[] = {
        {"ghcr.io", "ghcr.io", 0},
        {"GHCR.io", "ghcr.io", 0},
        {"ghcr.io:443", "ghcr.io", 0},
        {"ghcr.io:0443", "ghcr.io", 0},
        {"ghcr.io:0000000000000000000000443", "ghcr.io", 0},
        {"ghcr.io:80", "ghcr.io", 80},
        {"ghcr.io:4430", "ghcr.io", 4430},
        {"ghcr.io:65535", "ghcr.io", 65535},
        {"ghcr.io:0", "ghcr.io", HOST_PORT_IMPOSSIBLE},
        {"ghcr.io:65536", "ghcr.io", HOST_PORT_IMPOSSIBLE},
        {"ghcr.io:4294967739", "ghcr.io", HOST_PORT_IMPOSSIBLE}, /* 443 if cut to 32 bits */
        {"ghcr.io:18446744073709552059", "ghcr.io", HOST_PORT_IMPOSSIBLE},
        {"docker.io", "docker.io", 0},
        {"index.docker.io", "docker.io", 0},
        {"INDEX.docker.io:443", "docker.io", 0},
        {"registry-1.docker.io", "docker.io", 0},
        {"registry.hub.docker.com:5000", "docker.io", 5000},
        {"xregistry-1.docker.io", "xregistry-1.docker.io", 0},
        {"hub.docker.com", "hub.docker.com", 0},
        {"[::1]:5000", "[::1]", 5000},
        {"[0:0:0:0:0:0:0:1]", "[::1]", 0},
        {"[2001:0DB8::0001]:443", "[2001:db8::1]", 0},
        {"[2001:db8:0:0:1:0:0:1]", "[2001:db8::1:0:0:1]", 0},
        {"[::FFFF:0102:0304]", "[::ffff:102:304]", 0},
        {"[::0102:0304]", "[::102:304]", 0},
        {"[::ffff:0:304]", "[::ffff:0:304]", 0},
        {"[DEAD]", "[dead]", 0},
        {"[::::]", "[::::]", 0},
        {"[1:2:3:4:5:6:7:8:9:a:b:c:d:e:f:0:1:2:3:4:5:6:7:8]",
         "[1:2:3:4:5:6:7:8:9:a:b:c:d:e:f:0:1:2:3:4:5:6:7:8]", 0},
    };
    arena_auto arena;
    arena_init(&arena, ROOM);
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct str host;
        unsigned port;
        host_canonical(&arena, str_from(CASES[i].domain), &host, &port);
        if (!str_eq(host, str_from(CASES[i].host)) || port != CASES[i].port) {
            fail_msg("\"%s\" became \"%.*s\" port %u", CASES[i].domain, STR_ARG(host), port);
        }
    }
}

int grammar_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(domains),
        cmocka_unit_test(components),
        cmocka_unit_test(tags_and_identifiers),
        cmocka_unit_test(canonical_hosts),
    };
    return cmocka_run_group_tests_name("grammar", tests, NULL, NULL);
}

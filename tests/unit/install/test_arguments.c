/* What is taken for a URL, a path, PEM, a duration; and what is said of what is not. */
#include "base/clock.h"
#include "base/limits.h"
#include "install/arguments.h"
#include "test.h"

struct row {
    const char *text;
    const char *want; /* the URL; NULL: an error that holds `why` */
    const char *why;
};

static const struct row URLS[] = {
    {"https://127.0.0.1:8443", "https://127.0.0.1:8443/imagepolicy", NULL},
    {"https://127.0.0.1:8443/", "https://127.0.0.1:8443/imagepolicy", NULL},
    {"https://a.example.com/x/imagepolicy", "https://a.example.com/x/imagepolicy", NULL},
    {"https://[::1]:8443", "https://[::1]:8443/imagepolicy", NULL},
    {"https://[::1]", "https://[::1]/imagepolicy", NULL},
    {"https://HOST:65535", "https://HOST:65535/imagepolicy", NULL},
    {"http://a", NULL, "must begin with https://"},
    {"HTTPS://a", NULL, "must begin with https://"},
    {"a.example.com", NULL, "must begin with https://"},
    {"https://", NULL, "a host"},
    {"https:///imagepolicy", NULL, "a host"},
    {"https://:8443", NULL, "a host"},
    {"https://a:0", NULL, "a port"},
    {"https://a:65536", NULL, "a port"},
    {"https://a:", NULL, "a port"},
    {"https://a:8443:1", NULL, "a port"},
    {"https://::1", NULL, "a port"},
    {"https://[::1", NULL, "a host"},
    {"https://[a]:1", NULL, "a host"},
    {"https://user@a", NULL, "a host"},
    {"https://user:secret@a", NULL, "a port"},
    {"https://a b", NULL, "a host"},
    {"https://a/imagepolicy?x=1", NULL, "refuse a query"},
    {"https://a?x=/imagepolicy", NULL, "a host"},
    {"https://a/%2e/imagepolicy", NULL, "refuse a query"},
    {"https://a/imagepolicy#x", NULL, "refuse a query"},
    {"https://a/validate", NULL, "must end in /imagepolicy"},
    {"https://a/imagepolicy/", NULL, "must end in /imagepolicy"},
    {"https://a\n", NULL, "not text"},
    {"https://a\xff", NULL, "not text"},
    {"", NULL, "1 to 1024 bytes"},
};

static void urls(void **state)
{
    (void)state;
    arena_auto arena;
    arena_init(&arena, ROOM);
    for (size_t i = 0; i < COUNT(URLS); i++) {
        struct str url;
        struct error err;
        bool sound = !failed(
            install_url(&arena, "--server", str_from(URLS[i].text), "/imagepolicy", &url, &err));
        if (sound != (URLS[i].want != NULL)) {
            fail_msg("%s: %s", URLS[i].text, sound ? url.p : err.text);
        }
        if (sound) {
            assert_string_equal(url.p, URLS[i].want);
        } else if (strstr(err.text, URLS[i].why) == NULL || err.kind != ERROR_CONFIG) {
            fail_msg("%s: %s", URLS[i].text, err.text);
        }
    }
}

static void hosts(void **state)
{
    (void)state;
    static const char *const ROWS[][2] = {
        {"https://127.0.0.1:8443/validate", "127.0.0.1:8443"},
        {"https://a.example.com/validate", "a.example.com:443"},
        {"https://[::1]:8443/validate", "[::1]:8443"},
        {"https://[::1]/validate", "[::1]:443"},
    };
    arena_auto arena;
    arena_init(&arena, ROOM);
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        assert_string_equal(install_url_host(&arena, str_from(ROWS[i][0])).p, ROWS[i][1]);
    }
}

static void paths(void **state)
{
    (void)state;
    static const char *const SOUND[] = {
        "/",     "/a",          "/etc/kubernetes/pratique", "/a b: \"c\" #d", "/.hidden",
        "/a..b", "/caf\xc3\xa9"};
    static const char *const WRONG[] = {"",     "a",   "./a",   "../a",   "/a/../b",
                                        "/a/.", "/..", "/a\nb", "/a\x7f", "/a\xe2\x80\xae",
                                        "/\xff"};
    struct error err;
    for (size_t i = 0; i < COUNT(SOUND); i++) {
        assert_false(failed(install_check_path("--ca", str_from(SOUND[i]), &err)));
    }
    for (size_t i = 0; i < COUNT(WRONG); i++) {
        assert_true(failed(install_check_path("--ca", str_from(WRONG[i]), &err)));
        assert_int_equal(err.kind, ERROR_CONFIG);
    }
}

static void lengths(void **state)
{
    (void)state;
    char text[LIMIT_NAME + 1];
    memset(text, '/', sizeof text);
    struct error err;
    assert_false(failed(install_check_path("--ca", (struct str){text, LIMIT_NAME}, &err)));
    assert_true(failed(install_check_path("--ca", (struct str){text, LIMIT_NAME + 1}, &err)));
    memset(text, 'a', sizeof text);
    assert_false(failed(install_check_name("--name", (struct str){text, 63}, &err)));
    assert_true(failed(install_check_name("--name", (struct str){text, 64}, &err)));
}

static void names(void **state)
{
    (void)state;
    static const char *const WRONG[] = {"", "-a", "a-", "A", "a.b", "a_b", "a b", "\xc3\xa9"};
    struct error err;
    assert_false(failed(install_check_name("--name", STR("0-a9"), &err)));
    for (size_t i = 0; i < COUNT(WRONG); i++) {
        assert_true(failed(install_check_name("--name", str_from(WRONG[i]), &err)));
    }
}

#define BLOCK(label) "-----BEGIN " label "-----\nAAAA\n-----END " label "-----\n"

struct pem_row {
    enum pem_kind kind;
    const char *text;
    const char *why; /* NULL: it is taken */
};

static const struct pem_row PEMS[] = {
    {PEM_CERTIFICATES, BLOCK("CERTIFICATE"), NULL},
    {PEM_CERTIFICATES, "Subject: x\n" BLOCK("CERTIFICATE") "\n" BLOCK("CERTIFICATE"), NULL},
    {PEM_CERTIFICATES, "-----BEGIN CERTIFICATE-----\r\nAA\r\n-----END CERTIFICATE-----\r\n", NULL},
    {PEM_CERTIFICATES, "-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----", NULL},
    {PEM_CERTIFICATES, "", "no PEM of certificates"},
    {PEM_CERTIFICATES, "AAAA\n", "no PEM of certificates"},
    {PEM_CERTIFICATES, BLOCK("PRIVATE KEY"), "a block \"PRIVATE KEY\"; nothing but certificates"},
    {PEM_CERTIFICATES, BLOCK("CERTIFICATE") BLOCK("EC PRIVATE KEY"), "nothing but certificates"},
    {PEM_CERTIFICATES, BLOCK("CERTIFICATE REQUEST"), "nothing but certificates"},
    {PEM_CERTIFICATES, "-----BEGIN CERTIFICATE-----\nAAAA\n", "no PEM of certificates"},
    {PEM_CERTIFICATES, "-----BEGIN CERTIFICATE-----\n" BLOCK("PRIVATE KEY"), "no sound PEM"},
    {PEM_CERTIFICATES, "-----END CERTIFICATE-----\n", "no sound PEM"},
    {PEM_CERTIFICATES, "-----BEGIN CERTIFICATE-----\nAA\n-----END PRIVATE KEY-----\n",
     "no sound PEM"},
    {PEM_KEY, BLOCK("PRIVATE KEY"), NULL},
    {PEM_KEY, BLOCK("RSA PRIVATE KEY"), NULL},
    {PEM_KEY, BLOCK("EC PARAMETERS") BLOCK("EC PRIVATE KEY"), NULL},
    {PEM_KEY, BLOCK("EC PARAMETERS"), "no PEM of a private key"},
    {PEM_KEY, BLOCK("PRIVATE KEY") BLOCK("PRIVATE KEY"), "no PEM of a private key"},
    {PEM_KEY, BLOCK("CERTIFICATE"), "one private key that is not encrypted is wanted"},
    {PEM_KEY, BLOCK("ENCRYPTED PRIVATE KEY"), "not encrypted"},
    {PEM_KEY,
     "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAA\n-----END RSA PRIVATE KEY-----",
     "no sound PEM of a private key"},
};

static void pems(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(PEMS); i++) {
        struct error err = {.text = ""};
        bool sound = !failed(install_check_pem("--ca", PEMS[i].kind, str_from(PEMS[i].text), &err));
        if (sound != (PEMS[i].why == NULL) || (!sound && strstr(err.text, PEMS[i].why) == NULL)) {
            fail_msg("row %zu: %s", i, err.text);
        }
    }
}

static void durations(void **state)
{
    (void)state;
    const int64_t most = 30 * 60 * NS_PER_S;
    static const struct {
        const char *text;
        int64_t want; /* 0: an error */
    } ROWS[] = {{"1s", 1},  {"30s", 30},  {"30m", 1800}, {"1m30s", 90}, {"off", -1}, {"0s", 0},
                {"0", 0},   {"500ms", 0}, {"1.5s", 0},   {"30m1s", 0},  {"1h", 0},   {"-1", 0},
                {"-1s", 0}, {"30", 0},    {"", 0},       {"OFF", 0},    {"1s ", 0},  {"300y", 0}};
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        int64_t units = 0;
        struct error err;
        bool sound = !failed(
            install_duration("--allow-ttl", str_from(ROWS[i].text), NS_PER_S, most, &units, &err));
        if (sound != (ROWS[i].want != 0) || units != ROWS[i].want) {
            fail_msg("%s: %lld", ROWS[i].text, (long long)units);
        }
    }
    struct error err;
    int64_t units;
    assert_true(failed(install_duration("--allow-ttl", STR("1h"), NS_PER_S, most, &units, &err)));
    assert_string_equal(err.text, "--allow-ttl \"1h\": it takes whole seconds, 1s to 30m, or off");
}

static void numbers(void **state)
{
    (void)state;
    uint64_t number;
    struct error err;
    assert_false(failed(install_number("--timeout", STR("1"), 1, 30, &number, &err)));
    assert_false(failed(install_number("--timeout", STR("30"), 1, 30, &number, &err)));
    assert_int_equal(number, 30);
    static const char *const WRONG[] = {"0", "31", "", "-1", "1.0", "5s", "99999999999999999999"};
    for (size_t i = 0; i < COUNT(WRONG); i++) {
        assert_true(failed(install_number("--timeout", str_from(WRONG[i]), 1, 30, &number, &err)));
    }
    assert_string_equal(err.text,
                        "--timeout \"99999999999999999999\": it takes a number from 1 to 30");
}

int argument_tests(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(urls),    cmocka_unit_test(hosts),
                                       cmocka_unit_test(paths),   cmocka_unit_test(names),
                                       cmocka_unit_test(lengths), cmocka_unit_test(pems),
                                       cmocka_unit_test(numbers), cmocka_unit_test(durations)};
    return cmocka_run_group_tests_name("arguments", tests, NULL, NULL);
}

#include "test.h"

#include "base/clock.h"
#include "server/request.h"

static const char *const PATHS[ENDPOINT_COUNT] = {
    "other",    "/validate", "/mutate",  "/imagepolicy", "/policies",
    "/healthz", "/readyz",   "/metrics", "/ui",
};

static void paths_are_exact(void **state)
{
    (void)state;
    static const struct str OTHERS[] = {
        {"", 0},
        {"/", 1},
        {"validate", 8},
        {"/validate/", 10},
        {"/Validate", 9},
        {"/VALIDATE", 9},
        {"//validate", 10},
        {"/validate?", 10},
        {"/validat", 8},
        {"/validates", 10},
        {"/validate\0", 10},
        {"/validate\0x", 11},
        {"/%76alidate", 11},
        {"/./validate", 11},
        {"/validate/../validate", 21},
        {" /validate", 10},
        {"/validate ", 10},
        {"/validate#", 10},
        {"/validate;a=b", 13},
        {"other", 5},
        {"/other", 6},
        {"/mutate/x", 9},
        {"/healthz/", 9},
        {"/livez", 6},
        {"/image-policy", 13},
        {"/policy", 7},
        {"/uix", 4},
        {"/UI/replica", 11},
        {"*", 1},
        {"https://host/validate", 21},
    };
    for (enum endpoint i = ENDPOINT_VALIDATE; i < ENDPOINT_COUNT; i++) {
        assert_int_equal(endpoint_find(str_from(PATHS[i])), i);
        assert_string_equal(endpoint_path(i), PATHS[i]);
    }
    assert_string_equal(endpoint_path(ENDPOINT_NONE), "other");
    for (size_t i = 0; i < COUNT(OTHERS); i++) {
        assert_int_equal(endpoint_find(OTHERS[i]), ENDPOINT_NONE);
    }
}

/* No byte of a path can be another. */
static void every_byte_of_a_path_counts(void **state)
{
    (void)state;
    for (enum endpoint e = ENDPOINT_VALIDATE; e < ENDPOINT_COUNT; e++) {
        size_t n = strlen(PATHS[e]);
        for (size_t at = 0; at < n; at++) {
            char path[16];
            memcpy(path, PATHS[e], n);
            for (int c = 0; c < 256; c++) {
                path[at] = (char)c;
                enum endpoint wanted = (char)c == PATHS[e][at] ? e : ENDPOINT_NONE;
                assert_int_equal(endpoint_find((struct str){path, n}), wanted);
            }
        }
    }
}

static void methods(void **state)
{
    (void)state;
    static const char *const OTHERS[] = {"PUT",  "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT",
                                         "post", "get",    "Post",    "",      "POST ", "GETX"};
    for (enum endpoint e = ENDPOINT_NONE; e < ENDPOINT_COUNT; e++) {
        bool reviews = e >= ENDPOINT_VALIDATE && e <= ENDPOINT_POLICIES;
        bool reads = e > ENDPOINT_POLICIES;
        assert_int_equal(endpoint_reviews(e), reviews);
        assert_int_equal(endpoint_takes(e, STR("POST")), reviews);
        assert_int_equal(endpoint_takes(e, STR("GET")), reads);
        assert_int_equal(endpoint_takes(e, STR("HEAD")), reads);
        assert_string_equal(endpoint_methods(e), reviews ? "POST" : reads ? "GET, HEAD" : "");
        for (size_t i = 0; i < COUNT(OTHERS); i++) {
            assert_false(endpoint_takes(e, str_from(OTHERS[i])));
        }
    }
}

static void content_types(void **state)
{
    (void)state;
    static const char *const JSON[] = {
        "application/json",    "Application/JSON",          "application/json; charset=utf-8",
        "application/json;",   "application/json ;x=y",     "\tapplication/json ",
        "application/json;;;", "application/json; a=\";\"",
    };
    static const char *const OTHER[] = {
        "",
        "application/jsonx",
        "application/json, text/plain",
        "application/json text/plain",
        "text/json",
        "json",
        "application/ json",
        "application/yaml",
        "application/vnd.kubernetes.protobuf",
        "application/merge-patch+json",
        ";application/json",
        "\"application/json\"",
        "application/x-www-form-urlencoded; application/json",
        "*/*",
    };
    for (size_t i = 0; i < COUNT(JSON); i++) {
        assert_true(request_is_json(str_from(JSON[i])));
    }
    for (size_t i = 0; i < COUNT(OTHER); i++) {
        assert_false(request_is_json(str_from(OTHER[i])));
    }
    assert_false(request_is_json(str_from(NULL)));
    assert_false(request_is_json((struct str){"application/json\0", 17}));
    assert_false(request_is_json((struct str){"applicat\0on/json", 16}));
}

/* -- how long it may take -- */

static void assert_time(struct str timeout, int64_t ns)
{
    assert_int_equal(request_time_allowed(timeout), ns);
}

static const int64_t USUAL = 8900 * NS_PER_MS; /* of the API's default, ten seconds */

static void times_are_what_is_left(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
    } CASES[] = {
        {"10s", 8900},  {"5s", 3900},     {"30s", 28900},    {"29.9s", 28800}, {"3s", 1900},
        {"2.2s", 1100}, {"2.201s", 1101}, {"2s", 1000},      {"1s", 500},      {"500ms", 250},
        {"2ms", 1},     {"0.5m", 28900},  {"0m10s", 8900},   {"1s1s1s", 1900}, {"00010s", 8900},
        {"10.s", 8900}, {".5s", 250},     {"10000ms", 8900}, {"10s0ms", 8900},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        assert_time(str_from(CASES[i].text), CASES[i].ms * NS_PER_MS);
    }
}

static void the_most_is_the_apis(void **state)
{
    (void)state;
    static const char *const LONG[] = {
        "30.000000001s",        "31s", "1m30s", "1h", "1d", "9223372036.854775807s", "2562047h",
        "100000000000000000ns",
    };
    for (size_t i = 0; i < COUNT(LONG); i++) {
        assert_time(str_from(LONG[i]), 28900 * NS_PER_MS);
    }
}

/* Also what overflows, and nothing at all. */
static void what_does_not_parse_is_the_default(void **state)
{
    (void)state;
    static const char *const WRONG[] = {
        "",
        "0",
        "0s",
        "0h0m0.0s",
        "-10s",
        "+10s",
        "10",
        "s",
        "10 s",
        " 10s",
        "10s ",
        "10S",
        "ten",
        "1e1s",
        "0x10s",
        "10s;",
        "10s,10s",
        "10sx",
        "10..s",
        ".s",
        "10w",
        "%31s",
        "NaN",
        "inf",
        "9223372036854775808ns",
        "99999999999999999999s",
        "2562048h",
        "1s-1s",
    };
    for (size_t i = 0; i < COUNT(WRONG); i++) {
        assert_time(str_from(WRONG[i]), USUAL);
    }
    assert_time(str_from(NULL), USUAL);
    assert_time(STR("5s\0"), USUAL);
    assert_time(STR("\0005s"), USUAL);
}

/* Never as long as was sent, and not so short that nothing can be judged. */
static void some_is_always_taken_off(void **state)
{
    (void)state;
    for (int64_t ms = 1; ms <= 40000; ms += 7) {
        char text[32];
        snprintf(text, sizeof text, "%lldms", (long long)ms);
        int64_t sent = ms * NS_PER_MS, allowed = request_time_allowed(str_from(text));
        assert_true(allowed < sent && allowed >= (sent < 30 * NS_PER_S ? sent / 2 : 0));
        assert_true(allowed <= 28900 * NS_PER_MS);
    }
}

int request_tests(void)
{
    static const struct CMUnitTest TESTS[] = {
        cmocka_unit_test(paths_are_exact),
        cmocka_unit_test(every_byte_of_a_path_counts),
        cmocka_unit_test(methods),
        cmocka_unit_test(content_types),
        cmocka_unit_test(times_are_what_is_left),
        cmocka_unit_test(the_most_is_the_apis),
        cmocka_unit_test(what_does_not_parse_is_the_default),
        cmocka_unit_test(some_is_always_taken_off),
    };
    return cmocka_run_group_tests_name("requests", TESTS, NULL, NULL);
}

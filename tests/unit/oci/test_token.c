#include "test.h"

#include "base/clock.h"
#include "oci/token.h"

static const int64_t NOW = INT64_C(1795703791) * NS_PER_S; /* 2026-11-26T14:36:31Z */

static void sound(void **state)
{
    (void)state;
    static const struct {
        const char *body, *token;
        int64_t seconds;
    } CASES[] = {
        {"{\"token\":\"a.b-c_d~e+f/g==\"}", "a.b-c_d~e+f/g==", 60},
        {"{\"access_token\":\"x\"}", "x", 60},
        {"{\"access_token\":\"x\",\"token\":\"y\"}", "y", 60},
        {"{\"access_token\":\"x\",\"token\":\"\"}", "x", 60},
        {"{\"access_token\":\"x\",\"token\":null}", "x", 60},
        {"{\"token\":\"y\",\"expires_in\":300}", "y", 300},
        {"{\"token\":\"y\",\"expires_in\":300.9}", "y", 300},
        {"{\"token\":\"y\",\"expires_in\":60}", "y", 60},
        {"{\"token\":\"y\",\"expires_in\":61}", "y", 61},
        {"{\"token\":\"y\",\"expires_in\":5}", "y", 60},
        {"{\"token\":\"y\",\"expires_in\":0}", "y", 60},
        {"{\"token\":\"y\",\"expires_in\":-1}", "y", 60},
        {"{\"token\":\"y\",\"expires_in\":\"300\"}", "y", 60},
        {"{\"token\":\"y\",\"expires_in\":86400}", "y", 86400},
        {"{\"token\":\"y\",\"expires_in\":86401}", "y", 86400},
        {"{\"token\":\"y\",\"expires_in\":1e300}", "y", 86400},
        {"{\"token\":\"y\",\"expires_in\":300,\"issued_at\":\"2026-11-26T14:36:31Z\"}", "y", 300},
        {"{\"token\":\"y\",\"expires_in\":300,\"issued_at\":\"2026-11-26T14:36:21Z\"}", "y", 290},
        {"{\"token\":\"y\",\"expires_in\":300,\"issued_at\":\"2026-11-26T14:31:32Z\"}", "y", 1},
        {"{\"token\":\"y\",\"expires_in\":300,\"issued_at\":\"2026-11-26T14:31:31Z\"}", "y", 0},
        {"{\"token\":\"y\",\"expires_in\":300,\"issued_at\":\"1999-11-26T14:31:31Z\"}", "y", 0},
        {"{\"token\":\"y\",\"expires_in\":300,\"issued_at\":\"2036-11-26T14:31:31Z\"}", "y", 300},
        {"{\"token\":\"y\",\"expires_in\":300,\"issued_at\":\"yesterday\"}", "y", 300},
        {"{\"token\":\"y\",\"expires_in\":300,\"issued_at\":7}", "y", 300},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        arena_auto arena;
        struct token token;
        struct error err;
        arena_init(&arena, 1 << 20);
        if (failed(token_parse(&arena, str_from(CASES[i].body), NOW, &token, &err))) {
            fail_msg("%s: %s", CASES[i].body, err.text);
        }
        assert_string_equal(token.text.p, CASES[i].token);
        assert_int_equal(token.lifetime, CASES[i].seconds * NS_PER_S);
    }
}

static void unsound(void **state)
{
    (void)state;
    static const char *const CASES[] = {
        "",
        "secret",
        "[\"secret\"]",
        "{}",
        "{\"token\":\"\"}",
        "{\"token\":7}",
        "{\"token\":[\"secret\"]}",
        "{\"token\":\"secret token\"}",
        "{\"token\":\"secret\\r\\nX: y\"}",
        "{\"token\":\"secret\\u0000\"}",
        "{\"token\":\"secr\u00e9t\"}",
        "{\"token\":\"secret\",\"token\":\"secret\"}",
        "{\"token\":\"secret\"} more",
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        arena_auto arena;
        struct token token;
        struct error err;
        arena_init(&arena, 1 << 20);
        if (!failed(token_parse(&arena, str_from(CASES[i]), NOW, &token, &err))) {
            fail_msg("%s: a token", CASES[i]);
        }
        assert_int_equal(err.kind, ERROR_UPSTREAM);
        assert_null(strstr(err.text, "secr"));
    }
}

static void limit(void **state)
{
    (void)state;
    static char text[LIMIT_TOKEN + 64];
    arena_auto arena;
    struct token token;
    struct error err;
    arena_init(&arena, 1 << 20);
    for (size_t more = 0; more < 2; more++) {
        size_t n = (size_t)snprintf(text, sizeof text, "{\"token\":\"");
        memset(text + n, 'a', LIMIT_TOKEN + more);
        n += LIMIT_TOKEN + more;
        n += (size_t)snprintf(text + n, sizeof text - n, "\"}");
        status st = token_parse(&arena, (struct str){text, n}, NOW, &token, &err);
        assert_int_equal(failed(st), more);
    }
    assert_int_equal(err.kind, ERROR_LIMIT);
}

int token_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sound),
        cmocka_unit_test(unsound),
        cmocka_unit_test(limit),
    };
    return cmocka_run_group_tests_name("token", tests, NULL, NULL);
}

/* The files by which a collector trusts us: no message shows what is in them. */
#include "test.h"

#include "trace/credentials.h"

static struct trace_credentials credentials;
static struct error err;

static int begin(void **state)
{
    trace_credentials_init(&credentials);
    return enter_folder(state);
}

static int end(void **state)
{
    trace_credentials_done(&credentials);
    return leave_folder(state);
}

static bool reads(const char *text)
{
    static const struct trace_config CONFIG = {.headers = "headers"};
    write_file("headers", text);
    credentials.read = 0;
    return !failed(trace_credentials_need(&credentials, &CONFIG, &err));
}

static void headers(void **state)
{
    (void)state;
    assert_true(reads("Authorization: Bearer s3cr3t\n\n  X-Tenant:a b  \r\nEmpty:\n"));
    assert_int_equal(credentials.n_headers, 3);
    assert_true(str_eq(credentials.headers[0].name, STR("Authorization")));
    assert_true(str_eq(credentials.headers[0].value, STR("Bearer s3cr3t")));
    assert_true(str_eq(credentials.headers[1].name, STR("X-Tenant")));
    assert_true(str_eq(credentials.headers[1].value, STR("a b")));
    assert_int_equal(credentials.headers[2].value.n, 0);
    assert_true(reads(""));
    assert_int_equal(credentials.n_headers, 0);
}

static void no_headers(void **state)
{
    (void)state;
    static const char *const CASES[] = {
        "A: s3cr3t\ns3cr3t",
        "s3cr3t",
        ": s3cr3t",
        "a b: s3cr3t",
        "content-type: s3cr3t",
        "Transfer-Encoding: s3cr3t",
        "A: s3cr3t\x01",
        "\xc3\xa9: s3cr3t",
        "A\tB: s3cr3t",
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        err.text[0] = '\0';
        if (reads(CASES[i]) || strstr(err.text, "s3cr3t") != NULL) {
            fail_msg("%s: %s", CASES[i], err.text);
        }
        assert_int_equal(err.kind, ERROR_CONFIG);
    }
    assert_string_equal(err.text, "headers:1: not a header that may be sent");
}

static void how_many(void **state)
{
    (void)state;
    char text[8 * (LIMIT_TRACE_HEADERS + 1) + 1] = "";
    for (unsigned i = 0; i < LIMIT_TRACE_HEADERS; i++) {
        memcpy(text + strlen(text), "A: bcd\n", 8);
    }
    assert_true(reads(text));
    memcpy(text + strlen(text), "A: bcd\n", 8);
    assert_false(reads(text));
    assert_string_equal(err.text, "headers: more than 32 headers");
}

static void kept_for_a_minute(void **state)
{
    (void)state;
    static const struct trace_config CONFIG = {.headers = "headers"};
    assert_true(reads("A: 1\n"));
    write_file("headers", "B: 1\n");
    assert_false(failed(trace_credentials_need(&credentials, &CONFIG, &err)));
    assert_true(str_eq(credentials.headers[0].name, STR("A")));
    assert_true(reads("B: 1\n"));
    assert_true(str_eq(credentials.headers[0].name, STR("B")));
}

static void authorities(void **state)
{
    (void)state;
    static const struct trace_config CONFIG = {.ca = "ca.crt"};
    assert_true(failed(trace_credentials_need(&credentials, &CONFIG, &err)));
    write_file("ca.crt", " \n");
    assert_true(failed(trace_credentials_need(&credentials, &CONFIG, &err)));
    assert_string_equal(err.text, "ca.crt: no certificate in it"); /* or all would be trusted */
    write_file("ca.crt", "CA");
    assert_false(failed(trace_credentials_need(&credentials, &CONFIG, &err)));
    assert_true(str_eq(credentials.ca, STR("CA")));
}

int credentials_tests(void)
{
    const struct CMUnitTest TESTS[] = {
        cmocka_unit_test_setup_teardown(headers, begin, end),
        cmocka_unit_test_setup_teardown(no_headers, begin, end),
        cmocka_unit_test_setup_teardown(how_many, begin, end),
        cmocka_unit_test_setup_teardown(kept_for_a_minute, begin, end),
        cmocka_unit_test_setup_teardown(authorities, begin, end),
    };
    return cmocka_run_group_tests_name("credentials", TESTS, NULL, NULL);
}

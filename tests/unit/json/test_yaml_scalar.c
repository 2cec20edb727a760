#include "test.h"

/* Fail unless `{a: SCALAR}` is read as `wanted`; JSON of the value, or an error. */
static void check_scalar(const char *scalar, const char *wanted, bool is_error)
{
    buf_auto text, expected;
    buf_init(&text, MIB);
    buf_init(&expected, MIB);
    buf_printf(&text, "a: %s\n", scalar);
    buf_printf(&expected, is_error ? "input: line 1, column 4: %s" : "{\"a\":%s}", wanted);
    buf_add_char(&expected, '\0');
    char *shown = shown_yaml(buf_str(&text));
    expect_text(scalar, str_from(shown), expected.p);
    free(shown);
}

/* As kubectl reads them, by the rules of YAML 1.1. */
static void plain(void **state)
{
    (void)state;
    static const char *const ROWS[][2] = {
        {"", "null"},
        {"~", "null"},
        {"null", "null"},
        {"Null", "null"},
        {"NULL", "null"},
        {"nULL", "\"nULL\""},
        {"y", "true"},
        {"Y", "true"},
        {"yes", "true"},
        {"Yes", "true"},
        {"YES", "true"},
        {"yEs", "\"yEs\""},
        {"true", "true"},
        {"True", "true"},
        {"TRUE", "true"},
        {"on", "true"},
        {"On", "true"},
        {"ON", "true"},
        {"n", "false"},
        {"N", "false"},
        {"no", "false"},
        {"No", "false"},
        {"NO", "false"},
        {"false", "false"},
        {"False", "false"},
        {"FALSE", "false"},
        {"off", "false"},
        {"Off", "false"},
        {"OFF", "false"},
        {"0", "0"},
        {"-0", "0"},
        {"+1", "1"},
        {"-1", "-1"},
        {"007", "7"},
        {"0777", "511"},
        {"08", "8"},
        {"0o17", "15"},
        {"0O17", "15"},
        {"-0o7", "-7"},
        {"0o8", "\"0o8\""},
        {"0x1F", "31"},
        {"-0x10", "-16"},
        {"0xG", "\"0xG\""},
        {"0x", "\"0x\""},
        {"0b101", "5"},
        {"0b2", "\"0b2\""},
        {"1_000", "1000"},
        {"_1", "\"_1\""},
        {"1,000", "\"1,000\""},
        {"18446744073709551615", "18446744073709551615"},
        {"-9223372036854775808", "-9223372036854775808"},
        {"36893488147419103232", "36893488147419103000.0"},
        {".5", "0.5"},
        {"-.5", "-0.5"},
        {"5.", "5"},
        {"1.50", "1.5"},
        {"+1.5", "1.5"},
        {"1.0", "1"},
        {"-1.0", "-1"},
        {"-0.0", "0"},
        {"1e3", "1000"},
        {"1.5E3", "1500"},
        {"1e-3", "0.001"},
        {"1e", "\"1e\""},
        {"1e+", "\"1e+\""},
        {"e1", "\"e1\""},
        {".e1", "\".e1\""},
        {".", "\".\""},
        {"+", "\"+\""},
        {"._5", "\"._5\""},
        {".5_0", "0.5"},
        {"1.2.3", "\"1.2.3\""},
        {"1e999", "\"1e999\""},
        {"1:30", "\"1:30\""},
        {"2001-01-01", "\"2001-01-01\""},
        {"2001-01-01T00:00:00Z", "\"2001-01-01T00:00:00Z\""},
        {"=", "\"=\""},
        {"<<", "\"<<\""},
        {"1 2", "\"1 2\""},
        {"sha256:0123", "\"sha256:0123\""},
    };
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        check_scalar(ROWS[i][0], ROWS[i][1], false);
    }
}

static void quoted_and_tagged(void **state)
{
    (void)state;
    static const char *const ROWS[][2] = {
        {"\"1\"", "\"1\""},
        {"'yes'", "\"yes\""},
        {"''", "\"\""},
        {"|-\n  1", "\"1\""},
        {"!!str 1", "\"1\""},
        {"!!str", "\"\""},
        {"!!str .inf", "\".inf\""},
        {"!!int 0x10", "16"},
        {"!!int \"1\"", "1"},
        {"!!float 1", "1"},
        {"!!float 1.5", "1.5"},
        {"!!bool yes", "true"},
        {"!!null ''", "null"},
        {"!<tag:yaml.org,2002:str> 1", "\"1\""},
        {"!!map {b: c}", "{\"b\":\"c\"}"},
        {"!!seq [b]", "[\"b\"]"},
    };
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        check_scalar(ROWS[i][0], ROWS[i][1], false);
    }
}

static void refused(void **state)
{
    (void)state;
    static const char *const ONLY = "; only !!str, !!int, !!float, !!bool and !!null are";
    static const char *const ROWS[][2] = {
        {".inf", "\".inf\" is not a number that JSON can hold; quote it if it is text"},
        {"-.INF", "\"-.INF\" is not a number that JSON can hold; quote it if it is text"},
        {".NaN", "\".NaN\" is not a number that JSON can hold; quote it if it is text"},
        {"!!float .inf", "\".inf\" is not a number that JSON can hold; quote it if it is text"},
        {"!!int x", "\"x\" is not what its tag says"},
        {"!!int 1.5", "\"1.5\" is not what its tag says"},
        {"!!bool 1", "\"1\" is not what its tag says"},
        {"!!null x", "\"x\" is not what its tag says"},
        {"!!map [b]", "the tag \"tag:yaml.org,2002:map\" is not allowed on a list"},
        {"!!set {b: c}", "the tag \"tag:yaml.org,2002:set\" is not allowed on a mapping"},
    };
    static const char *const TAGS[][2] = {
        {"!foo x", "!foo"},
        {"! x", "!"},
        {"!!binary aGk=", "tag:yaml.org,2002:binary"},
        {"!!timestamp 2001-01-01", "tag:yaml.org,2002:timestamp"},
        {"!!seq x", "tag:yaml.org,2002:seq"},
    };
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        check_scalar(ROWS[i][0], ROWS[i][1], true);
    }
    for (size_t i = 0; i < COUNT(TAGS); i++) {
        buf_auto wanted;
        buf_init(&wanted, MIB);
        buf_printf(&wanted, "the tag \"%s\" is not allowed on a scalar%s", TAGS[i][1], ONLY);
        buf_add_char(&wanted, '\0');
        check_scalar(TAGS[i][0], wanted.p, true);
    }
}

int yaml_scalar_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain),
        cmocka_unit_test(quoted_and_tagged),
        cmocka_unit_test(refused),
    };
    return cmocka_run_group_tests_name("yaml scalars", tests, NULL, NULL);
}

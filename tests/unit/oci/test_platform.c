#include "documents.h"

static void texts(void **state)
{
    (void)state;
    const struct {
        const char *text, *printed;
    } cases[] = {
        {"linux/amd64", "linux/amd64"},       {"linux/x86_64", "linux/amd64"},
        {"linux/amd64/v1", "linux/amd64"},    {"linux/amd64/v2", "linux/amd64/v2"},
        {"linux/arm64", "linux/arm64"},       {"linux/arm64/v8", "linux/arm64"},
        {"linux/aarch64/8", "linux/arm64"},   {"linux/arm64/9", "linux/arm64/v9"},
        {"linux/arm", "linux/arm/v7"},        {"linux/arm/v7", "linux/arm/v7"},
        {"linux/arm/6", "linux/arm/v6"},      {"linux/armhf", "linux/arm/v7"},
        {"linux/armel", "linux/arm/v6"},      {"linux/i386", "linux/386"},
        {"linux/386/sse2", "linux/386/sse2"}, {"macos/arm64", "darwin/arm64"},
        {"windows/amd64", "windows/amd64"},   {"linux/riscv64", "linux/riscv64"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct oci_platform platform;
        struct error err;
        assert_false(failed(oci_platform_parse(str_from(cases[i].text), &platform, &err)));
        struct str printed = oci_platform_print(&test_arena, &platform);
        assert_string_equal(printed.p, cases[i].printed);
    }
}

static void bad_texts(void **state)
{
    (void)state;
    const struct str bad[] = {STR(""),           STR("linux"),      STR("linux/"),
                              STR("/amd64"),     STR("linux/arm/"), STR("linux/arm/v7/x"),
                              STR("linux/ arm"), STR("linux/a\0b"), STR("linux/amd64*")};
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct oci_platform platform;
        struct error err;
        assert_true(failed(oci_platform_parse(bad[i], &platform, &err)));
        assert_int_equal(err.kind, ERROR_INPUT);
    }
    struct error err;
    struct oci_platform platform;
    assert_true(failed(oci_platform_parse(STR("arm64"), &platform, &err)));
    assert_error(&err, ERROR_INPUT,
                 "\"arm64\" is no platform; write one such as linux/amd64 or linux/arm/v7");
}

static void equal(void **state)
{
    (void)state;
    const struct oci_platform old = {STR("linux"), STR("aarch64"), STR("v8"), STR("")};
    const struct oci_platform today = {STR("linux"), STR("arm64"), STR(""), STR("10")};
    const struct oci_platform other = {STR("linux"), STR("arm64"), STR("v9"), STR("")};
    assert_true(oci_platform_eq(oci_platform_normal(old), oci_platform_normal(today)));
    assert_false(oci_platform_eq(oci_platform_normal(old), oci_platform_normal(other)));
    const struct oci_platform none = {0};
    assert_string_equal(oci_platform_print(&test_arena, &none).p, "unknown/unknown");
}

int platform_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(texts, start, stop),
        cmocka_unit_test_setup_teardown(bad_texts, start, stop),
        cmocka_unit_test_setup_teardown(equal, start, stop),
    };
    return cmocka_run_group_tests_name("platform", tests, NULL, NULL);
}

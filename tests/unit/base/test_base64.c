#include "test.h"

#include <string.h>

#include "base/base64.h"
#include "base/buf.h"

static void both_ways(void **state)
{
    (void)state;
    arena_auto arena;
    arena_init(&arena, 1 << 20);
    for (size_t n = 0; n < 70; n++) {
        char bytes[70];
        for (size_t i = 0; i < n; i++) {
            bytes[i] = (char)(i * 37 + n * 11);
        }
        buf_auto buf;
        struct str back;
        struct error err;
        buf_init(&buf, 1000);
        buf_add_base64(&buf, (struct str){bytes, n});
        assert_false(failed(base64_decode(&arena, buf_str(&buf), &back, &err)));
        assert_int_equal(back.n, n);
        assert_memory_equal(back.p, bytes, n);
        assert_int_equal(back.p[n], 0);
    }
}

/* RFC 4648 section 10 */
static void examples(void **state)
{
    (void)state;
    const struct {
        struct str text, bytes;
    } cases[] = {
        {STR(""), STR("")},
        {STR("Zg=="), STR("f")},
        {STR("Zm8="), STR("fo")},
        {STR("Zm9v"), STR("foo")},
        {STR("Zm9vYg=="), STR("foob")},
        {STR("Zm9vYmE="), STR("fooba")},
        {STR("AAAA"), STR("\0\0\0")},
        {STR("+/+/"), STR("\xfb\xff\xbf")},
    };
    arena_auto arena;
    arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str bytes;
        struct error err;
        assert_false(failed(base64_decode(&arena, cases[i].text, &bytes, &err)));
        assert_true(str_eq(bytes, cases[i].bytes));
    }
}

static void refused(void **state)
{
    (void)state;
    static const struct str TEXTS[] = {
        {"Z", 1},        {"Zg", 2},       {"Zg=", 3},       {"=", 1},        {"====", 4},
        {"Z===", 4},     {"Zm9v\n", 5},   {"Zm9\n", 4},     {"Zm9v Zm9", 8}, {"-_-_", 4},
        {"Zg==Zm9v", 8}, {"Z=g=", 4},     {"Zm9\0", 4},     {"Zh==", 4},     {"Zm9=", 4},
        {"=Zm9", 4},     {"Zm9v====", 8}, {"Zm\xc3\xa9", 4}};
    arena_auto arena;
    arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++) {
        struct str bytes = STR("before");
        struct error err;
        assert_true(failed(base64_decode(&arena, TEXTS[i], &bytes, &err)));
        assert_int_equal(err.kind, ERROR_INPUT);
        assert_non_null(strstr(err.text, "not base64"));
        assert_null(strstr(err.text, "Zm"));
        assert_true(str_eq(bytes, STR("before")));
    }
}

static void lenient(void **state)
{
    (void)state;
    static const struct {
        struct str text, bytes;
    } CASES[] = {
        {STR(""), STR("")},
        {STR("Zg=="), STR("f")},
        {STR("Zg"), STR("f")},
        {STR("Zh"), STR("f")},
        {STR("Zm8"), STR("fo")},
        {STR("Zm8="), STR("fo")},
        {STR("Z\r\ng=\n=\n"), STR("f")},
        {STR("Zm9v"), STR("foo")},
        {STR("\n"), STR("")},
    };
    static const struct str REFUSED[] = {STR("Z"),     STR("Zg="),   STR("="),     STR("==="),
                                         STR("Zm9v="), STR(" Zm9v"), STR("Zm9v "), STR("Zg==Zg=="),
                                         STR("Zm-_"),  STR("Zg=a"),  STR("====")};
    arena_auto arena;
    arena_init(&arena, 1 << 20);
    struct str bytes;
    struct error err;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        assert_false(failed(base64_decode_lenient(&arena, CASES[i].text, &bytes, &err)));
        assert_true(str_eq(bytes, CASES[i].bytes));
    }
    for (size_t i = 0; i < sizeof REFUSED / sizeof *REFUSED; i++) {
        assert_true(failed(base64_decode_lenient(&arena, REFUSED[i], &bytes, &err)));
        assert_memory_equal(err.text, "not base64", 10);
    }
}

int base64_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ways),
        cmocka_unit_test(examples),
        cmocka_unit_test(refused),
        cmocka_unit_test(lenient),
    };
    return cmocka_run_group_tests_name("base64", tests, NULL, NULL);
}

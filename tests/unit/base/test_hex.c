#include "test.h"

#include "base/hex.h"

static void both_ways(void **state)
{
    (void)state;
    arena_auto arena;
    arena_init(&arena, 1 << 20);
    char bytes[256];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (char)i;
    }
    struct str digits = hex_encode(&arena, (struct str){bytes, sizeof bytes}), back;
    assert_int_equal(digits.n, 2 * sizeof bytes);
    assert_true(str_eq(str_sub(digits, 0, 6), STR("000102")));
    assert_true(str_eq(str_sub(digits, 506, 512), STR("fdfeff")));
    assert_true(hex_decode(&arena, digits, &back));
    assert_int_equal(back.n, sizeof bytes);
    assert_memory_equal(back.p, bytes, sizeof bytes);
    assert_true(hex_decode(&arena, STR_EMPTY, &back) && back.n == 0);
}

static void cases(void **state)
{
    (void)state;
    char room[2];
    struct str bytes;
    assert_true(hex_read(STR("aBcD"), HEX_EITHER, room, 2, &bytes));
    assert_memory_equal(bytes.p, "\xab\xcd", 2);
    assert_false(hex_read(STR("aBcD"), HEX_LOWER, room, 2, &bytes));
    assert_true(hex_read(STR("abcd"), HEX_LOWER, room, 2, &bytes));
    assert_false(hex_read(STR("abcdef"), HEX_LOWER, room, 2, &bytes));
}

static void refused(void **state)
{
    (void)state;
    static const char *const REFUSED[] = {"0",   "abc", "0x", "g0", "0g", " 0",
                                          "0\n", "`0",  "/0", ":0", "@0", "{0"};
    char room[2];
    struct str bytes;
    for (size_t i = 0; i < sizeof REFUSED / sizeof *REFUSED; i++) {
        assert_false(hex_read(str_from(REFUSED[i]), HEX_LOWER, room, 2, &bytes));
        assert_false(hex_read(str_from(REFUSED[i]), HEX_EITHER, room, 2, &bytes));
    }
}

int hex_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ways),
        cmocka_unit_test(cases),
        cmocka_unit_test(refused),
    };
    return cmocka_run_group_tests_name("hex", tests, NULL, NULL);
}

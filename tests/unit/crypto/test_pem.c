#include "make.h"

#include "crypto/pem.h"

static void blocks(void **state)
{
    (void)state;
    struct str text = STR("one\n-----BEGIN A B-----\r\nYWJj\r\nZGU=\r\n-----END A B-----\r\ntwo\n"
                          "-----BEGIN C-----\n-----END C-----");
    struct pem_block block;
    struct error err;
    assert_false(failed(pem_next(&test_arena, &text, &block, &err)));
    assert_true(str_eq(block.label, STR("A B")) && str_eq(block.bytes, STR("abcde")));
    assert_true(str_eq(block.before, STR("one\n")));
    assert_false(failed(pem_next(&test_arena, &text, &block, &err)));
    assert_true(str_eq(block.label, STR("C")) && block.bytes.n == 0);
    assert_true(str_eq(block.before, STR("two\n")));
    assert_false(failed(pem_next(&test_arena, &text, &block, &err)));
    assert_true(block.label.n == 0 && text.n == 0 && block.before.n == 0);
}

static void broken(void **state)
{
    (void)state;
    static const struct {
        const char *text, *wanted;
    } CASES[] = {
        {"-----BEGIN A-----\nYWJj\n", "a block without an end"},
        {"-----BEGIN A-----", "a block without an end"},
        {"-----BEGIN A-----\nYWJj\n-----END B-----\n", "a block that ends as another"},
        {"-----BEGIN A-----\nYWJj\n-----END A----\n", "a block that ends as another"},
        {"-----BEGIN A-----\n-----BEGIN A-----\n-----END A-----\n", "ends as another"},
        {"-----BEGIN A-----\nKey: value\n\nYWJj\n-----END A-----\n", "not base64"},
        {"-----BEGIN A-----\nYWJ\n-----END A-----\n", "not base64"},
        {"-----BEGIN A-----\nYWI=\nYWI=\n-----END A-----\n", "not base64"},
        {"-----BEGIN A----\n", "dashes that begin no block"},
        {"-----BEGIN -----\n", "dashes that begin no block"},
        {"-----END A-----\n", "dashes that begin no block"},
        {"-----\n", "dashes that begin no block"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct str text = str_from(CASES[i].text), before = text;
        struct pem_block block;
        struct error err;
        assert_true(failed(pem_next(&test_arena, &text, &block, &err)));
        assert_int_equal(err.kind, ERROR_INPUT);
        assert_non_null(strstr(err.text, CASES[i].wanted));
        assert_true(str_eq(text, before));
    }
}

int pem_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(blocks, start, stop),
        cmocka_unit_test_setup_teardown(broken, start, stop),
    };
    return cmocka_run_group_tests_name("pem", tests, NULL, NULL);
}

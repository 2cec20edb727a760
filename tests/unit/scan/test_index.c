#include "test.h"

#include "scan/index.h"

static void uids(void **state)
{
    (void)state;
    static const char SOUND[] = "0123abcd-4567-89ef-0000-ffffffffffff";
    static const char *const BAD[] = {"",
                                      "0123abcd-4567-89ef-0000-fffffffffff",
                                      "0123abcd-4567-89ef-0000-fffffffffffff",
                                      "0123ABCD-4567-89ef-0000-ffffffffffff",
                                      "0123abcd-4567-89ef-0000-fffffffffffg",
                                      "0123abcd04567-89ef-0000-ffffffffffff",
                                      "0123abcd-4567-89ef-0000-ffffff-fffff",
                                      "{123abcd-4567-89ef-0000-ffffffffffff"};
    unsigned char uid[UID_BYTES];
    char text[UID_TEXT_MAX];
    assert_true(uid_parse(str_from(SOUND), uid));
    uid_write(uid, text);
    assert_string_equal(text, SOUND);
    for (size_t i = 0; i < COUNT(BAD); i++) {
        assert_false(uid_parse(str_from(BAD[i]), uid));
    }
}

static struct index_key key_of(uint32_t number)
{
    struct index_key key = {.namespace = number % 3};
    memcpy(key.uid, &number, sizeof number);
    return key;
}

static void objects_have_numbers(void **state)
{
    (void)state;
    struct index index;
    size_t number;
    index_init(&index, 1000);
    for (uint32_t i = 0; i < 1000; i++) {
        const struct index_key key = key_of(i);
        assert_false(index_find(&index, &key, &number));
        assert_true(index_add(&index, &key, &number));
        assert_int_equal(number, i);
    }
    const struct index_key more = key_of(1000);
    assert_false(index_add(&index, &more, &number)); /* full */
    for (uint32_t i = 0; i < 1000; i++) {
        struct index_key key = key_of(i);
        assert_true(index_add(&index, &key, &number)); /* it is there */
        assert_int_equal(number, i);
        key.namespace = 7;
        assert_false(index_find(&index, &key, &number));
    }
    index_done(&index);
    assert_false(index_find(&index, &more, &number));
}

static void namespaces_have_numbers(void **state)
{
    (void)state;
    struct names names;
    uint32_t number;
    char text[16];
    names_init(&names, 300);
    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < 300; i++) {
            snprintf(text, sizeof text, "n%u", i);
            assert_true(names_add(&names, str_from(text), &number));
            assert_int_equal(number, i);
            assert_true(str_eq(names.items[i], str_from(text)));
        }
    }
    assert_false(names_add(&names, STR("one more"), &number));
    names_done(&names);
}

int index_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uids),
        cmocka_unit_test(objects_have_numbers),
        cmocka_unit_test(namespaces_have_numbers),
    };
    return cmocka_run_group_tests_name("index", tests, NULL, NULL);
}

/* Which texts are suites: however they are written, none is passed over. */
#include "test.h"

static const struct {
    const char *text;
    bool is_one;
} ROWS[] = {
    {"", false},
    {"kind: Pod\n", false},
    {"kind: ImagePolicyTest\n", true},
    {"kind: ImagePolicyTest # a suite\n", true},
    {"kind:   'ImagePolicyTest'\n", true},
    {"\"kind\" : \"ImagePolicyTest\"\r\n", true},
    {"{kind: ImagePolicyTest}\n", true},
    {"{\"a\":1,\"kind\":\"ImagePolicyTest\"}", true},
    {"kind: Pod\n---\nkind: ImagePolicyTest\n", true},
    {"kind: Pod\nmetadata: {kind: ImagePolicyTest}\n", false},
    {"# kind: ImagePolicyTest\nkind: Pod\n", false},
    {"kind: ImagePolicyTests\n", false},
    {"kind: ImagePolicyTest\ncases: [\n", true},
    {"# ImagePolicyTest\nkind: [\n", true},
    {"kind: [\n", false},
};

static void test_is_one(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        if (suite_is_one(str_from(ROWS[i].text)) != ROWS[i].is_one) {
            fail_msg("%s", ROWS[i].text);
        }
    }
}

int is_one_tests(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_is_one)};
    return cmocka_run_group_tests_name("is_one", tests, NULL, NULL);
}

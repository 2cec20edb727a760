#include "test.h"

#include "crypto/hmac.h"

/* RFC 4231 sections 4.2 to 4.4 and 4.7, and nothing at all. */
static void examples(void **state)
{
    (void)state;
    static char long_key[131], aa[20], dd[50], b[20];
    memset(long_key, 0xaa, sizeof long_key);
    memset(aa, 0xaa, sizeof aa);
    memset(dd, 0xdd, sizeof dd);
    memset(b, 0x0b, sizeof b);
    const struct {
        struct str key, message;
        const char *code;
    } cases[] = {
        {{b, sizeof b},
         STR("Hi There"),
         "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {STR("Jefe"), STR("what do ya want for nothing?"),
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {{aa, sizeof aa},
         {dd, sizeof dd},
         "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
        {{long_key, sizeof long_key},
         STR("Test Using Larger Than Block-Size Key - Hash Key First"),
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
        {STR_EMPTY, STR_EMPTY, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        unsigned char code[HMAC_BYTES];
        char text[2 * HMAC_BYTES + 1];
        hmac_sha256(cases[i].key, cases[i].message, code);
        for (size_t k = 0; k < HMAC_BYTES; k++) {
            snprintf(text + 2 * k, 3, "%02x", code[k]);
        }
        assert_string_equal(text, cases[i].code);
    }
}

int hmac_tests(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(examples)};
    return cmocka_run_group_tests_name("hmac", tests, NULL, NULL);
}

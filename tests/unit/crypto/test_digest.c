#include "test.h"

#include "crypto/digest.h"

/* "abc", as FIPS 180-4 has it in its examples, and no bytes at all. */
#define ABC_256 "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define ABC_384                                                                                    \
    "sha384:cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358bae" \
    "ca134c825a7"
#define ABC_512                                                                                    \
    "sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3" \
    "c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
#define NOTHING_256 "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static const struct {
    struct str algorithm, bytes, digest;
} KNOWN[] = {
    {STR("sha256"), STR("abc"), STR(ABC_256)},
    {STR("sha384"), STR("abc"), STR(ABC_384)},
    {STR("sha512"), STR("abc"), STR(ABC_512)},
    {STR("sha256"), STR(""), STR(NOTHING_256)},
};

static void known(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(KNOWN); i++) {
        struct str digest = digest_of(&test_arena, KNOWN[i].algorithm, KNOWN[i].bytes);
        assert_true(str_eq(digest, KNOWN[i].digest));
        assert_true(digest_holds(KNOWN[i].digest, KNOWN[i].bytes));
        assert_false(digest_holds(KNOWN[i].digest, STR("abd")));
    }
}

static void pieces(void **state)
{
    (void)state;
    char room[DIGEST_ROOM];
    for (size_t i = 0; i < COUNT(KNOWN); i++) {
        digester_auto digester;
        assert_true(digester_start(&digester, KNOWN[i].algorithm));
        for (size_t k = 0; k < KNOWN[i].bytes.n; k++) {
            digester_add(&digester, STR_EMPTY);
            digester_add(&digester, str_sub(KNOWN[i].bytes, k, k + 1));
        }
        assert_true(str_eq(digester_end(&digester, room), KNOWN[i].digest));
    }
}

static void given_up(void **state)
{
    (void)state;
    digester_auto digester;
    assert_true(digester_start(&digester, STR("sha512")));
    digester_add(&digester, STR("abc"));
    digester_done(&digester);
    assert_null(digester.state);
}

static void not_held(void **state)
{
    (void)state;
    struct str upper = arena_dup(&test_arena, STR(ABC_256));
    ((char *)(uintptr_t)upper.p)[7] = 'B';
    const struct str digests[] = {
        upper,
        STR(""),
        STR(":"),
        STR("sha256"),
        STR("sha256:"),
        STR(ABC_256 " "),
        STR("sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a"),
        STR("sha512:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        STR("SHA256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        STR("md5:900150983cd24fb0d6963f7d28e17f72"),
    };
    for (size_t i = 0; i < COUNT(digests); i++) {
        assert_false(digest_holds(digests[i], STR("abc")));
    }
    struct digester digester;
    assert_false(digester_start(&digester, STR("md5")));
    assert_null(digester.state);
}

int digest_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(known, start, stop),
        cmocka_unit_test_setup_teardown(pieces, start, stop),
        cmocka_unit_test_setup_teardown(given_up, start, stop),
        cmocka_unit_test_setup_teardown(not_held, start, stop),
    };
    return cmocka_run_group_tests_name("digest", tests, NULL, NULL);
}

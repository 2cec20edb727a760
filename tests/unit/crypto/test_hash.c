#include "test.h"

#include "crypto/digest.h"
#include "crypto/hash.h"

static void expect_same(enum hash hash, const struct str *parts, size_t n, struct str whole)
{
    static const char DIGITS[] = "0123456789abcdef";
    char room[HASH_ROOM];
    struct str bytes = hash_of(hash, parts, n, room);
    struct str text = digest_of(&test_arena, hash_name(hash), whole);
    struct str hex = str_sub(text, hash_name(hash).n + 1, text.n);
    assert_int_equal(bytes.n, hash_size(hash));
    assert_int_equal(hex.n, 2 * bytes.n);
    for (size_t i = 0; i < bytes.n; i++) {
        unsigned char byte = (unsigned char)bytes.p[i];
        assert_int_equal(hex.p[2 * i], DIGITS[byte >> 4]);
        assert_int_equal(hex.p[2 * i + 1], DIGITS[byte & 15]);
    }
}

/* The same as digests say, wherever the bytes are cut. */
static void as_digests(void **state)
{
    (void)state;
    const struct str text = STR("The quick brown fox");
    for (unsigned hash = 0; hash < HASH_COUNT; hash++) {
        expect_same((enum hash)hash, NULL, 0, STR_EMPTY);
        for (size_t cut = 0; cut <= text.n; cut++) {
            const struct str parts[] = {str_sub(text, 0, cut), str_sub(text, cut, text.n)};
            expect_same((enum hash)hash, parts, 2, text);
        }
    }
}

static void names(void **state)
{
    (void)state;
    enum hash hash = HASH_COUNT;
    for (unsigned i = 0; i < HASH_COUNT; i++) {
        assert_true(hash_named(hash_name((enum hash)i), &hash));
        assert_int_equal(hash, i);
    }
    static const char *const NONE[] = {"", "sha1", "SHA256", "sha-256", "sha2567", "md5"};
    for (size_t i = 0; i < COUNT(NONE); i++) {
        assert_false(hash_named(str_from(NONE[i]), &hash));
    }
}

int hash_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(as_digests, start, stop),
        cmocka_unit_test_setup_teardown(names, start, stop),
    };
    return cmocka_run_group_tests_name("hash", tests, NULL, NULL);
}

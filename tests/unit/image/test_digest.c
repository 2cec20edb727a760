#include "test.h"

#include "image/digest.h"

#define HEX32 "0123456789abcdef0123456789abcdef"

static void parsing(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum digest_error error;
    } CASES[] = {
        {SHA256, DIGEST_OK},
        {"sha384:" HEX64 HEX32, DIGEST_OK},
        {"sha512:" HEX64 HEX64, DIGEST_OK},
        {"", DIGEST_FORMAT},
        {"sha256", DIGEST_FORMAT},
        {"sha256:", DIGEST_FORMAT},
        {":" HEX64, DIGEST_FORMAT},
        {HEX64, DIGEST_FORMAT},
        {"sha256:" HEX64 "0", DIGEST_LENGTH},
        {"sha256:" HEX32, DIGEST_LENGTH},
        {"sha512:" HEX64, DIGEST_LENGTH},
        {"sha256:0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef", DIGEST_FORMAT},
        {"sha256:0123456789abcdeg0123456789abcdef0123456789abcdef0123456789abcdef", DIGEST_FORMAT},
        {"sha256:0123456789abcdef:123456789abcdef0123456789abcdef0123456789abcdef", DIGEST_FORMAT},
        {"SHA256:" HEX64, DIGEST_FORMAT},
        {"md5:" HEX32, DIGEST_UNSUPPORTED},
        {"sha256+b64:" HEX64, DIGEST_UNSUPPORTED},
        {"sha256+:" HEX64, DIGEST_FORMAT},
        {"+sha256:" HEX64, DIGEST_FORMAT},
        {"a..b:" HEX64, DIGEST_FORMAT},
        {"blake3:=_-x", DIGEST_UNSUPPORTED},
        {"blake3:a/b", DIGEST_FORMAT},
        {" " SHA256, DIGEST_FORMAT},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct digest digest = {STR("untouched"), STR("untouched")};
        enum digest_error error = digest_parse(str_from(CASES[i].text), &digest);
        bool untouched = str_eq(digest.algorithm, STR("untouched"));
        if (error != CASES[i].error || untouched != (error != DIGEST_OK)) {
            fail_msg("digest \"%s\": %s", CASES[i].text, digest_error_text(error));
        }
    }
}

static void parts(void **state)
{
    (void)state;
    struct digest digest;
    assert_int_equal(digest_parse(STR(SHA256), &digest), DIGEST_OK);
    assert_true(str_eq(digest.algorithm, STR("sha256")));
    assert_true(str_eq(digest.hex, STR(HEX64)));
    assert_int_equal(digest_parse((struct str){SHA256 "NUL follows", sizeof SHA256 - 1}, &digest),
                     DIGEST_OK);
    assert_int_equal(digest_parse((struct str){"sha256:\0", 8}, &digest), DIGEST_LENGTH);
}

static void algorithms(void **state)
{
    (void)state;
    assert_true(digest_is_algorithm(STR("sha256")));
    assert_true(digest_is_algorithm(STR("sha384")));
    assert_true(digest_is_algorithm(STR("sha512")));
    assert_false(digest_is_algorithm(STR("sha1")));
    assert_false(digest_is_algorithm(STR("")));
    assert_false(digest_is_algorithm(STR("SHA256")));
}

int digest_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parsing),
        cmocka_unit_test(parts),
        cmocka_unit_test(algorithms),
    };
    return cmocka_run_group_tests_name("digest", tests, NULL, NULL);
}

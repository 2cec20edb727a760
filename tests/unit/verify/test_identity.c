/* Who may sign. */
#include "test.h"

#include "verify/identity.h"

static const struct str NAMES[] = {STR("a@example.com"), STR("https://ci.example.com/a")};
static const struct signer SIGNER = {STR("https://issuer.example.com"), NAMES, 2};

static bool holds(const struct identity *identities, size_t n, const struct signer *signer)
{
    struct error err;
    return !failed(identity_check(&test_arena, identities, n, signer, &err));
}

static struct text_match match(struct regex **list, enum text_match_kind kind, const char *text)
{
    struct text_match it;
    struct error err;
    if (failed(text_match_make(&test_arena, list, kind, str_from(text), &it, &err))) {
        fail_msg("%s: %s", text, err.text);
    }
    return it;
}

static void kinds(void **state)
{
    (void)state;
    static const struct {
        enum text_match_kind kind;
        const char *text;
        bool holds;
    } ROWS[] = {
        {TEXT_EXACT, "a@example.com", true},
        {TEXT_EXACT, "https://ci.example.com/a", true},
        {TEXT_EXACT, "a@example.co", false},
        {TEXT_EXACT, "A@example.com", false},
        {TEXT_EXACT, "*@example.com", false},
        {TEXT_EXACT, "a@example.comm", false},
        {TEXT_GLOB, "*@example.com", true},
        {TEXT_GLOB, "https://*.example.com/*", true},
        {TEXT_GLOB, "*@example.org", false},
        {TEXT_GLOB, "*", true},
        {TEXT_GLOB, "a@example", false},
        {TEXT_REGEX, "[a-z]@example[.]com", true},
        {TEXT_REGEX, "https://ci\\.example\\.com/.*", true},
        {TEXT_REGEX, "example", false},
        {TEXT_REGEX, "a@example.com|b", true},
        {TEXT_REGEX, "b|a@example.co", false},
        {TEXT_REGEX, ".*@example.com\n", false},
        {TEXT_REGEX, "(a|aa|@|[^x]+)+x", false},
    };
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct regex *list = NULL;
        const struct identity identity = {match(&list, ROWS[i].kind, ROWS[i].text),
                                          {TEXT_ANY, STR_EMPTY, NULL}};
        if (holds(&identity, 1, &SIGNER) != ROWS[i].holds) {
            fail_msg("%s", ROWS[i].text);
        }
        regex_done(list);
    }
}

/* What is zero, or says nothing, is nobody. */
static void nobody(void **state)
{
    (void)state;
    const struct text_match any = {TEXT_ANY, STR_EMPTY, NULL}, none = {TEXT_NONE, STR_EMPTY, NULL};
    const struct identity anyone = {any, any}, zero = {none, none};
    const struct identity no_subject = {none, any}, no_issuer = {any, none};
    const struct signer unnamed = {STR_EMPTY, NULL, 0};
    const struct signer empty_names = {STR_EMPTY, (const struct str[]){STR("")}, 1};
    const struct identity empty = {{TEXT_EXACT, STR(""), NULL}, {TEXT_EXACT, STR(""), NULL}};
    assert_false(holds(NULL, 0, &SIGNER));
    assert_false(holds(&zero, 1, &SIGNER));
    assert_false(holds(&no_subject, 1, &SIGNER));
    assert_false(holds(&no_issuer, 1, &SIGNER));
    assert_false(holds(&empty, 1, &empty_names));
    assert_true(holds(&anyone, 1, &SIGNER));
    assert_true(holds(&anyone, 1, &unnamed));
}

/* Subject and issuer are of one identity; one of several is enough. */
static void several(void **state)
{
    (void)state;
    struct regex *list = NULL;
    const struct text_match subject = match(&list, TEXT_EXACT, "a@example.com"),
                            issuer = match(&list, TEXT_EXACT, "https://issuer.example.com"),
                            other = match(&list, TEXT_EXACT, "https://evil.example.com");
    const struct identity crossed[] = {{subject, other}, {other, issuer}};
    const struct identity right[] = {{subject, other}, {subject, issuer}};
    assert_false(holds(crossed, 2, &SIGNER));
    assert_true(holds(right, 2, &SIGNER));
}

static void words(void **state)
{
    (void)state;
    struct regex *list = NULL;
    struct error err;
    const struct identity identity = {match(&list, TEXT_GLOB, "*@acme.com"),
                                      match(&list, TEXT_EXACT, "https://acme.com")};
    assert_true(failed(identity_check(&test_arena, &identity, 1, &SIGNER, &err)));
    assert_int_equal(err.kind, ERROR_EVIDENCE);
    assert_string_equal(
        err.text, "wrong identity: signed by \"a@example.com\", \"https://ci.example.com/a\" of "
                  "issuer \"https://issuer.example.com\", not by \"*@acme.com\" of issuer "
                  "\"https://acme.com\"");
    const struct identity two[] = {identity, identity};
    const struct signer unnamed = {STR_EMPTY, NULL, 0};
    assert_true(failed(identity_check(&test_arena, two, 2, &unnamed, &err)));
    assert_string_equal(err.text, "wrong identity: signed by nobody that is named, not by one of 2 "
                                  "identities");
}

static void refused(void **state)
{
    (void)state;
    struct regex *list = NULL;
    struct text_match it;
    struct error err;
    char *long_text = arena_alloc(&test_arena, LIMIT_REGEX_TEXT + 1);
    memset(long_text, 'a', LIMIT_REGEX_TEXT + 1);
    assert_true(failed(text_match_make(&test_arena, &list, TEXT_EXACT, STR_EMPTY, &it, &err)));
    expect_error(&err, ERROR_INPUT, "must not be empty");
    assert_true(failed(text_match_make(&test_arena, &list, TEXT_REGEX, STR("(a"), &it, &err)));
    assert_int_equal(err.kind, ERROR_INPUT);
    assert_false(failed(text_match_make(&test_arena, &list, TEXT_GLOB,
                                        (struct str){long_text, LIMIT_PATTERN_TEXT}, &it, &err)));
    assert_true(
        failed(text_match_make(&test_arena, &list, TEXT_GLOB,
                               (struct str){long_text, LIMIT_PATTERN_TEXT + 1}, &it, &err)));
    expect_error(&err, ERROR_LIMIT, "a pattern of more than 512 bytes");
    assert_true(failed(text_match_make(&test_arena, &list, TEXT_REGEX,
                                       (struct str){long_text, LIMIT_REGEX_TEXT + 1}, &it, &err)));
    assert_int_equal(err.kind, ERROR_LIMIT);
    regex_done(list);
}

int identity_tests(void)
{
    const struct CMUnitTest tests[] = {TEST(kinds), TEST(nobody), TEST(several), TEST(words),
                                       TEST(refused)};
    return cmocka_run_group_tests_name("identity", tests, NULL, NULL);
}

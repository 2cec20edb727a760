#include "test.h"

#include "oci/challenge.h"

static struct arena arena;

static int start(void **state)
{
    (void)state;
    arena_init(&arena, 1 << 20);
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

/* "Bearer realm|service|scope|error;Basic realm|||;Other" */
static struct str shown(const struct challenges *list)
{
    static const char *const NAMES[] = {"Other", "Basic", "Bearer"};
    struct str text = STR_EMPTY;
    for (size_t i = 0; i < list->n; i++) {
        const struct challenge *it = &list->items[i];
        text = arena_printf(&arena, "%.*s%s%s %.*s|%.*s|%.*s|%.*s", STR_ARG(text), i > 0 ? ";" : "",
                            NAMES[it->scheme], STR_ARG(it->realm), STR_ARG(it->service),
                            STR_ARG(it->scope), STR_ARG(it->error));
    }
    return text;
}

static void sound(void **state)
{
    (void)state;
    static const char *const CASES[][2] = {
        {"Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\","
         "scope=\"repository:library/nginx:pull\"",
         "Bearer https://auth.docker.io/token|registry.docker.io|repository:library/nginx:pull|"},
        {"bEARER REALM=\"r\" , Service=s", "Bearer r|s||"},
        {"Basic realm=\"a registry\"", "Basic a registry|||"},
        {"Basic", "Basic |||"},
        {"Bearer realm=\"r\",error=\"invalid_token\"", "Bearer r|||invalid_token"},
        {"Basic realm=\"b\", Bearer realm=\"r\",service=\"s\"", "Basic b|||;Bearer r|s||"},
        {"Bearer realm=\"r\",service=\"s\",Basic realm=\"b\"", "Bearer r|s||;Basic b|||"},
        {"Negotiate, Basic realm=b", "Other |||;Basic b|||"},
        {"Negotiate YWJjZA==, Basic realm=b", "Other |||;Basic b|||"},
        {"Negotiate YWJj, Basic", "Other |||;Basic |||"},
        {"Digest realm=\"x\", qop=\"auth, auth-int\", algorithm=MD5", "Other x|||"},
        {", ,Basic realm=\"b\",,", "Basic b|||"},
        {"Bearer realm=\"a\\\"b\\\\c, Basic realm=\\\"x\\\"\"",
         "Bearer a\"b\\c, Basic realm=\"x\"|||"},
        {"Bearer realm = \"r\" ,\tscope\t=\ts", "Bearer r||s|"},
        {"Bearer unknown=\"x\",realm=\"r\"", "Bearer r|||"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct challenges list = {.n = 0};
        struct error err;
        if (failed(challenge_parse(&arena, str_from(CASES[i][0]), &list, &err))) {
            fail_msg("%s: %s", CASES[i][0], err.text);
        }
        assert_string_equal(shown(&list).p, CASES[i][1]);
    }
}

static void malformed(void **state)
{
    (void)state;
    static const struct {
        struct str text;
        const char *wanted;
    } CASES[] = {
        {STR(""), "malformed at byte 1"},
        {STR(", ,"), "malformed at byte 4"},
        {STR("\"Bearer\""), "malformed at byte 1"},
        {STR("Bearer"), "Bearer without a realm"},
        {STR("Bearer realm=\"\""), "Bearer without a realm"},
        {STR("Bearer service=\"s\""), "Bearer without a realm"},
        {STR("Bearer realm=\"r"), "malformed at byte 16"},
        {STR("Bearer realm=\"r\\"), "malformed at byte 17"},
        {STR("Bearer realm=\"r\" service=\"s\""), "malformed at byte 18"},
        {STR("Bearer realm=\"r\";service=\"s\""), "malformed at byte 17"},
        {STR("Bearer realm=\"r\",realm=\"q\""), "a parameter twice"},
        {STR("Bearer realm=\"r\",x=1,X=2"), "a parameter twice"},
        {STR("Bearer realm=\"r\n\""), "malformed at byte 16"},
        {STR("Bearer realm=\"r\0\""), "malformed at byte 16"},
        {STR("Bearer realm=\"r\x7f\""), "malformed at byte 16"},
        {STR("Bearer realm=r/x"), "malformed at byte 15"},
        {STR("Bearer=x realm=\"r\""), "malformed at byte 7"},
        {STR("Bearer abc def"), "malformed at byte 12"},
        {STR("Bas\xc3\xaf realm=x"), "malformed at byte 4"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct challenges list = {.n = 0};
        struct error err;
        assert_true(failed(challenge_parse(&arena, CASES[i].text, &list, &err)));
        assert_int_equal(err.kind, ERROR_UPSTREAM);
        if (strstr(err.text, CASES[i].wanted) == NULL) {
            fail_msg("%s: not \"%s\" but \"%s\"", CASES[i].text.p, CASES[i].wanted, err.text);
        }
    }
}

/* `n` challenges of different schemes. */
static struct str many(size_t n)
{
    struct str text = STR_EMPTY;
    for (size_t i = 0; i < n; i++) {
        text = arena_printf(&arena, "%.*s%sS%zu", STR_ARG(text), i > 0 ? "," : "", i);
    }
    return text;
}

static void refused(struct str text)
{
    struct challenges list = {.n = 0};
    struct error err;
    assert_true(failed(challenge_parse(&arena, text, &list, &err)));
    assert_int_equal(err.kind, ERROR_LIMIT);
}

static void limits(void **state)
{
    (void)state;
    struct challenges list = {.n = 0};
    struct error err;
    assert_false(failed(challenge_parse(&arena, many(LIMIT_CHALLENGES), &list, &err)));
    assert_int_equal(list.n, LIMIT_CHALLENGES);
    assert_true(failed(challenge_parse(&arena, STR("Basic"), &list, &err))); /* another header */
    assert_int_equal(err.kind, ERROR_LIMIT);
    refused(many(LIMIT_CHALLENGES + 1));
    list.n = 0;
    struct str text = STR("X ");
    for (size_t i = 0; i < LIMIT_CHALLENGE_PARAMETERS; i++) {
        text = arena_printf(&arena, "%.*s%sp%zu=1", STR_ARG(text), i > 0 ? "," : "", i);
    }
    assert_false(failed(challenge_parse(&arena, text, &list, &err)));
    refused(arena_printf(&arena, "%.*s,q=1", STR_ARG(text)));
    static char longest[LIMIT_CHALLENGE_TEXT + 2];
    memset(longest, 'a', sizeof longest);
    list.n = 0;
    assert_false(
        failed(challenge_parse(&arena, (struct str){longest, LIMIT_CHALLENGE_TEXT}, &list, &err)));
    refused((struct str){longest, LIMIT_CHALLENGE_TEXT + 1});
}

static void schemes(void **state)
{
    (void)state;
    struct challenges list = {.n = 0};
    struct error err;
    assert_null(challenge_of(&list, CHALLENGE_BASIC));
    assert_false(failed(challenge_parse(&arena, STR("Basic realm=a, Basic realm=b"), &list, &err)));
    assert_true(str_eq(challenge_of(&list, CHALLENGE_BASIC)->realm, STR("a")));
    assert_null(challenge_of(&list, CHALLENGE_BEARER));
}

int challenge_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sound, start, end),
        cmocka_unit_test_setup_teardown(malformed, start, end),
        cmocka_unit_test_setup_teardown(limits, start, end),
        cmocka_unit_test_setup_teardown(schemes, start, end),
    };
    return cmocka_run_group_tests_name("challenge", tests, NULL, NULL);
}

#include "net.h"

#include "registry/tokens.h"

static struct tokens *tokens;

static struct flow_token token_of(const char *scope, const char *text, int64_t seconds)
{
    return (struct flow_token){.realm = STR("realm"),
                               .service = STR("service"),
                               .scope = str_from(scope),
                               .token = {str_from(text), seconds * NS_PER_S}};
}

static void keep(const char *repository, const char *scope, const char *text)
{
    const struct flow_token token = token_of(scope, text, 60);
    tokens_keep(tokens, STR("origin"), str_from(repository), STR("me"), &token, now);
}

static bool has(const char *repository, const char *text)
{
    struct flow_token token;
    return tokens_for(tokens, STR("origin"), str_from(repository), STR("me"), now, &arena,
                      &token) &&
           str_eq(token.token.text, str_from(text));
}

static int start(void **state)
{
    tokens = tokens_new();
    return net_start(state);
}

static int end(void **state)
{
    tokens_free(tokens);
    return net_end(state);
}

static void keys(void **state)
{
    (void)state;
    struct flow_token wanted = token_of("scope", "", 0);
    struct token token;
    keep("a", "scope", "t");
    assert_true(tokens_any(tokens, STR("origin"), STR("a"), now));
    assert_false(tokens_any(tokens, STR("origin"), STR("b"), now));
    assert_false(tokens_any(tokens, STR("other"), STR("a"), now));
    assert_true(tokens_find(tokens, STR("origin"), &wanted, STR("me"), now, &arena, &token));
    assert_false(tokens_find(tokens, STR("other"), &wanted, STR("me"), now, &arena, &token));
    assert_false(tokens_find(tokens, STR("origin"), &wanted, STR("you"), now, &arena, &token));
    assert_false(tokens_find(tokens, STR("origin"), &wanted, STR(""), now, &arena, &token));
    struct flow_token others[] = {wanted, wanted, wanted};
    others[0].realm = others[1].service = others[2].scope = STR("x");
    for (size_t i = 0; i < COUNT(others); i++) {
        assert_false(
            tokens_find(tokens, STR("origin"), &others[i], STR("me"), now, &arena, &token));
    }
    keep("a", "scope", "u"); /* in its place */
    assert_true(has("a", "u"));
    tokens_forget(tokens, STR("origin"), &wanted, STR("me"));
    assert_false(tokens_any(tokens, STR("origin"), STR("a"), now));
}

static void time_goes_by(void **state)
{
    (void)state;
    keep("a", "scope", "t");
    now += 54 * NS_PER_S;
    assert_true(has("a", "t"));
    now += NS_PER_S; /* five seconds before its end */
    assert_false(has("a", "t"));
    const struct flow_token none = token_of("x", "t", 0);
    tokens_keep(tokens, STR("origin"), STR("b"), STR("me"), &none, now);
    assert_false(has("b", "t"));
}

static void limits(void **state)
{
    (void)state;
    for (unsigned i = 0; i < LIMIT_REGISTRY_TOKENS; i++) {
        const char *name = arena_printf(&arena, "%u", i).p;
        keep(name, name, "t");
    }
    assert_true(has("0", "t")); /* and is used last */
    keep("one more", "one more", "t");
    assert_true(has("0", "t"));
    assert_false(has("1", "t"));
    assert_true(has("2", "t"));
    struct str large = {memset(arena_alloc(&arena, LIMIT_TOKEN), 'x', LIMIT_TOKEN), LIMIT_TOKEN};
    for (unsigned i = 0; i <= LIMIT_REGISTRY_TOKEN_BYTES / LIMIT_TOKEN; i++) {
        struct flow_token token = token_of("", "", 60);
        token.scope = arena_printf(&arena, "large %u", i);
        token.token.text = large;
        tokens_keep(tokens, STR("origin"), token.scope, STR("me"), &token, now);
    }
    assert_false(has("0", "t"));
    assert_false(tokens_any(tokens, STR("origin"), STR("large 0"), now));
    assert_true(tokens_any(tokens, STR("origin"), STR("large 64"), now));
}

static void identities(void **state)
{
    (void)state;
    const struct flow_credential all[] = {
        {.username = STR("a"), .password = STR("bc")},
        {.username = STR("ab"), .password = STR("c")},
        {.username = STR("a"), .identity_token = STR("bc")},
        {.registry_token = STR("abc")},
        {.username = STR("")},
    };
    for (size_t i = 0; i < COUNT(all); i++) {
        struct str one = tokens_identity(&arena, &all[i]);
        assert_null(strstr(one.p, "bc:"));
        assert_true(one.n > 0);
        for (size_t k = 0; k < i; k++) {
            assert_false(str_eq(one, tokens_identity(&arena, &all[k])));
        }
    }
    struct flow_credential same = all[0];
    same.source = STR("elsewhere");
    assert_true(str_eq(tokens_identity(&arena, &same), tokens_identity(&arena, &all[0])));
    assert_int_equal(tokens_identity(&arena, NULL).n, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int tokens_tests(void)
{
    const struct CMUnitTest tests[] = {TEST(keys), TEST(time_goes_by), TEST(limits),
                                       TEST(identities)};
    return cmocka_run_group_tests_name("tokens", tests, NULL, NULL);
}

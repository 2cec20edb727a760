#include "net.h"

#define R        "https://r.example/v2/a/b/manifests/1"
#define AS_ALICE " [Basic YWxpY2U6c2VjcmV0]"
#define AS_BOB   " [Basic Ym9iOnNlY3JldA==]"
#define ALICE    "{\"username\":\"alice\",\"password\":\"secret\"}"
#define BOB      "{\"username\":\"bob\",\"password\":\"secret\"}"

static void only_where_they_are_for(void **state)
{
    (void)state;
    use_credentials("{\"auths\":{\"r.example\":" ALICE "}}");
    NET({"HEAD " R " guarded", 401, "Basic realm=r"}, {"HEAD " R AS_ALICE " guarded", FOUND});
    assert_resolves("r.example/a/b:1", ONE);
    NET({"HEAD https://s.example/v2/a/b/manifests/1 guarded", 401, "Basic realm=r"});
    assert_fails("s.example/a/b:1", ERROR_UNAUTHORIZED,
                 "s.example: it asks for a user name and a password, and none is known");
}

static void none_where_none_is_asked_for(void **state)
{
    (void)state;
    use_credentials("{\"auths\":{\"r.example\":" ALICE "}}");
    NET({"HEAD " R " guarded", FOUND});
    assert_resolves("r.example/a/b:1", ONE);
}

static void each_in_turn(void **state)
{
    (void)state;
    use_credentials("{\"auths\":{\"r.example\":" ALICE ",\"r.example/a\":" BOB "}}");
    struct registry_resolved resolved;
    struct reference reference = reference_of("r.example/a/b:1");
    NET({"HEAD " R " guarded", 401, "Basic realm=r"},
        {"HEAD " R AS_BOB " guarded", 401, "Basic realm=r"}, /* the more specific one first */
        {"HEAD " R AS_ALICE " guarded", FOUND});
    assert_false(failed(registry_resolve(registry(), &reference, &call, &resolved, &err)));
    assert_string_equal(resolved.source.credential.p, "config");
}

static void not_to_another_realm(void **state)
{
    (void)state;
    use_credentials("{\"auths\":{\"r.example\":" ALICE "}}");
    NET({"HEAD " R " guarded", 401, "Bearer realm=\"https://evil.example/token\""},
        {"GET https://evil.example/token?scope=repository%3Aa%2Fb%3Apull guarded", 200,
         .body = "{\"token\":\"t\"}"},
        {"HEAD " R " [Bearer t] guarded", FOUND});
    struct registry_resolved resolved;
    struct reference reference = reference_of("r.example/a/b:1");
    assert_false(failed(registry_resolve(registry(), &reference, &call, &resolved, &err)));
    assert_int_equal(resolved.source.credential.n, 0);
    NET({"HEAD " R " [Bearer t] guarded", FOUND}); /* kept as nobody's */
    assert_false(failed(registry_resolve(registry(), &reference, &call, &resolved, &err)));
    assert_int_equal(resolved.source.credential.n, 0);
    net_is_over();
}

static void to_a_realm_that_is_listed(void **state)
{
    (void)state;
    static const struct str REALMS[] = {STR("auth.example")};
    static const struct registry_host HOSTS[] = {
        {.name = STR("r.example"), .realms = REALMS, .n_realms = 1}};
    options.hosts = (struct registry_hosts){HOSTS, 1};
    use_credentials("{\"auths\":{\"r.example\":" ALICE ",\"s.example\":" ALICE "}}");
    NET({"HEAD " R " guarded", 401, "Bearer realm=\"https://auth.example/token\""},
        {"GET https://auth.example/token?scope=repository%3Aa%2Fb%3Apull&account=alice" AS_ALICE
         " guarded",
         200, .body = "{\"token\":\"t\"}"},
        {"HEAD " R " [Bearer t] guarded", FOUND});
    assert_resolves("r.example/a/b:1", ONE);
    NET({"HEAD https://s.example/v2/a/b/manifests/1 guarded", 401,
         "Bearer realm=\"https://auth.example/token\""}, /* for one registry is not for all */
        {"GET https://auth.example/token?scope=repository%3Aa%2Fb%3Apull guarded", 401});
    assert_fails("s.example/a/b:1", ERROR_UNAUTHORIZED,
                 "s.example: access is denied; its credentials were not sent to the token server "
                 "https://auth.example/token, which is another host");
}

static void not_with_a_redirect(void **state)
{
    (void)state;
    use_credentials("{\"auths\":{\"r.example\":" ALICE ",\"store.example\":" BOB "}}");
    NET({"HEAD " R " guarded", 401, "Basic realm=r"},
        {"HEAD " R AS_ALICE " guarded", 307, .location = "https://store.example/x"},
        {"GET " R AS_ALICE " guarded", 307, .location = "https://store.example/x?sign=1"},
        {"GET https://store.example/x?sign=1 guarded", 200, .type = OCI_INDEX, .body = MANIFEST});
    assert_resolves("r.example/a/b:1", MANIFEST_DIGEST);
    NET({"HEAD " R AS_ALICE " guarded", 405}, /* as it wanted before */
        {"GET " R AS_ALICE " guarded", 307, .location = "https://store.example/x"},
        {"GET https://store.example/x guarded", 401, "Basic realm=r"});
    assert_fails("r.example/a/b:1", ERROR_UNAUTHORIZED,
                 "store.example, to which r.example redirected, asks who we are; it is not told");
}

/* A token of one who may pull is not for another who asks. */
static void tokens_belong_to_who_asked(void **state)
{
    (void)state;
    static const char BEARER[] = "Bearer realm=\"https://r.example/token\"";
    use_credentials("{\"auths\":{\"r.example\":" ALICE "}}");
    const struct hop first[] = {
        {"HEAD " R " guarded", 401, BEARER},
        {"GET https://r.example/token?scope=repository%3Aa%2Fb%3Apull&account=alice" AS_ALICE
         " guarded",
         200, .body = "{\"token\":\"t\"}"},
        {"HEAD " R " [Bearer t] guarded", FOUND}};
    net(first, COUNT(first));
    assert_resolves("r.example/a/b:1", ONE);
    call.keyring = NULL;
    const struct hop second[] = {
        {"HEAD " R " guarded", 401, BEARER},
        {"GET https://r.example/token?scope=repository%3Aa%2Fb%3Apull guarded", 401}};
    net(second, COUNT(second));
    assert_fails("r.example/a/b:1", ERROR_UNAUTHORIZED,
                 "r.example: access is denied without credentials");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, net_start, net_end)

int credentials_tests(void)
{
    const struct CMUnitTest tests[] = {
        TEST(only_where_they_are_for),
        TEST(none_where_none_is_asked_for),
        TEST(each_in_turn),
        TEST(not_to_another_realm),
        TEST(to_a_realm_that_is_listed),
        TEST(not_with_a_redirect),
        TEST(tokens_belong_to_who_asked),
    };
    return cmocka_run_group_tests_name("credentials", tests, NULL, NULL);
}

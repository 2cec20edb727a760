/* A registry that asked for a password is shown it at once the next time, under the same
 * conditions, and nobody else is. Each request is counted by the table. */
#include "net.h"

#define HOST     "https://r.example/v2/"
#define ONE_OF   HOST "a/b/manifests/1"
#define AS_ALICE " [Basic YWxpY2U6c2VjcmV0]"
#define AS_BOB   " [Basic Ym9iOnNlY3JldA==]"
#define ALICE    "{\"username\":\"alice\",\"password\":\"secret\"}"
#define BOB      "{\"username\":\"bob\",\"password\":\"secret\"}"
#define ASKS     401, "Basic realm=r"

/* Resolve r.example/a/b:1 once, so that its password is known to be asked for. */
static void be_let_in(void)
{
    use_credentials("{\"auths\":{\"r.example\":" ALICE ",\"s.example\":" ALICE "}}");
    NET({"HEAD " ONE_OF " guarded", ASKS}, {"HEAD " ONE_OF AS_ALICE " guarded", FOUND});
    assert_resolves("r.example/a/b:1", ONE);
}

static void one_request_the_next_time(void **state)
{
    (void)state;
    be_let_in();
    NET({"HEAD " ONE_OF AS_ALICE " guarded", FOUND});
    assert_resolves("r.example/a/b:1", ONE);
    NET({"HEAD " HOST "a/b/manifests/2" AS_ALICE " guarded", FOUND});
    assert_resolves("r.example/a/b:2", ONE);
}

static void nowhere_else(void **state)
{
    (void)state;
    be_let_in();
    NET({"HEAD https://s.example/v2/a/b/manifests/1 guarded", FOUND});
    assert_resolves("s.example/a/b:1", ONE);
    NET({"HEAD https://r.example:444/v2/a/b/manifests/1 guarded", FOUND});
    assert_resolves("r.example:444/a/b:1", ONE);
    NET({"HEAD " HOST "a/c/manifests/1 guarded", FOUND}); /* another repository may be open */
    assert_resolves("r.example/a/c:1", ONE);
    NET({"HEAD " ONE_OF AS_ALICE " guarded", 307, .location = "https://store.example/x"},
        {"GET " ONE_OF AS_ALICE " guarded", 307, .location = "https://store.example/x"},
        {"GET https://store.example/x guarded", 200, .type = OCI_INDEX, .body = MANIFEST});
    assert_resolves("r.example/a/b:1", MANIFEST_DIGEST);
}

static void not_by_another_scheme(void **state)
{
    (void)state;
    static const struct registry_host HOSTS[] = {{.name = STR("r.example:443"), .plain = true}};
    be_let_in();
    options.hosts = (struct registry_hosts){HOSTS, 1};
    NET({"HEAD http://r.example:443/v2/a/b/manifests/1 guarded", FOUND});
    assert_resolves("r.example:443/a/b:1", ONE);
}

static void not_another_password(void **state)
{
    (void)state;
    be_let_in();
    change_credentials("{\"auths\":{\"r.example\":{\"username\":\"alice\",\"password\":\"new\"}}}");
    NET({"HEAD " ONE_OF " guarded", ASKS}, {"HEAD " ONE_OF " [Basic YWxpY2U6bmV3] guarded", FOUND});
    assert_resolves("r.example/a/b:1", ONE);
    call.keyring = NULL;
    NET({"HEAD " ONE_OF " guarded", FOUND});
    assert_resolves("r.example/a/b:1", ONE);
}

static void not_for_ever(void **state)
{
    (void)state;
    be_let_in();
    now += 3590 * NS_PER_S;
    call.deadline = now + 60 * NS_PER_S;
    NET({"HEAD " ONE_OF AS_ALICE " guarded", FOUND});
    assert_resolves("r.example/a/b:1", ONE);
    now += 10 * NS_PER_S;
    NET({"HEAD " ONE_OF " guarded", FOUND});
    assert_resolves("r.example/a/b:1", ONE);
}

/* It wants to know in another way: all begins anew, and nothing is kept. */
static void not_after_a_refusal(void **state)
{
    (void)state;
    be_let_in();
    NET({"HEAD " ONE_OF AS_ALICE " guarded", 401, "Bearer realm=\"https://evil.example/token\""},
        {"GET https://evil.example/token?scope=repository%3Aa%2Fb%3Apull guarded", 401});
    assert_fails("r.example/a/b:1", ERROR_UNAUTHORIZED,
                 "r.example: access is denied; its credentials were not sent to the token server "
                 "https://evil.example/token, which is another host");
    NET({"HEAD " ONE_OF " guarded", ASKS},
        {"HEAD " ONE_OF AS_ALICE " guarded", 401, "Basic realm=r"});
    assert_fails("r.example/a/b:1", ERROR_UNAUTHORIZED,
                 "r.example: access is denied to each credential");
    NET({"HEAD " ONE_OF " guarded", 401, "Basic realm=r"},
        {"HEAD " ONE_OF AS_ALICE " guarded", FOUND});
    assert_resolves("r.example/a/b:1", ONE);
}

static void who_is_let_in_changes(void **state)
{
    (void)state;
    use_credentials("{\"auths\":{\"r.example\":" ALICE ",\"r.example/a\":" BOB "}}");
    NET({"HEAD " ONE_OF " guarded", ASKS}, {"HEAD " ONE_OF AS_BOB " guarded", ASKS},
        {"HEAD " ONE_OF AS_ALICE " guarded", FOUND});
    assert_resolves("r.example/a/b:1", ONE);
    NET({"HEAD " ONE_OF AS_ALICE " guarded", FOUND}); /* the one that was good */
    assert_resolves("r.example/a/b:1", ONE);
    NET({"HEAD " ONE_OF AS_ALICE " guarded", 403}, {"HEAD " ONE_OF " guarded", ASKS},
        {"HEAD " ONE_OF AS_BOB " guarded", FOUND});
    assert_resolves("r.example/a/b:1", ONE);
    NET({"HEAD " ONE_OF AS_BOB " guarded", ASKS}, {"HEAD " ONE_OF AS_BOB " guarded", ASKS},
        {"HEAD " ONE_OF AS_ALICE " guarded", FOUND});
    assert_resolves("r.example/a/b:1", ONE);
}

/* A server error says nothing of it. */
static void kept_while_it_is_broken(void **state)
{
    (void)state;
    be_let_in();
    NET({"HEAD " ONE_OF AS_ALICE " guarded", 503}, {"HEAD " ONE_OF AS_ALICE " guarded", FOUND});
    assert_resolves("r.example/a/b:1", ONE);
    NET({"HEAD " ONE_OF AS_ALICE " guarded", FOUND});
    assert_resolves("r.example/a/b:1", ONE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, net_start, net_end)

int passwords_tests(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_request_the_next_time),
        TEST(nowhere_else),
        TEST(not_by_another_scheme),
        TEST(not_another_password),
        TEST(not_for_ever),
        TEST(not_after_a_refusal),
        TEST(who_is_let_in_changes),
        TEST(kept_while_it_is_broken),
    };
    return cmocka_run_group_tests_name("passwords", tests, NULL, NULL);
}

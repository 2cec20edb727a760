#include "net.h"

#include "registry/gates.h"

#define R "HEAD https://r.example/v2/a/b/manifests/1 guarded"

static void retry_after(void **state)
{
    (void)state;
    int64_t began = now;
    NET({R, 429, .retry_after = "7"}, {R, FOUND});
    assert_resolves("r.example/a/b:1", ONE);
    assert_int_equal(now - began, 7 * NS_PER_S);
}

static void retry_after_beyond_the_deadline(void **state)
{
    (void)state;
    int64_t began = now;
    NET({R, 429, .retry_after = "61"});
    assert_fails("r.example/a/b:1", ERROR_UPSTREAM,
                 "r.example is busy or broken, and not to be asked again in time");
    assert_int_equal(now, began); /* nobody waited for nothing */
    net(NULL, 0);
    assert_fails("r.example/a/b:1", ERROR_UPSTREAM, /* nor is it asked by others meanwhile */
                 "r.example asks to be left alone for 61 s");
    now += 30 * NS_PER_S;
    call.deadline = now + 60 * NS_PER_S;
    NET({R, FOUND});
    assert_resolves("r.example/a/b:1", ONE);
    assert_int_equal(now - began, 61 * NS_PER_S);
}

static void broken_for_a_moment(void **state)
{
    (void)state;
    NET({R, 503}, {R, 502}, {R, FOUND});
    assert_resolves("r.example/a/b:1", ONE);
    NET({R, 503}, {R, 502}, {R, 500});
    assert_fails("r.example/a/b:1", ERROR_UPSTREAM,
                 "r.example: the registry answered with status 500");
}

static void broken_for_long(void **state)
{
    (void)state;
    for (unsigned i = 0; i < GATE_FAILURES; i++) {
        NET({R, .body = "r.example: refused"});
        assert_fails("r.example/a/b:1", ERROR_UPSTREAM, "r.example: refused");
    }
    net(NULL, 0);
    assert_fails("r.example/a/b:1", ERROR_UPSTREAM,
                 "r.example failed 5 times in a row; it is asked again in 5 s");
    NET({"HEAD https://s.example/v2/a/b/manifests/1 guarded", FOUND}); /* others are */
    assert_resolves("s.example/a/b:1", ONE);
    now += 5 * NS_PER_S;
    NET({R, .body = "r.example: refused"}); /* one trial */
    assert_fails("r.example/a/b:1", ERROR_UPSTREAM, "r.example: refused");
    net(NULL, 0);
    assert_fails("r.example/a/b:1", ERROR_UPSTREAM,
                 "r.example failed 6 times in a row; it is asked again in 10 s");
    now += 10 * NS_PER_S;
    NET({R, 404}); /* an answer is an answer */
    assert_fails("r.example/a/b:1", ERROR_NOT_FOUND, "r.example: not found");
    NET({R, .body = "r.example: refused"});
    assert_fails("r.example/a/b:1", ERROR_UPSTREAM, "r.example: refused");
    NET({R, FOUND});
    assert_resolves("r.example/a/b:1", ONE);
}

/* A registry cannot have another one left alone by sending us there for a token. */
static void failures_of_others(void **state)
{
    (void)state;
    for (unsigned i = 0; i < GATE_FAILURES; i++) {
        NET({"HEAD https://evil.example/v2/a/b/manifests/1 guarded", 401,
             "Bearer realm=\"https://r.example/v2/a\""},
            {"GET https://r.example/v2/a?scope=repository%3Aa%2Fb%3Apull guarded",
             .body = "r.example: refused"});
        assert_fails("evil.example/a/b:1", ERROR_UPSTREAM, "r.example: refused");
    }
    NET({"HEAD https://evil.example/v2/a/b/manifests/1 guarded", 401,
         "Bearer realm=\"https://r.example/v2/a\""});
    assert_fails("evil.example/a/b:1", ERROR_UPSTREAM,
                 "r.example for evil.example failed 5 times in a row; it is asked again in 5 s");
    NET({R, FOUND});
    assert_resolves("r.example/a/b:1", ONE);
}

static void cancelled(void **state)
{
    (void)state;
    const atomic_bool cancel = true;
    call.cancel = &cancel;
    struct registry_resolved resolved;
    struct reference reference = reference_of("r.example/a/b:1");
    assert_true(failed(registry_resolve(registry(), &reference, &call, &resolved, &err)));
    assert_int_equal(err.kind, ERROR_TIMEOUT);
    call.cancel = NULL;
    call.deadline = now;
    assert_fails("r.example/a/b:1", ERROR_TIMEOUT, "r.example: no answer in time");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, net_start, net_end)

int waiting_tests(void)
{
    const struct CMUnitTest tests[] = {
        TEST(retry_after),         TEST(retry_after_beyond_the_deadline),
        TEST(broken_for_a_moment), TEST(broken_for_long),
        TEST(failures_of_others),  TEST(cancelled),
    };
    return cmocka_run_group_tests_name("waiting", tests, NULL, NULL);
}

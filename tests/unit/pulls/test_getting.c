/* What is asked of the API server, what is remembered of it, and what fails. */
#include "test.h"

#include <pthread.h>

#define OF(list) "'imagePullSecrets':[" list "]"

static struct pulls *pulls;
static struct pulls_asker asker;
static struct pulls_config config;

static int begin(void **state)
{
    config = (struct pulls_config){.kube = &api_config,
                                   .fetch = &api_port,
                                   .ttl = 3600 * NS_PER_S,
                                   .failure_ttl = 3600 * NS_PER_S};
    pulls = NULL;
    return world_begin(state);
}

static int end(void **state)
{
    pulls_free(pulls);
    return world_end(state);
}

static status get(const struct review *review)
{
    pulls = pulls != NULL ? pulls : pulls_new(&config);
    status st = pulls_get(pulls, review, clock_monotonic() + 60 * NS_PER_S, &arena, &asker, &err);
    keyring_free(asker.keyring);
    return st;
}

static struct str scope_of(const struct review *review)
{
    if (failed(get(review))) {
        fail_msg("%s", err.text);
    }
    return asker.scope;
}

static void assert_fails(const struct review *review, enum error_kind kind, const char *message)
{
    assert_true(failed(get(review)));
    assert_string_equal(err.text, message);
    assert_int_equal(err.kind, kind);
    assert_null(asker.keyring);
}

static bool is_at_hand(const struct review *review, struct str *ret_scope)
{
    return pulls_at_hand(pulls, review, &arena, ret_scope);
}

static void each_is_asked_for_once(void **state)
{
    (void)state;
    struct str scope;
    put_secret("shop", "pull", "r.example", "p");
    put_account("shop", "default", "{'name':'pull'},{'name':'more'}");
    pulls = pulls_new(&config);
    const struct review *review = deployment_of("shop", "");
    assert_false(is_at_hand(review, &scope));
    assert_string_equal(asked, "");
    struct str first = scope_of(review);
    assert_string_equal(asked, "shop/serviceaccounts/default shop/secrets/pull shop/secrets/more");
    assert_true(is_at_hand(review, &scope));
    assert_true(str_eq(first, scope) && scope.n > 0);
    assert_true(str_eq(first, scope_of(deployment_of("shop", ""))));
    assert_int_equal(api.calls, 3);
    /* by another way to the same names, it is another question */
    assert_true(str_eq(first, scope_of(pod_of("shop", OF("{'name':'pull'},{'name':'more'}")))));
    assert_int_equal(api.calls, 5);
    struct pulls_counters counters = pulls_counters(pulls);
    assert_int_equal(counters.had, 2);
    assert_int_equal(counters.hits, 2);
    assert_int_equal(counters.failures, 0);
    assert_int_equal(counters.errors, 0);
}

static void nobody_is_asked_where_there_are_none(void **state)
{
    (void)state;
    struct str scope = STR("x");
    pulls = pulls_new(&config);
    assert_true(is_at_hand(pod_of("shop", ""), &scope));
    assert_int_equal(scope.n, 0);
    assert_int_equal(scope_of(pod_of("shop", "")).n, 0);
    assert_string_equal(asked, "");
}

/* Who may see the same has the same scope, wherever it is written; nobody else has. */
static void a_scope_is_what_the_secrets_say(void **state)
{
    (void)state;
    put_secret("shop", "a", "r.example", "p");
    put_secret("shop", "b", "r.example", "q");
    put_secret("bank", "z", "r.example", "p");
    put_bytes("bank", "old", "kubernetes.io/dockercfg",
              "{\"auths\":{\"r.example\":{\"username\":\"u\",\"password\":\"p\"}}}");
    struct str a = scope_of(pod_of("shop", OF("{'name':'a'}")));
    assert_true(str_eq(a, scope_of(pod_of("bank", OF("{'name':'z'}")))));
    const struct review *const others[] = {
        pod_of("shop", OF("{'name':'b'}")),
        pod_of("shop", OF("{'name':'a'},{'name':'b'}")),
        pod_of("shop", OF("{'name':'b'},{'name':'a'}")),
        pod_of("bank", OF("{'name':'old'}")), /* the same bytes, read otherwise */
        pod_of("bank", OF("{'name':'a'}")),   /* not there */
    };
    struct str scopes[COUNT(others)];
    for (size_t i = 0; i < COUNT(others); i++) {
        scopes[i] = scope_of(others[i]);
        assert_false(str_eq(scopes[i], a));
        for (size_t j = 0; j < i; j++) {
            assert_false(str_eq(scopes[i], scopes[j]));
        }
    }
    assert_null(strstr(a.p, "dTpw")); /* what it is made of is not in it */
}

/* Nothing is remembered here, so that each review sees what there is. */
static void a_scope_changes_with_them(void **state)
{
    (void)state;
    config.ttl = config.failure_ttl = 0;
    const struct review *review = pod_of("shop", OF("{'name':'pull'}"));
    assert_int_equal(scope_of(review).n, 0);
    put_secret("shop", "pull", "r.example", "p");
    struct str first = scope_of(review), found;
    assert_true(first.n > 0);
    assert_false(is_at_hand(review, &found));
    put_secret("shop", "pull", "r.example", "q");
    struct str rotated = scope_of(review);
    assert_false(str_eq(first, rotated) || rotated.n == 0);
    put_secret("shop", "pull", "r.example", "p");
    assert_true(str_eq(first, scope_of(review)));
    remove_secret("shop", "pull");
    assert_int_equal(scope_of(review).n, 0);
}

/* That one is missing is remembered for the time of failures: it will be made in a moment. */
static void what_is_missing_is_looked_for_soon(void **state)
{
    (void)state;
    config.failure_ttl = 0;
    put_secret("shop", "pull", "r.example", "p");
    put_account("shop", "robot", "");
    scope_of(pod_of("shop", OF("{'name':'pull'},{'name':'more'}")));
    scope_of(pod_of("shop", OF("{'name':'pull'},{'name':'more'}")));
    assert_int_equal(api.calls, 4);
    scope_of(deployment_of("shop", "'serviceAccountName':'nobody'"));
    scope_of(deployment_of("shop", "'serviceAccountName':'nobody'"));
    assert_int_equal(api.calls, 6);
    scope_of(deployment_of("shop", "'serviceAccountName':'robot'"));
    scope_of(deployment_of("shop", "'serviceAccountName':'robot'"));
    assert_int_equal(api.calls, 7);
}

/* -- failures -- */

static enum fake_fault broken(void *argument, const char *method, const char *path)
{
    (void)method, (void)path;
    return *(const enum fake_fault *)argument;
}

static void what_fails_is_no_keyring(void **state)
{
    (void)state;
    enum fake_fault fault = FAKE_ERROR;
    config.failure_ttl = 0;
    put_secret("shop", "pull", "r.example", "p");
    const struct review *review = pod_of("shop", OF("{'name':'pull'}"));
    api.before = broken;
    api.argument = &fault;
    assert_fails(review, ERROR_UPSTREAM,
                 "pull secrets: GET /api/v1/namespaces/shop/secrets/pull: 500");
    fault = FAKE_LOST;
    assert_fails(review, ERROR_UPSTREAM,
                 "pull secrets: GET /api/v1/namespaces/shop/secrets/pull: api: cannot be reached");
    fault = FAKE_UNHEARD;
    assert_fails(review, ERROR_TIMEOUT,
                 "pull secrets: GET /api/v1/namespaces/shop/secrets/pull: api: no answer in time");
    fault = FAKE_NO_FAULT;
    assert_true(scope_of(review).n > 0);
    fault = FAKE_ERROR;
    assert_fails(deployment_of("shop", ""), ERROR_UPSTREAM,
                 "pull secrets: GET /api/v1/namespaces/shop/serviceaccounts/default: 500");
}

/* Every call of a longer reading in turn. */
static size_t faulty;

static enum fake_fault at_one(void *argument, const char *method, const char *path)
{
    (void)argument, (void)method, (void)path;
    return api.calls == faulty ? FAKE_ERROR : FAKE_NO_FAULT;
}

static void any_call_that_fails_fails_all(void **state)
{
    (void)state;
    config.ttl = config.failure_ttl = 0;
    put_secret("shop", "a", "r.example", "p");
    put_secret("shop", "b", "s.example", "q");
    put_account("shop", "default", "{'name':'a'},{'name':'b'}");
    const struct review *review = deployment_of("shop", "");
    api.before = at_one;
    for (faulty = 0; faulty < 3; faulty++) {
        api.calls = 0;
        assert_true(failed(get(review)));
        assert_int_equal(api.calls, faulty + 1);
    }
    api.calls = 0;
    assert_true(scope_of(review).n > 0);
    assert_int_equal(api.calls, 3);
}

static void a_failure_is_remembered_and_says_so(void **state)
{
    (void)state;
    enum fake_fault fault = FAKE_ERROR;
    const struct review *review = pod_of("shop", OF("{'name':'pull'}"));
    struct str scope;
    api.before = broken;
    api.argument = &fault;
    assert_true(failed(get(review)));
    assert_false(is_at_hand(review, &scope));
    assert_fails(review, ERROR_UPSTREAM,
                 "pull secrets: GET /api/v1/namespaces/shop/secrets/pull: 500 (0s ago)");
    assert_int_equal(api.calls, 1);
    assert_int_equal(pulls_counters(pulls).failures, 2);
    assert_int_equal(pulls_counters(pulls).errors, 1);
    /* in its own namespace alone */
    assert_true(failed(get(pod_of("bank", OF("{'name':'pull'}")))));
    assert_int_equal(api.calls, 2);
}

/* One that is broken leaves nothing to be pulled with; what stands in it is not shown. */
static void what_is_broken_is_named(void **state)
{
    (void)state;
    static const char *const TEXTS[] = {
        "s3cr3t",
        "{\"auths\":{\"s3cr3t\":7}}",
        "{\"auths\":{\"s3cr3t\":{\"auth\":\"s3cr3t\"}}}",
        "{\"auths\":{\"s3cr3t\":{},\"s3cr3t\":{}}}",
        "{\"s3cr3t\":1,\"s3cr3t\":2}",
    };
    for (size_t i = 0; i < COUNT(TEXTS); i++) {
        char name[16];
        snprintf(name, sizeof name, "broken%zu", i);
        put_secret("shop", "pull", "r.example", "p");
        put_bytes("shop", name, MODERN, TEXTS[i]);
        struct str spec = arena_printf(&arena, OF("{'name':'pull'},{'name':'%s'}"), name);
        struct str message = arena_printf(
            &arena, "pull secrets: Secret shop/%s holds no docker config that can be read (input)",
            name);
        assert_fails(pod_of("shop", spec.p), ERROR_INPUT, message.p);
    }
    fake_api_put(&api, "/api/v1/namespaces/shop/secrets/odd",
                 "{\"type\":\"" MODERN "\",\"data\":{\".dockerconfigjson\":\"%%s3cr3t\"}}");
    assert_fails(pod_of("shop", OF("{'name':'odd'}")), ERROR_INPUT,
                 "pull secrets: Secret shop/odd holds no docker config that can be read (input)");
}

#define LIST                                                                                       \
    "[{\"type\":\"" MODERN "\",\"metadata\":{\"namespace\":\"shop\",\"name\":\"\"},\"data\":{"     \
    "\".dockerconfigjson\":\"\"}}]"

/* All that is kept of one review's Secrets: at the limit, and a letter of a name beyond. */
static void too_large(void **state)
{
    (void)state;
    static char text[LIMIT_PULLS_LIST];
    char name[8] = "aaaaaaa";
    size_t rest = LIMIT_PULLS_LIST - (sizeof LIST - 1);
    size_t n = rest % 4 == 0 ? 4 : rest % 4; /* base64 is written by four letters */
    memset(text, ' ', sizeof text);
    text[0] = '{';
    text[1] = '}';
    text[(rest - n) / 4 * 3] = '\0';
    name[n + 1] = '\0';
    put_bytes("shop", name, MODERN, text);
    assert_fails(pod_of("shop", arena_printf(&arena, OF("{'name':'%s'}"), name).p), ERROR_LIMIT,
                 "pull secrets: those of namespace shop are larger than 1048576 bytes");
    name[n] = '\0';
    put_bytes("shop", name, MODERN, text);
    const struct review *review = pod_of("shop", arena_printf(&arena, OF("{'name':'%s'}"), name).p);
    struct str scope;
    assert_true(scope_of(review).n > 0);
    assert_true(is_at_hand(review, &scope));
}

static void an_account_may_name_so_many(void **state)
{
    (void)state;
    struct str list = STR_EMPTY;
    for (unsigned i = 0; i < LIMIT_PULL_SECRETS; i++) {
        list = arena_printf(&arena, "%.*s{'name':'s%u'},", STR_ARG(list), i);
    }
    put_account("shop", "robot", arena_printf(&arena, "%.*s{'name':'s0'}", STR_ARG(list)).p);
    assert_int_equal(scope_of(deployment_of("shop", "'serviceAccountName':'robot'")).n, 0);
    assert_int_equal(api.calls, 1 + LIMIT_PULL_SECRETS);
    put_account("shop", "many", arena_printf(&arena, "%.*s{'name':'more'}", STR_ARG(list)).p);
    assert_fails(deployment_of("shop", "'serviceAccountName':'many'"), ERROR_LIMIT,
                 "pull secrets: service account shop/many: more than 32 pull secrets");
}

static void no_time_is_left(void **state)
{
    (void)state;
    put_secret("shop", "pull", "r.example", "p");
    pulls = pulls_new(&config);
    assert_true(failed(pulls_get(pulls, pod_of("shop", OF("{'name':'pull'}")), clock_monotonic(),
                                 &arena, &asker, &err)));
    assert_int_equal(err.kind, ERROR_TIMEOUT);
    assert_string_equal(err.text, "pull secrets: no time is left for secrets shop/pull");
    assert_int_equal(api.calls, 0);
    assert_true(scope_of(pod_of("shop", OF("{'name':'pull'}"))).n > 0); /* it was his alone */
}

/* A keyring that the node's part breaks is none. */
static void a_node_config_that_is_broken(void **state)
{
    (void)state;
    struct keyring *nodes = keyring_new();
    assert_true(failed(keyring_add_docker_config(nodes, STR("{\"auths\":7}"), STR("node.json"),
                                                 KEYRING_KUBELET, &err)));
    config.behind = nodes;
    put_secret("shop", "pull", "r.example", "p");
    assert_fails(pod_of("shop", OF("{'name':'pull'}")), ERROR_CONFIG,
                 "pull secrets: node.json: auths must be an object, not a number");
    keyring_free(nodes);
}

/* -- many at once -- */

enum { THREADS = 8 };

/* The first call goes on when all others wait for it. */
static enum fake_fault wait_for_the_others(void *argument, const char *method, const char *path)
{
    (void)argument, (void)method, (void)path;
    int64_t until = clock_monotonic() + 60 * NS_PER_S;
    while (api.calls == 0 && pulls_counters(pulls).waits < THREADS - 1) {
        assert_true(clock_monotonic() < until);
        clock_wait(clock_monotonic() + NS_PER_MS, NULL);
    }
    return FAKE_NO_FAULT;
}

struct one {
    pthread_t thread;
    struct review *review;
    struct arena arena;
    struct pulls_asker asker;
    bool failed;
};

static void *ask(void *argument)
{
    struct one *one = argument;
    struct error its;
    arena_init(&one->arena, 64 << 20);
    one->failed = failed(pulls_get(pulls, one->review, clock_monotonic() + 60 * NS_PER_S,
                                   &one->arena, &one->asker, &its));
    return NULL;
}

static void equal_questions_are_asked_once(void **state)
{
    (void)state;
    struct one all[THREADS];
    put_secret("shop", "pull", "r.example", "p");
    pulls = pulls_new(&config);
    api.before = wait_for_the_others;
    for (size_t i = 0; i < THREADS; i++) {
        all[i] = (struct one){.review = pod_of("shop", OF("{'name':'pull'}"))};
        assert_int_equal(pthread_create(&all[i].thread, NULL, ask, &all[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(all[i].thread, NULL);
        assert_false(all[i].failed);
        assert_non_null(all[i].asker.keyring);
        assert_true(str_eq(all[i].asker.scope, all[0].asker.scope));
        keyring_free(all[i].asker.keyring);
    }
    for (size_t i = 0; i < THREADS; i++) {
        arena_done(&all[i].arena);
    }
    assert_int_equal(api.calls, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int getting_tests(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_is_asked_for_once),
        TEST(nobody_is_asked_where_there_are_none),
        TEST(a_scope_is_what_the_secrets_say),
        TEST(a_scope_changes_with_them),
        TEST(what_is_missing_is_looked_for_soon),
        TEST(what_fails_is_no_keyring),
        TEST(any_call_that_fails_fails_all),
        TEST(a_failure_is_remembered_and_says_so),
        TEST(what_is_broken_is_named),
        TEST(too_large),
        TEST(an_account_may_name_so_many),
        TEST(no_time_is_left),
        TEST(a_node_config_that_is_broken),
        TEST(equal_questions_are_asked_once),
    };
    return cmocka_run_group_tests_name("getting", tests, NULL, NULL);
}

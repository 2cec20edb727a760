/* Which Secrets and service accounts are asked for, and where. */
#include "test.h"

#include "pulls/names.h"

#define CONTAINER "'containers':[{'name':'c','image':'r.example/a:1'}]"

/* "NAMESPACE: SECRET… (ACCOUNT…)". */
static const char *named(const struct review *review)
{
    static char text[16384];
    struct pull_names names;
    if (failed(pull_names_read(review, &names, &err))) {
        return err.text;
    }
    int n = snprintf(text, sizeof text, "%.*s:", STR_ARG(names.namespace));
    for (size_t i = 0; i < names.n_secrets; i++) {
        n += snprintf(text + n, sizeof text - (size_t)n, " %.*s", STR_ARG(names.secrets[i]));
    }
    for (size_t i = 0; i < names.n_accounts; i++) {
        n += snprintf(text + n, sizeof text - (size_t)n, " (%.*s)", STR_ARG(names.accounts[i]));
    }
    return text;
}

/* What the API server has made of a Pod is what counts; what makes Pods is read as it will make
 * them. */
static void of_pods_and_of_what_makes_them(void **state)
{
    (void)state;
    static const struct {
        const char *spec, *pod, *deployment;
    } CASES[] = {
        {"", "shop:", "shop: (default)"},
        {"'imagePullSecrets':[{'name':'a'}]", "shop: a", "shop: a"},
        {"'imagePullSecrets':[{'name':'b'},{'name':'a'},{'name':'b'}]", "shop: b a", "shop: b a"},
        {"'imagePullSecrets':[]", "shop:", "shop: (default)"},
        {"'imagePullSecrets':null", "shop:", "shop: (default)"},
        {"'serviceAccountName':'robot'", "shop:", "shop: (robot)"},
        {"'serviceAccount':'old'", "shop:", "shop: (old)"},
        {"'serviceAccountName':'robot','serviceAccount':'old'", "shop:", "shop: (robot)"},
        {"'serviceAccountName':''", "shop:", "shop: (default)"},
        {"'serviceAccountName':'robot','imagePullSecrets':[{'name':'a'}]", "shop: a", "shop: a"},
        /* no object has such a name, and no path shall */
        {"'imagePullSecrets':[{'name':'../../other/secrets/a'}]", "shop:", "shop:"},
        {"'imagePullSecrets':[{'name':'a/b'},{'name':'a?b'},{'name':'A'},{'name':'a%2fb'}]",
         "shop:", "shop:"},
        {"'imagePullSecrets':[{'name':'..'},{'name':'.'},{'name':''},{},'a',7,null]",
         "shop:", "shop:"},
        {"'imagePullSecrets':{'name':'a'}", "shop:", "shop: (default)"},
        {"'imagePullSecrets':[{'name':['a']},{'name':'b'}]", "shop: b", "shop: b"},
        {"'serviceAccountName':'../x'", "shop:", "shop:"},
        {"'serviceAccountName':7", "shop:", "shop: (default)"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        assert_string_equal(named(pod_of("shop", CASES[i].spec)), CASES[i].pod);
        assert_string_equal(named(deployment_of("shop", CASES[i].spec)), CASES[i].deployment);
        world_end(state);
        world_begin(state);
    }
}

static void of_other_kinds(void **state)
{
    (void)state;
    static const struct {
        const char *kind, *namespace, *object, *named;
    } CASES[] = {
        {"batch/CronJob", "shop",
         "{'spec':{'jobTemplate':{'spec':{'template':{'spec':{'serviceAccountName':'s'," CONTAINER
         "}}}}}}",
         "shop: (s)"},
        {"PodTemplate", "shop", "{'template':{'spec':{" CONTAINER "}}}", "shop: (default)"},
        /* no kind of Kubernetes, though it is called as one */
        {"example.com/Pod", "shop", "{'spec':{" CONTAINER "}}", "shop: (default)"},
        /* several: those of all */
        {"example.com/Set", "shop",
         "{'one':{'imagePullSecrets':[{'name':'a'}]," CONTAINER "},'two':{" CONTAINER
         "},'three':{'imagePullSecrets':[{'name':'c'},{'name':'a'}]," CONTAINER
         "},'four':{'serviceAccountName':'s'," CONTAINER "}}",
         "shop: a c (default) (s)"},
        /* without images, or without a namespace, there is nothing to be pulled with */
        {"Secret", "shop", "{'imagePullSecrets':[{'name':'a'}]}", "shop:"},
        {"ServiceAccount", "shop", "{'imagePullSecrets':[{'name':'a'}]}", "shop:"},
        {"example.com/Pod", "", "{'spec':{'imagePullSecrets':[{'name':'a'}]," CONTAINER "}}", ":"},
        {"example.com/Pod", "../shop", "{'spec':{'imagePullSecrets':[{'name':'a'}]," CONTAINER "}}",
         "../shop:"},
        /* an image that stands in no pod spec has no Pod that pulls it */
        {"sources.knative.dev/Unknown", "shop", "{'image':'r.example/a:1'}", "shop:"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        assert_string_equal(named(review_of(CASES[i].kind, CASES[i].namespace, CASES[i].object)),
                            CASES[i].named);
    }
}

/* A list of n names, each of them `as` and a number. */
static const char *list_of(const char *as, unsigned n)
{
    struct str list = STR("'imagePullSecrets':[");
    for (unsigned i = 0; i < n; i++) {
        list =
            arena_printf(&arena, "%.*s%s{'name':'%s%u'}", STR_ARG(list), i > 0 ? "," : "", as, i);
    }
    return arena_printf(&arena, "%.*s]", STR_ARG(list)).p;
}

static const char *specs_of(unsigned n)
{
    struct str text = STR("{");
    for (unsigned i = 0; i < n; i++) {
        text = arena_printf(&arena, "%.*s%s'spec%u':{'serviceAccountName':'s%u'," CONTAINER "}",
                            STR_ARG(text), i > 0 ? "," : "", i, i);
    }
    return arena_printf(&arena, "%.*s}", STR_ARG(text)).p;
}

static void at_most_so_many(void **state)
{
    (void)state;
    struct pull_names names;
    assert_false(
        failed(pull_names_read(pod_of("shop", list_of("s", LIMIT_PULL_SECRETS)), &names, &err)));
    assert_int_equal(names.n_secrets, LIMIT_PULL_SECRETS);
    assert_true(failed(
        pull_names_read(pod_of("shop", list_of("s", LIMIT_PULL_SECRETS + 1)), &names, &err)));
    assert_int_equal(err.kind, ERROR_LIMIT);
    assert_string_equal(err.text, "more than 32 pull secrets");
    assert_false(failed(pull_names_read(
        review_of("example.com/Set", "shop", specs_of(LIMIT_PULL_ACCOUNTS)), &names, &err)));
    assert_int_equal(names.n_accounts, LIMIT_PULL_ACCOUNTS);
    assert_true(failed(pull_names_read(
        review_of("example.com/Set", "shop", specs_of(LIMIT_PULL_ACCOUNTS + 1)), &names, &err)));
    assert_int_equal(err.kind, ERROR_LIMIT);
    assert_string_equal(err.text, "more than 8 service accounts");
}

/* Different names never have one key. */
static void a_key_of_their_own(void **state)
{
    (void)state;
    const struct review *const reviews[] = {
        pod_of("shop", "'imagePullSecrets':[{'name':'a'}]"),
        pod_of("bank", "'imagePullSecrets':[{'name':'a'}]"),
        pod_of("shop", "'imagePullSecrets':[{'name':'b'}]"),
        pod_of("shop", "'imagePullSecrets':[{'name':'a'},{'name':'b'}]"),
        pod_of("shop", "'imagePullSecrets':[{'name':'b'},{'name':'a'}]"),
        pod_of("shop", "'imagePullSecrets':[{'name':'ab'}]"),
        pod_of("shop", "'imagePullSecrets':[{'name':'secret'}]"),
        deployment_of("shop", "'serviceAccountName':'a'"),
        deployment_of("shop", ""),
    };
    struct str keys[COUNT(reviews)];
    for (size_t i = 0; i < COUNT(reviews); i++) {
        struct pull_names names;
        assert_false(failed(pull_names_read(reviews[i], &names, &err)));
        keys[i] = pull_names_key(&names, &arena);
        assert_true(str_eq(keys[i], pull_names_key(&names, &arena)));
        for (size_t j = 0; j < i; j++) {
            assert_false(str_eq(keys[i], keys[j]));
        }
    }
}

int names_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(of_pods_and_of_what_makes_them, world_begin, world_end),
        cmocka_unit_test_setup_teardown(of_other_kinds, world_begin, world_end),
        cmocka_unit_test_setup_teardown(at_most_so_many, world_begin, world_end),
        cmocka_unit_test_setup_teardown(a_key_of_their_own, world_begin, world_end),
    };
    return cmocka_run_group_tests_name("names", tests, NULL, NULL);
}

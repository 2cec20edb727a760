#include "test.h"

#include "fake_api.h"
#include "kube/secret.h"
#include "kube/webhooks.h"

#define SECRET   "/api/v1/namespaces/ns/secrets/s"
#define WEBHOOKS "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/w"

static const struct kube_config CONFIG = {.server = {"https://api", 11}};
static struct fake_api api;
static struct fetch_scripted scripted = {.script = fake_api_answer, .argument = &api};
static struct fetch port;
static struct kube *kube;
static struct error err;
static enum kube_outcome outcome;

static int begin(void **state)
{
    fake_api_init(&api);
    port = fetch_scripted_port(&scripted);
    kube = kube_new(&CONFIG, &port, NULL);
    return start(state);
}

static int end(void **state)
{
    kube_free(kube);
    fake_api_done(&api);
    return stop(state);
}

static const struct kube_secret_entry ENTRIES[4] = {
    {"tls.crt", {"foo", 3}}, {"tls.key", {"\0\xff", 2}}, {"ca.crt", {"", 0}}, {"ca.key", {"f", 1}}};

static bool stores(const struct kube_secret *secret)
{
    return !failed(kube_secret_put(kube, STR("ns"), STR("s"), secret, ENTRIES, &outcome, &err));
}

static void a_secret_is_made(void **state)
{
    (void)state;
    kube_secret_auto secret = {0};
    assert_false(failed(kube_secret_get(kube, STR("ns"), STR("s"), &secret, &err)));
    assert_false(secret.found);
    assert_int_equal(kube_secret_value(&secret, &test_arena, "tls.crt").n, 0);
    assert_true(stores(&secret));
    assert_int_equal(outcome, KUBE_DONE);
    assert_string_equal(fake_api_get(&api, SECRET),
                        "{\"metadata\":{\"name\":\"s\",\"namespace\":\"ns\"},\"apiVersion\":\"v1\","
                        "\"kind\":\"Secret\",\"data\":{\"tls.crt\":\"Zm9v\",\"tls.key\":\"AP8=\","
                        "\"ca.crt\":\"\",\"ca.key\":\"Zg==\"}}");
    assert_true(stores(&secret)); /* it is there by now */
    assert_int_equal(outcome, KUBE_CONFLICT);
}

static void a_secret_is_changed(void **state)
{
    (void)state;
    fake_api_put(&api, SECRET,
                 "{\"kind\":\"Secret\",\"metadata\":{\"name\":\"s\",\"labels\":{\"a\":\"b\"}},"
                 "\"type\":\"kubernetes.io/tls\",\"data\":{\"tls.crt\":\"Zm9v\",\"tls.key\":\"%%\","
                 "\"ca.crt\":7,\"more\":\"Zg==\"}}");
    kube_secret_auto secret = {0};
    assert_false(failed(kube_secret_get(kube, STR("ns"), STR("s"), &secret, &err)));
    assert_true(secret.found);
    assert_true(str_eq(kube_secret_value(&secret, &test_arena, "tls.crt"), STR("foo")));
    assert_int_equal(kube_secret_value(&secret, &test_arena, "tls.key").n, 0);
    assert_int_equal(kube_secret_value(&secret, &test_arena, "ca.crt").n, 0);
    assert_int_equal(kube_secret_value(&secret, &test_arena, "missing").n, 0);
    assert_true(stores(&secret));
    assert_int_equal(outcome, KUBE_DONE);
    const char *text = fake_api_get(&api, SECRET);
    assert_non_null(strstr(text, "\"labels\":{\"a\":\"b\"}"));
    assert_non_null(strstr(text, "\"type\":\"kubernetes.io/tls\""));
    assert_null(strstr(text, "more"));
    assert_true(stores(&secret)); /* it was changed since it was got */
    assert_int_equal(outcome, KUBE_CONFLICT);
    fake_api_put(&api, SECRET, NULL);
    assert_true(stores(&secret));
    assert_int_equal(outcome, KUBE_NOT_FOUND);
}

static enum fake_fault all_missing(void *argument, const char *method, const char *path)
{
    (void)argument, (void)method, (void)path;
    return FAKE_MISSING;
}

static void a_namespace_that_does_not_exist(void **state)
{
    (void)state;
    api.before = all_missing;
    const struct kube_secret secret = {0};
    assert_false(stores(&secret));
    assert_string_equal(err.text, "Secret s cannot be made: there is no namespace ns");
}

static const char FOUR_WEBHOOKS[] =
    "{\"metadata\":{},\"webhooks\":["
    "{\"name\":\"a\\\"\",\"clientConfig\":{\"service\":{}}},"
    "{\"name\":\"url\",\"clientConfig\":{\"url\":\"https://x\",\"caBundle\":\"Zg==\"}},"
    "{\"name\":\"c\",\"clientConfig\":{\"service\":{},\"caBundle\":\"Zm9v\"}},"
    "{\"name\":\"d\",\"clientConfig\":{\"service\":{},\"caBundle\":\"%\"}}]}";

static void webhooks_are_patched(void **state)
{
    (void)state;
    fake_api_put(&api, WEBHOOKS, FOUR_WEBHOOKS);
    webhooks_auto webhooks = {0};
    bool changed = true;
    assert_false(
        failed(webhooks_get(kube, WEBHOOKS_VALIDATING, STR("w"), &test_arena, &webhooks, &err)));
    assert_true(webhooks.found);
    assert_int_equal(webhooks.n, 3);
    assert_int_equal(webhooks.bundles[0].n, 0);
    assert_true(str_eq(webhooks.bundles[1], STR("foo")));
    assert_int_equal(webhooks.bundles[2].n, 0);
    assert_int_equal(webhooks.indexes[2], 3);

    size_t calls = api.calls;
    assert_false(
        failed(webhooks_patch(kube, &webhooks, webhooks.bundles, &changed, &outcome, &err)));
    assert_false(changed);
    assert_int_equal(outcome, KUBE_DONE);
    assert_int_equal(api.calls, calls);

    const struct str wanted[] = {STR("f"), STR("foo"), STR("fo")};
    assert_false(failed(webhooks_patch(kube, &webhooks, wanted, &changed, &outcome, &err)));
    assert_true(changed);
    assert_string_equal(api.last, "PATCH " WEBHOOKS);
    assert_string_equal(
        api.body,
        "[{\"op\":\"replace\",\"path\":\"/metadata/resourceVersion\",\"value\":\"101\"},"
        "{\"op\":\"test\",\"path\":\"/webhooks/0/name\",\"value\":\"a\\\"\"},"
        "{\"op\":\"add\",\"path\":\"/webhooks/0/clientConfig/caBundle\",\"value\":\"Zg==\"},"
        "{\"op\":\"test\",\"path\":\"/webhooks/3/name\",\"value\":\"d\"},"
        "{\"op\":\"add\",\"path\":\"/webhooks/3/clientConfig/caBundle\",\"value\":\"Zm8=\"}]");
    assert_false(failed(webhooks_patch(kube, &webhooks, wanted, &changed, &outcome, &err)));
    assert_int_equal(outcome, KUBE_CONFLICT); /* it is another by now */
    assert_false(changed);
}

static void configurations_that_are_missing_or_odd(void **state)
{
    (void)state;
    static const char *const ODD[] = {
        NULL,
        "{}",
        "[]",
        "{\"webhooks\":{}}",
        "{\"webhooks\":[7,null,{}]}",
        "{\"webhooks\":[{\"clientConfig\":{\"service\":7}},{\"clientConfig\":[]}]}"};
    for (size_t i = 0; i < COUNT(ODD); i++) {
        webhooks_auto webhooks = {0};
        if (i != 2) { /* the fake knows objects alone */
            fake_api_put(&api, WEBHOOKS, ODD[i]);
        }
        assert_false(failed(
            webhooks_get(kube, WEBHOOKS_VALIDATING, STR("w"), &test_arena, &webhooks, &err)));
        assert_int_equal(webhooks.n, 0);
        assert_int_equal(webhooks.found, i > 0);
    }
}

int object_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_secret_is_made, begin, end),
        cmocka_unit_test_setup_teardown(a_secret_is_changed, begin, end),
        cmocka_unit_test_setup_teardown(a_namespace_that_does_not_exist, begin, end),
        cmocka_unit_test_setup_teardown(webhooks_are_patched, begin, end),
        cmocka_unit_test_setup_teardown(configurations_that_are_missing_or_odd, begin, end),
    };
    return cmocka_run_group_tests_name("object", tests, NULL, NULL);
}

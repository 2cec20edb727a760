#include "test.h"

#include "fake_api.h"
#include "kube/lease.h"
#include "json/doc.h"

#define PATH "/apis/coordination.k8s.io/v1/namespaces/ns/leases/l"

static const struct kube_config CONFIG = {.server = {"https://api", 11}};
static const int64_t S = NS_PER_S;
static struct fake_api api;
static struct fetch_scripted scripted = {.script = fake_api_answer, .argument = &api};
static struct fetch port;
static struct kube *kube;
static struct lease a, b;
static struct error err;

static int begin(void **state)
{
    fake_api_init(&api);
    port = fetch_scripted_port(&scripted);
    kube = kube_new(&CONFIG, &port, NULL);
    lease_init(&a, kube, STR("ns"), STR("l"));
    lease_init(&b, kube, STR("ns"), STR("l"));
    return start(state);
}

static int end(void **state)
{
    kube_free(kube);
    fake_api_done(&api);
    return stop(state);
}

/* Step at second `at`; whether it is held then. */
static bool step(struct lease *lease, int64_t at)
{
    assert_false(failed(lease_step(lease, at * S, &err)));
    return lease_is_held(lease, at * S);
}

static const char *spec(const char *member)
{
    static char text[128];
    json_doc_auto doc = {0};
    const char *object = fake_api_get(&api, PATH);
    assert_non_null(object);
    assert_false(failed(json_parse(str_from(object), JSON_WITHOUT_MARKS, &doc, &err)));
    yyjson_val *value = json_get(json_get(doc.root, "spec"), member);
    if (yyjson_is_str(value)) {
        snprintf(text, sizeof text, "%.*s", STR_ARG(json_str(value)));
    } else {
        snprintf(text, sizeof text, "%lld", (long long)yyjson_get_sint(value));
    }
    return text;
}

static void put(const char *holder, const char *renewed, const char *more)
{
    char text[512];
    snprintf(text, sizeof text,
             "{\"metadata\":{\"labels\":{\"a\":\"b\"}},\"spec\":{\"holderIdentity\":\"%s\","
             "\"renewTime\":\"%s\",\"leaseTransitions\":4%s}}",
             holder, renewed, more);
    fake_api_put(&api, PATH, text);
}

static void the_first_takes_it(void **state)
{
    (void)state;
    assert_string_not_equal(a.identity, b.identity);
    assert_false(lease_is_held(&a, 0));
    assert_true(step(&a, 1));
    assert_string_equal(spec("holderIdentity"), a.identity);
    assert_string_equal(spec("leaseDurationSeconds"), "15");
    assert_string_equal(spec("leaseTransitions"), "0");
    assert_int_equal(strlen(spec("renewTime")), strlen("2026-11-25T01:22:20.123000Z"));
    assert_int_equal(strlen(spec("acquireTime")), strlen("2026-11-25T01:22:20.123000Z"));
    assert_false(step(&b, 2));
    for (int64_t at = 3; at < 100; at += 2) {
        assert_true(step(&a, at));
        assert_false(step(&b, at));
    }
    assert_string_equal(spec("leaseTransitions"), "0");
}

static void one_that_dies_is_followed(void **state)
{
    (void)state;
    assert_true(step(&a, 1));
    for (int64_t at = 1000; at <= 1015; at++) { /* by our clock, however old the record is */
        assert_false(step(&b, at));
    }
    assert_true(step(&b, 1016));
    assert_string_equal(spec("holderIdentity"), b.identity);
    assert_string_equal(spec("leaseTransitions"), "1");
    assert_false(step(&a, 1017));
}

static void any_change_of_the_record_counts(void **state)
{
    (void)state;
    static const char *const TIMES[] = {"2026-11-25T01:22:20.000000Z",
                                        "1999-11-25T01:22:20.000000Z",
                                        "2099-11-25T01:22:20.000000Z", ""};
    for (int64_t i = 0; i < 4; i++) {
        put("someone", TIMES[i], "");
        assert_false(step(&a, 100 + i * 15));
        assert_false(step(&a, 115 + i * 15)); /* not more than the duration */
    }
    put("someone", "", ",\"more\":1"); /* not of the record */
    assert_true(step(&a, 161));
    assert_string_equal(spec("leaseTransitions"), "5");
    assert_non_null(strstr(fake_api_get(&api, PATH), "\"labels\":{\"a\":\"b\"}"));
}

static void the_duration_is_the_holders(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t seconds;
    } CASES[] = {{",\"leaseDurationSeconds\":40", 40},
                 {",\"leaseDurationSeconds\":0", 15},
                 {",\"leaseDurationSeconds\":-5", 15},
                 {",\"leaseDurationSeconds\":\"x\"", 15},
                 {",\"leaseDurationSeconds\":999999", 3600}};
    for (size_t i = 0; i < COUNT(CASES); i++) {
        int64_t at = 10000 * (int64_t)(i + 1);
        char time[32];
        snprintf(time, sizeof time, "%zu", i);
        put("someone", time, CASES[i].text);
        assert_false(step(&a, at));
        assert_false(step(&a, at + CASES[i].seconds));
        assert_true(step(&a, at + CASES[i].seconds + 1));
    }
}

static void a_free_one_is_taken_at_once(void **state)
{
    (void)state;
    put("", "2026-11-25T01:22:20.000000Z", "");
    assert_true(step(&a, 1));
    fake_api_put(&api, PATH, "{\"metadata\":{}}"); /* without a spec */
    assert_true(step(&b, 1));
    fake_api_put(&api, PATH, NULL);
    assert_true(step(&a, 3));
}

static enum fake_fault fault;
static const char *faulty;

static enum fake_fault faults(void *argument, const char *method, const char *path)
{
    (void)argument, (void)path;
    return strcmp(method, faulty) == 0 ? fault : FAKE_NO_FAULT;
}

static void a_conflict_is_lost(void **state)
{
    (void)state;
    api.before = faults;
    fault = FAKE_CONFLICT;
    faulty = "POST";
    assert_false(step(&a, 1)); /* another made it first */
    faulty = "";
    assert_true(step(&a, 2));
    faulty = "PUT";
    assert_false(step(&a, 4)); /* another took it between our look and our write */
    faulty = "";
    assert_true(step(&a, 6));
}

static void a_namespace_that_does_not_exist(void **state)
{
    (void)state;
    api.before = faults;
    fault = FAKE_MISSING;
    faulty = "POST";
    assert_true(failed(lease_step(&a, S, &err)));
    assert_string_equal(err.text, "Lease l cannot be made: there is no namespace ns");
    assert_false(lease_is_held(&a, S));
}

static void belief_ends(void **state)
{
    (void)state;
    api.before = faults;
    faulty = "";
    assert_true(step(&a, 0));
    static const enum fake_fault FAULTS[] = {FAKE_LOST, FAKE_ERROR, FAKE_UNHEARD};
    for (size_t i = 0; i < COUNT(FAULTS); i++) {
        int64_t at = 1000 * (int64_t)(i + 1);
        faulty = "";
        assert_true(step(&a, at));
        fault = FAULTS[i];
        faulty = i == 0 ? "GET" : "PUT";
        for (int64_t later = 1; later < 10; later++) {
            assert_true(failed(lease_step(&a, (at + later) * S, &err)));
            assert_true(lease_is_held(&a, (at + later) * S));
        }
        assert_false(lease_is_held(&a, (at + 10) * S)); /* five seconds before others take it */
    }
}

static void giving_it_up(void **state)
{
    (void)state;
    assert_true(step(&a, 1));
    assert_false(failed(lease_release(&a, &err)));
    assert_false(lease_is_held(&a, S));
    assert_string_equal(spec("holderIdentity"), "");
    assert_string_equal(spec("leaseDurationSeconds"), "1");
    assert_true(step(&b, 2));
    assert_string_equal(spec("leaseTransitions"), "1");
    size_t calls = api.calls;
    assert_false(failed(lease_release(&a, &err))); /* it is not ours any more */
    assert_int_equal(api.calls, calls);
    a.held = true;
    assert_false(failed(lease_release(&a, &err)));
    assert_string_equal(spec("holderIdentity"), b.identity);
}

int lease_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_first_takes_it, begin, end),
        cmocka_unit_test_setup_teardown(one_that_dies_is_followed, begin, end),
        cmocka_unit_test_setup_teardown(any_change_of_the_record_counts, begin, end),
        cmocka_unit_test_setup_teardown(the_duration_is_the_holders, begin, end),
        cmocka_unit_test_setup_teardown(a_free_one_is_taken_at_once, begin, end),
        cmocka_unit_test_setup_teardown(a_conflict_is_lost, begin, end),
        cmocka_unit_test_setup_teardown(a_namespace_that_does_not_exist, begin, end),
        cmocka_unit_test_setup_teardown(belief_ends, begin, end),
        cmocka_unit_test_setup_teardown(giving_it_up, begin, end),
    };
    return cmocka_run_group_tests_name("lease", tests, NULL, NULL);
}

#include "world.h"

#include "base/limits.h"

static const char *faulty, *faulty_method;
static unsigned fault_code;
static size_t fault_after;

/* Answer calls of this method to paths with this in them so, from the fault_after'th call on. */
static unsigned fault(struct world *it, const char *method, const char *path)
{
    bool meant = strstr(path, faulty) != NULL && strcmp(method, faulty_method) == 0;
    return meant && it->calls > fault_after ? fault_code : 0;
}

static void break_calls(const char *method, const char *path, unsigned code)
{
    world.fault = fault;
    faulty_method = method;
    faulty = path;
    fault_code = code;
    fault_after = 0;
}

static void a_kind_that_cannot_be_listed_keeps_its_reports(void **state)
{
    (void)state;
    world_pod("shop", 1, BAD, NULL, 0);
    world_template(DEPLOYMENTS, "shop", 2, BAD, NULL, 0, 1);
    world_scan();
    break_calls("GET", "/deployments", 403);
    world_delete(PODS, "shop", "o1");
    assert_int_equal(world_scan(), ROUND_PARTIAL);
    assert_string_equal(world.log, "DELETE shop/01\n");
    assert_string_equal(world.told, "failure deployments: GET " DEPLOYMENTS ": 403\n");
    assert_int_equal(world_scan(), ROUND_PARTIAL);
    assert_string_equal(world.told, ""); /* told once */
    world.fault = NULL;
    assert_int_equal(world_scan(), ROUND_COMPLETE);
    assert_string_equal(world.told, "recovered deployments\n");
    assert_string_equal(world.log, "");
}

static void without_the_kind_of_report(void **state)
{
    (void)state;
    world.missing[REPORT_WGPOLICYK8S] = true;
    world.config.formats[REPORT_OPENREPORTS] = true;
    world_pod("shop", 1, BAD, NULL, 0);
    assert_int_equal(world_scan(), ROUND_COMPLETE);
    assert_string_equal(world.told, "missing policyreports\n");
    assert_string_equal(world.log, "POST shop/01\n");
    assert_int_equal(world.counts.denied, 1);
    world_scan();
    assert_string_equal(world.told, ""); /* told once */
    world.missing[REPORT_WGPOLICYK8S] = false;
    world_scan();
    assert_string_equal(world.log, "POST shop/01\n");
}

static void reports_that_cannot_be_listed_are_not_written(void **state)
{
    (void)state;
    world_pod("shop", 1, BAD, NULL, 0);
    break_calls("GET", "/policyreports", 403);
    assert_int_equal(world_scan(), ROUND_COMPLETE); /* what runs was seen */
    assert_string_equal(world.log, "");
    assert_string_equal(world.told, "failure policyreports: GET " POLICYREPORTS ": 403\n");
    assert_int_equal(world.counts.denied, 1);
}

static void a_namespace_that_goes_away(void **state)
{
    (void)state;
    static const unsigned CODES[] = {403, 404};
    for (size_t i = 0; i < COUNT(CODES); i++) {
        unsigned first = 10 * (unsigned)(i + 1);
        world_pod("gone", first, BAD, NULL, 0);
        world_pod("gone", first + 1, BAD, NULL, 0);
        world_pod("shop", first + 2, BAD, NULL, 0);
        break_calls("POST", "/namespaces/gone/", CODES[i]);
        assert_int_equal(world_scan(), ROUND_COMPLETE);
        assert_int_equal(world.counts.created, 1);
        assert_int_equal(world.counts.refused, 2 * (i + 1));
        assert_non_null(world_report(POLICYREPORTS, "shop", first + 2));
    }
    assert_int_equal(world_count(POLICYREPORTS), 2);
}

static void reports_that_may_not_be_written(void **state)
{
    (void)state;
    for (unsigned i = 1; i <= 40; i++) {
        char namespace[16];
        snprintf(namespace, sizeof namespace, "n%u", i);
        world_pod(namespace, i, BAD, NULL, 0);
    }
    break_calls("POST", "", 403);
    assert_int_equal(world_scan(), ROUND_COMPLETE);
    assert_int_equal(world.counts.denied, 40);
    assert_int_equal(world.counts.refused, 10); /* nobody goes on to ask */
    assert_string_equal(world.told, "failure policyreports: POST /apis/wgpolicyk8s.io/v1alpha2/"
                                    "namespaces/n1/policyreports: 403\n");
}

static void a_report_that_cannot_be_updated_stays(void **state)
{
    (void)state;
    world_pod("shop", 1, BAD, NULL, 0);
    world_pod("shop", 2, BAD, NULL, 0);
    world_scan();
    world_pod("shop", 1, "evil.example.net/x:1", NULL, 0);
    world_pod("shop", 2, "evil.example.net/x:1", NULL, 0);
    static const unsigned CODES[] = {403, 404, 409, 422};
    for (size_t i = 0; i < COUNT(CODES); i++) {
        break_calls("PUT", "", CODES[i]);
        assert_int_equal(world_scan(), ROUND_COMPLETE);
        assert_null(strstr(world.log, "DELETE"));
        assert_int_equal(world.counts.refused, 2);
        assert_int_equal(world_count(POLICYREPORTS), 2);
    }
    world.fault = NULL;
    world_scan();
    assert_string_equal(world.log, "PUT shop/01\nPUT shop/02\n");
}

static void another_wrote_it_first(void **state)
{
    (void)state;
    world_pod("shop", 1, BAD, NULL, 0);
    break_calls("GET", "/pods", 0);
    world_scan();
    world_pod("shop", 1, GOOD, NULL, 0);
    break_calls("DELETE", "", 409);
    assert_int_equal(world_scan(), ROUND_COMPLETE);
    assert_int_equal(world.counts.deleted, 0);
    assert_int_equal(world_count(POLICYREPORTS), 1);
}

static void an_api_server_that_does_not_answer(void **state)
{
    (void)state;
    for (unsigned i = 1; i <= 40; i++) {
        world_pod("shop", i, BAD, NULL, 0);
    }
    break_calls("POST", "", 1);
    assert_int_equal(world_scan(), ROUND_ABANDONED);
    assert_int_equal(world.counts.created, 0);
    assert_non_null(strstr(world.round.calls.why.text, "api: cannot be reached"));
    assert_in_range(world.calls, 5, 20);
    world.fault = NULL;
    assert_int_equal(world_scan(), ROUND_COMPLETE);
    assert_int_equal(world.counts.created, 40);
    assert_string_equal(world.told, "recovered policyreports\n");
}

static void patience_is_given(void **state)
{
    (void)state;
    for (unsigned i = 1; i <= 3; i++) {
        world_pod("shop", i, BAD, NULL, 0);
    }
    break_calls("POST", "", 429);
    int64_t began = world.now;
    assert_int_equal(world_scan(), ROUND_COMPLETE);
    assert_int_equal(world.counts.created, 0);
    assert_true(world.now - began >=
                3 * 11 * 3 * NS_PER_S); /* of each, eleven times three seconds */
}

static void who_does_not_lead_any_more_writes_nothing_more(void **state)
{
    (void)state;
    for (unsigned i = 1; i <= 40; i++) {
        world_pod("shop", i, BAD, NULL, 0);
    }
    world.leads = 20;
    assert_int_equal(world_scan(), ROUND_ABANDONED);
    assert_string_equal(world.round.calls.why.text, "this replica does not lead any more");
    assert_string_equal(world.told, "");
    assert_int_equal(world.calls, 20);
    size_t first = world_count(POLICYREPORTS);
    assert_in_range(first, 5, 19);

    world_follow(); /* the next one writes what is left, and nothing twice */
    assert_int_equal(world_scan(), ROUND_COMPLETE);
    assert_int_equal(world.counts.unchanged, first);
    assert_int_equal(world.counts.created, 40 - first);
    assert_int_equal(world.writes, 40 - first);
    assert_int_equal(world_count(POLICYREPORTS), 40);
    world_scan();
    assert_string_equal(world.log, "");
}

static void it_leads_before_it_sweeps(void **state)
{
    (void)state;
    world_pod("shop", 1, BAD, NULL, 0);
    world_scan();
    world_pod("shop", 1, GOOD, NULL, 0);
    world.leads = 9; /* reports and eight kinds */
    assert_int_equal(world_scan(), ROUND_ABANDONED);
    assert_string_equal(world.log, "");
}

static void a_list_that_expires_begins_again(void **state)
{
    (void)state;
    world.page = 5;
    for (unsigned i = 1; i <= 20; i++) {
        world_pod("shop", i, BAD, NULL, 0);
    }
    break_calls("GET", "continue=15", 410);
    assert_int_equal(world_scan(), ROUND_PARTIAL); /* again and again */
    assert_int_equal(world.writes, 15);
    assert_int_equal(world.counts.created, 15);
    assert_int_equal(world.counts.unchanged, 45);
    assert_int_equal(world.counts.objects, 15); /* once each */
    world.fault = NULL;
    assert_int_equal(world_scan(), ROUND_COMPLETE);
    assert_int_equal(world.counts.created, 5);
}

static void without_policies(void **state)
{
    (void)state;
    policy_set_unref(world.policies);
    world.policies = NULL;
    world_pod("shop", 1, BAD, NULL, 0);
    assert_int_equal(world_scan(), ROUND_ABANDONED);
    assert_int_equal(world.calls, 0);
}

static void hostile_objects(void **state)
{
    (void)state;
    world_put(PODS, "shop", "a",
              "{\"metadata\":{\"name\":\"a\",\"namespace\":\"shop\",\"uid\":"
              "\"no uid\"},\"spec\":{\"containers\":[{\"image\":\"" BAD "\"}]}}");
    world_put(PODS, "shop", "b",
              "{\"metadata\":{\"name\":\"b\",\"namespace\":\"shop\",\"ownerReferences\":7,"
              "\"uid\":\"00000000-0000-0000-0000-000000000001\"},\"spec\":[]}");
    world_put(PODS, "shop", "c",
              "{\"metadata\":{\"name\":\"c\",\"namespace\":\"shop\","
              "\"uid\":\"00000000-0000-0000-0000-000000000002\"},\"spec\":{\"containers\":[{"
              "\"name\":\"x\",\"image\":\"\\u001b[2J:::\\\"}</script>\"}]}}");
    assert_int_equal(world_scan(), ROUND_COMPLETE);
    assert_string_equal(world.log, "POST shop/01\nPOST shop/02\n");
    assert_int_equal(world.counts.left_out, 1);
    assert_non_null(strstr(world_report(POLICYREPORTS, "shop", 1), "\"result\":\"error\""));
    assert_non_null(strstr(world_report(POLICYREPORTS, "shop", 2), "\"policy\":\"unreadable\""));
    assert_null(strchr(world_report(POLICYREPORTS, "shop", 2), '\033'));
    assert_null(strstr(world_report(POLICYREPORTS, "shop", 2), "001b"));
    world_scan();
    assert_string_equal(world.log, "");
}

int fault_tests(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_begin, world_end)
    const struct CMUnitTest tests[] = {
        TEST(a_kind_that_cannot_be_listed_keeps_its_reports),
        TEST(without_the_kind_of_report),
        TEST(reports_that_cannot_be_listed_are_not_written),
        TEST(a_namespace_that_goes_away),
        TEST(reports_that_may_not_be_written),
        TEST(a_report_that_cannot_be_updated_stays),
        TEST(another_wrote_it_first),
        TEST(an_api_server_that_does_not_answer),
        TEST(patience_is_given),
        TEST(who_does_not_lead_any_more_writes_nothing_more),
        TEST(it_leads_before_it_sweeps),
        TEST(a_list_that_expires_begins_again),
        TEST(without_policies),
        TEST(hostile_objects),
    };
    return cmocka_run_group_tests_name("faults", tests, NULL, NULL);
}

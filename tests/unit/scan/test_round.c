#include "world.h"

#include "base/limits.h"

static void what_has_something_to_tell_is_reported(void **state)
{
    (void)state;
    world_pod("shop", 1, BAD, NULL, 0);
    world_pod("shop", 2, GOOD, NULL, 0);
    world_pod("shop", 3, "registry.example.com/old:1", NULL, 0);
    world_template(DEPLOYMENTS, "shop", 4, BAD, NULL, 0, 3);
    assert_int_equal(world_scan(), ROUND_COMPLETE);
    assert_string_equal(world.log, "POST shop/04\nPOST shop/01\nPOST shop/03\n");
    assert_string_equal(world.told, "");
    assert_int_equal(world.counts.objects, 4);
    assert_int_equal(world.counts.denied, 2);
    assert_int_equal(world.counts.warned, 1);
    assert_int_equal(world.counts.allowed, 1);
    assert_int_equal(world.counts.created, 3);
    assert_int_equal(world.counts.reports[REPORT_WGPOLICYK8S], 3);
    const char *report = world_report(POLICYREPORTS, "shop", 1);
    assert_non_null(strstr(report, "\"policy\":\"baseline\",\"rule\":\"ours\""));
    assert_non_null(strstr(report, "\"fail\":1,\"warn\":1"));
    assert_non_null(strstr(report, "\"kind\":\"Pod\",\"name\":\"o1\""));
    assert_null(world_report(POLICYREPORTS, "shop", 2));
    assert_non_null(strstr(world_report(POLICYREPORTS, "shop", 3),
                           "\"policy\":\"baseline\",\"result\":\"pass\""));
}

static void what_did_not_change_is_not_written(void **state)
{
    (void)state;
    world_pod("shop", 1, BAD, NULL, 0);
    world_pod("shop", 2, BAD, NULL, 0);
    world_scan();
    assert_int_equal(world_scan(), ROUND_COMPLETE);
    assert_string_equal(world.log, "");
    assert_int_equal(world.counts.unchanged, 2);
    world_pod("shop", 2, "evil.example.net/other:1", NULL, 0);
    world_scan();
    assert_string_equal(world.log, "PUT shop/02\n");
    assert_non_null(strstr(world_report(POLICYREPORTS, "shop", 2), "other:1"));
    world_scan();
    assert_string_equal(world.log, "");
}

static void what_is_good_again_has_none(void **state)
{
    (void)state;
    world_pod("shop", 1, BAD, NULL, 0);
    world_pod("shop", 2, BAD, NULL, 0);
    world_scan();
    world_pod("shop", 1, GOOD, NULL, 0);
    world_delete(PODS, "shop", "o2"); /* nothing here deletes what it owns */
    assert_int_equal(world_scan(), ROUND_COMPLETE);
    assert_string_equal(world.log, "DELETE shop/01\nDELETE shop/02\n");
    assert_int_equal(world.counts.deleted, 2);
    assert_int_equal(world_count(POLICYREPORTS), 0);
}

static void other_policies_other_reports(void **state)
{
    (void)state;
    world_pod("shop", 1, BAD, NULL, 0);
    world_pod("shop", 2, "registry.example.com/old:1", NULL, 0);
    world_scan();
    world_use("apiVersion: pratique.dev/v1alpha1\nkind: ClusterImagePolicy\n"
              "metadata: {name: baseline}\n"
              "spec: {rules: [{name: ours, allow: [registry.example.com]}]}\n");
    assert_int_equal(world_scan(), ROUND_COMPLETE);
    assert_string_equal(world.log, "PUT shop/01\nDELETE shop/02\n");
    assert_null(strstr(world_report(POLICYREPORTS, "shop", 1), "next"));
}

static void both_formats(void **state)
{
    (void)state;
    world.config.formats[REPORT_OPENREPORTS] = true;
    world_pod("shop", 1, BAD, NULL, 0);
    world_scan();
    assert_int_equal(world.counts.created, 2);
    assert_non_null(world_report(POLICYREPORTS, "shop", 1));
    assert_non_null(world_report(REPORTS, "shop", 1));
    world_scan();
    assert_string_equal(world.log, "");
}

static void without_formats_only_counts(void **state)
{
    (void)state;
    world.config.formats[REPORT_WGPOLICYK8S] = false;
    world_pod("shop", 1, BAD, NULL, 0);
    assert_int_equal(world_scan(), ROUND_COMPLETE);
    assert_int_equal(world.counts.denied, 1);
    assert_int_equal(world.calls, 8); /* a list of each kind of workload */
}

static void passes_are_reported_if_they_are_wanted(void **state)
{
    (void)state;
    world.config.passes = true;
    world_pod("shop", 1, GOOD, NULL, 0);
    world_template(DEPLOYMENTS, "shop", 2, GOOD, NULL, 0, 1);
    world_pod("shop", 3, GOOD, "Deployment", 2);
    world_scan();
    assert_string_equal(world.log, "POST shop/02\nPOST shop/01\n");
    assert_non_null(strstr(world_report(POLICYREPORTS, "shop", 1), "\"pass\":2,\"fail\":0"));
}

/* -- what templates make -- */

static void one_problem_is_reported_once(void **state)
{
    (void)state;
    world_template(DEPLOYMENTS, "shop", 10, BAD, NULL, 0, 2);
    world_template(REPLICASETS, "shop", 11, BAD, "Deployment", 10, 2);
    world_template(REPLICASETS, "shop", 12, "evil.example.net/older:1", "Deployment", 10, 0);
    world_pod("shop", 13, BAD, "ReplicaSet", 11);
    world_pod("shop", 14, BAD, "ReplicaSet", 11);
    world_pod("shop", 15, "evil.example.net/sidecar:1", "ReplicaSet", 11); /* not its template's */
    world_pod("shop", 16, BAD, "Node", 99);                   /* what made it is not looked at */
    world_template(REPLICASETS, "shop", 17, BAD, NULL, 0, 0); /* nobody's */
    world_scan();
    assert_string_equal(world.log, "POST shop/10\nPOST shop/17\nPOST shop/15\nPOST shop/16\n");
    assert_int_equal(world.counts.left_out, 4);
    assert_int_equal(world.counts.objects, 4);
}

static void an_owner_that_is_claimed_hides_nothing(void **state)
{
    (void)state;
    world_template(DEPLOYMENTS, "shop", 10, GOOD, NULL, 0, 1);
    world_template(DEPLOYMENTS, "mine", 11, BAD, NULL, 0, 1);
    world_pod("shop", 12, BAD, "Deployment", 10); /* a good one's */
    world_pod("shop", 13, BAD, "Deployment", 11); /* a bad one's of another namespace */
    world_pod("shop", 14, BAD, "Deployment", 77); /* of none */
    world_pod("mine", 15, BAD, "Deployment", 11); /* what its template says */
    world_scan();
    assert_string_equal(world.log, "POST mine/11\nPOST shop/12\nPOST shop/13\nPOST shop/14\n");
}

/* -- those of others -- */

static void reports_of_others_are_left_alone(void **state)
{
    (void)state;
    static const char THEIRS[] =
        "{\"metadata\":{\"name\":\"%s\",\"namespace\":\"shop\",\"labels\":{"
        "\"app.kubernetes.io/managed-by\":\"pratique\"}},"
        "\"results\":[{\"source\":\"theirs\"}]}";
    static const char *const NAMES[] = {"pratique-00000000-0000-0000-0000-000000000009", "theirs"};
    for (size_t i = 0; i < COUNT(NAMES); i++) {
        char text[512];
        snprintf(text, sizeof text, THEIRS, NAMES[i]);
        world_put(POLICYREPORTS, "shop", NAMES[i], text);
    }
    world_pod("shop", 1, GOOD, NULL, 0);
    world_scan();
    assert_string_equal(world.log, "");

    world_pod("shop", 9, BAD, NULL, 0); /* whose report has a name that is taken */
    assert_int_equal(world_scan(), ROUND_COMPLETE);
    assert_string_equal(world.log, "POST shop/09\n");
    assert_int_equal(world.counts.refused, 1);
    assert_non_null(strstr(world.told, "failure policyreports: POST "));
    assert_non_null(strstr(world.told, "another wrote it meanwhile"));
    assert_non_null(strstr(world_report(POLICYREPORTS, "shop", 9), "theirs"));
}

static void what_someone_wrote_into_ours_does_not_stay(void **state)
{
    (void)state;
    world_pod("shop", 1, BAD, NULL, 0);
    world_scan();
    world_put(POLICYREPORTS, "shop", "pratique-00000000-0000-0000-0000-000000000001",
              "{\"metadata\":{\"name\":\"pratique-00000000-0000-0000-0000-000000000001\","
              "\"namespace\":\"shop\",\"labels\":{\"app.kubernetes.io/managed-by\":\"pratique\"}},"
              "\"results\":[]}");
    world_scan();
    assert_string_equal(world.log, "PUT shop/01\n");
    assert_non_null(strstr(world_report(POLICYREPORTS, "shop", 1), "baseline"));
}

/* -- many -- */

static void page_after_page_at_a_bounded_rate(void **state)
{
    (void)state;
    world.page = 7;
    for (unsigned i = 1; i <= 100; i++) {
        world_pod(i % 2 == 0 ? "shop" : "ship", i, i % 4 == 0 ? BAD : GOOD, NULL, 0);
    }
    int64_t began = world.now;
    assert_int_equal(world_scan(), ROUND_COMPLETE);
    assert_int_equal(world.counts.objects, 100);
    assert_int_equal(world.counts.created, 25);
    assert_int_equal(world.lists, world.calls - 25);
    assert_in_range(world.lists, 23, 60);
    assert_int_equal(world.least, NS_PER_S / LIMIT_SCAN_CALLS);
    assert_true(world.now - began >= (int64_t)(world.calls - 1) * (NS_PER_S / LIMIT_SCAN_CALLS));
    size_t first = world.calls;
    world_scan();
    assert_int_equal(world.counts.unchanged, 25);
    assert_in_range(world.calls, 23, first);
}

static void policies_that_change_meanwhile_hold_from_the_next_page_on(void **state)
{
    (void)state;
    world_pod("shop", 1, BAD, NULL, 0);
    world_template(DEPLOYMENTS, "shop", 2, "registry.example.com/old:1", NULL, 0, 1);
    uint64_t hash = policy_set_hash(world.policies);
    world_scan();
    assert_true(world.round.hash == hash);
    world_use("apiVersion: pratique.dev/v1alpha1\nkind: ClusterImagePolicy\n"
              "metadata: {name: all}\nspec: {rules: [{name: all, allow: [\"**\"]}]}\n");
    world_scan();
    assert_true(world.round.hash != hash);
    assert_string_equal(world.log, "DELETE shop/02\nDELETE shop/01\n");
}

/* -- custom kinds -- */

static void custom_kinds_are_found_by_their_group(void **state)
{
    (void)state;
    static const struct str NAMES[] = {{"ships.example.com", 17}, {"planes.example.org", 18}};
    world.config.resources = NAMES;
    world.config.n_resources = 2;
    world_follow();
    world_put("/apis/example.com", "", "group", "{\"preferredVersion\":{\"version\":\"v3\"}}");
    world_put("/apis/example.com/v3", "", "version",
              "{\"resources\":[{\"name\":\"ships/status\",\"kind\":\"Ship\"},"
              "{\"name\":\"ships\",\"kind\":\"Ship\",\"namespaced\":true}]}");
    world_template(SHIPS, "shop", 1, BAD, NULL, 0, 1);
    assert_int_equal(world_scan(), ROUND_COMPLETE);
    assert_string_equal(world.log, "POST shop/01\n");
    assert_non_null(strstr(world_report(POLICYREPORTS, "shop", 1),
                           "\"apiVersion\":\"example.com/v3\",\"kind\":\"Ship\""));
    world_delete("/apis/example.com", "", "group"); /* its definition is deleted */
    assert_int_equal(world_scan(), ROUND_COMPLETE);
    assert_string_equal(world.log, "DELETE shop/01\n");
}

/* -- what namespaces say -- */

static bool shop_is_production(void *self, struct str namespace, yyjson_val **ret_labels)
{
    static struct json_doc doc;
    struct error err;
    (void)self;
    if (doc.tree == NULL) {
        assert_false(
            failed(json_parse(STR("{\"tier\":\"production\"}"), JSON_WITHOUT_MARKS, &doc, &err)));
    }
    *ret_labels = str_eq(namespace, STR("shop")) ? doc.root : NULL;
    return true;
}

static void labels_of_namespaces(void **state)
{
    (void)state;
    world_use("apiVersion: pratique.dev/v1alpha1\nkind: ClusterImagePolicy\n"
              "metadata: {name: all}\nspec: {rules: [{name: all, allow: [\"**\"]}]}\n---\n"
              "apiVersion: pratique.dev/v1alpha1\nkind: ClusterImagePolicy\n"
              "metadata: {name: production}\n"
              "spec: {match: {namespaceSelector: {matchLabels: {tier: production}}},"
              " rules: [{name: ours, allow: [registry.example.com]}]}\n");
    world_pod("shop", 1, BAD, NULL, 0);
    world_pod("test", 2, BAD, NULL, 0);
    world_scan();
    assert_string_equal(world.log, "POST shop/01\nPOST test/02\n"); /* they are not known */
    world.watcher.labels = shop_is_production;
    world_scan();
    assert_string_equal(world.log, "DELETE test/02\n");
}

int round_tests(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_begin, world_end)
    const struct CMUnitTest tests[] = {
        TEST(what_has_something_to_tell_is_reported),
        TEST(what_did_not_change_is_not_written),
        TEST(what_is_good_again_has_none),
        TEST(other_policies_other_reports),
        TEST(both_formats),
        TEST(without_formats_only_counts),
        TEST(passes_are_reported_if_they_are_wanted),
        TEST(one_problem_is_reported_once),
        TEST(an_owner_that_is_claimed_hides_nothing),
        TEST(reports_of_others_are_left_alone),
        TEST(what_someone_wrote_into_ours_does_not_stay),
        TEST(page_after_page_at_a_bounded_rate),
        TEST(policies_that_change_meanwhile_hold_from_the_next_page_on),
        TEST(custom_kinds_are_found_by_their_group),
        TEST(labels_of_namespaces),
    };
    return cmocka_run_group_tests_name("round", tests, NULL, NULL);
}

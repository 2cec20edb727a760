/* Before and after: which changes are counted, in which groups, in which order. */
#include "test.h"

static struct policy_set *make_set(const char *deny)
{
    arena_auto arena;
    arena_init(&arena, MIB);
    struct str text = arena_printf(&arena,
                                   "apiVersion: pratique.dev/v1alpha1\nkind: ClusterImagePolicy\n"
                                   "metadata: {name: p}\nspec:\n  rules:\n"
                                   "    - {name: r, deny: [\"%s\"]}\n",
                                   deny);
    struct diagnostics list;
    diagnostics_init(&list, &arena);
    struct policy_set *set;
    struct error err;
    const struct policy_options options = {.now = 0};
    assert_false(failed(policy_parse(STR("p.yaml"), text, &options, &list, &set, &err)));
    return set;
}

struct images {
    const char *text[3];
    bool admitted[3];
    size_t n;
};

static status judge(struct replay_tally *tally, const struct policy_set *before,
                    const struct policy_set *after, const struct images *images, bool recorded)
{
    arena_auto arena;
    arena_init(&arena, LIMIT_REVIEW_ARENA);
    struct review_image items[3] = {0};
    struct str denying[3] = {STR("old/rule"), STR("old/rule"), STR("old/rule")};
    bool admitted[3];
    for (size_t i = 0; i < images->n; i++) {
        items[i] = (struct review_image){.text = str_from(images->text[i]), .path = STR("image")};
        admitted[i] = images->admitted[i];
    }
    struct replay_case subject = {
        .review = {.operation = REVIEW_CREATE,
                   .kind = STR("Pod"),
                   .version = STR("v1"),
                   .namespace = STR("shop"),
                   .images = items,
                   .n_images = images->n},
        .recorded = recorded,
        .admitted = admitted,
        .denying = denying,
    };
    struct error err;
    return replay_judge(tally, before, after, 0, &subject, &arena, &err);
}

static void expect_images(const struct replay_tally *tally, uint64_t allowed, uint64_t denied,
                          uint64_t newly_denied, uint64_t newly_allowed)
{
    assert_int_equal(tally->images[REPLAY_SAME_ALLOWED], allowed);
    assert_int_equal(tally->images[REPLAY_SAME_DENIED], denied);
    assert_int_equal(tally->images[REPLAY_NEWLY_DENIED], newly_denied);
    assert_int_equal(tally->images[REPLAY_NEWLY_ALLOWED], newly_allowed);
}

static const struct images THREE = {{"a", "b", "b"}, {true, false, true}, 3};

static void test_as_recorded(void **state)
{
    (void)state;
    struct policy_set *after = make_set("docker.io/library/a");
    struct replay_tally tally;
    replay_tally_init(&tally);
    assert_false(failed(judge(&tally, NULL, after, &THREE, true)));
    expect_images(&tally, 1, 0, 1, 1);
    replay_tally_sort(&tally);
    assert_int_equal(tally.n, 2);
    assert_true(str_eq(tally.rows[0].rule, STR("p/r")) && str_eq(tally.rows[0].image, STR("a")));
    assert_true(str_eq(tally.rows[1].rule, STR("old/rule")));
    replay_tally_done(&tally);
    policy_set_unref(after);
}

static void test_without_a_record(void **state)
{
    (void)state;
    struct policy_set *after = make_set("docker.io/library/b");
    struct replay_tally tally;
    replay_tally_init(&tally);
    assert_false(failed(judge(&tally, NULL, after, &THREE, false)));
    expect_images(&tally, 1, 0, 2, 0);
    assert_int_equal(tally.n, 1);
    assert_int_equal(tally.rows[0].count, 2);
    assert_int_equal(tally.changed_reviews, 1);
    replay_tally_done(&tally);
    policy_set_unref(after);
}

static void test_other_policies_before(void **state)
{
    (void)state;
    struct policy_set *before = make_set("docker.io/library/a"), *after = make_set("**:latest");
    struct replay_tally tally;
    replay_tally_init(&tally);
    assert_false(failed(judge(&tally, before, after, &THREE, true)));
    expect_images(&tally, 0, 1, 2, 0);
    assert_false(failed(judge(&tally, after, before, &THREE, true)));
    expect_images(&tally, 0, 2, 2, 2);
    replay_tally_done(&tally);
    policy_set_unref(before);
    policy_set_unref(after);
}

static void test_more_groups_than_are_kept(void **state)
{
    (void)state;
    struct policy_set *after = make_set("**");
    struct replay_tally tally;
    replay_tally_init(&tally);
    tally.room = 2;
    for (size_t i = 0; i < 4; i++) {
        char text[16];
        snprintf(text, sizeof text, "a%zu", i);
        const struct images images = {{text}, {true}, 1};
        assert_false(failed(judge(&tally, NULL, after, &images, false)));
    }
    const struct images kept = {{"a1"}, {true}, 1};
    assert_false(failed(judge(&tally, NULL, after, &kept, false)));
    expect_images(&tally, 0, 0, 5, 0);
    assert_int_equal(tally.n, 2);
    assert_int_equal(tally.dropped, 2);
    replay_tally_sort(&tally);
    assert_true(str_eq(tally.rows[0].image, STR("a1")) && tally.rows[0].count == 2);
    replay_tally_done(&tally);
    policy_set_unref(after);
}

int judge_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_recorded),
        cmocka_unit_test(test_without_a_record),
        cmocka_unit_test(test_other_policies_before),
        cmocka_unit_test(test_more_groups_than_are_kept),
    };
    return cmocka_run_group_tests_name("judge", tests, NULL, NULL);
}

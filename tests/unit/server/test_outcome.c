#include "test.h"

#include "server/outcome.h"

#define STR_LITERAL(text)                                                                          \
    {                                                                                              \
        (text), sizeof(text) - 1                                                                   \
    }

static const struct cluster_policy POLICIES[] = {
    {.kind = STR_LITERAL("ClusterImagePolicy"),
     .name = STR_LITERAL("a"),
     .uid = STR_LITERAL("1"),
     .generation = 3},
    {.kind = STR_LITERAL("ClusterImagePolicy"),
     .name = STR_LITERAL("b"),
     .uid = STR_LITERAL("2"),
     .generation = 1},
    {.kind = STR_LITERAL("ImagePolicy"),
     .namespace = STR_LITERAL("shop"),
     .name = STR_LITERAL("c"),
     .uid = STR_LITERAL("3"),
     .generation = 1},
    {.kind = STR_LITERAL("ImagePolicyException"),
     .name = STR_LITERAL("d"),
     .uid = STR_LITERAL("4"),
     .generation = 1},
};
enum { N = sizeof POLICIES / sizeof *POLICIES };

/* What a load says of them: all sound. */
static void sound(struct policy_object objects[N])
{
    for (size_t i = 0; i < N; i++) {
        objects[i] = (struct policy_object){.kind = POLICIES[i].kind,
                                            .namespace = POLICIES[i].namespace,
                                            .name = POLICIES[i].name,
                                            .sound = true,
                                            .rules = 2};
    }
    objects[3].rules = 0;
    objects[3].until = INT64_C(1798761600) * 1000000000;
}

static void assert_ready(const struct outcome *outcome, int64_t now, bool ready, const char *reason,
                         const char *message)
{
    struct policy_ready told = outcome_now(outcome, now);
    assert_int_equal(told.ready, ready);
    assert_string_equal(told.reason, reason);
    if (!str_eq(told.message, str_from(message))) {
        fail_msg("\"%.*s\" is not \"%s\"", STR_ARG(told.message), message);
    }
}

static void all_in_use(void **state)
{
    (void)state;
    struct policy_object objects[N];
    sound(objects);
    struct outcomes *outcomes = outcomes_of(POLICIES, objects, N, NULL, NULL);
    assert_int_equal(outcomes->n, N);
    assert_ready(&outcomes->items[0], 0, true, "Loaded", "in use");
    assert_int_equal(outcomes->items[0].ready.generation, 3);
    assert_int_equal(outcomes->items[0].ready.rules, 2);
    int64_t until = objects[3].until;
    assert_ready(&outcomes->items[3], until - 1, true, "Loaded",
                 "in use until 2027-01-01T00:00:00Z");
    assert_ready(&outcomes->items[3], until, false, "Ended", "its time is over");
    outcomes_unref(outcomes);
}

static void broken_ones_say_what_follows(void **state)
{
    (void)state;
    struct policy_object objects[N];
    sound(objects);
    for (size_t i = 1; i < N; i++) {
        objects[i].sound = false;
        objects[i].problem = STR("spec: bad");
    }
    const struct error err = {.kind = ERROR_CONFIG, .text = "the policies have 1 error"};
    struct outcomes *outcomes = outcomes_of(POLICIES, objects, N, &err, NULL);
    assert_ready(&outcomes->items[0], 0, false, "Waiting",
                 "not in use yet, for another policy is wrong and no change is taken over until it "
                 "is mended: ClusterImagePolicy b: spec: bad");
    assert_ready(&outcomes->items[1], 0, false, "Invalid",
                 "spec: bad; what was in use before stays in use, and changes of other policies "
                 "wait");
    assert_ready(&outcomes->items[2], 0, false, "Invalid",
                 "spec: bad; until it is mended or deleted, nothing is admitted in its namespace");
    assert_ready(&outcomes->items[3], 0, false, "Invalid", "spec: bad; it excuses nothing");
    outcomes_unref(outcomes);
}

static void what_was_in_use_stays_so(void **state)
{
    (void)state;
    struct policy_object objects[N];
    sound(objects);
    struct outcomes *before = outcomes_of(POLICIES, objects, N, NULL, NULL);
    struct cluster_policy changed[N];
    memcpy(changed, POLICIES, sizeof changed);
    changed[2].generation = 2;
    changed[3].uid = STR("made anew");
    objects[1].sound = false;
    objects[1].problem = STR("spec: bad");
    const struct error err = {.kind = ERROR_CONFIG, .text = "the policies have 1 error"};
    struct outcomes *after = outcomes_of(changed, objects, N, &err, before);
    outcomes_unref(before);
    assert_ready(&after->items[0], 0, true, "Loaded", "in use");
    assert_int_equal(outcome_now(&after->items[1], 0).ready, false);
    assert_string_equal(outcome_now(&after->items[2], 0).reason, "Waiting");
    assert_string_equal(outcome_now(&after->items[3], 0).reason, "Waiting");
    outcomes_unref(after);
}

static void a_set_that_is_too_large(void **state)
{
    (void)state;
    struct policy_object objects[N];
    sound(objects);
    objects[3].sound = false; /* not reached */
    const struct error err = {.kind = ERROR_LIMIT, .text = "more than 4 policies"};
    struct outcomes *outcomes = outcomes_of(POLICIES, objects, N, &err, NULL);
    for (size_t i = 0; i < N; i++) {
        assert_ready(
            &outcomes->items[i], 0, false, "Waiting",
            "not in use yet, for another policy is wrong and no change is taken over until "
            "it is mended: more than 4 policies");
    }
    outcomes_unref(outcomes);
}

int outcome_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_in_use),
        cmocka_unit_test(broken_ones_say_what_follows),
        cmocka_unit_test(what_was_in_use_stays_so),
        cmocka_unit_test(a_set_that_is_too_large),
    };
    return cmocka_run_group_tests_name("outcomes", tests, NULL, NULL);
}

#include "test.h"

#define PASS POLICY("p", "rules: [{name: r, deny: ['**:never']}]")
#define FAIL POLICY("p", "rules: [{name: r, deny: ['**']}]")

/* Nothing that is zeroed, forgotten or of another review ever admits. */
static void zeroed(void **state)
{
    (void)state;
    arena_auto arena;
    arena_init(&arena, 1024 * 1024);
    struct plan plan = {0};
    struct decision decision;
    policy_decide(&plan, &arena, &decision);
    assert_int_equal(decision.verdict, VERDICT_DENY);
    assert_true(decision.problem.n > 0);
    assert_string_equal(verdict_name(VERDICT_UNDECIDED), "undecided");
    assert_int_equal(((struct decision){0}).verdict, VERDICT_UNDECIDED);
}

static void other_plans(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, PASS);
    fixture_image(&fixture, "a/a");
    fixture_image(&fixture, "b/b");
    assert_int_equal(fixture_decide(&fixture), VERDICT_ALLOW);
    struct plan whole = fixture.plan;

    struct plan plan = whole; /* an image is forgotten */
    plan.n_images = 1;
    policy_decide(&plan, &fixture.arena, &fixture.decision);
    assert_int_equal(fixture.decision.verdict, VERDICT_DENY);
    plan.n_images = 0;
    policy_decide(&plan, &fixture.arena, &fixture.decision);
    assert_int_equal(fixture.decision.verdict, VERDICT_DENY);

    plan = whole; /* one is there twice, the other is not */
    struct plan_image twice[2] = {whole.images[0], whole.images[0]};
    plan.images = twice;
    policy_decide(&plan, &fixture.arena, &fixture.decision);
    assert_int_equal(fixture.decision.verdict, VERDICT_DENY);

    plan = whole; /* its rules are forgotten */
    struct plan_image bare[2] = {whole.images[0], whole.images[1]};
    bare[1].n_items = 0;
    plan.images = bare;
    policy_decide(&plan, &fixture.arena, &fixture.decision);
    assert_int_equal(fixture.decision.verdict, VERDICT_DENY);

    plan = whole; /* a finding was never made */
    plan.images[1].items[0].finding = (struct finding){0};
    policy_decide(&plan, &fixture.arena, &fixture.decision);
    assert_int_equal(fixture.decision.verdict, VERDICT_DENY);
    assert_true(str_ends(fixture.decision.violations[0].message, STR(": there is no evidence")));
    fixture_done(&fixture);
}

static void findings(void **state)
{
    (void)state;
    static const struct {
        enum finding_kind kind;
        enum verdict verdict;
    } CASES[] = {
        {FINDING_ABSENT, VERDICT_DENY},        {FINDING_INVALID, VERDICT_DENY},
        {FINDING_VALID, VERDICT_ALLOW},        {FINDING_NOT_APPLICABLE, VERDICT_ALLOW},
        {(enum finding_kind)17, VERDICT_DENY},
    };
    struct fixture fixture;
    fixture_start(&fixture, PASS);
    fixture_image(&fixture, "a/a");
    assert_int_equal(fixture_decide(&fixture), VERDICT_ALLOW);
    for (size_t i = 0; i < COUNT(CASES); i++) {
        fixture.plan.images[0].items[0].finding.kind = CASES[i].kind;
        policy_decide(&fixture.plan, &fixture.arena, &fixture.decision);
        if (fixture.decision.verdict != CASES[i].verdict) {
            fail_msg("finding %d: %s", (int)CASES[i].kind, verdict_name(fixture.decision.verdict));
        }
    }
    fixture_done(&fixture);
}

/* Which reviews are let through though every image would be denied. */
static void reviews(void **state)
{
    (void)state;
    static const struct {
        enum review_operation operation;
        bool images, unchanged, deleting;
        const char *problem;
        enum verdict verdict;
    } CASES[] = {
        {REVIEW_CREATE, true, false, false, "", VERDICT_DENY},
        {REVIEW_UPDATE, true, false, false, "", VERDICT_DENY},
        {REVIEW_UPDATE, true, true, false, "", VERDICT_ALLOW},
        {REVIEW_UPDATE, true, false, true, "", VERDICT_DENY},
        {REVIEW_UPDATE, true, true, true, "", VERDICT_ALLOW},
        {REVIEW_CREATE, false, false, false, "", VERDICT_ALLOW},
        {REVIEW_DELETE, true, false, false, "", VERDICT_ALLOW},
        {REVIEW_CONNECT, true, false, false, "", VERDICT_ALLOW},
        {REVIEW_OPERATION_UNKNOWN, true, false, false, "", VERDICT_DENY},
        {REVIEW_CREATE, false, false, false, "containers is null", VERDICT_DENY},
        {REVIEW_UPDATE, true, true, false, "containers is null", VERDICT_DENY},
        {REVIEW_OPERATION_UNKNOWN, false, false, false, "no list", VERDICT_DENY},
        {REVIEW_DELETE, true, false, false, "old object is odd", VERDICT_ALLOW},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct fixture fixture;
        fixture_start(&fixture, FAIL);
        if (CASES[i].images) {
            fixture_image(&fixture, "a/a");
            fixture.images[0].unchanged = CASES[i].unchanged;
        }
        fixture.review.operation = CASES[i].operation;
        fixture.review.deleting = CASES[i].deleting;
        fixture.review.problem = str_from(CASES[i].problem);
        enum verdict verdict = fixture_decide(&fixture);
        if (verdict != CASES[i].verdict) {
            fail_msg("case %zu: %s", i, verdict_name(verdict));
        }
        if (verdict == VERDICT_DENY && CASES[i].problem[0] != '\0') {
            assert_true(str_eq(fixture.decision.problem, str_from(CASES[i].problem)));
        }
        fixture_done(&fixture);
    }
}

/* Of an update, only what changed is judged. */
static void unchanged(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, POLICY("p", "rules: [{name: r, allow: [ghcr.io]}]"));
    fixture.review.operation = REVIEW_UPDATE;
    fixture_image(&fixture, "nginx:old");
    fixture_image(&fixture, "ghcr.io/a/new");
    fixture.images[0].unchanged = true;
    assert_int_equal(fixture_decide(&fixture), VERDICT_ALLOW);
    assert_int_equal(fixture.decision.n_images, 1);
    fixture.images[0].unchanged = false;
    assert_int_equal(fixture_decide(&fixture), VERDICT_DENY);
    fixture_done(&fixture);
}

/* Violations are listed up to the limit, those that deny first, and counted beyond. */
static void violation_limit(void **state)
{
    (void)state;
    struct buf text;
    for (size_t n = LIMIT_VIOLATIONS - 1; n <= LIMIT_VIOLATIONS + 1; n++) {
        buf_init(&text, 1024 * 1024);
        buf_add_cstr(&text, DOCUMENT("ClusterImagePolicy", "name: soft", "mode: warn, rules: ["));
        text.n -= strlen("}\n");
        for (size_t i = 0; i < n; i++) {
            buf_printf(&text, "{name: r%zu, deny: ['**']}, ", i);
        }
        buf_add_cstr(&text, "]}\n" POLICY("hard", "rules: [{name: last, deny: ['**']}]"));
        buf_add_char(&text, '\0');
        struct fixture fixture;
        fixture_start(&fixture, text.p);
        fixture_image(&fixture, "nginx");
        assert_int_equal(fixture_decide(&fixture), VERDICT_DENY);
        const struct decision *decision = &fixture.decision;
        size_t all = n + 1;
        size_t listed = all < LIMIT_VIOLATIONS ? all : LIMIT_VIOLATIONS;
        assert_int_equal(decision->n_violations, listed);
        assert_int_equal(decision->n_dropped, all - listed);
        assert_true(str_eq(decision->violations[0].policy, STR("hard")));
        for (size_t i = 0; i < listed; i++) {
            assert_true(str_ends(decision->violations[i].message, STR("use another image")));
        }
        fixture_done(&fixture);
        buf_done(&text);
    }
}

/* Names of policies: each once, in order, at most 64. */
static void policy_names(void **state)
{
    (void)state;
    struct buf text;
    for (size_t n = 63; n <= 65; n++) {
        buf_init(&text, 1024 * 1024);
        for (size_t i = 0; i < n; i++) {
            buf_printf(&text, POLICY("p%zu", "rules: [{name: r, deny: ['**:never']}]"), i);
        }
        buf_add_char(&text, '\0');
        struct fixture fixture;
        fixture_start(&fixture, text.p);
        fixture_image(&fixture, "nginx");
        fixture_image(&fixture, "nginx");
        assert_int_equal(fixture_decide(&fixture), VERDICT_ALLOW);
        assert_int_equal(fixture.decision.n_policies, n < 64 ? n : 64);
        assert_true(str_eq(fixture.decision.policies[0], STR("p0")));
        assert_true(str_eq(fixture.decision.policies[62], STR("p62")));
        fixture_done(&fixture);
        buf_done(&text);
    }
}

int decide_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zeroed),       cmocka_unit_test(other_plans),
        cmocka_unit_test(findings),     cmocka_unit_test(reviews),
        cmocka_unit_test(unchanged),    cmocka_unit_test(violation_limit),
        cmocka_unit_test(policy_names),
    };
    return cmocka_run_group_tests_name("decide", tests, NULL, NULL);
}

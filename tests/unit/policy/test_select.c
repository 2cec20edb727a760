#include "test.h"

/* Coverage, modes and references that runtimes read differently. */

#define PASS "rules: [{name: r, deny: ['**:never']}]"
#define FAIL "rules: [{name: r, deny: ['**']}]"

static void coverage(void **state)
{
    (void)state;
    static const struct {
        const char *policies;
        enum verdict verdict, verdict_if_allowed; /* the second with allow_uncovered */
    } CASES[] = {
        {POLICY("p", PASS), VERDICT_ALLOW, VERDICT_ALLOW},
        {POLICY("p", "images: [ghcr.io], " PASS), VERDICT_DENY, VERDICT_ALLOW},
        {POLICY("p", "match: {namespaces: [other]}, " PASS), VERDICT_DENY, VERDICT_ALLOW},
        /* whatever its mode */
        {POLICY("p", "mode: audit, " PASS), VERDICT_ALLOW, VERDICT_ALLOW},
        {POLICY("p", "mode: warn, " FAIL), VERDICT_ALLOW, VERDICT_ALLOW},
        /* a policy of one namespace only tightens */
        {NAMESPACED("team", "shop", PASS), VERDICT_DENY, VERDICT_ALLOW},
        {NAMESPACED("team", "shop", FAIL), VERDICT_DENY, VERDICT_DENY},
        {NAMESPACED("team", "other", FAIL), VERDICT_DENY, VERDICT_ALLOW},
        {POLICY("p", PASS) NAMESPACED("team", "shop", FAIL), VERDICT_DENY, VERDICT_DENY},
        {POLICY("p", PASS) NAMESPACED("team", "other", FAIL), VERDICT_ALLOW, VERDICT_ALLOW},
        {POLICY("p", FAIL) NAMESPACED("team", "shop", PASS), VERDICT_DENY, VERDICT_DENY},
        {POLICY("p", PASS) NAMESPACED("team", "shop", "mode: warn, " FAIL), VERDICT_ALLOW,
         VERDICT_ALLOW},
        /* a policy without a rule demands nothing */
        {POLICY("p", "mutate: {rewrite: [{from: ghcr.io, to: m.io}]}"), VERDICT_DENY,
         VERDICT_ALLOW},
        /* an exception is no policy */
        {POLICY("p", "images: [ghcr.io], " PASS)
             EXCEPTION("e", "policies: [p], until: 2030-01-01T00:00:00Z, reason: x"),
         VERDICT_DENY, VERDICT_ALLOW},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct policy_options options = {.now = NOW, .allow_uncovered = true};
        struct fixture fixture;
        fixture_start_with(&fixture, CASES[i].policies, &options);
        fixture_image(&fixture, "nginx:1");
        enum verdict if_allowed = fixture_decide(&fixture);
        fixture_done(&fixture);
        if (verdict_on(CASES[i].policies, "nginx:1") != CASES[i].verdict ||
            if_allowed != CASES[i].verdict_if_allowed) {
            fail_msg("case %zu, if allowed %s\n%s", i, verdict_name(if_allowed), CASES[i].policies);
        }
    }
}

static void uncovered_words(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, POLICY("p", "images: [ghcr.io], " PASS));
    fixture_image(&fixture, "nginx:1");
    assert_int_equal(fixture_decide(&fixture), VERDICT_DENY);
    assert_int_equal(fixture.decision.n_violations, 1);
    const struct violation *violation = &fixture.decision.violations[0];
    assert_true(
        str_eq(violation->message,
               STR("spec.containers[0].image \"nginx:1\": no policy covers this image; use "
                   "an image that a policy covers, or have a ClusterImagePolicy cover it")));
    assert_int_equal(violation->policy.n, 0);
    assert_int_equal(violation->mode, POLICY_ENFORCE);
    assert_false(fixture.plan.images[0].covered);
    fixture_done(&fixture);
}

/* The strictest failing mode wins; what failed in a softer one is told as well. */
static void modes(void **state)
{
    (void)state;
    static const struct {
        const char *enforce, *warn, *audit;
        enum verdict verdict;
    } CASES[] = {
        {PASS, PASS, PASS, VERDICT_ALLOW}, {FAIL, PASS, PASS, VERDICT_DENY},
        {PASS, FAIL, PASS, VERDICT_ALLOW}, {PASS, PASS, FAIL, VERDICT_ALLOW},
        {FAIL, FAIL, FAIL, VERDICT_DENY},  {PASS, FAIL, FAIL, VERDICT_ALLOW},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        char text[2048];
        snprintf(text, sizeof text,
                 POLICY("a", "mode: audit, %s") POLICY("w", "mode: warn, %s")
                     POLICY("e", "mode: enforce, %s"),
                 CASES[i].audit, CASES[i].warn, CASES[i].enforce);
        struct fixture fixture;
        fixture_start(&fixture, text);
        fixture_image(&fixture, "nginx:1");
        bool warned = strcmp(CASES[i].warn, FAIL) == 0;
        bool audited = strcmp(CASES[i].audit, FAIL) == 0;
        bool denied = strcmp(CASES[i].enforce, FAIL) == 0;
        size_t failures = (size_t)warned + (size_t)audited + (size_t)denied;
        enum verdict verdict = fixture_decide(&fixture);
        const struct decision_image *image = &fixture.decision.images[0];
        if (verdict != CASES[i].verdict || image->verdict != verdict || image->warned != warned ||
            image->audited != audited || fixture.decision.n_violations != failures) {
            fail_msg("case %zu: %s", i, verdict_name(verdict));
        }
        if (verdict == VERDICT_DENY) { /* the one that denies stands first */
            assert_true(str_eq(fixture.decision.violations[0].policy, STR("e")));
        }
        fixture_done(&fixture);
    }
}

static void one_bad_image(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, POLICY("p", "rules: [{name: r, allow: [ghcr.io]}]"));
    fixture_image(&fixture, "ghcr.io/a/a");
    fixture_image(&fixture, "nginx");
    fixture_image(&fixture, "ghcr.io/a/b");
    assert_int_equal(fixture_decide(&fixture), VERDICT_DENY);
    assert_int_equal(fixture.decision.images[0].verdict, VERDICT_ALLOW);
    assert_int_equal(fixture.decision.images[1].verdict, VERDICT_DENY);
    assert_int_equal(fixture.decision.images[2].verdict, VERDICT_ALLOW);
    assert_int_equal(fixture.decision.n_violations, 1);
    fixture_done(&fixture);
}

/* -- references that runtimes read differently -- */

static void quirks(void **state)
{
    (void)state;
    static const struct {
        const char *accept; /* of an enforced policy for the cluster */
        const char *image;
        enum verdict containerd, crio;
    } CASES[] = {
        {"", "nginx:1", VERDICT_ALLOW, VERDICT_DENY},
        {"accept: [shortName],", "nginx:1", VERDICT_ALLOW, VERDICT_ALLOW},
        {"accept: [upperCaseHost, imageID],", "nginx:1", VERDICT_ALLOW, VERDICT_DENY},
        {"", "docker.io/library/nginx:1", VERDICT_ALLOW, VERDICT_ALLOW},
        {"", "localhost/nginx:1", VERDICT_ALLOW, VERDICT_ALLOW},
        {"", "GHCR.io/a/b", VERDICT_DENY, VERDICT_DENY},
        {"accept: [upperCaseHost],", "GHCR.io/a/b", VERDICT_ALLOW, VERDICT_ALLOW},
        {"accept: [shortName],", "GHCR.io/a/b", VERDICT_DENY, VERDICT_DENY},
        {"", SHA256, VERDICT_DENY, VERDICT_DENY},
        {"accept: [imageID],", SHA256, VERDICT_ALLOW, VERDICT_DENY},
        {"accept: [imageID, shortName],", SHA256, VERDICT_ALLOW, VERDICT_ALLOW},
        {"accept: [shortName, upperCaseHost],", SHA256, VERDICT_DENY, VERDICT_DENY},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        char text[2048];
        snprintf(text, sizeof text, POLICY("p", "%s " PASS), CASES[i].accept);
        for (int crio = 0; crio < 2; crio++) {
            struct policy_options options = {
                .now = NOW, .runtime = crio ? POLICY_RUNTIME_CRIO : POLICY_RUNTIME_CONTAINERD};
            struct fixture fixture;
            fixture_start_with(&fixture, text, &options);
            fixture_image(&fixture, CASES[i].image);
            enum verdict verdict = fixture_decide(&fixture);
            if (verdict != (crio ? CASES[i].crio : CASES[i].containerd)) {
                fail_msg("%s image %s, crio %d: %s", CASES[i].accept, CASES[i].image, crio,
                         verdict_name(verdict));
            }
            fixture_done(&fixture);
        }
    }
}

/* Who may not accept: another mode, a policy that does not or may not apply, allow_uncovered. */
static void quirks_not_accepted(void **state)
{
    (void)state;
    static const char *const CASES[] = {
        POLICY("p", PASS) POLICY("q", "mode: warn, accept: [imageID], " PASS),
        POLICY("p", PASS) POLICY("q", "mode: audit, accept: [imageID], " PASS),
        POLICY("p", PASS) POLICY("q", "images: [ghcr.io], accept: [imageID], " PASS),
        POLICY("p", PASS) POLICY("q", "match: {namespaces: [other]}, accept: [imageID], " PASS),
        POLICY("p", PASS) POLICY("q", "match: {namespaceSelector: {matchLabels: {a: b}}}, accept: "
                                      "[imageID], " PASS),
        POLICY("p", PASS) EXCEPTION("e", "policies: ['*'], until: 2030-01-01T00:00:00Z, reason: x"),
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct policy_options options = {.now = NOW, .allow_uncovered = true};
        struct fixture fixture;
        fixture_start_with(&fixture, CASES[i], &options);
        fixture_image(&fixture, SHA256);
        enum verdict verdict = fixture_decide(&fixture);
        if (verdict != VERDICT_DENY || fixture.decision.violations[0].policy.n > 0) {
            fail_msg("case %zu: %s", i, verdict_name(verdict));
        }
        fixture_done(&fixture);
    }
}

static void short_name_words(void **state)
{
    (void)state;
    struct policy_options options = {.now = NOW, .runtime = POLICY_RUNTIME_CRIO};
    struct fixture fixture;
    fixture_start_with(&fixture, POLICY("p", PASS), &options);
    fixture_image(&fixture, "nginx:1");
    assert_int_equal(fixture_decide(&fixture), VERDICT_DENY);
    assert_true(str_eq(fixture.decision.violations[0].message,
                       STR("spec.containers[0].image \"nginx:1\": no registry is written, and the "
                           "runtime may take it from any that it searches; write "
                           "docker.io/library/nginx:1")));
    fixture_done(&fixture);
}

int select_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(coverage),
        cmocka_unit_test(uncovered_words),
        cmocka_unit_test(modes),
        cmocka_unit_test(one_bad_image),
        cmocka_unit_test(quirks),
        cmocka_unit_test(quirks_not_accepted),
        cmocka_unit_test(short_name_words),
    };
    return cmocka_run_group_tests_name("select", tests, NULL, NULL);
}

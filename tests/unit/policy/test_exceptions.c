#include "test.h"

#define FAIL  "rules: [{name: r, deny: ['**']}]"
#define UNTIL "until: 2026-12-31T00:00:00Z, reason: incident"

#define DECEMBER_31 (INT64_C(1798675200) * 1000000000)

static void reach(void **state)
{
    (void)state;
    static const struct {
        const char *exception;
        enum verdict verdict; /* on docker.io/library/busybox:1.36 in namespace shop */
    } CASES[] = {
        {EXCEPTION("e", "policies: [p], " UNTIL), VERDICT_ALLOW},
        {EXCEPTION("e", "policies: ['*'], " UNTIL), VERDICT_ALLOW},
        {EXCEPTION("e", "policies: ['*', '!p'], " UNTIL), VERDICT_DENY},
        {EXCEPTION("e", "policies: [pp, p2], " UNTIL), VERDICT_DENY},
        {EXCEPTION("e", "policies: [p], rules: [r], " UNTIL), VERDICT_ALLOW},
        {EXCEPTION("e", "policies: [p], rules: [s, t], " UNTIL), VERDICT_DENY},
        {EXCEPTION("e", "policies: [p], images: [busybox], " UNTIL), VERDICT_ALLOW},
        {EXCEPTION("e", "policies: [p], images: ['busybox:1.36'], " UNTIL), VERDICT_ALLOW},
        {EXCEPTION("e", "policies: [p], images: ['busybox:1.37'], " UNTIL), VERDICT_DENY},
        {EXCEPTION("e", "policies: [p], images: ['**', '!docker.io'], " UNTIL), VERDICT_DENY},
        {EXCEPTION("e", "policies: [p], images: [ghcr.io], " UNTIL), VERDICT_DENY},
        {EXCEPTION("e", "policies: [p], namespaces: [shop], " UNTIL), VERDICT_ALLOW},
        {EXCEPTION("e", "policies: [p], namespaces: ['s*'], " UNTIL), VERDICT_ALLOW},
        {EXCEPTION("e", "policies: [p], namespaces: [debug], " UNTIL), VERDICT_DENY},
        {EXCEPTION("e", "policies: [p], namespaces: ['!shop'], " UNTIL), VERDICT_DENY},
        {EXCEPTION("e", "policies: [p], rules: [r], images: [busybox], namespaces: [shop], " UNTIL),
         VERDICT_ALLOW},
        /* every part must match, in one exception: two that match by half do not add up */
        {EXCEPTION("e", "policies: [p], rules: [s], images: [busybox], " UNTIL)
             EXCEPTION("f", "policies: [p], rules: [r], images: [ghcr.io], " UNTIL),
         VERDICT_DENY},
        {EXCEPTION("e", "policies: [q], " UNTIL) EXCEPTION("f", "policies: [p], " UNTIL),
         VERDICT_ALLOW},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        char text[4096];
        snprintf(text, sizeof text, POLICY("p", FAIL) "%s", CASES[i].exception);
        enum verdict verdict = verdict_on(text, "busybox:1.36");
        if (verdict != CASES[i].verdict) {
            fail_msg("case %zu: %s\n%s", i, verdict_name(verdict), CASES[i].exception);
        }
    }
}

/* In force before its end, and not a nanosecond longer. */
static void end(void **state)
{
    (void)state;
    static const struct {
        int64_t now;
        enum verdict verdict;
    } CASES[] = {
        {0, VERDICT_ALLOW},          {DECEMBER_31 - 1, VERDICT_ALLOW},
        {DECEMBER_31, VERDICT_DENY}, {DECEMBER_31 + 1, VERDICT_DENY},
        {INT64_MAX, VERDICT_DENY},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct fixture fixture;
        fixture_start(&fixture, POLICY("p", FAIL) EXCEPTION("e", "policies: [p], " UNTIL));
        fixture.now = CASES[i].now;
        fixture_image(&fixture, "busybox:1.36");
        enum verdict verdict = fixture_decide(&fixture);
        if (verdict != CASES[i].verdict) {
            fail_msg("now %jd: %s", (intmax_t)CASES[i].now, verdict_name(verdict));
        }
        fixture_done(&fixture);
    }
}

/* An excused failure is told, names its exception, and does not excuse any other. */
static void told(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture,
                  POLICY("p", "rules: [{name: a, deny: ['**:latest']}, {name: b, require: "
                              "[digest]}]")
                      EXCEPTION("incident-42", "policies: [p], rules: [a], " UNTIL));
    fixture_image(&fixture, "nginx:latest");
    assert_int_equal(fixture_decide(&fixture), VERDICT_DENY);
    assert_int_equal(fixture.decision.n_violations, 2);
    assert_true(str_eq(fixture.decision.violations[0].rule, STR("b")));
    assert_int_equal(fixture.decision.violations[0].exception.n, 0);
    assert_true(str_eq(fixture.decision.violations[1].rule, STR("a")));
    assert_true(str_eq(fixture.decision.violations[1].exception, STR("incident-42")));
    assert_true(fixture.decision.images[0].excused);
    fixture_done(&fixture);
}

/* Never a reference that cannot be read, never an image that no policy covers. */
static void not_excused(void **state)
{
    (void)state;
    static const char *const IMAGES[] = {"Busybox", SHA256, "GHCR.io/a/b", "quay.io/a/b"};
    for (size_t i = 0; i < COUNT(IMAGES); i++) {
        enum verdict verdict = verdict_on(POLICY("p", "images: ['**', '!quay.io'], " FAIL)
                                              EXCEPTION("e", "policies: ['*'], " UNTIL),
                                          IMAGES[i]);
        if (verdict != VERDICT_DENY) {
            fail_msg("%s: %s", IMAGES[i], verdict_name(verdict));
        }
    }
    assert_int_equal(verdict_on(POLICY("p", "images: ['**', '!quay.io'], " FAIL)
                                    EXCEPTION("e", "policies: ['*'], " UNTIL),
                                "busybox"),
                     VERDICT_ALLOW);
}

/* A namespace that the review does not tell is in no exception's list. */
static void unknown_namespace(void **state)
{
    (void)state;
    static const struct {
        const char *namespaces;
        enum verdict verdict;
    } CASES[] = {
        {"", VERDICT_ALLOW},
        {"namespaces: [shop], ", VERDICT_DENY},
        {"namespaces: ['*'], ", VERDICT_DENY},
        {"namespaces: ['!debug'], ", VERDICT_DENY},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        char text[4096];
        snprintf(text, sizeof text, POLICY("p", FAIL) EXCEPTION("e", "policies: [p], %s " UNTIL),
                 CASES[i].namespaces);
        struct fixture fixture;
        fixture_start(&fixture, text);
        fixture.review.api = REVIEW_IMAGE_V1ALPHA1;
        fixture.review.namespace = STR_EMPTY;
        fixture_image(&fixture, "busybox");
        enum verdict verdict = fixture_decide(&fixture);
        if (verdict != CASES[i].verdict) {
            fail_msg("%s: %s", CASES[i].namespaces, verdict_name(verdict));
        }
        fixture_done(&fixture);
    }
}

/* It excuses rules of policies of one namespace as well, and of softer modes. */
static void all_kinds_of_policies(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, POLICY("p", "mode: warn, " FAIL) NAMESPACED("q", "shop", FAIL)
                                EXCEPTION("e", "policies: [p, q], " UNTIL));
    fixture_image(&fixture, "nginx");
    assert_int_equal(fixture_decide(&fixture), VERDICT_ALLOW);
    assert_false(fixture.decision.images[0].warned);
    assert_true(fixture.decision.images[0].excused);
    assert_int_equal(fixture.decision.n_violations, 2);
    fixture_done(&fixture);
}

int exception_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reach),
        cmocka_unit_test(end),
        cmocka_unit_test(told),
        cmocka_unit_test(not_excused),
        cmocka_unit_test(unknown_namespace),
        cmocka_unit_test(all_kinds_of_policies),
    };
    return cmocka_run_group_tests_name("exception", tests, NULL, NULL);
}

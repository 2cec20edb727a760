#include "test.h"

#define UNTIL "until: 2026-12-31T00:00:00Z, reason: x"

/* One policy's line and its rules' lines, for the creation of a Pod by alice in namespace shop:
 * "policy: why" or "policy/rule: why", with what the rule found and who excuses it. */
static void describe(const struct explanation *items, size_t n, struct buf *buf)
{
    static const char *const FINDINGS[] = {[FINDING_ABSENT] = "",
                                           [FINDING_INVALID] = "fails",
                                           [FINDING_VALID] = "holds",
                                           [FINDING_NOT_APPLICABLE] = "does not apply"};
    for (size_t i = 0; i < n; i++) {
        const struct explanation *item = &items[i];
        buf_printf(buf, "%s%.*s%s%.*s: %.*s", item->applies ? "+" : "-", STR_ARG(item->policy),
                   item->rule.n > 0 ? "/" : "", STR_ARG(item->rule), STR_ARG(item->why));
        if (item->rule.n > 0 && item->applies) {
            buf_printf(buf, "; %s %.*s", FINDINGS[item->finding.kind],
                       STR_ARG(item->finding.reason));
        }
        if (item->exception.n > 0) {
            buf_printf(buf, " (%.*s)", STR_ARG(item->exception));
        }
        buf_add_char(buf, '\n');
    }
}

static const struct {
    const char *policies, *image, *explained;
} CASES[] = {
    {POLICY("p", "rules: [{name: a, allow: [docker.io]}, {name: b, deny: ['**:latest']}]")
         POLICY("q", "match: {namespaces: ['*', '!shop']}, rules: [{name: c, allow: [docker.io]}]")
             POLICY("s", "match: {namespaces: [prod, 'a*']}, rules: [{name: c, allow: ['**']}]"),
     "nginx",
     "+p: match and images include it\n"
     "+p/a: its policy applies; holds \n"
     "+p/b: its policy applies; fails no tag means \"latest\", and tag \"latest\" is not allowed\n"
     "-q: namespaces [\"*\", \"!shop\"] do not include \"shop\"\n"
     "-q/c: namespaces [\"*\", \"!shop\"] do not include \"shop\"\n"
     "-s: namespaces [\"prod\", \"a*\"] do not include \"shop\"\n"
     "-s/c: namespaces [\"prod\", \"a*\"] do not include \"shop\"\n"},
    {POLICY("a", "match: {kinds: [Job]}, rules: [{name: r, allow: ['**']}]")
         POLICY("b", "match: {users: ['system:*']}, rules: [{name: r, allow: ['**']}]")
             POLICY("c", "match: {operations: [UPDATE]}, rules: [{name: r, allow: ['**']}]")
                 POLICY("d", "match: {objectSelector: {matchLabels: {a: b}}}, rules: [{name: r, "
                             "allow: ['**']}]")
                     POLICY("e", "match: {namespaceSelector: {matchLabels: "
                                 "{kubernetes.io/metadata.name: prod}}}, rules: [{name: r, allow: "
                                 "['**']}]")
                         POLICY("f", "images: [ghcr.io, '!ghcr.io/x'], rules: [{name: r, allow: "
                                     "['**']}]"),
     "nginx:1",
     "-a: kinds [\"Job\"] do not include \"Pod\"\n"
     "-a/r: kinds [\"Job\"] do not include \"Pod\"\n"
     "-b: users [\"system:*\"] do not include \"alice\"\n"
     "-b/r: users [\"system:*\"] do not include \"alice\"\n"
     "-c: operations do not include CREATE\n"
     "-c/r: operations do not include CREATE\n"
     "-d: objectSelector does not select the labels of the object\n"
     "-d/r: objectSelector does not select the labels of the object\n"
     "-e: namespaceSelector does not select namespace \"shop\"\n"
     "-e/r: namespaceSelector does not select namespace \"shop\"\n"
     "-f: images [\"ghcr.io\", \"!ghcr.io/x\"] do not include \"docker.io/library/nginx:1\"\n"
     "-f/r: images [\"ghcr.io\", \"!ghcr.io/x\"] do not include \"docker.io/library/nginx:1\"\n"},
    {POLICY("p", "match: {namespaceSelector: {matchLabels: {env: prod}}}, rules: [{name: r, allow: "
                 "['**']}]"),
     "nginx:1",
     "+p: the review does not tell the namespace's labels, which counts as matching, "
     "but covers nothing\n"
     "+p/r: its policy applies; holds \n"},
    {POLICY("p", "rules: [{name: r, deny: ['**']}]") EXCEPTION("e", "policies: [p], " UNTIL),
     "nginx:1",
     "+p: match and images include it\n"
     "+p/r: its policy applies; fails it matches \"**\", which is not allowed (e)\n"},
    {POLICY("p", "rules: [{name: r, allow: ['**']}]"), "Nginx",
     "-p: this is no image reference: repository name must be lowercase: did you mean \"nginx\"?\n"
     "-p/r: this is no image reference: repository name must be lowercase: did you mean "
     "\"nginx\"?\n"},
    {POLICY("p", "rules: [{name: r, allow: ['**']}]"), "GHCR.io/a",
     "-p: runtimes read the upper-case letters of \"GHCR.io\" differently; write the registry in "
     "lower case\n"
     "-p/r: runtimes read the upper-case letters of \"GHCR.io\" differently; write the registry in "
     "lower case\n"},
    {POLICY("p", "accept: [upperCaseHost], rules: [{name: r, allow: ['**']}]"), "GHCR.io/a",
     "+p: match and images include it\n"
     "+p/r: its policy applies; holds \n"},
    {POLICY("many", "match: {namespaces: [a, b, c, d, e, f, g, h, i]}, rules: [{name: r, allow: "
                    "['**']}]"),
     "nginx",
     "-many: namespaces [\"a\", \"b\", \"c\", \"d\", \"e\", \"f\", \"g\", \"h\", …] do not include "
     "\"shop\"\n"
     "-many/r: namespaces [\"a\", \"b\", \"c\", \"d\", \"e\", \"f\", \"g\", \"h\", …] do not "
     "include \"shop\"\n"},
};

static void explained(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct fixture fixture;
        fixture_start(&fixture, CASES[i].policies);
        fixture_image(&fixture, CASES[i].image);
        struct explanation *items = NULL;
        size_t n = 0;
        const struct explain_question question = {.review = &fixture.review, .now = NOW};
        policy_explain(fixture.set, &question, &fixture.arena, &items, &n);
        buf_auto buf;
        buf_init(&buf, MIB);
        describe(items, n, &buf);
        if (!str_eq(buf_str(&buf), str_from(CASES[i].explained))) {
            fail_msg("case %zu:\n%.*s\nnot\n%s", i, STR_ARG(buf_str(&buf)), CASES[i].explained);
        }
        fixture_done(&fixture);
    }
}

/* What an explanation says applies is what the plan has. */
static void agrees_with_the_plan(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture,
                  POLICY("a", "rules: [{name: r, deny: ['**:latest']}, {name: s, require: [tag]}]")
                      POLICY("b", "mode: warn, images: [ghcr.io], rules: [{name: r, allow: "
                                  "[ghcr.io/x, ghcr.io/a/**]}]")
                          NAMESPACED("c", "shop",
                                     "mode: audit, rules: [{name: r, require: "
                                     "[digest]}]"));
    fixture_image(&fixture, "nginx");
    fixture_image(&fixture, "ghcr.io/a/b:1");
    (void)fixture_decide(&fixture);
    for (size_t image = 0; image < 2; image++) {
        struct explanation *items = NULL;
        size_t n = 0;
        const struct explain_question question = {
            .review = &fixture.review, .index = image, .now = NOW};
        policy_explain(fixture.set, &question, &fixture.arena, &items, &n);
        assert_int_equal(n, 3 + 4);
        const struct plan_image *planned = &fixture.plan.images[image];
        size_t applying = 0;
        for (size_t i = 0; i < n; i++) {
            if (items[i].rule.n == 0 || !items[i].applies) {
                continue;
            }
            assert_true(applying < planned->n_items);
            assert_int_equal(items[i].finding.kind, planned->items[applying].finding.kind);
            applying++;
        }
        assert_int_equal(applying, planned->n_items);
        assert_int_equal(items[n - 1].mode, POLICY_AUDIT);
        assert_true(str_eq(items[0].file, STR("policies.yaml")));
        assert_int_equal(items[0].mark.line, 4);
    }
    fixture_done(&fixture);
}

int explain_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(explained),
        cmocka_unit_test(agrees_with_the_plan),
    };
    return cmocka_run_group_tests_name("explain", tests, NULL, NULL);
}

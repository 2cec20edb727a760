#include "test.h"

#define PASS   POLICY("all", "rules: [{name: any, deny: ['**:never']}]")
#define MIRROR "mutate: {rewrite: [{from: docker.io, to: 'mirror.example.com/hub/**'}]}"

static void texts(void **state)
{
    (void)state;
    static const struct {
        const char *policies, *image, *judged;
    } CASES[] = {
        {POLICY("m", MIRROR), "nginx", "mirror.example.com/hub/library/nginx"},
        {POLICY("m", MIRROR), "acme/app:1@" SHA256, "mirror.example.com/hub/acme/app:1@" SHA256},
        {POLICY("m", MIRROR), "ghcr.io/a/b", "ghcr.io/a/b"},
        /* already there */
        {POLICY("m", MIRROR), "mirror.example.com/hub/library/nginx:1",
         "mirror.example.com/hub/library/nginx:1"},
        /* the first that matches, of the first policy that has one */
        {POLICY("m", "mutate: {rewrite: [{from: 'docker.io/acme/**', to: 'a.io/acme/**'}, {from: "
                     "docker.io, to: b.io}]}"),
         "acme/app", "a.io/acme/app"},
        {POLICY("m", "mutate: {rewrite: [{from: 'docker.io/acme/**', to: 'a.io/acme/**'}, {from: "
                     "docker.io, to: b.io}]}"),
         "nginx", "b.io/library/nginx"},
        {POLICY("m", "mutate: {rewrite: [{from: docker.io, to: a.io}]}")
             POLICY("o", "mutate: {rewrite: [{from: docker.io, to: b.io}]}"),
         "nginx", "a.io/library/nginx"},
        /* only policies that apply */
        {POLICY("m", "match: {namespaces: [debug]}, " MIRROR), "nginx", "nginx"},
        {POLICY("m", "images: ['acme/**'], " MIRROR), "nginx", "nginx"},
        {POLICY("m", "images: ['acme/**'], " MIRROR), "acme/app",
         "mirror.example.com/hub/acme/app"},
        {NAMESPACED("m", "shop", MIRROR), "nginx", "mirror.example.com/hub/library/nginx"},
        {NAMESPACED("m", "debug", MIRROR), "nginx", "nginx"},
        /* where one rewrite leads, another does not lead on */
        {POLICY("m", "images: [docker.io], mutate: {rewrite: [{from: docker.io, to: b.io}]}")
             POLICY("o", "images: [b.io], mutate: {rewrite: [{from: b.io, to: c.io}]}"),
         "nginx", "b.io/library/nginx"},
        {POLICY("m", "images: [docker.io], mutate: {rewrite: [{from: docker.io, to: b.io}]}")
             POLICY("o", "images: [b.io], mutate: {rewrite: [{from: b.io, to: c.io}]}"),
         "b.io/library/nginx", "b.io/library/nginx"},
        /* unless the first leads there in another namespace */
        {NAMESPACED("m", "debug", "mutate: {rewrite: [{from: docker.io, to: b.io}]}")
             POLICY("o", "mutate: {rewrite: [{from: b.io, to: c.io}]}"),
         "b.io/library/nginx", "c.io/library/nginx"},
        /* what a namespace writes, the cluster may rewrite once more ... */
        {POLICY("m", MIRROR)
             NAMESPACED("team", "shop", "mutate: {rewrite: [{from: quay.io, to: docker.io}]}"),
         "quay.io/acme/app:1", "mirror.example.com/hub/acme/app:1"},
        {POLICY("m", MIRROR)
             NAMESPACED("team", "shop", "mutate: {rewrite: [{from: docker.io, to: a.io}]}"),
         "nginx", "a.io/library/nginx"},
        {POLICY("m", "mutate: {rewrite: [{from: a.io, to: b.io}, {from: c.io, to: d.io}]}")
             NAMESPACED("team", "shop",
                        "mutate: {rewrite: [{from: docker.io, to: a.io}, {from: "
                        "b.io, to: c.io}]}"),
         "nginx", "b.io/library/nginx"},
        /* ... and a namespace that leads to where the cluster leads away from stops nothing */
        {POLICY("m", MIRROR)
             NAMESPACED("team", "shop", "mutate: {rewrite: [{from: nowhere.io, to: docker.io}]}"),
         "nginx", "mirror.example.com/hub/library/nginx"},
        {POLICY("m", MIRROR) NAMESPACED(
             "team", "shop", "mutate: {rewrite: [{from: mirror.example.com, to: a.io}]}"),
         "nginx", "mirror.example.com/hub/library/nginx"},
        {POLICY("m", MIRROR) NAMESPACED(
             "team", "shop", "mutate: {rewrite: [{from: mirror.example.com, to: a.io}]}"),
         "mirror.example.com/other/x", "a.io/other/x"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        char text[4096];
        snprintf(text, sizeof text, PASS "%s", CASES[i].policies);
        struct fixture fixture;
        fixture_start(&fixture, text);
        fixture.rewrite = true;
        fixture_image(&fixture, CASES[i].image);
        assert_int_equal(fixture_decide(&fixture), VERDICT_ALLOW);
        struct str judged = fixture.decision.images[0].text;
        bool rewritten = strcmp(CASES[i].image, CASES[i].judged) != 0;
        if (!str_eq(judged, str_from(CASES[i].judged)) ||
            fixture.decision.images[0].rewritten != rewritten) {
            fail_msg("case %zu, %s: %.*s, not %s", i, CASES[i].image, STR_ARG(judged),
                     CASES[i].judged);
        }
        /* the result, judged again, stays */
        fixture.images[0].text = judged;
        assert_int_equal(fixture_decide(&fixture), VERDICT_ALLOW);
        assert_true(str_eq(fixture.decision.images[0].text, judged));
        fixture_done(&fixture);
    }
}

/* The result is what is judged, and only where rewriting is asked for. */
static void judged(void **state)
{
    (void)state;
    const char *policies = POLICY("m", MIRROR)
        POLICY("p", "rules: [{name: mirror-only, allow: [mirror.example.com]}]");
    struct fixture fixture;
    fixture_start(&fixture, policies);
    fixture_image(&fixture, "nginx");
    assert_int_equal(fixture_decide(&fixture), VERDICT_DENY);
    fixture.rewrite = true;
    assert_int_equal(fixture_decide(&fixture), VERDICT_ALLOW);
    fixture_done(&fixture);
}

static void words(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, POLICY("baseline", MIRROR ", rules: [{name: no-latest, deny: "
                                                      "['**:latest']}]"));
    fixture.rewrite = true;
    fixture_image(&fixture, "nginx:latest");
    assert_int_equal(fixture_decide(&fixture), VERDICT_DENY);
    assert_true(str_eq(fixture.decision.violations[0].message,
                       STR("spec.containers[0].image \"nginx:latest\" (rewritten to "
                           "\"mirror.example.com/hub/library/nginx:latest\"): policy baseline, "
                           "rule no-latest: tag \"latest\" is not allowed; use a version tag or a "
                           "digest")));
    fixture_done(&fixture);
}

/* A result that is too long to be a reference is denied. */
static void too_long(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(
        &fixture,
        PASS POLICY(
            "m", "mutate: {rewrite: [{from: docker.io, to: 'mirror.example.com/a-path-that-is-long/"
                 "and-another-that-is-as-long/and-a-third-that-is-as-long-as-the-others/**'}]}"));
    fixture.rewrite = true;
    char image[LIMIT_IMAGE_TEXT] = "";
    memset(image, 'a', 240);
    fixture_image(&fixture, image);
    assert_int_equal(fixture_decide(&fixture), VERDICT_DENY);
    assert_true(fixture.plan.images[0].unreadable.n > 0);
    fixture.rewrite = false;
    assert_int_equal(fixture_decide(&fixture), VERDICT_ALLOW);
    fixture_done(&fixture);
}

/* A short name that is rewritten is no short name any more. */
static void short_names(void **state)
{
    (void)state;
    struct policy_options options = {.now = NOW, .runtime = POLICY_RUNTIME_CRIO};
    struct fixture fixture;
    fixture_start_with(&fixture, PASS POLICY("m", MIRROR), &options);
    fixture_image(&fixture, "nginx");
    assert_int_equal(fixture_decide(&fixture), VERDICT_DENY);
    fixture.rewrite = true;
    assert_int_equal(fixture_decide(&fixture), VERDICT_ALLOW);
    fixture_done(&fixture);
}

int rewrite_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts),    cmocka_unit_test(judged),      cmocka_unit_test(words),
        cmocka_unit_test(too_long), cmocka_unit_test(short_names),
    };
    return cmocka_run_group_tests_name("rewrite", tests, NULL, NULL);
}

#include "test.h"

#define RULE(kind) POLICY("p", "rules: [{name: r, " kind "}]")
#define AT         "spec.containers[0].image "
#define BY         ": policy p, rule r: "

/* What one rule says of one image: the whole message, or NULL where it passes. */
static const struct {
    const char *policies, *image, *message;
} CASES[] = {
    /* the design's own words */
    {POLICY("baseline", "rules: [{name: no-latest, deny: ['**:latest']}]"), "nginx:latest",
     AT "\"nginx:latest\": policy baseline, rule no-latest: tag \"latest\" is not allowed; use a "
        "version tag or a digest"},

    /* allow */
    {RULE("allow: [ghcr.io]"), "ghcr.io/acme/app:1", NULL},
    {RULE("allow: [ghcr.io]"), "GHCR.io:443/acme/app",
     AT "\"GHCR.io:443/acme/app\": runtimes read the upper-case letters of \"GHCR.io:443\" "
        "differently; write the registry in lower case"},
    {RULE("allow: [ghcr.io]"), "ghcr.io:443/acme/app", NULL},
    {RULE("allow: [registry.example.com, 'ghcr.io/acme/**']"), "nginx",
     AT "\"nginx\"" BY "registry docker.io is not among those allowed: registry.example.com, "
        "ghcr.io/acme/**; use an image that one of these matches"},
    {RULE("allow: [a.io, b.io, c.io, d.io, e.io, f.io, g.io, h.io]"), "localhost:5000/x",
     AT "\"localhost:5000/x\"" BY "registry localhost:5000 is not among those allowed: a.io, b.io, "
        "c.io, d.io, e.io and 3 more; use an image that one of these matches"},
    {RULE("allow: ['ghcr.io/acme/**']"), "ghcr.io/evil/app:1",
     AT "\"ghcr.io/evil/app:1\"" BY "image ghcr.io/evil/app:1 is not among those allowed: "
        "ghcr.io/acme/**; use an image that one of these matches"},
    {RULE("allow: ['docker.io/library/*']"), "nginx", NULL},
    {RULE("allow: ['docker.io/library/*']"), "acme/nginx",
     AT "\"acme/nginx\"" BY "image docker.io/acme/nginx is not among those allowed: "
        "docker.io/library/*; use an image that one of these matches"},
    /* prefixes that bypass lists which compare texts */
    {RULE("allow: [registry.example.com]"), "registry.example.com.evil.org/x:1",
     AT "\"registry.example.com.evil.org/x:1\"" BY "registry registry.example.com.evil.org is not "
        "among those allowed: registry.example.com; use an image that one of these matches"},
    {RULE("allow: ['*.example.com']"), "evil.org/x.example.com/app",
     AT "\"evil.org/x.example.com/app\"" BY "image evil.org/x.example.com/app is not among those "
        "allowed: *.example.com; use an image that one of these matches"},
    {RULE("allow: ['ghcr.io/org/*']"), "ghcr.io/org-evil/x",
     AT "\"ghcr.io/org-evil/x\"" BY "image ghcr.io/org-evil/x is not among those allowed: "
        "ghcr.io/org/*; use an image that one of these matches"},
    {RULE("allow: ['ghcr.io/org/app']"), "ghcr.io/org/app-evil",
     AT "\"ghcr.io/org/app-evil\"" BY "image ghcr.io/org/app-evil is not among those allowed: "
        "ghcr.io/org/app; use an image that one of these matches"},
    {RULE("allow: [registry.example.com]"), "docker.io/registry.example.com/x",
     AT "\"docker.io/registry.example.com/x\"" BY "registry docker.io is not among those allowed: "
        "registry.example.com; use an image that one of these matches"},
    {RULE("allow: ['localhost:5000']"), "localhost:5001/x",
     AT "\"localhost:5001/x\"" BY "image localhost:5001/x is not among those allowed: "
        "localhost:5000; use an image that one of these matches"},

    /* deny */
    {RULE("deny: ['**:latest']"), "nginx",
     AT "\"nginx\"" BY "no tag means \"latest\", and tag \"latest\" is not allowed; use a version "
        "tag or a digest"},
    {RULE("deny: ['**:latest']"), "nginx:1.27", NULL},
    {RULE("deny: ['**:latest']"), "nginx@" SHA256, NULL},
    {RULE("deny: ['**:latest']"), "ghcr.io/a/b/c:latest@" SHA256,
     AT "\"ghcr.io/a/b/c:latest@" SHA256 "\"" BY "tag \"latest\" is not allowed; use a version tag "
        "or a digest"},
    {RULE("deny: ['**:*-dev']"), "ghcr.io/a/b:1.2-dev",
     AT "\"ghcr.io/a/b:1.2-dev\"" BY "tag \"1.2-dev\" is not allowed by the pattern \"**:*-dev\"; "
        "use another tag or a digest"},
    {RULE("deny: ['**:*']"), "ghcr.io/a/b:1",
     AT "\"ghcr.io/a/b:1\"" BY "tag \"1\" is not allowed by the pattern \"**:*\"; use a digest "
        "without a tag"},
    {RULE("deny: ['ghcr.io/evil/**']"), "ghcr.io/evil/a/b",
     AT "\"ghcr.io/evil/a/b\"" BY "it matches \"ghcr.io/evil/**\", which is not allowed; use "
        "another image"},
    {RULE("deny: ['ghcr.io/evil/**']"), "ghcr.io/good/a", NULL},
    {RULE("deny: [index.docker.io]"), "busybox:1",
     AT "\"busybox:1\"" BY "it matches \"index.docker.io\", which is not allowed; use another "
        "image"},
    {RULE("deny: ['docker.io/library/nginx:1.0.0']"), "nginx:1.0.0",
     AT "\"nginx:1.0.0\"" BY "it matches \"docker.io/library/nginx:1.0.0\", which is not allowed; "
        "use another tag or another image"},

    /* tag */
    {RULE("tag: {semver: '>=1.2 <3'}"), "nginx:1.27", NULL},
    {RULE("tag: {semver: '>=1.2 <3'}"), "nginx:v2.9.9@" SHA256, NULL},
    {RULE("tag: {semver: '>=1.2 <3'}"), "nginx:1.0",
     AT "\"nginx:1.0\"" BY "tag \"1.0\" is not in the range \">=1.2 <3\"; use a version in the "
        "range"},
    {RULE("tag: {semver: '>=1.2 <3'}"), "nginx:1.0@" SHA256,
     AT "\"nginx:1.0@" SHA256 "\"" BY "tag \"1.0\" is not in the range \">=1.2 <3\"; use a version "
        "in the range"},
    {RULE("tag: {semver: '>=1.2 <3'}"), "nginx:stable",
     AT "\"nginx:stable\"" BY "tag \"stable\" is no version, and so not in the range \">=1.2 <3\"; "
        "use a version in the range"},
    {RULE("tag: {semver: '>=1.2 <3'}"), "nginx",
     AT "\"nginx\"" BY "no tag is written; use a tag in the range \">=1.2 <3\""},
    {RULE("tag: {semver: '*'}"), "nginx@" SHA256,
     AT "\"nginx@" SHA256 "\"" BY "no tag is written; use a tag in the range \"*\""},
    {RULE("tag: {pattern: '^v?\\d+\\.\\d+\\.\\d+$'}"), "nginx:1.27.0", NULL},
    {RULE("tag: {pattern: '^v?\\d+\\.\\d+\\.\\d+$'}"), "nginx:1.27.0-evil",
     AT "\"nginx:1.27.0-evil\"" BY "tag \"1.27.0-evil\" does not match the pattern "
        "\"^v?\\\\d+\\\\.\\\\d+\\\\.\\\\d+$\"; use a tag that does"},
    /* anchored even where the pattern is not */
    {RULE("tag: {pattern: '1.27'}"), "nginx:1.27", NULL},
    {RULE("tag: {pattern: '1.27'}"), "nginx:1.27.0",
     AT "\"nginx:1.27.0\"" BY "tag \"1.27.0\" does not match the pattern \"1.27\"; use a tag that "
        "does"},
    {RULE("tag: {pattern: 'a|b'}"), "nginx:ab",
     AT "\"nginx:ab\"" BY "tag \"ab\" does not match the pattern \"a|b\"; use a tag that does"},
    {RULE("tag: {pattern: '.*'}"), "nginx",
     AT "\"nginx\"" BY "no tag is written; use a tag that matches the pattern \".*\""},
    {RULE("tag: {semver: '>=1', pattern: '\\d+\\.\\d+'}"), "nginx:1.2.3",
     AT "\"nginx:1.2.3\"" BY
        "tag \"1.2.3\" does not match the pattern \"\\\\d+\\\\.\\\\d+\"; use a "
        "tag that does"},
    {RULE("tag: {semver: '>=1', pattern: '\\d+\\.\\d+'}"), "nginx:0.2",
     AT "\"nginx:0.2\"" BY "tag \"0.2\" is not in the range \">=1\"; use a version in the range"},
    {RULE("tag: {semver: '>=1', pattern: '\\d+\\.\\d+'}"), "nginx:1.2", NULL},

    /* require */
    {RULE("require: [digest]"), "nginx@" SHA256, NULL},
    {RULE("require: [digest]"), "nginx:1",
     AT "\"nginx:1\"" BY "no digest is written; write docker.io/library/nginx:1@sha256:DIGEST"},
    {RULE("require: [tag]"), "nginx:latest", NULL},
    {RULE("require: [tag]"), "nginx",
     AT "\"nginx\"" BY "no tag is written; write docker.io/library/nginx:TAG"},
    {RULE("require: [tag]"), "nginx@" SHA256,
     AT "\"nginx@" SHA256 "\"" BY "no tag is written; write docker.io/library/nginx:TAG@" SHA256},
    {RULE("require: [digest, tag]"), "ghcr.io/a/b",
     AT "\"ghcr.io/a/b\"" BY "no tag and no digest is written; write "
        "ghcr.io/a/b:TAG@sha256:DIGEST"},
    {RULE("require: [fullyQualified]"), "docker.io/library/nginx:1", NULL},
    {RULE("require: [fullyQualified]"), "docker.io/nginx@" SHA256, NULL},
    {RULE("require: [fullyQualified]"), "localhost/nginx:1", NULL},
    {RULE("require: [fullyQualified]"), "acme/nginx:1",
     AT "\"acme/nginx:1\"" BY "no registry is written; write docker.io/acme/nginx:1"},
    {RULE("require: [fullyQualified]"), "docker.io/library/nginx",
     AT "\"docker.io/library/nginx\"" BY "no tag or digest is written; write "
        "docker.io/library/nginx:TAG"},
    {RULE("require: [fullyQualified]"), "nginx",
     AT "\"nginx\"" BY "no registry and no tag or digest is written; write "
        "docker.io/library/nginx:TAG"},
    {RULE("require: [fullyQualified, digest]"), "nginx:1",
     AT "\"nginx:1\"" BY "no registry and no digest is written; write "
        "docker.io/library/nginx:1@sha256:DIGEST"},

    /* the platform team's own words */
    {POLICY("p", "rules: [{name: r, deny: ['**:dev'], message: \"See https://wiki/images.\\n\"}]"),
     "a/b:dev",
     AT "\"a/b:dev\"" BY "tag \"dev\" is not allowed; use a version tag or a digest. See "
        "https://wiki/images."},
    {POLICY("p", "rules: [{name: r, deny: ['**:dev'], message: \"one\\n\\e[31mtwo\"}]"), "a/b:dev",
     AT "\"a/b:dev\"" BY "tag \"dev\" is not allowed; use a version tag or a digest. one  [31mtwo"},

    /* no reference */
    {RULE("deny: ['**:latest']"), "Nginx",
     AT "\"Nginx\": this is no image reference: repository name must be lowercase: did you mean "
        "\"nginx\"?"},
    {RULE("deny: ['**:latest']"), "",
     AT "\"\": this is no image reference: empty: a reference such as "
        "\"docker.io/library/nginx:1.27\" is expected"},
    {RULE("deny: ['**:latest']"), "a\x1b[31m\"b",
     AT "\"a?[31m\\\"b\": this is no image reference: control character 0x1b at byte 2"},
    {RULE("deny: ['**:latest']"), SHA256,
     AT "\"" SHA256 "\": some runtimes take this for the ID of an image that is already on the "
        "node; write a repository, with the digest behind \"@\""},
};

static void messages(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct fixture fixture;
        fixture_start(&fixture, CASES[i].policies);
        fixture_image(&fixture, CASES[i].image);
        enum verdict verdict = fixture_decide(&fixture);
        const struct decision *decision = &fixture.decision;
        struct str message =
            decision->n_violations == 0 ? STR("") : decision->violations[0].message;
        bool expected = CASES[i].message == NULL
                            ? verdict == VERDICT_ALLOW && decision->n_violations == 0
                            : verdict == VERDICT_DENY && decision->n_violations == 1 &&
                                  str_eq(message, str_from(CASES[i].message)) &&
                                  str_ends(message, decision->violations[0].reason);
        if (!expected) {
            fail_msg("case %zu, image \"%s\": %s with %zu violations\n  is  %.*s\n  not %s", i,
                     CASES[i].image, verdict_name(verdict), decision->n_violations,
                     STR_ARG(message), CASES[i].message == NULL ? "allowed" : CASES[i].message);
        }
        fixture_done(&fixture);
    }
}

/* A pattern that backtracks without end is stopped, and the image is denied. */
static void runaway_pattern(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, RULE("tag: {pattern: '(a+)+(a+)+(a+)+[bc]'}"));
    char image[160] = "ghcr.io/x/y:";
    memset(image + strlen(image), 'a', 128);
    fixture_image(&fixture, image);
    assert_int_equal(fixture_decide(&fixture), VERDICT_DENY);
    struct str reason = fixture.decision.violations[0].reason;
    static const char EXPECTED[] =
        "\" could not be matched within the limits against the pattern \"(a+)+(a+)+(a+)+[bc]\"; "
        "simplify the pattern, or use a shorter tag";
    assert_true(str_ends(reason, str_from(EXPECTED)));
    fixture_done(&fixture);
}

/* Many images cannot make many matches run into the limit: a match that would hold is an error, and
 * so a failure, once LIMIT_REGEX_ERRORS have. */
static void runaway_patterns(void **state)
{
    (void)state;
    const char *const RULES = RULE("tag: {pattern: '(a+)+(a+)+(a+)+[bc]|v1'}");
    for (unsigned over = 0; over < 2; over++) {
        struct fixture fixture;
        fixture_start(&fixture, RULES);
        char image[160] = "ghcr.io/x/y:";
        memset(image + strlen(image), 'a', 128);
        fixture_image(&fixture, image);
        struct review_image images[LIMIT_REGEX_ERRORS + 1];
        size_t n = LIMIT_REGEX_ERRORS - 1 + over;
        for (size_t i = 0; i < n; i++) {
            images[i] = fixture.images[0];
        }
        images[n] = (struct review_image){.text = STR("ghcr.io/x/y:v1"), .path = STR("last")};
        fixture.review.images = images;
        fixture.review.n_images = n + 1;
        assert_int_equal(fixture_decide(&fixture), VERDICT_DENY);
        assert_int_equal(fixture.decision.images[n].verdict, over ? VERDICT_DENY : VERDICT_ALLOW);
        fixture_done(&fixture);
    }
}

/* Long texts from the review are cut, and why it was denied is still there. */
static void long_texts(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, RULE("deny: ['**:dev']"));
    char image[LIMIT_IMAGE_TEXT + 1];
    memset(image, 'x', sizeof image);
    for (size_t i = 100; i < 1000; i += 100) {
        image[i] = '/';
    }
    memcpy(image + 240, ":dev", 5);
    fixture_image(&fixture, image);
    char path[LIMIT_FIELD_PATH];
    memset(path, 'p', sizeof path);
    fixture.images[0].path = (struct str){path, sizeof path};
    assert_int_equal(fixture_decide(&fixture), VERDICT_DENY);
    struct str message = fixture.decision.violations[0].message;
    assert_true(message.n <= LIMIT_MESSAGE);
    assert_true(
        str_ends(message, STR("tag \"dev\" is not allowed; use a version tag or a digest")));
    fixture_done(&fixture);
}

/* Every rule of a policy must hold, and each that fails is named. */
static void all_rules(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, POLICY("p", "rules: [{name: a, deny: ['**:latest']}, {name: b, allow: "
                                        "[ghcr.io]}, {name: c, require: [digest]}]"));
    fixture_image(&fixture, "nginx:latest");
    assert_int_equal(fixture_decide(&fixture), VERDICT_DENY);
    assert_int_equal(fixture.decision.n_violations, 3);
    assert_true(str_eq(fixture.decision.violations[0].rule, STR("a")));
    assert_true(str_eq(fixture.decision.violations[1].rule, STR("b")));
    assert_true(str_eq(fixture.decision.violations[2].rule, STR("c")));
    fixture_done(&fixture);
}

int rule_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages),         cmocka_unit_test(runaway_pattern),
        cmocka_unit_test(runaway_patterns), cmocka_unit_test(long_texts),
        cmocka_unit_test(all_rules),
    };
    return cmocka_run_group_tests_name("rule", tests, NULL, NULL);
}

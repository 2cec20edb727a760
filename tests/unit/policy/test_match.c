#include "test.h"

/* A policy that denies whatever it applies to, so that its verdict shows whether it does. */
#define DENY(match)                                                                                \
    POLICY("all", "rules: [{name: any, deny: ['**:never']}]")                                      \
    POLICY("p", "match: {" match "}, rules: [{name: r, deny: ['**']}]")

#define LABELS "{\"team\":\"a\",\"tier\":\"\",\"kubernetes.io/metadata.name\":\"shop\"}"

static const struct {
    const char *match;
    bool applies; /* to the creation of a Pod with the labels above, by alice, in namespace shop */
} CASES[] = {
    {"namespaces: [shop]", true},
    {"namespaces: ['sh*']", true},
    {"namespaces: [shop2, sho]", false},
    {"namespaces: ['*', '!shop']", false},
    {"namespaces: ['!kube-system']", true},
    {"namespaces: ['!sh*']", false},
    {"kinds: [Pod]", true},
    {"kinds: ['*Po*', Deployment]", true},
    {"kinds: [Deployment]", false},
    {"kinds: ['!Pod']", false},
    {"operations: [CREATE]", true},
    {"operations: [UPDATE]", false},
    {"operations: [CREATE, UPDATE]", true},
    {"users: [alice]", true},
    {"users: ['!alice']", false},
    {"users: ['system:serviceaccount:*']", false},
    {"users: ['!system:serviceaccount:ci:deployer']", true},
    {"namespaceSelector: {}", true},
    {"namespaceSelector: {matchLabels: {}}", true},
    {"namespaceSelector: {matchLabels: {env: prod}}", true}, /* not known */
    {"namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}", true},
    {"namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: debug}}", false},
    {"namespaceSelector: {matchLabels: {env: x, kubernetes.io/metadata.name: debug}}", false},
    {"namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: NotIn, "
     "values: [shop]}]}",
     false},
    {"objectSelector: {}", true},
    {"objectSelector: {matchLabels: {team: a}}", true},
    {"objectSelector: {matchLabels: {team: b}}", false},
    {"objectSelector: {matchLabels: {team: a, tier: ''}}", true},
    {"objectSelector: {matchLabels: {team: a, missing: ''}}", false},
    {"objectSelector: {matchExpressions: [{key: team, operator: In, values: [b, a]}]}", true},
    {"objectSelector: {matchExpressions: [{key: team, operator: In, values: [b]}]}", false},
    {"objectSelector: {matchExpressions: [{key: team, operator: NotIn, values: [a]}]}", false},
    {"objectSelector: {matchExpressions: [{key: missing, operator: NotIn, values: [a]}]}", true},
    {"objectSelector: {matchExpressions: [{key: team, operator: Exists}]}", true},
    {"objectSelector: {matchExpressions: [{key: missing, operator: Exists}]}", false},
    {"objectSelector: {matchExpressions: [{key: missing, operator: DoesNotExist}]}", true},
    {"objectSelector: {matchExpressions: [{key: team, operator: DoesNotExist}]}", false},
    {"objectSelector: {matchLabels: {team: a}, matchExpressions: [{key: team, operator: "
     "DoesNotExist}]}",
     false},
    {"namespaces: [shop], kinds: [Pod], operations: [CREATE], users: [alice]", true},
    {"namespaces: [shop], kinds: [Pod], operations: [CREATE], users: [bob]", false},
    {"namespaces: [debug], kinds: [Pod], operations: [CREATE], users: [alice]", false},
};

static void parse_labels(const char *text, struct json_doc *doc)
{
    struct error err = {0};
    assert_false(failed(json_parse(str_from(text), JSON_WITHOUT_MARKS, doc, &err)));
}

static void requests(void **state)
{
    (void)state;
    json_doc_auto labels = {0};
    parse_labels(LABELS, &labels);
    for (size_t i = 0; i < COUNT(CASES); i++) {
        char text[2048];
        snprintf(text, sizeof text, DENY("%s"), CASES[i].match);
        struct fixture fixture;
        fixture_start(&fixture, text);
        fixture.review.labels = labels.root;
        fixture_image(&fixture, "nginx:1");
        bool applies = fixture_decide(&fixture) == VERDICT_DENY;
        if (applies != CASES[i].applies) {
            fail_msg("match {%s}: applies %d", CASES[i].match, applies);
        }
        fixture_done(&fixture);
    }
}

/* What a review does not tell counts as matching. */
static void unknown(void **state)
{
    (void)state;
    static const struct {
        const char *match;
        bool applies; /* to an ImageReview without a namespace */
    } UNKNOWN[] = {
        {"users: [bob]", true},
        {"users: ['!*a', bob]", true},
        {"operations: [UPDATE]", true},
        {"objectSelector: {matchLabels: {team: b}}", true},
        {"namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: debug}}", true},
        {"namespaces: [debug]", true},
        {"namespaces: ['*', '!debug']", true},
        {"kinds: [Pod]", true},
        {"kinds: [Deployment]", false},
        {"users: [bob], kinds: [Deployment]", false},
    };
    for (size_t i = 0; i < COUNT(UNKNOWN); i++) {
        char text[2048];
        snprintf(text, sizeof text, DENY("%s"), UNKNOWN[i].match);
        struct fixture fixture;
        fixture_start(&fixture, text);
        fixture.review.api = REVIEW_IMAGE_V1ALPHA1;
        fixture.review.operation = REVIEW_OPERATION_UNKNOWN;
        fixture.review.namespace = STR_EMPTY;
        fixture.review.user_known = false;
        fixture.review.labels_known = false;
        fixture_image(&fixture, "nginx:1");
        bool applies = fixture_decide(&fixture) == VERDICT_DENY;
        if (applies != UNKNOWN[i].applies) {
            fail_msg("match {%s}: applies %d", UNKNOWN[i].match, applies);
        }
        fixture_done(&fixture);
    }
}

/* An object without a namespace is in none, and that is known. */
static void cluster_scoped(void **state)
{
    (void)state;
    static const struct {
        const char *match;
        bool applies;
    } SCOPED[] = {
        {"namespaces: [shop]", false},
        {"namespaces: ['*']", true},
        {"namespaces: ['!shop']", true},
        {"namespaceSelector: {matchLabels: {env: prod}}", true},
    };
    for (size_t i = 0; i < COUNT(SCOPED); i++) {
        char text[2048];
        snprintf(text, sizeof text, DENY("%s"), SCOPED[i].match);
        struct fixture fixture;
        fixture_start(&fixture, text);
        fixture.review.namespace = STR_EMPTY;
        fixture_image(&fixture, "nginx:1");
        bool applies = fixture_decide(&fixture) == VERDICT_DENY;
        if (applies != SCOPED[i].applies) {
            fail_msg("match {%s}: applies %d", SCOPED[i].match, applies);
        }
        fixture_done(&fixture);
    }
}

/* An update cannot get out of reach by taking a label off, nor by putting one on. */
static void old_labels(void **state)
{
    (void)state;
    static const struct {
        const char *match, *labels, *old;
        enum review_operation operation;
        bool applies;
    } OLD[] = {
        {"matchLabels: {team: a}", "{}", "{\"team\":\"a\"}", REVIEW_UPDATE, true},
        {"matchLabels: {team: a}", "{\"team\":\"a\"}", "{}", REVIEW_UPDATE, true},
        {"matchLabels: {team: a}", "{}", "{}", REVIEW_UPDATE, false},
        {"matchLabels: {team: a}", "{}", "{\"team\":\"a\"}", REVIEW_CREATE, false},
        {"matchExpressions: [{key: skip, operator: DoesNotExist}]", "{\"skip\":\"\"}", "null",
         REVIEW_UPDATE, true},
        {"matchExpressions: [{key: skip, operator: DoesNotExist}]", "{\"skip\":\"\"}", "null",
         REVIEW_CREATE, false},
        /* what no API server would send is no way out */
        {"matchLabels: {team: a}", "{\"team\":7}", "{}", REVIEW_CREATE, true},
        {"matchLabels: {team: a}", "[]", "{}", REVIEW_CREATE, true},
    };
    for (size_t i = 0; i < COUNT(OLD); i++) {
        char text[2048];
        snprintf(text, sizeof text, DENY("objectSelector: {%s}"), OLD[i].match);
        json_doc_auto labels = {0};
        json_doc_auto old = {0};
        parse_labels(OLD[i].labels, &labels);
        parse_labels(OLD[i].old, &old);
        struct fixture fixture;
        fixture_start(&fixture, text);
        fixture.review.operation = OLD[i].operation;
        fixture.review.labels = labels.root;
        fixture.review.old_labels = old.root;
        fixture_image(&fixture, "nginx:1");
        bool applies = fixture_decide(&fixture) == VERDICT_DENY;
        if (applies != OLD[i].applies) {
            fail_msg("case %zu, {%s}: applies %d", i, OLD[i].match, applies);
        }
        fixture_done(&fixture);
    }
}

static void namespace_labels(void **state)
{
    (void)state;
    json_doc_auto labels = {0};
    parse_labels("{\"env\":\"prod\",\"kubernetes.io/metadata.name\":\"liar\"}", &labels);
    static const struct {
        const char *match;
        bool applies;
    } NAMESPACES[] = {
        {"matchLabels: {env: prod}", true},
        {"matchLabels: {env: dev}", false},
        {"matchLabels: {kubernetes.io/metadata.name: liar}", false},
        {"matchLabels: {kubernetes.io/metadata.name: shop}", true},
    };
    for (size_t i = 0; i < COUNT(NAMESPACES); i++) {
        char text[2048];
        snprintf(text, sizeof text, DENY("namespaceSelector: {%s}"), NAMESPACES[i].match);
        struct fixture fixture;
        fixture_start(&fixture, text);
        fixture.review.namespace_labels_known = true;
        fixture.review.namespace_labels = labels.root;
        fixture_image(&fixture, "nginx:1");
        bool applies = fixture_decide(&fixture) == VERDICT_DENY;
        if (applies != NAMESPACES[i].applies) {
            fail_msg("{%s}: applies %d", NAMESPACES[i].match, applies);
        }
        fixture_done(&fixture);
    }
}

static void images(void **state)
{
    (void)state;
    static const struct {
        const char *images, *image;
        bool applies;
    } IMAGES[] = {
        {"'**'", "nginx", true},
        {"'**', '!registry.example.com/legacy/**'", "registry.example.com/legacy/a", false},
        {"'**', '!registry.example.com/legacy/**'", "registry.example.com/legacy2/a", true},
        {"'**', '!registry.example.com/legacy/**'", "registry.example.com:443/legacy/a", false},
        {"'!docker.io'", "nginx", false},
        {"'!docker.io'", "ghcr.io/nginx/nginx", true},
        {"docker.io", "index.docker.io/library/nginx", true},
        {"docker.io", "nginx@" SHA256, true},
        {"'docker.io/library/*'", "nginx:1@" SHA256, true},
        {"ghcr.io", "nginx", false},
    };
    for (size_t i = 0; i < COUNT(IMAGES); i++) {
        char text[2048];
        snprintf(text, sizeof text,
                 POLICY("all", "rules: [{name: any, deny: ['**:never']}]")
                     POLICY("p", "images: [%s], rules: [{name: r, deny: ['**']}]"),
                 IMAGES[i].images);
        bool applies = verdict_on(text, IMAGES[i].image) == VERDICT_DENY;
        if (applies != IMAGES[i].applies) {
            fail_msg("images [%s], image %s: applies %d", IMAGES[i].images, IMAGES[i].image,
                     applies);
        }
    }
}

int match_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests),         cmocka_unit_test(unknown),
        cmocka_unit_test(cluster_scoped),   cmocka_unit_test(old_labels),
        cmocka_unit_test(namespace_labels), cmocka_unit_test(images),
    };
    return cmocka_run_group_tests_name("match", tests, NULL, NULL);
}

#include "test.h"

#include "policy/describe.h"

/* One line of a document, and one of each rule. */
static void print(const struct policy_description *one, struct buf *buf)
{
    buf_printf(buf, "%.*s %.*s/%.*s %.*s | %.*s | %.*s | %.*s | %.*s%s @%u\n", STR_ARG(one->kind),
               STR_ARG(one->namespace), STR_ARG(one->name), STR_ARG(one->mode), STR_ARG(one->match),
               STR_ARG(one->images), STR_ARG(one->policies), STR_ARG(one->excused),
               one->broken ? " broken" : "", one->mark.line);
    for (size_t i = 0; i < one->n_rules; i++) {
        buf_printf(buf, "- %.*s: %.*s %.*s\n", STR_ARG(one->rules[i].name),
                   STR_ARG(one->rules[i].kind), STR_ARG(one->rules[i].words));
    }
}

static const struct {
    const char *policies, *words;
} CASES[] = {
    {POLICY("p", "rules: [{name: a, allow: [docker.io, ghcr.io/acme]}, {name: b, deny: "
                 "['**:latest']}, {name: c, require: [digest, tag]}]"),
     "ClusterImagePolicy /p enforce |  |  |  |  @4\n"
     "- a: allow docker.io, ghcr.io/acme\n"
     "- b: deny **:latest\n"
     "- c: require digest, tag\n"},
    {NAMESPACED("q", "shop",
                "mode: warn, images: [ghcr.io, '!ghcr.io/x'], rules: [{name: v, tag: "
                "{semver: '>=1.2 <2', pattern: '^v'}}]"),
     "ImagePolicy shop/q warn |  | ghcr.io, not ghcr.io/x |  |  @4\n"
     "- v: tag version >=1.2 <2, matches ^v\n"},
    {POLICY("r",
            "mode: audit, match: {namespaces: ['prod-*', '!prod-x'], kinds: [Pod], operations: "
            "[CREATE, UPDATE], users: ['!ci'], objectSelector: {matchLabels: {tier: web}, "
            "matchExpressions: [{key: a, operator: NotIn, values: [b, c]}, {key: d, operator: "
            "Exists}]}, namespaceSelector: {matchLabels: {env: prod}}}, rules: [{name: a, "
            "allow: ['**']}]"),
     "ClusterImagePolicy /r audit | namespaces prod-*, not prod-x; namespaces with env=prod; kinds "
     "Pod; objects with tier=web and a not in b, c and d exists; operations CREATE, UPDATE; users "
     "all but ci |  |  |  @4\n"
     "- a: allow **\n"},
    {POLICY("i",
            "rules: [{name: a, image: {maxAge: 90d, maxSize: 1Gi, maxLayers: 9, platforms: "
            "[linux/amd64, linux/arm64], user: {notRoot: true}, labels: {required: [team, 'a=b'], "
            "forbidden: [x]}, annotations: {required: [why], forbidden: [z]}, ports: ['1-2'], "
            "entrypoint: ['/a *'], mediaTypes: ['*json'], base: [{name: debian}]}}, {name: b, "
            "image: {ports: [], user: {notRoot: true, byName: true}}}]"),
     "ClusterImagePolicy /i enforce |  |  |  |  @4\n"
     "- a: image not older than 90d; at most 1Gi; at most 9 layers; for linux/amd64, linux/arm64; "
     "user not root; labels team, a=b; no labels x; annotations why; no annotations z; built on "
     "debian; "
     "ports 1-2; entrypoint /a *; media types *json\n"
     "- b: image user not root, by name too; no port\n"},
    {POLICY("s", "images: ['!docker.io'], match: {namespaces: [a1, a2, a3, a4, a5, a6, a7, a8, a9, "
                 "a10]}, rules: [{name: a, allow: ['**']}]"),
     "ClusterImagePolicy /s enforce | namespaces a1, a2, a3, a4, a5, a6, a7, a8, … | all but "
     "docker.io |  |  @4\n"
     "- a: allow **\n"},
    {POLICY("t", "rules: [{name: a, allow: ['**']}]")
         EXCEPTION("e", "policies: [t], rules: [a], images: [ghcr.io], namespaces: [batch], until: "
                        "2026-12-31T00:00:00Z, reason: x"),
     "ClusterImagePolicy /t enforce |  |  |  |  @4\n"
     "- a: allow **\n"
     "ImagePolicyException /e  | namespaces batch | ghcr.io | t | a @9\n"},
};

static void test_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct fixture fixture;
        fixture_start(&fixture, CASES[i].policies);
        buf_auto words;
        buf_init(&words, 16384);
        for (size_t k = 0; k < policy_describe_count(fixture.set); k++) {
            struct policy_description one;
            policy_describe(fixture.set, k, &fixture.arena, &one);
            assert_true(str_eq(one.name, policy_describe_name(fixture.set, k)));
            assert_true(str_eq(one.mode, policy_describe_mode(fixture.set, k)));
            assert_false(one.object || one.broken);
            print(&one, &words);
        }
        buf_add_char(&words, '\0');
        assert_string_equal(words.p, CASES[i].words);
        fixture_done(&fixture);
    }
}

/* 32 rules are listed, and all counted. */
static void test_many_rules(void **state)
{
    (void)state;
    for (size_t n = 32; n <= 33; n++) {
        buf_auto text;
        buf_init(&text, 16384);
        buf_add_cstr(&text, "apiVersion: pratique.dev/v1alpha1\nkind: ClusterImagePolicy\n"
                            "metadata: {name: p}\nspec:\n  rules:\n");
        for (size_t i = 0; i < n; i++) {
            buf_printf(&text, "  - {name: r%zu, deny: [example.com/r%zu]}\n", i, i);
        }
        buf_add_char(&text, '\0');
        struct fixture fixture;
        struct policy_description one;
        fixture_start(&fixture, text.p);
        policy_describe(fixture.set, 0, &fixture.arena, &one);
        assert_int_equal(one.n_rules, 32);
        assert_int_equal(one.rule_count, n);
        fixture_done(&fixture);
    }
}

/* An object that cannot be read denies all in its namespace, and is shown as what it is. */
static void test_objects(void **state)
{
    (void)state;
    static const char SOUND[] = "{\"apiVersion\":\"pratique.dev/v1alpha1\",\"kind\":"
                                "\"ClusterImagePolicy\",\"metadata\":{\"name\":\"a\"},\"spec\":"
                                "{\"rules\":[{\"name\":\"r\",\"allow\":[\"**\"]}]}}";
    static const char BROKEN[] = "{\"apiVersion\":\"pratique.dev/v1alpha1\",\"kind\":"
                                 "\"ImagePolicy\",\"metadata\":{\"name\":\"b\",\"namespace\":"
                                 "\"shop\"},\"spec\":{\"rulez\":[]}}";
    struct policy_object objects[] = {
        {.kind = STR("ClusterImagePolicy"), .name = STR("a"), .text = str_from(SOUND)},
        {.kind = STR("ImagePolicy"),
         .namespace = STR("shop"),
         .name = STR("b"),
         .text = str_from(BROKEN)}};
    const struct policy_sources sources = {.objects = objects, .n_objects = 2, .cluster = true};
    const struct policy_options options = {.now = NOW};
    struct policy_set *set = NULL;
    struct error err;
    struct policy_description one;
    arena_auto arena;
    arena_init(&arena, 64 * 1024 * 1024);
    struct diagnostics list;
    diagnostics_init(&list, &arena);
    assert_false(failed(policy_load_all(&sources, &options, &list, &set, &err)));
    policy_describe(set, 0, &arena, &one);
    assert_true(one.object && !one.broken);
    assert_true(str_eq(one.file, STR("ClusterImagePolicy a")));
    policy_describe(set, 1, &arena, &one);
    assert_true(one.object && one.broken && str_eq(one.rules[0].kind, STR("broken")));
    policy_set_unref(set);
}

int describe_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_many_rules),
        cmocka_unit_test(test_objects),
    };
    return cmocka_run_group_tests_name("describe", tests, NULL, NULL);
}

#include "test.h"

#include "base/buf.h"
#include "oracle.h"

/* Random sets: what the indexes yield is what a full scan finds, and so the verdict is the same. */

enum { SETS = 60, REVIEWS_PER_SET = 40, DOCUMENTS_MAX = 60, TEXT_MAX = 4 * 1024 * 1024 };

static uint64_t seed;

static unsigned dice(unsigned sides)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(seed >> 33) % sides;
}

#define PICK(array) ((array)[dice(COUNT(array))])

static const char *const PATTERNS[] = {
    "**",
    "ghcr.io",
    "docker.io",
    "index.docker.io",
    "nginx",
    "acme",
    "ghcr.io/acme/**",
    "ghcr.io/acme/app",
    "ghcr.io/acme/app:1",
    "ghcr.io/*/app",
    "ghcr.io/acme/*",
    "ghcr.io/a/b/c/d/e/f/g",
    "ghcr.io/a/b/c/d/e/f/**",
    "ghcr.io/a/b/c/d/e/f/*",
    "ghcr.io/a/**/g",
    "ghcr.io:8443",
    "ghcr.io:*/acme/**",
    "*.example.com",
    "**.example.com",
    "registry-1.docker.io/library/nginx",
    "docker.io/library/*",
    "*.docker.io",
    "localhost:5000",
    "[::1]:5000/a",
    "**:latest",
    "**@*",
    "**/app",
    "acme/app",
};

static const char *const IMAGES[] = {
    "nginx",
    "nginx:1",
    "docker.io/nginx:latest",
    "index.docker.io/library/nginx:2",
    "registry-1.docker.io/library/nginx",
    "acme/app",
    "acme/app:latest",
    "ghcr.io/acme/app:1",
    "ghcr.io/acme/app@" SHA256,
    "ghcr.io:443/acme/app:1",
    "ghcr.io:8443/acme/app:1",
    "ghcr.io/acme/app/deep:1",
    "ghcr.io/other/app",
    "ghcr.io/a/b/c/d/e/f/g:1",
    "ghcr.io/a/b/c/d/e/f/g/h/i:1",
    "ghcr.io/a/b/c/d/e/f",
    "a.example.com/x:1",
    "a.b.example.com/x:1",
    "localhost:5000/a:1",
    "[::1]:5000/a:1",
    "[0:0::1]:5000/a",
    "GHCR.io/acme/app:1",
    "Bad",
    SHA256,
};

static const char *const NAMESPACES[] = {"shop", "debug", "prod-a", "prod-b", "kube-system"};
static const char *const NAMESPACE_GLOBS[] = {"shop",   "debug",  "prod-*",  "*",
                                              "prod-a", "!debug", "!prod-*", "nowhere"};

/* -- random documents -- */

static void add_list(struct buf *buf, const char *const *words, size_t n, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buf_printf(buf, "%s'%s'", i == 0 ? "" : ", ", words[dice((unsigned)n)]);
    }
}

/* Now and then more entries than an index files one by one. */
static size_t list_length(void)
{
    return dice(12) == 0 ? 70 : 1 + dice(3);
}

static void add_images(struct buf *buf)
{
    buf_add_cstr(buf, "images: [");
    add_list(buf, PATTERNS, COUNT(PATTERNS), list_length());
    if (dice(4) == 0) {
        buf_printf(buf, ", '!%s'", PICK(PATTERNS));
    }
    buf_add_cstr(buf, "], ");
}

static void add_match(struct buf *buf, bool cluster)
{
    static const char *const PARTS[] = {
        "kinds: [Pod], ",
        "users: [alice], ",
        "operations: [CREATE], ",
        "namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}, ",
        "objectSelector: {matchLabels: {team: a}}, ",
        "",
    };
    buf_add_cstr(buf, "match: {");
    if (cluster && dice(2) == 0) {
        buf_add_cstr(buf, "namespaces: [");
        add_list(buf, NAMESPACE_GLOBS, COUNT(NAMESPACE_GLOBS), list_length());
        buf_add_cstr(buf, "], ");
    }
    buf_add_cstr(buf, dice(3) == 0 ? PICK(PARTS) : "");
    buf_add_cstr(buf, "}, ");
}

static void add_rules(struct buf *buf)
{
    static const char *const RULES[] = {
        "require: [digest]",    "require: [tag]",        "require: [fullyQualified]",
        "tag: {semver: '>=1'}", "tag: {pattern: '\\d'}",
    };
    buf_add_cstr(buf, "rules: [");
    for (unsigned i = 0, n = 1 + dice(3); i < n; i++) {
        buf_printf(buf, "{name: r%u, ", i);
        if (dice(3) == 0) {
            buf_add_cstr(buf, PICK(RULES));
        } else {
            buf_add_cstr(buf, dice(2) == 0 ? "allow: ['**', " : "deny: [");
            add_list(buf, PATTERNS, COUNT(PATTERNS), 1 + dice(4));
            buf_add_cstr(buf, "]");
        }
        buf_add_cstr(buf, "}, ");
    }
    buf_add_cstr(buf, "], ");
}

static void add_rewrite(struct buf *buf)
{
    static const char *const PLACES[] = {"docker.io", "ghcr.io", "mirror.example.com/hub/**",
                                         "ghcr.io/acme/**", "a.example.com"};
    buf_printf(buf, "mutate: {rewrite: [{from: '%s', to: '%s'}]}, ", PICK(PLACES), PICK(PLACES));
}

static void write_policy(struct buf *buf, unsigned number)
{
    static const char *const MODES[] = {"enforce", "warn", "audit", "enforce"};
    bool cluster = dice(4) != 0;
    buf_printf(buf, "---\napiVersion: pratique.dev/v1alpha1\nkind: %s\nmetadata: {name: p%u",
               cluster ? "ClusterImagePolicy" : "ImagePolicy", number);
    if (!cluster) {
        buf_printf(buf, ", namespace: %s", PICK(NAMESPACES));
    }
    buf_printf(buf, "}\nspec: {mode: %s, ", PICK(MODES));
    add_match(buf, cluster);
    if (dice(4) != 0) {
        add_images(buf);
    }
    if (dice(5) != 0) {
        add_rules(buf);
    }
    if (dice(4) == 0) {
        add_rewrite(buf);
    }
    buf_add_cstr(buf, cluster && dice(4) == 0 ? "accept: [upperCaseHost, imageID]}\n" : "}\n");
}

static void write_exception(struct buf *buf, unsigned number)
{
    static const char *const POLICIES[] = {"p0", "p1", "p2", "p3", "p*", "*", "!p1"};
    buf_printf(buf,
               "---\napiVersion: pratique.dev/v1alpha1\nkind: ImagePolicyException\nmetadata: "
               "{name: e%u}\nspec: {until: 202%u-01-01T00:00:00Z, reason: x, policies: [p%u, ",
               number, 6 + dice(3), dice(DOCUMENTS_MAX));
    add_list(buf, POLICIES, COUNT(POLICIES), list_length());
    buf_add_cstr(buf, "], ");
    if (dice(2) == 0) {
        buf_add_cstr(buf, "namespaces: [");
        add_list(buf, NAMESPACE_GLOBS, COUNT(NAMESPACE_GLOBS), list_length());
        buf_add_cstr(buf, "], ");
    }
    if (dice(2) == 0) {
        add_images(buf);
    }
    buf_add_cstr(buf, dice(3) == 0 ? "rules: [r1]}\n" : "}\n");
}

static struct policy_set *load(struct str text, struct arena *arena)
{
    struct diagnostics list;
    diagnostics_init(&list, arena);
    struct policy_options options = {
        .now = NOW,
        .allow_uncovered = dice(2) == 0,
        .runtime = dice(2) == 0 ? POLICY_RUNTIME_CONTAINERD : POLICY_RUNTIME_CRIO,
    };
    struct policy_set *set = NULL;
    struct error err;
    return failed(policy_parse(STR("p"), text, &options, &list, &set, &err)) ? NULL : set;
}

/* Documents that load each by itself, which they do not where one of their lists excludes what it
 * includes, say. */
static void write_set(struct buf *set)
{
    buf_auto one;
    buf_init(&one, TEXT_MAX);
    for (unsigned i = 0, n = 1 + dice(DOCUMENTS_MAX); i < n;) {
        arena_auto arena;
        arena_init(&arena, 64 * MIB);
        buf_clear(&one);
        buf_add_cstr(&one,
                     POLICY("base", "images: [nowhere.io], rules: [{name: r, allow: ['**']}]"));
        size_t start = one.n;
        if (i > 0 && dice(3) == 0) {
            write_exception(&one, i);
        } else {
            write_policy(&one, i);
        }
        struct policy_set *loaded = load(buf_str(&one), &arena);
        if (loaded != NULL) {
            policy_set_unref(loaded);
            buf_add(set, str_sub(buf_str(&one), start, one.n));
            i++;
        }
    }
    buf_add_cstr(set, POLICY("base", "images: [nowhere.io], rules: [{name: r, allow: ['**']}]"));
}

/* -- random reviews -- */

static void make_review(struct review *review, struct review_image *images)
{
    static const enum review_operation OPERATIONS[] = {REVIEW_CREATE, REVIEW_UPDATE, REVIEW_CREATE,
                                                       REVIEW_DELETE, REVIEW_OPERATION_UNKNOWN};
    *review = (struct review){
        .api = dice(4) == 0 ? REVIEW_IMAGE_V1ALPHA1 : REVIEW_ADMISSION_V1,
        .operation = PICK(OPERATIONS),
        .kind = dice(3) == 0 ? STR("Deployment") : STR("Pod"),
        .namespace = dice(6) == 0 ? STR_EMPTY : str_from(PICK(NAMESPACES)),
        .user_known = dice(3) != 0,
        .user = dice(2) == 0 ? STR("alice") : STR("bob"),
        .labels_known = dice(3) != 0,
        .images = images,
        .n_images = 1 + dice(4),
    };
    for (size_t i = 0; i < review->n_images; i++) {
        images[i] = (struct review_image){.text = str_from(PICK(IMAGES)),
                                          .path = STR("spec.containers[0].image"),
                                          .unchanged = dice(8) == 0};
    }
}

static void compare(const struct policy_set *set, const struct review *review, bool rewrite,
                    struct str text)
{
    arena_auto arena;
    arena_init(&arena, 256 * MIB);
    struct plan plan;
    policy_select(set, review, NOW, rewrite, &arena, &plan);
    policy_judge_evidence(&plan, &arena);
    struct decision decision;
    policy_decide(&plan, &arena, &decision);
    bool same_texts = true;
    for (size_t i = 0; i < plan.n_images; i++) {
        struct str image = plan.images[i].image->text;
        struct str expected = rewrite ? oracle_text(set, review, image, &arena) : image;
        same_texts = same_texts && str_eq(plan.images[i].text, expected);
    }
    enum verdict expected = oracle_decide(set, review, NOW, rewrite, &arena);
    if (!same_texts || !oracle_same_plan(&plan, NOW, &arena) || decision.verdict != expected) {
        fail_msg("texts %d, verdict %s, expected %s, namespace %.*s, image %.*s\n%.*s", same_texts,
                 verdict_name(decision.verdict), verdict_name(expected), STR_ARG(review->namespace),
                 STR_ARG(review->images[0].text), STR_ARG(text));
    }
}

static void random_sets(void **state)
{
    (void)state;
    seed = 20260601;
    size_t indexed = 0;
    for (unsigned i = 0; i < SETS; i++) {
        buf_auto text;
        buf_init(&text, TEXT_MAX);
        write_set(&text);
        arena_auto arena;
        arena_init(&arena, 64 * MIB);
        struct policy_set *set = load(buf_str(&text), &arena);
        if (set == NULL) {
            fail_msg("the whole does not load though every part does:\n%.*s",
                     STR_ARG(buf_str(&text)));
        }
        struct policy_counts counts;
        policy_set_counts(set, &counts);
        indexed += counts.indexed;
        for (unsigned j = 0; j < REVIEWS_PER_SET; j++) {
            struct review review;
            struct review_image images[8];
            make_review(&review, images);
            compare(set, &review, dice(2) == 0, buf_str(&text));
        }
        policy_set_unref(set);
    }
    assert_true(indexed > SETS); /* else this has compared nothing */
}

/* -- the index by itself -- */

/* With many policies of which few match, few are looked at. */
static void few_of_many(void **state)
{
    (void)state;
    enum { MANY = 2000 };
    buf_auto text;
    buf_init(&text, TEXT_MAX);
    for (unsigned i = 0; i < MANY; i++) {
        buf_printf(&text,
                   POLICY("p%u", "images: ['ghcr.io/team%u/**'], rules: [{name: r, deny: "
                                 "['**:never']}]"),
                   i, i);
    }
    buf_add_char(&text, '\0');
    struct fixture fixture;
    fixture_start(&fixture, text.p);
    struct policy_counts counts;
    policy_set_counts(fixture.set, &counts);
    assert_int_equal(counts.policies, MANY);
    assert_int_equal(counts.indexed, MANY);
    struct reference reference;
    struct error err;
    assert_false(
        failed(reference_parse(&fixture.arena, STR("ghcr.io/team77/app"), &reference, &err)));
    struct policy_index_query query = {.namespace = STR("shop"), .reference = &reference};
    struct policy_index_cursor cursor;
    policy_index_find(fixture.set->applying, &query, &cursor);
    assert_true(policy_index_bound(&cursor) <= 2);
    uint32_t found = 0;
    assert_true(policy_index_next(&cursor, &found));
    assert_int_equal(found, 77);
    query.any_namespace = true;
    policy_index_find(fixture.set->applying, &query, &cursor);
    assert_int_equal(policy_index_bound(&cursor), MANY);
    fixture_done(&fixture);
}

static void empty_index(void **state)
{
    (void)state;
    arena_auto arena;
    arena_init(&arena, MIB);
    const struct policy_index *index = policy_index_build(&arena, NULL, 0);
    assert_int_equal(policy_index_keyed(index), 0);
    assert_int_equal(policy_index_keyed(NULL), 0);
    struct reference reference;
    struct error err;
    assert_false(failed(reference_parse(&arena, STR("nginx"), &reference, &err)));
    const struct policy_index_query queries[] = {
        {.any_namespace = true}, {.reference = &reference}, {.policy = STR("p")}};
    for (size_t i = 0; i < COUNT(queries); i++) {
        struct policy_index_cursor cursor;
        uint32_t item = 0;
        policy_index_find(index, &queries[i], &cursor);
        assert_false(policy_index_next(&cursor, &item));
    }
}

int index_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_sets),
        cmocka_unit_test(few_of_many),
        cmocka_unit_test(empty_index),
    };
    return cmocka_run_group_tests_name("index", tests, NULL, NULL);
}

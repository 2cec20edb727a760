#include "test.h"

#include "base/limits.h"
#include "policy/hits.h"

#define OBJECT(kind, metadata, spec)                                                               \
    "{\"apiVersion\":\"pratique.dev/v1alpha1\",\"kind\":\"" kind "\",\"metadata\":{" metadata      \
    "},\"spec\":{" spec "}}"
#define CLUSTER(name, spec)      OBJECT("ClusterImagePolicy", "\"name\":\"" name "\"", spec)
#define NAMED(name, space)       "\"name\":\"" name "\",\"namespace\":\"" space "\""
#define LOCAL(name, space, spec) OBJECT("ImagePolicy", NAMED(name, space), spec)
#define EXCUSE(name, policies, rest)                                                               \
    OBJECT("ImagePolicyException", "\"name\":\"" name "\"",                                        \
           "\"policies\":[" policies                                                               \
           "],\"until\":\"2026-12-31T00:00:00Z\",\"reason\":\"test\"" rest)

#define COVER     CLUSTER("base", "\"rules\":[{\"name\":\"r\",\"deny\":[\"**:never\"]}]")
#define NO_LATEST "\"rules\":[{\"name\":\"no-latest\",\"deny\":[\"**:latest\"]}]"
#define BROKEN    "\"rules\":[{\"name\":\"r\",\"dney\":[\"**\"]}]"

enum { OBJECTS_MAX = LIMIT_NAMESPACE_POLICIES + 8 };

struct cluster {
    struct arena arena;
    struct diagnostics list;
    struct policy_object objects[OBJECTS_MAX];
    size_t n;
    struct policy_set *set;
    struct error err;
    bool loaded;
};

static void start(struct cluster *cluster)
{
    *cluster = (struct cluster){.n = 0};
    arena_init(&cluster->arena, LIMIT_POLICY_ARENA);
    diagnostics_init(&cluster->list, &cluster->arena);
}

static void done(struct cluster *cluster)
{
    if (cluster->loaded) {
        policy_set_unref(cluster->set);
    }
    arena_done(&cluster->arena);
}

static void add(struct cluster *cluster, const char *kind, const char *namespace, const char *name,
                const char *text)
{
    assert_true(cluster->n < OBJECTS_MAX);
    cluster->objects[cluster->n++] = (struct policy_object){.kind = str_from(kind),
                                                            .namespace = str_from(namespace),
                                                            .name = str_from(name),
                                                            .text = str_from(text)};
}

static void load_with(struct cluster *cluster, const char *const *paths, size_t n_paths)
{
    const struct policy_options options = {.now = NOW};
    const struct policy_sources sources = {.paths = paths,
                                           .n_paths = n_paths,
                                           .objects = cluster->objects,
                                           .n_objects = cluster->n,
                                           .cluster = true};
    cluster->loaded =
        !failed(policy_load_all(&sources, &options, &cluster->list, &cluster->set, &cluster->err));
}

static void load(struct cluster *cluster)
{
    load_with(cluster, NULL, 0);
}

/* The message of a denial of `image` in `namespace`; empty if it is allowed. */
static struct str denial(struct cluster *cluster, const char *namespace, const char *image)
{
    struct review_image one = {.text = str_from(image), .path = STR("spec.containers[0].image")};
    const struct review review = {.operation = REVIEW_CREATE,
                                  .version = STR("v1"),
                                  .kind = STR("Pod"),
                                  .namespace = str_from(namespace),
                                  .user_known = true,
                                  .labels_known = true,
                                  .images = &one,
                                  .n_images = 1};
    struct plan plan;
    struct decision decision;
    policy_select(cluster->set, &review, NOW, false, &cluster->arena, &plan);
    policy_decide(&plan, &cluster->arena, &decision);
    policy_hits_add(&plan);
    if (decision.verdict == VERDICT_ALLOW) {
        return STR_EMPTY;
    }
    assert_true(decision.n_violations > 0);
    return decision.violations[0].message;
}

static void assert_text(struct str text, const char *expected)
{
    if (!str_eq(text, str_from(expected))) {
        fail_msg("\"%.*s\" is not \"%s\"", STR_ARG(text), expected);
    }
}

static const char *printed(struct cluster *cluster)
{
    struct buf buf;
    buf_init(&buf, MIB);
    diagnostics_print(&cluster->list, &buf);
    struct str text = arena_dup(&cluster->arena, buf_str(&buf));
    buf_done(&buf);
    return text.p;
}

/* -- sound objects -- */

static void objects_are_a_set(void **state)
{
    (void)state;
    struct cluster cluster;
    start(&cluster);
    add(&cluster, "ClusterImagePolicy", "", "base", COVER);
    add(&cluster, "ImagePolicy", "shop", "team", LOCAL("team", "shop", NO_LATEST));
    add(&cluster, "ImagePolicyException", "", "week",
        EXCUSE("week", "\"team\"", ",\"images\":[\"docker.io/library/nginx\"]"));
    load(&cluster);
    assert_true(cluster.loaded);
    assert_string_equal(printed(&cluster), "");
    for (size_t i = 0; i < cluster.n; i++) {
        assert_true(cluster.objects[i].sound);
        assert_int_equal(cluster.objects[i].problem.n, 0);
        assert_int_equal(cluster.objects[i].rules, i < 2 ? 1 : 0);
    }
    assert_text(
        denial(&cluster, "shop", "redis"),
        "spec.containers[0].image \"redis\": policy team, rule no-latest: no tag "
        "means \"latest\", and tag \"latest\" is not allowed; use a version tag or a digest");
    assert_text(denial(&cluster, "shop", "nginx"), "");
    assert_text(denial(&cluster, "other", "redis"), "");
    done(&cluster);
}

static void nothing_in_the_cluster_covers_nothing(void **state)
{
    (void)state;
    struct cluster cluster;
    start(&cluster);
    load(&cluster);
    assert_true(cluster.loaded);
    assert_string_equal(printed(&cluster), "warning: there is no policy at all\n");
    assert_true(denial(&cluster, "shop", "nginx").n > 0);
    done(&cluster);
}

/* -- broken ones -- */

static void a_broken_policy_of_a_namespace_closes_it(void **state)
{
    (void)state;
    struct cluster cluster;
    start(&cluster);
    add(&cluster, "ClusterImagePolicy", "", "base", COVER);
    add(&cluster, "ImagePolicy", "shop", "team", LOCAL("team", "shop", BROKEN));
    load(&cluster);
    assert_true(cluster.loaded);
    assert_true(cluster.objects[0].sound);
    assert_false(cluster.objects[1].sound);
    assert_text(cluster.objects[1].problem,
                "spec.rules[0].dney: unknown field \"dney\" (did you mean \"deny\"?)");
    assert_text(denial(&cluster, "shop", "nginx:1.27"),
                "spec.containers[0].image \"nginx:1.27\": policy team, rule broken: this policy is "
                "broken, so nothing is admitted in its namespace; have it mended or deleted. "
                "spec.rules[0].dney: unknown field \"dney\" (did you mean \"deny\"?)");
    assert_text(denial(&cluster, "other", "nginx:1.27"), "");
    assert_int_equal(cluster.list.errors, 0);
    assert_string_equal(
        printed(&cluster),
        "ImagePolicy shop/team: warning: spec.rules[0].dney: unknown field \"dney\" (did you mean "
        "\"deny\"?)\n"
        "ImagePolicy shop/team: warning: the policy is broken, so nothing is admitted in its "
        "namespace\n");
    done(&cluster);
}

static void a_broken_exception_excuses_nothing(void **state)
{
    (void)state;
    static const char *const BROKEN_ONES[] = {
        EXCUSE("week", "\"base\"", ",\"image\":[\"x\"]"),
        EXCUSE("week", "\"base\"", ",\"images\":null"),
        EXCUSE("week", "", ""),
        "{",
    };
    for (size_t i = 0; i < COUNT(BROKEN_ONES); i++) {
        struct cluster cluster;
        start(&cluster);
        add(&cluster, "ClusterImagePolicy", "", "base", CLUSTER("base", NO_LATEST));
        add(&cluster, "ImagePolicyException", "", "week", BROKEN_ONES[i]);
        load(&cluster);
        assert_true(cluster.loaded);
        assert_false(cluster.objects[1].sound);
        assert_true(cluster.objects[1].problem.n > 0);
        assert_true(denial(&cluster, "shop", "nginx").n > 0);
        assert_text(denial(&cluster, "shop", "nginx:1"), "");
        done(&cluster);
    }
}

static void a_broken_policy_of_the_cluster_is_no_set(void **state)
{
    (void)state;
    struct cluster cluster;
    start(&cluster);
    add(&cluster, "ClusterImagePolicy", "", "base", COVER);
    add(&cluster, "ClusterImagePolicy", "", "other", CLUSTER("other", BROKEN));
    load(&cluster);
    assert_false(cluster.loaded);
    assert_string_equal(cluster.err.text, "the policies have 1 error");
    assert_true(cluster.objects[0].sound);
    assert_false(cluster.objects[1].sound);
    assert_string_equal(printed(&cluster),
                        "ClusterImagePolicy other: error: spec.rules[0].dney: unknown field "
                        "\"dney\" (did you mean \"deny\"?)\n");
    done(&cluster);
}

/* A policy that has more to be said of it than a list keeps, and an error at its end. */
static struct str policy_with_a_late_error(struct arena *arena, const char *head)
{
    struct buf buf;
    buf_init(&buf, MIB);
    buf_printf(&buf, "{\"apiVersion\":\"pratique.dev/v1alpha1\",%s,\"spec\":{\"rules\":[", head);
    for (unsigned i = 0; i < LIMIT_DIAGNOSTICS / 2; i++) {
        buf_printf(&buf, "{\"name\":\"r%u\",\"deny\":[\"a.b/c\",\"a.b/c\",\"a.b/c\",\"a.b/c\"]},",
                   i);
    }
    buf_add_cstr(&buf, "{\"name\":\"last\",\"deny\":[\"a b\"]}]}}");
    struct str text = arena_dup(arena, buf_str(&buf));
    buf_done(&buf);
    return text;
}

static void an_error_behind_many_warnings_counts(void **state)
{
    (void)state;
    struct cluster cluster;
    start(&cluster);
    struct str text = policy_with_a_late_error(
        &cluster.arena, "\"kind\":\"ClusterImagePolicy\",\"metadata\":{\"name\":\"late\"}");
    add(&cluster, "ClusterImagePolicy", "", "base", COVER);
    add(&cluster, "ClusterImagePolicy", "", "late", text.p);
    load(&cluster);
    assert_false(cluster.loaded);
    assert_false(cluster.objects[1].sound);
    assert_true(cluster.objects[1].problem.n > 0);
    done(&cluster);

    start(&cluster);
    text = policy_with_a_late_error(&cluster.arena, "\"kind\":\"ImagePolicy\",\"metadata\":{"
                                                    "\"name\":\"late\",\"namespace\":\"shop\"}");
    add(&cluster, "ClusterImagePolicy", "", "base", COVER);
    add(&cluster, "ImagePolicy", "shop", "late", text.p);
    load(&cluster);
    assert_true(cluster.loaded);
    assert_false(cluster.objects[1].sound);
    assert_true(cluster.objects[1].problem.n > 0);
    assert_true(denial(&cluster, "shop", "nginx:1").n > 0);
    assert_text(denial(&cluster, "other", "nginx:1"), "");
    done(&cluster);
}

/* A policy of one namespace that names none would be one of the whole cluster, and cover. */
static void a_policy_without_its_namespace_is_broken(void **state)
{
    (void)state;
    struct cluster cluster;
    start(&cluster);
    add(&cluster, "ImagePolicy", "shop", "team",
        OBJECT("ImagePolicy", "\"name\":\"team\"", NO_LATEST));
    load(&cluster);
    assert_true(cluster.loaded);
    assert_false(cluster.objects[0].sound);
    assert_true(denial(&cluster, "other", "nginx:1").n > 0);
    assert_true(denial(&cluster, "shop", "nginx:1").n > 0);
    done(&cluster);
}

/* -- names of files -- */

static void a_name_of_a_file_is_taken(void **state)
{
    (void)state;
    char path[64];
    write_policies(path, STR(POLICY("base", "rules: [{name: r, deny: ['**:never']}]") NAMESPACED(
                             "team", "shop", "rules: [{name: r, deny: ['**:old']}]")));
    const char *paths[] = {path};
    struct cluster cluster;
    start(&cluster);
    add(&cluster, "ImagePolicy", "other", "team", LOCAL("team", "other", NO_LATEST));
    add(&cluster, "ImagePolicy", "shop", "team", LOCAL("team", "shop", NO_LATEST));
    load_with(&cluster, paths, 1);
    assert_true(cluster.loaded);
    assert_true(cluster.objects[0].sound);
    assert_text(cluster.objects[1].problem, "a policy of a file has this name and namespace");
    assert_true(denial(&cluster, "shop", "nginx:1").n > 0);
    assert_text(denial(&cluster, "other", "nginx:1"), "");
    done(&cluster);

    start(&cluster);
    add(&cluster, "ClusterImagePolicy", "", "base", COVER);
    load_with(&cluster, paths, 1);
    assert_false(cluster.loaded);
    assert_non_null(strstr(printed(&cluster), "\"base\" stands twice"));
    done(&cluster);
    remove(path);
}

/* -- limits -- */

static void count_of_a_namespace(void **state)
{
    (void)state;
    struct cluster cluster;
    start(&cluster);
    add(&cluster, "ClusterImagePolicy", "", "base", COVER);
    for (size_t i = 0; i <= LIMIT_NAMESPACE_POLICIES; i++) {
        char name[32];
        snprintf(name, sizeof name, "p%03zu", i);
        struct str text = arena_printf(
            &cluster.arena, OBJECT("ImagePolicy", "\"name\":\"%s\",\"namespace\":\"shop\"", "%s"),
            name, NO_LATEST);
        add(&cluster, "ImagePolicy", "shop", arena_dup(&cluster.arena, str_from(name)).p, text.p);
    }
    add(&cluster, "ImagePolicy", "tidy", "team", LOCAL("team", "tidy", NO_LATEST));
    load(&cluster);
    assert_true(cluster.loaded);
    assert_true(cluster.objects[LIMIT_NAMESPACE_POLICIES].sound);
    assert_false(cluster.objects[LIMIT_NAMESPACE_POLICIES + 1].sound);
    assert_true(cluster.objects[LIMIT_NAMESPACE_POLICIES + 2].sound);
    assert_true(denial(&cluster, "shop", "nginx:1").n > 0);
    assert_text(denial(&cluster, "tidy", "nginx:1"), "");
    done(&cluster);
}

/* A policy with a text of `n` bytes, by its description. */
static struct str policy_of_size(struct arena *arena, const char *name, size_t n)
{
    static const char *const FORMAT =
        "{\"apiVersion\":\"pratique.dev/v1alpha1\",\"kind\":\"ImagePolicy\",\"metadata\":{\"name\":"
        "\"%s\",\"namespace\":\"shop\"},\"spec\":{" NO_LATEST "}%*s}";
    struct str bare = arena_printf(arena, FORMAT, name, 0, "");
    return arena_printf(arena, FORMAT, name, (int)(n - bare.n), "");
}

static void bytes_of_a_namespace(void **state)
{
    (void)state;
    for (size_t over = 0; over < 2; over++) {
        struct cluster cluster;
        start(&cluster);
        size_t half = LIMIT_NAMESPACE_POLICY_BYTES / 2;
        add(&cluster, "ImagePolicy", "shop", "a", policy_of_size(&cluster.arena, "a", half).p);
        add(&cluster, "ImagePolicy", "shop", "b",
            policy_of_size(&cluster.arena, "b", half + over).p);
        load(&cluster);
        assert_true(cluster.loaded);
        assert_true(cluster.objects[0].sound);
        assert_int_equal(cluster.objects[1].sound, over == 0);
        done(&cluster);
    }
}

/* -- hits -- */

static void note_hits(void *self, const struct policy_hits *hits)
{
    struct buf *buf = self;
    buf_printf(buf, "%.*s %.*s/%.*s %llu %llu %llu %llu\n", STR_ARG(hits->kind),
               STR_ARG(hits->namespace), STR_ARG(hits->name), (unsigned long long)hits->judged,
               (unsigned long long)hits->denied, (unsigned long long)hits->warned,
               (unsigned long long)hits->excused);
}

static void hits_are_counted_and_taken(void **state)
{
    (void)state;
    struct cluster cluster;
    start(&cluster);
    add(&cluster, "ClusterImagePolicy", "", "base", COVER);
    add(&cluster, "ClusterImagePolicy", "", "soft",
        CLUSTER("soft", "\"mode\":\"warn\"," NO_LATEST));
    add(&cluster, "ImagePolicy", "shop", "team", LOCAL("team", "shop", NO_LATEST));
    add(&cluster, "ImagePolicyException", "", "week",
        EXCUSE("week", "\"team\"", ",\"images\":[\"docker.io/library/nginx\"]"));
    load(&cluster);
    assert_true(cluster.loaded);
    assert_true(denial(&cluster, "shop", "redis").n > 0);
    assert_text(denial(&cluster, "shop", "nginx"), "");
    assert_text(denial(&cluster, "shop", "nginx:1"), "");
    assert_text(denial(&cluster, "other", "redis"), "");
    struct buf buf;
    buf_init(&buf, MIB);
    policy_hits_take(cluster.set, note_hits, &buf);
    assert_text(buf_str(&buf), "ClusterImagePolicy /base 4 0 0 0\n"
                               "ClusterImagePolicy /soft 4 0 3 0\n"
                               "ImagePolicy shop/team 3 1 0 0\n"
                               "ImagePolicyException /week 0 0 0 1\n");
    buf_clear(&buf);
    policy_hits_take(cluster.set, note_hits, &buf);
    assert_text(buf_str(&buf), "ClusterImagePolicy /base 0 0 0 0\n"
                               "ClusterImagePolicy /soft 0 0 0 0\n"
                               "ImagePolicy shop/team 0 0 0 0\n"
                               "ImagePolicyException /week 0 0 0 0\n");
    buf_done(&buf);
    done(&cluster);
}

int object_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_are_a_set),
        cmocka_unit_test(nothing_in_the_cluster_covers_nothing),
        cmocka_unit_test(a_broken_policy_of_a_namespace_closes_it),
        cmocka_unit_test(a_broken_exception_excuses_nothing),
        cmocka_unit_test(a_broken_policy_of_the_cluster_is_no_set),
        cmocka_unit_test(an_error_behind_many_warnings_counts),
        cmocka_unit_test(a_policy_without_its_namespace_is_broken),
        cmocka_unit_test(a_name_of_a_file_is_taken),
        cmocka_unit_test(count_of_a_namespace),
        cmocka_unit_test(bytes_of_a_namespace),
        cmocka_unit_test(hits_are_counted_and_taken),
    };
    return cmocka_run_group_tests_name("objects", tests, NULL, NULL);
}

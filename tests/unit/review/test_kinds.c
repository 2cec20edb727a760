#include "test.h"

#include <string.h>

#include "review/kinds.h"

/* -- the shipped kinds -- */

/* Add JSON with one value at `path`, and the place of that value to `place`. */
static void build(struct str path, bool image, struct buf *text, struct buf *place)
{
    struct str part, rest;
    bool more = str_cut(path, '.', &part, &rest);
    size_t bracket = str_find(part, '[');
    struct str key = str_sub(part, 0, bracket);
    key = str_eq(key, STR("*")) ? STR("any") : key;
    buf_printf(text, "{\"%.*s\":", STR_ARG(key));
    buf_printf(place, "%s%.*s", place->n == 0 ? "" : ".", STR_ARG(key));
    size_t lists = (part.n - bracket) / 3;
    for (size_t i = 0; i < lists; i++) {
        buf_add_cstr(text, "[");
        buf_add_cstr(place, "[0]");
    }
    if (more) {
        build(rest, image, text, place);
    } else if (image) {
        buf_add_cstr(text, "\"there\"");
    } else {
        buf_add_cstr(text, "{\"containers\":[{\"name\":\"there\",\"image\":\"there\"}],"
                           "\"volumes\":[{\"name\":\"v\",\"image\":{\"reference\":\"there\"}}]}");
        buf_add_cstr(place, ".containers[0].image");
    }
    for (size_t i = 0; i < lists; i++) {
        buf_add_cstr(text, "]");
    }
    buf_add_cstr(text, "}");
}

/* Each path of each shipped kind, taken at its word, leads to the image that stands there. */
static void shipped_paths(void **state)
{
    (void)state;
    size_t n;
    const struct kind_entry *entries = kinds_shipped(&n);
    assert_true(n > 40);
    for (size_t i = 0; i < n; i++) {
        assert_true(entries[i].paths_only == (entries[i].n == 0));
        for (size_t j = 0; j < entries[i].n; j++) {
            buf_auto text, place;
            buf_init(&text, 4096);
            buf_init(&place, 4096);
            build(entries[i].paths[j].path, entries[i].paths[j].image, &text, &place);
            buf_add_char(&text, '\0');
            decoded_auto d;
            decode_create(&d, entries[i].group.p, entries[i].kind.p, text.p);
            size_t expected = entries[i].paths[j].image ? 1 : 2;
            if (d.review.problem.n > 0 || d.review.n_images != expected ||
                !str_eq(d.review.images[0].path, buf_str(&place)) ||
                d.review.images[0].role !=
                    (entries[i].paths[j].image ? IMAGE_CUSTOM : IMAGE_CONTAINER)) {
                fail_msg("%s %s: \"%.*s\" %s", entries[i].kind.p, text.p, STR_ARG(d.review.problem),
                         describe_images(&d));
            }
        }
    }
}

/* A value of another type anywhere on a path is a problem, null is not. */
static void shipped_types(void **state)
{
    (void)state;
    static const struct {
        const char *object;
        const char *problem;
    } CASES[] = {
        {"{'spec':7}", "spec must be an object, found a number"},
        {"{'spec':{'tasks':{}}}", "spec.tasks must be a list, found an object"},
        {"{'spec':{'tasks':[7]}}", "spec.tasks[0] must be an object, found a number"},
        {"{'spec':{'tasks':[{'template':[]}]}}", "spec.tasks[0].template must be an object"},
        {"{'spec':null}", NULL},
        {"{'spec':{'tasks':null}}", NULL},
        {"{'spec':{'tasks':[null]}}", NULL},
        {"{'spec':{'tasks':[]}}", NULL},
        {"{}", NULL},
    };
    for (size_t i = 0; i < N(CASES); i++) {
        decoded_auto d;
        decode_create(&d, "batch.volcano.sh", "Job", json(CASES[i].object));
        bool right = CASES[i].problem == NULL
                         ? d.review.problem.n == 0
                         : d.review.problem.n > 0 && strstr(d.review.problem.p, CASES[i].problem);
        if (!right) {
            fail_msg("%s: \"%.*s\"", CASES[i].object, STR_ARG(d.review.problem));
        }
    }
}

/* -- configured kinds -- */

static struct kind_entry one(const char *group, const char *kind, struct kind_path *path)
{
    return (struct kind_entry){
        .group = str_from(group), .kind = str_from(kind), .paths = path, .n = path != NULL};
}

static const char *images_with(const struct kind_entry *more, size_t n, const char *group,
                               const char *kind, const char *object)
{
    decoded_auto d;
    char text[2048];
    snprintf(text, sizeof text,
             "{'uid':'u','operation':'CREATE','kind':{'group':'%s','kind':'%s'},'object':%s}",
             group, kind, object);
    decoded_start(&d, str_from(json(text)));
    assert_false(failed(kinds_build(&d.arena, more, n, NULL, 0, &d.kinds, &d.err)));
    assert_false(failed(review_decode(&d.arena, d.kinds, &d.doc, true, &d.review, &d.err)));
    assert_true(str_eq(d.review.problem, STR("")));
    return describe_images(&d);
}

static void configured(void **state)
{
    (void)state;
    struct kind_path image = {STR("spec.run.*.image"), true};
    struct kind_entry more = one("example.com", "Thing", &image);
    static const char OBJECT[] =
        "{'spec':{'run':{'a':{'image':'x'},'b':{'image':'y'}}},'containers':[{'image':'z'}]}";
    assert_string_equal(images_with(NULL, 0, "example.com", "Thing", OBJECT),
                        "c.@containers[0].image=z");
    assert_string_equal(images_with(&more, 1, "example.com", "Thing", OBJECT),
                        "x.@spec.run.a.image=x x.@spec.run.b.image=y c.@containers[0].image=z");
    assert_string_equal(images_with(&more, 1, "example.org", "Thing", OBJECT),
                        "c.@containers[0].image=z");
    more.paths_only = true;
    assert_string_equal(images_with(&more, 1, "example.com", "Thing", OBJECT),
                        "x.@spec.run.a.image=x x.@spec.run.b.image=y");
    /* the same image by several paths, and by its content: once */
    struct kind_path twice[] = {
        {STR("spec.items[*].image"), true}, {STR("spec.*[*].image"), true}, {STR("spec"), false}};
    more = (struct kind_entry){STR("example.com"), STR("Thing"), twice, N(twice), false};
    assert_string_equal(
        images_with(&more, 1, "example.com", "Thing",
                    "{'spec':{'items':[{'image':'x'}],'containers':[{'image':'y'}]}}"),
        "x.@spec.items[0].image=x x.@spec.containers[0].image=y");
    /* a shipped kind is replaced whole; its content is searched all the same */
    more = one("tekton.dev", "Task", NULL);
    assert_string_equal(
        images_with(&more, 1, "tekton.dev", "Task",
                    "{'spec':{'steps':[{'image':'x'}],'containers':[{'image':'y'}]}}"),
        "c.@spec.containers[0].image=y");
}

static const struct {
    const char *path;
    const char *failure; /* NULL: it parses */
} PATHS[] = {
    {"spec", NULL},
    {"spec.template.spec", NULL},
    {"spec.tasks[*].template.spec", NULL},
    {"spec.steps[*][*].inline", NULL},
    {"spec.*.template", NULL},
    {"*", NULL},
    {"*[*]", NULL},
    {"a-b_c", NULL},
    {"", "\"\" is no step"},
    {".", "\"\" is no step"},
    {"spec.", "\"\" is no step"},
    {".spec", "\"\" is no step"},
    {"spec..x", "\"\" is no step"},
    {"spec[0]", "\"spec[0]\" is no step"},
    {"spec[*", "\"spec[*\" is no step"},
    {"spec[*]x", "\"spec[*]x\" is no step"},
    {"spec[]", "\"spec[]\" is no step"},
    {"spec]", "\"spec]\" is no step"},
    {"[*]", "\"[*]\" is no step"},
    {"spec.[*]", "\"[*]\" is no step"},
    {"spec.tem*", "\"tem*\" is no step"},
    {"**", "\"**\" is no step"},
};

static void paths(void **state)
{
    (void)state;
    for (size_t i = 0; i < N(PATHS); i++) {
        arena_auto arena;
        arena_init(&arena, 1 << 20);
        struct kind_path path = {str_from(PATHS[i].path), false};
        struct kind_entry more = one("example.com", "Thing", &path);
        const struct kinds *kinds = NULL;
        struct error err = {0};
        bool fails = failed(kinds_build(&arena, &more, 1, NULL, 0, &kinds, &err));
        bool right = PATHS[i].failure == NULL ? !fails
                                              : fails && err.kind == ERROR_INPUT && kinds == NULL &&
                                                    strstr(err.text, PATHS[i].failure) != NULL &&
                                                    strstr(err.text, "kind Thing of group") != NULL;
        if (!right) {
            fail_msg("\"%s\": \"%s\"", PATHS[i].path, err.text);
        }
    }
}

static void entries(void **state)
{
    (void)state;
    struct kind_path path = {STR("spec"), false};
    struct kind_entry pod = one("", "Pod", &path);
    struct kind_entry unnamed = one("example.com", "", &path);
    struct kind_entry twice[] = {one("a", "B", &path), one("a", "B", &path)};
    struct kind_entry two[] = {one("a", "B", &path), one("b", "B", &path)};
    const struct {
        const struct kind_entry *more;
        size_t n;
        const char *failure;
    } CASES[] = {
        {&pod, 1, "kind Pod of group \"\" is a kind of Kubernetes itself"},
        {&unnamed, 1, "a kind of group \"example.com\" has no name"},
        {twice, 2, "kind B of group \"a\" stands twice"},
        {two, 2, NULL},
    };
    for (size_t i = 0; i < N(CASES); i++) {
        arena_auto arena;
        arena_init(&arena, 1 << 20);
        const struct kinds *kinds = NULL;
        struct error err = {0};
        bool fails = failed(kinds_build(&arena, CASES[i].more, CASES[i].n, NULL, 0, &kinds, &err));
        if (fails != (CASES[i].failure != NULL) ||
            (fails && strstr(err.text, CASES[i].failure) == NULL)) {
            fail_msg("%zu: \"%s\"", i, err.text);
        }
    }
    arena_auto arena;
    arena_init(&arena, 1 << 20);
    struct str none = STR_EMPTY;
    const struct kinds *kinds;
    struct error err = {0};
    assert_true(failed(kinds_build(&arena, NULL, 0, &none, 1, &kinds, &err)));
    assert_string_equal(err.text, "a subresource has no name");
}

/* The table keeps copies: whoever gave the texts may free them. */
static void copies(void **state)
{
    (void)state;
    arena_auto arena;
    arena_init(&arena, 1 << 20);
    char group[] = "example.com", kind[] = "Thing", text[] = "spec.image", name[] = "sub";
    struct kind_path path = {str_from(text), true};
    struct kind_entry more = one(group, kind, &path);
    struct str subresource = str_from(name);
    const struct kinds *kinds;
    struct error err = {0};
    assert_false(failed(kinds_build(&arena, &more, 1, &subresource, 1, &kinds, &err)));
    memset(group, 'x', sizeof group - 1);
    memset(kind, 'x', sizeof kind - 1);
    memset(text, 'x', sizeof text - 1);
    memset(name, 'x', sizeof name - 1);
    const struct kind_info *info = kinds_find(kinds, STR("example.com"), STR("Thing"));
    assert_int_equal(info->n, 1);
    assert_true(str_eq(info->routes[0].steps[1].key, STR("image")));
    assert_true(kinds_know_subresource(kinds, STR("sub")));
    assert_false(kinds_know_subresource(kinds, STR("xxx")));
}

static void resources(void **state)
{
    (void)state;
    static const struct {
        const char *group, *resource, *kind; /* NULL: none */
    } CASES[] = {
        {"", "pods", "Pod"},
        {"", "podtemplates", "PodTemplate"},
        {"", "replicationcontrollers", "ReplicationController"},
        {"apps", "deployments", "Deployment"},
        {"apps", "replicasets", "ReplicaSet"},
        {"apps", "statefulsets", "StatefulSet"},
        {"apps", "daemonsets", "DaemonSet"},
        {"batch", "jobs", "Job"},
        {"batch", "cronjobs", "CronJob"},
        {"extensions", "deployments", "Deployment"},
        {"", "", NULL},
        {"apps", "pods", NULL},
        {"", "deployments", NULL},
        {"", "Pods", NULL},
    };
    for (size_t i = 0; i < N(CASES); i++) {
        const struct kind_info *info =
            kinds_of_resource(str_from(CASES[i].group), str_from(CASES[i].resource));
        assert_int_equal(info != NULL, CASES[i].kind != NULL);
        assert_true(info == NULL || str_eq(info->kind, str_from(CASES[i].kind)));
    }
}

int kinds_tests(void)
{
    static const struct CMUnitTest TESTS[] = {
        cmocka_unit_test(shipped_paths), cmocka_unit_test(shipped_types),
        cmocka_unit_test(configured),    cmocka_unit_test(paths),
        cmocka_unit_test(entries),       cmocka_unit_test(copies),
        cmocka_unit_test(resources),
    };
    return cmocka_run_group_tests_name("kinds", TESTS, NULL, NULL);
}

#include <string.h>

#include "asking.h"
#include "oci/image.h"
#include "policy/hits.h"

/* Rules on the image itself, from the reference to the answer; and a source that fails. */

#define A     "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B     "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define SMALL POLICY("small", "rules: [{name: layers, image: {maxLayers: 2}}]")
#define PIN   POLICY("pins", "mutate: {resolveDigest: true}")
#define HUB   POLICY("hub", "rules: [{name: hub, allow: [docker.io]}]")

/* An image that is nothing but layers. */
struct layered {
    struct oci_image image;
    struct oci_platform_image one;
};

static void start_layered(struct layered *layered, const char *digest, size_t layers)
{
    static const struct oci_descriptor LAYERS[8] = {{.size = 1}};
    *layered = (struct layered){.one = {.known = true}};
    layered->one.manifest.layers = LAYERS;
    layered->one.manifest.n_layers = layers;
    layered->one.manifest.media_type = STR(OCI_MANIFEST);
    layered->image =
        (struct oci_image){.digest = str_from(digest), .images = &layered->one, .n_images = 1};
}

struct scene {
    struct asking asking;
    struct layered small, large;
    struct walk walk;
};

/* nginx:1 has one layer, nginx:2 has three; down.io does not answer. */
static void start(struct scene *scene, const char *policies, const char *body)
{
    asking_start(&scene->asking);
    start_layered(&scene->small, A, 1);
    start_layered(&scene->large, B, 3);
    asking_add(&scene->asking, "nginx:1", A, ERROR_NONE)->evidence.image = &scene->small.image;
    asking_add(&scene->asking, "nginx:2", B, ERROR_NONE)->evidence.image = &scene->large.image;
    asking_add(&scene->asking, "down.io/x:1", NULL, ERROR_UPSTREAM);
    asking_add(&scene->asking, "wrong.io/x:1", A, ERROR_NONE)->evidence.image = &scene->large.image;
    walk_start(&scene->walk, policies, body);
    scene->walk.options.source = &scene->asking.source;
    scene->walk.options.mutate = true;
}

static void done(struct scene *scene)
{
    walk_done(&scene->walk);
    asking_done(&scene->asking);
}

static const struct {
    const char *name, *policies, *body;
    enum verdict verdict;
    const char *asked, *message; /* the first warning of what is admitted */
} CASES[] = {
    {"small enough", SMALL, ONE("nginx:1"), VERDICT_ALLOW, "docker.io/library/nginx:1 ", ""},
    {"too large", SMALL, ONE("nginx:2"), VERDICT_DENY, "docker.io/library/nginx:2 ",
     "spec.containers[0].image \"nginx:2\": policy small, rule layers: manifest.layers of "
     "unknown/unknown are 3, more than 2; use an image with fewer layers"},
    {"by its digest", SMALL, ONE("nginx@" B), VERDICT_DENY, "docker.io/library/nginx@" B " ",
     "spec.containers[0].image \"nginx@" B
     "\": policy small, rule layers: manifest.layers of unknown/unknown are 3, more than 2; use an "
     "image with fewer layers"},
    {"written and judged at one time", PIN SMALL, ONE("nginx:1"), VERDICT_ALLOW,
     "docker.io/library/nginx:1 ", ""},
    {"a rule for digests wants more of what was written",
     PIN HUB POLICY("small", "images: ['**@*'], rules: [{name: layers, image: {maxLayers: 2}}]"),
     ONE("nginx:2"), VERDICT_DENY, "docker.io/library/nginx:2 docker.io/library/nginx@" B " ",
     "spec.containers[0].image \"nginx:2\" (rewritten to \"nginx:2@" B
     "\"): policy small, rule layers: manifest.layers of unknown/unknown are 3, more than 2; use "
     "an "
     "image with fewer layers"},
    {"nothing is asked where the reference denies", SMALL HUB, ONE("down.io/x:1"), VERDICT_DENY, "",
     "spec.containers[0].image \"down.io/x:1\": policy hub, rule hub: registry down.io is not "
     "among "
     "those allowed: docker.io; use an image that one of these matches"},
    {"nor where another image is denied", SMALL HUB,
     CREATE(CONTAINER("a", "nginx:1") "," CONTAINER("b", "down.io/x:1")), VERDICT_DENY, "",
     "spec.containers[1].image \"down.io/x:1\": policy hub, rule hub: registry down.io is not "
     "among "
     "those allowed: docker.io; use an image that one of these matches"},
    {"nor where none is covered",
     POLICY("s", "images: [docker.io], rules: [{name: l, image: "
                 "{maxLayers: 2}}]"),
     ONE("down.io/x:1"), VERDICT_DENY, "",
     "spec.containers[0].image \"down.io/x:1\": no policy covers this image; use an image that a "
     "policy covers, or have a ClusterImagePolicy cover it"},
    {"but where that is only warned of",
     SMALL POLICY("hub", "mode: warn, rules: [{name: hub, allow: [ghcr.io]}]"), ONE("nginx:1"),
     VERDICT_ALLOW, "docker.io/library/nginx:1 ",
     "spec.containers[0].image \"nginx:1\": policy hub, rule hub: registry docker.io is not among "
     "those allowed: ghcr.io; use an image that one of these matches"},
    {"a registry that is down", SMALL, ONE("down.io/x:1"), VERDICT_DENY, "down.io/x:1 ",
     "spec.containers[0].image \"down.io/x:1\": policy small, rule layers: the image could not be "
     "looked at: registry \"down.io\": it is out of order; try again, or see that the registry can "
     "be reached"},
    {"which the rule softens",
     POLICY("s", "rules: [{name: l, onError: warn, image: {maxLayers: 2}}]"), ONE("down.io/x:1"),
     VERDICT_ALLOW, "down.io/x:1 ",
     "spec.containers[0].image \"down.io/x:1\": policy s, rule l: the image could not be looked "
     "at: "
     "registry \"down.io\": it is out of order; try again, or see that the registry can be "
     "reached"},
    {"an answer about another image", SMALL, ONE("wrong.io/x:1"), VERDICT_DENY, "wrong.io/x:1 ",
     "spec.containers[0].image \"wrong.io/x:1\": policy small, rule layers: the image could not be "
     "looked at: registry \"wrong.io\": the answer is about another image; use another image"},
    {"an exception",
     SMALL EXCEPTION("e", "policies: [small], until: 2030-01-01T00:00:00Z, reason: r"),
     ONE("nginx:2"), VERDICT_ALLOW, "docker.io/library/nginx:2 ", ""},
    {"an update of something else", SMALL,
     REQUEST("UPDATE",
             POD(CONTAINER("c", "nginx:2")) ",'oldObject':{'metadata':{},'spec':{"
                                            "'containers':[" CONTAINER("c", "nginx:2") "]}}"),
     VERDICT_ALLOW, "", ""},
};

static void cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct scene scene;
        start(&scene, CASES[i].policies, CASES[i].body);
        enum verdict verdict = walk_run(&scene.walk);
        const struct review_answer *answer = &scene.walk.answer;
        struct str message = verdict == VERDICT_ALLOW && answer->n_warnings > 0
                                 ? answer->warnings[0]
                                 : answer->message;
        if (verdict != CASES[i].verdict || strcmp(scene.asking.asked, CASES[i].asked) != 0 ||
            !str_eq(message, str_from(CASES[i].message))) {
            fail_msg("%s: %s, asked %s\n%.*s", CASES[i].name, verdict_name(verdict),
                     scene.asking.asked, STR_ARG(message));
        }
        done(&scene);
    }
}

/* Where nothing was asked, nothing is said of what would have been, and nobody counts it. */
static void count_judged(void *self, const struct policy_hits *hits)
{
    uint64_t *judged = self;
    *judged += str_eq(hits->name, STR("small")) ? hits->judged : 0;
}

static void unasked(void **state)
{
    (void)state;
    struct scene scene;
    start(&scene, SMALL HUB, CREATE(CONTAINER("a", "nginx:1") "," CONTAINER("b", "down.io/x:1")));
    scene.walk.options.count = true;
    assert_int_equal(walk_run(&scene.walk), VERDICT_DENY);
    assert_int_equal(scene.walk.decision.n_violations, 1);
    assert_int_equal(scene.walk.decision.images[0].verdict, VERDICT_UNDECIDED);
    assert_int_equal(scene.walk.decision.images[1].verdict, VERDICT_DENY);
    assert_null(scene.walk.decision.images[0].evidence);
    assert_int_equal(scene.walk.answer.n_causes, 1);
    uint64_t judged = 0;
    policy_hits_take(scene.walk.set, count_judged, &judged);
    assert_int_equal(judged, 0);
    done(&scene);
}

/* What the walk put off is not counted; what it decided then is, once. */
static void put_off(void **state)
{
    (void)state;
    struct scene scene;
    start(&scene, SMALL, ONE("nginx:2"));
    scene.asking.takes_time = true;
    scene.walk.options.count = true;
    scene.walk.options.inline_only = true;
    assert_int_equal(walk_run(&scene.walk), VERDICT_UNDECIDED);
    assert_true(scene.walk.decision.later);
    uint64_t judged = 0;
    policy_hits_take(scene.walk.set, count_judged, &judged);
    assert_int_equal(judged, 0);
    scene.walk.options.inline_only = false;
    assert_int_equal(walk_run(&scene.walk), VERDICT_DENY);
    policy_hits_take(scene.walk.set, count_judged, &judged);
    assert_int_equal(judged, 1);
    done(&scene);
}

/* A source that puts off although it may not, or says nothing at all, has not answered. */
static status say_later(void *self, const struct evidence_round *round, struct arena *arena,
                        struct evidence *ret_evidence, bool *ret_later, struct error *err)
{
    (void)self, (void)round, (void)arena, (void)ret_evidence, (void)err;
    *ret_later = true;
    return OK;
}

static status say_nothing(void *self, const struct evidence_round *round, struct arena *arena,
                          struct evidence *ret_evidence, bool *ret_later, struct error *err)
{
    (void)self, (void)round, (void)arena, (void)ret_evidence, (void)ret_later, (void)err;
    return OK;
}

static void bad_sources(void **state)
{
    (void)state;
    const struct evidence_source sources[] = {{.gather = say_later}, {.gather = say_nothing}};
    for (size_t i = 0; i < COUNT(sources); i++) {
        struct scene scene;
        start(&scene, PIN SMALL, ONE("nginx:1"));
        scene.walk.options.source = &sources[i];
        assert_int_equal(walk_run(&scene.walk), VERDICT_DENY);
        assert_int_equal(scene.walk.decision.n_violations, 2);
        done(&scene);
    }
}

/* -- the fault sweep -- */

static const char *const SWEPT[] = {
    PIN SMALL,
    PIN HUB POLICY("small", "images: ['**@*'], rules: [{name: layers, image: {maxLayers: 2}}]"),
    PIN POLICY("s", "rules: [{name: l, onError: warn, image: {maxLayers: 2}}]"),
    POLICY("s", "mode: warn, rules: [{name: l, image: {maxLayers: 2}}]") PIN HUB,
    POLICY("need", "rules: [{name: pinned, require: [digest]}]") PIN,
};

static enum verdict sweep_one(const char *policies, const char *body, size_t fail_at,
                              size_t *ret_calls)
{
    struct scene scene;
    start(&scene, policies, body);
    scene.asking.fail_at = fail_at;
    enum verdict verdict = walk_run(&scene.walk);
    *ret_calls = scene.asking.calls;
    done(&scene);
    return verdict;
}

/* Whichever call fails, nothing is admitted that would not be without it, but ... */
static void sweep(void **state)
{
    (void)state;
    static const char *const BODIES[] = {
        ONE("nginx:1"),
        ONE("nginx:2"),
        ONE("nginx:1@" A),
        ONE("nginx:2@" B),
        CREATE(CONTAINER("a", "nginx:1") "," CONTAINER("b", "nginx:2")),
        ONE("down.io/x:1")};
    size_t faults = 0;
    for (size_t i = 0; i < COUNT(SWEPT) * COUNT(BODIES); i++) {
        const char *policies = SWEPT[i % COUNT(SWEPT)], *body = BODIES[i / COUNT(SWEPT)];
        size_t calls, failing_calls;
        enum verdict sound = sweep_one(policies, body, 0, &calls);
        for (size_t n = 1; n <= calls; n++, faults++) {
            enum verdict verdict = sweep_one(policies, body, n, &failing_calls);
            /* but where the policy's author chose to be warned */
            bool softened = strstr(policies, "onError") != NULL;
            assert_true(verdict == VERDICT_DENY || sound == VERDICT_ALLOW || softened);
        }
    }
    assert_true(faults >= 20);
}

int gather_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cases),       cmocka_unit_test(unasked), cmocka_unit_test(put_off),
        cmocka_unit_test(bad_sources), cmocka_unit_test(sweep),
    };
    return cmocka_run_group_tests_name("gather", tests, NULL, NULL);
}

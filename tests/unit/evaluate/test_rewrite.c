#include "test.h"

/* Rewriting: the result is what is judged, and only where the patch that makes it so is sent. */

#define MIRROR                                                                                     \
    POLICY("mirror", "rules: [{name: m, allow: [m.io]}], mutate: {rewrite: [{from: docker.io, "    \
                     "to: m.io/hub/**}]}")
#define IMAGES(images)                                                                             \
    "{'kind':'ImageReview','apiVersion':'imagepolicy.k8s.io/v1alpha1','spec':{'containers':[{"     \
    "'image':'" images "'}],'namespace':'shop'}}"
#define PATCH(index, from, to)                                                                     \
    "{\"op\":\"test\",\"path\":\"/spec/containers/" index "/image\",\"value\":\"" from             \
    "\"},{\"op\":\"replace\",\"path\":\"/spec/containers/" index "/image\",\"value\":\"" to "\"}"

static const struct {
    const char *name, *policies, *body;
    bool mutate;
    enum verdict verdict;
    const char *patch;
} CASES[] = {
    {"rewritten and admitted", MIRROR, ONE("nginx:1"), true, VERDICT_ALLOW,
     "[" PATCH("0", "nginx:1", "m.io/hub/library/nginx:1") "]"},
    {"not rewritten by a validating webhook", MIRROR, ONE("nginx:1"), false, VERDICT_DENY, ""},
    {"there already", MIRROR, ONE("m.io/hub/library/nginx:1"), true, VERDICT_ALLOW, ""},
    {"an ImageReview has no patch", MIRROR, IMAGES("nginx:1"), true, VERDICT_DENY, ""},
    {"an ImageReview of what is there", MIRROR, IMAGES("m.io/hub/a"), true, VERDICT_ALLOW, ""},
    {"the digest is kept", MIRROR, ONE("acme/x@sha256:" HEX64), true, VERDICT_ALLOW,
     "[" PATCH("0", "acme/x@sha256:" HEX64, "m.io/hub/acme/x@sha256:" HEX64) "]"},
    {"one of two images", MIRROR,
     CREATE(CONTAINER("a", "m.io/x:1") "," CONTAINER("b", "busybox:2")), true, VERDICT_ALLOW,
     "[" PATCH("1", "busybox:2", "m.io/hub/library/busybox:2") "]"},
    {"both images", MIRROR, CREATE(CONTAINER("a", "nginx:1") "," CONTAINER("b", "a/b:2")), true,
     VERDICT_ALLOW,
     "[" PATCH("0", "nginx:1", "m.io/hub/library/nginx:1") "," PATCH("1", "a/b:2",
                                                                     "m.io/hub/a/b:2") "]"},
    {"nothing is patched where one is denied", MIRROR,
     CREATE(CONTAINER("a", "nginx:1") "," CONTAINER("b", "ghcr.io/a/b")), true, VERDICT_DENY, ""},
    {"what it becomes is denied",
     MIRROR POLICY("not", "rules: [{name: s, deny: ['m.io/hub/library/nginx']}]"), ONE("nginx:1"),
     true, VERDICT_DENY, ""},
    {"what it was does not count", MIRROR POLICY("not", "rules: [{name: s, deny: [docker.io]}]"),
     ONE("nginx:1"), true, VERDICT_ALLOW,
     "[" PATCH("0", "nginx:1", "m.io/hub/library/nginx:1") "]"},
    {"what it becomes is covered by nothing",
     POLICY("p", "images: [docker.io], rules: [{name: r, allow: [docker.io]}], mutate: {rewrite: "
                 "[{from: docker.io, to: m.io/hub/**}]}"),
     ONE("nginx:1"), true, VERDICT_DENY, ""},
    {"of an update", MIRROR,
     REQUEST("UPDATE",
             POD(CONTAINER("c", "nginx:2")) ",'oldObject':{'metadata':{},'spec':{"
                                            "'containers':[" CONTAINER("c", "nginx:1") "]"
                                                                                       "}"
                                                                                       "}"),
     true, VERDICT_ALLOW, "[" PATCH("0", "nginx:2", "m.io/hub/library/nginx:2") "]"},
    {"what an update leaves is left", MIRROR,
     REQUEST("UPDATE",
             POD(CONTAINER("c", "nginx:1")) ",'oldObject':{'metadata':{},'spec':{"
                                            "'containers':[" CONTAINER("c", "nginx:1") "]"
                                                                                       "}"
                                                                                       "}"),
     true, VERDICT_ALLOW, ""},
    {"of what is deleted", MIRROR, REQUEST("DELETE", "'oldObject':{}"), true, VERDICT_ALLOW, ""},
    {"whatever the mode",
     POLICY("p", "rules: [{name: m, allow: [m.io]}]")
         POLICY("a", "mode: audit, mutate: {rewrite: [{from: docker.io, to: m.io/hub/**}]}"),
     ONE("nginx:1"), true, VERDICT_ALLOW,
     "[" PATCH("0", "nginx:1", "m.io/hub/library/nginx:1") "]"},
    {"by the namespace, then by the cluster",
     NAMESPACED("team", "shop", "mutate: {rewrite: [{from: ghcr.io, to: docker.io/g/**}]}") MIRROR,
     ONE("ghcr.io/a:1"), true, VERDICT_ALLOW, "[" PATCH("0", "ghcr.io/a:1", "m.io/hub/g/a:1") "]"},
    {"a reference that cannot be read is not rewritten", MIRROR, ONE("Nginx"), true, VERDICT_DENY,
     ""},
    {"a short name that is rewritten is written out",
     MIRROR POLICY("q", "rules: [{name: f, require: [fullyQualified]}]"), ONE("nginx:1"), true,
     VERDICT_ALLOW, "[" PATCH("0", "nginx:1", "m.io/hub/library/nginx:1") "]"},
};

static void rewritten(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct walk walk;
        walk_start(&walk, CASES[i].policies, CASES[i].body);
        walk.options.mutate = CASES[i].mutate;
        enum verdict verdict = walk_run(&walk);
        bool same = str_eq(walk.answer.patch, str_from(CASES[i].patch));
        if (verdict != CASES[i].verdict || !same) {
            print_error("%s: %s, patch %.*s, %.*s\n", CASES[i].name, verdict_name(verdict),
                        STR_ARG(walk.answer.patch), STR_ARG(walk.answer.message));
        }
        walk_done(&walk);
        assert_true(verdict == CASES[i].verdict && same);
    }
}

/* The message tells both what was written and what was judged. */
static void words(void **state)
{
    (void)state;
    struct walk walk;
    walk_start(&walk, MIRROR POLICY("not", "rules: [{name: s, deny: ['**/nginx']}]"),
               ONE("nginx:1"));
    walk.options.mutate = true;
    assert_int_equal(walk_run(&walk), VERDICT_DENY);
    assert_str(walk.answer.message,
               "spec.containers[0].image \"nginx:1\" (rewritten to \"m.io/hub/library/nginx:1\"): "
               "policy not, rule s: it matches \"**/nginx\", which is not allowed; use another "
               "image");
    assert_true(walk.decision.images[0].rewritten);
    walk_done(&walk);
}

/* A patch that cannot be made is an error and no admission. */
static void no_such_place(void **state)
{
    (void)state;
    struct walk walk;
    walk_start(&walk, MIRROR, ONE("nginx:1"));
    walk.options.mutate = true;
    walk.review.images[0].pointer = STR("/spec/containers/7/image");
    status st = evaluate_review(walk.set, &walk.review, &walk.options, &walk.arena, &walk.decision,
                                &walk.answer, &walk.err);
    assert_true(failed(st));
    assert_int_equal(walk.err.kind, ERROR_INPUT);
    assert_int_equal(walk.decision.verdict, VERDICT_UNDECIDED);
    assert_false(walk.answer.allowed);
    walk_done(&walk);
}

/* Without an object there is nothing to patch, so what is written is what is judged. */
static void no_object(void **state)
{
    (void)state;
    struct walk walk;
    walk_start(&walk, MIRROR, ONE("nginx:1"));
    walk.options.mutate = true;
    walk.review.object = NULL;
    assert_int_equal(walk_run(&walk), VERDICT_DENY);
    walk_done(&walk);
}

int rewrite_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rewritten),
        cmocka_unit_test(words),
        cmocka_unit_test(no_such_place),
        cmocka_unit_test(no_object),
    };
    return cmocka_run_group_tests_name("rewrite", tests, NULL, NULL);
}

#include "test.h"

#include "base/clock.h"

/* From the bytes of a review to the verdict. */

#define PASS "rules: [{name: r, deny: ['**:never']}]"
#define FAIL "rules: [{name: r, deny: ['**']}]"
#define HUB  "rules: [{name: hub, allow: [docker.io]}]"

static const struct {
    const char *name, *policies, *body;
    enum verdict verdict;
} CASES[] = {
    {"an image that every rule allows", POLICY("p", PASS), ONE("nginx"), VERDICT_ALLOW},
    {"an image that a rule denies", POLICY("p", FAIL), ONE("nginx"), VERDICT_DENY},
    {"no policy covers it", POLICY("p", "images: [ghcr.io], " PASS), ONE("nginx"), VERDICT_DENY},
    {"one of several images", POLICY("p", HUB),
     CREATE(CONTAINER("a", "nginx") "," CONTAINER("b", "ghcr.io/a/b")), VERDICT_DENY},
    {"one of several is not covered", POLICY("p", "images: [docker.io], " PASS),
     CREATE(CONTAINER("a", "nginx") "," CONTAINER("b", "ghcr.io/a/b")), VERDICT_DENY},
    {"all of several images", POLICY("p", HUB),
     CREATE(CONTAINER("a", "nginx") "," CONTAINER("b", "docker.io/a/b")), VERDICT_ALLOW},
    {"an init container", POLICY("p", HUB),
     REQUEST("CREATE",
             "'object':{'spec':{'containers':[" CONTAINER(
                 "a", "nginx") "],'initContainers':[" CONTAINER("b", "ghcr.io/a/b") "]}}"),
     VERDICT_DENY},
    {"an image volume", POLICY("p", HUB),
     REQUEST("CREATE",
             "'object':{'spec':{'containers':[" CONTAINER(
                 "a", "nginx") "],'volumes':[{'name':'v','image':{'reference':'ghcr.io/a/b'}}]}}"),
     VERDICT_DENY},
    {"no images", POLICY("p", FAIL), CREATE(""), VERDICT_ALLOW},
    {"deleting", POLICY("p", FAIL), REQUEST("DELETE", "'object':null"), VERDICT_ALLOW},
    {"an object that cannot be judged", POLICY("p", PASS),
     REQUEST("CREATE", "'object':{'spec':{'containers':{}}}"), VERDICT_DENY},
    {"an update of what is as it was", POLICY("p", FAIL),
     REQUEST("UPDATE", POD(CONTAINER("c", "nginx")) ",'oldObject':{'metadata':{},'spec':{"
                                                    "'containers':[" CONTAINER("c", "nginx") "]}}"),
     VERDICT_ALLOW},
    {"an update that changes an image", POLICY("p", FAIL),
     REQUEST("UPDATE",
             POD(CONTAINER("c", "nginx")) ",'oldObject':{'metadata':{},'spec':{"
                                          "'containers':[" CONTAINER("c", "nginx:1") "]}}"),
     VERDICT_DENY},
    {"warnings alone", POLICY("p", "mode: warn, " FAIL), ONE("nginx"), VERDICT_ALLOW},
    {"audits alone", POLICY("p", "mode: audit, " FAIL), ONE("nginx"), VERDICT_ALLOW},
    {"a warning and a denial", POLICY("p", "mode: warn, " FAIL) POLICY("q", FAIL), ONE("nginx"),
     VERDICT_DENY},
    {"a policy of the namespace denies", POLICY("p", PASS) NAMESPACED("q", "shop", FAIL),
     ONE("nginx"), VERDICT_DENY},
    {"a policy of the namespace covers nothing", NAMESPACED("q", "shop", PASS), ONE("nginx"),
     VERDICT_DENY},
    {"a policy of another namespace", POLICY("p", PASS) NAMESPACED("q", "other", FAIL),
     ONE("nginx"), VERDICT_ALLOW},
    {"an exception",
     POLICY("p", FAIL)
         EXCEPTION("e", "policies: [p], until: 2026-06-01T00:00:00.000000001Z, reason: x"),
     ONE("nginx"), VERDICT_ALLOW},
    {"an exception that ends now",
     POLICY("p", FAIL) EXCEPTION("e", "policies: [p], until: 2026-06-01T00:00:00Z, reason: x"),
     ONE("nginx"), VERDICT_DENY},
    {"an exception of another rule",
     POLICY("p", FAIL)
         EXCEPTION("e", "policies: [p], rules: [s], until: 2027-01-01T00:00:00Z, reason: x"),
     ONE("nginx"), VERDICT_DENY},
    {"no reference", POLICY("p", PASS), ONE("Nginx"), VERDICT_DENY},
    {"the ID of an image", POLICY("p", PASS), ONE("sha256:" HEX64), VERDICT_DENY},
    {"an ImageReview", POLICY("p", "match: {kinds: [Pod], operations: [CREATE, UPDATE]}, " HUB),
     "{'kind':'ImageReview','apiVersion':'imagepolicy.k8s.io/v1alpha1','spec':{'containers':[{"
     "'image':'nginx'}],'namespace':'shop'}}",
     VERDICT_ALLOW},
    {"what an ImageReview does not tell covers nothing",
     POLICY("p", "match: {users: [alice], operations: [CREATE], objectSelector: {matchLabels: {a: "
                 "b}}}, " HUB),
     "{'kind':'ImageReview','apiVersion':'imagepolicy.k8s.io/v1alpha1','spec':{'containers':[{"
     "'image':'nginx'}],'namespace':'shop'}}",
     VERDICT_DENY},
    {"labels of a namespace that are not known cover nothing",
     POLICY("p", "match: {namespaceSelector: {matchLabels: {env: dev}}}, " PASS), ONE("nginx"),
     VERDICT_DENY},
    {"what an ImageReview does not tell counts as matching",
     POLICY("p", PASS) POLICY("q", "match: {users: ['!alice'], operations: [UPDATE], "
                                   "objectSelector: {matchLabels: {a: b}}}, " FAIL),
     "{'kind':'ImageReview','apiVersion':'imagepolicy.k8s.io/v1alpha1','spec':{'containers':[{"
     "'image':'nginx'}],'namespace':'shop'}}",
     VERDICT_DENY},
    {"an ImageReview without a namespace", POLICY("p", PASS) NAMESPACED("q", "other", FAIL),
     "{'kind':'ImageReview','apiVersion':'imagepolicy.k8s.io/v1alpha1','spec':{'containers':[{"
     "'image':'nginx'}]}}",
     VERDICT_DENY},
};

static void verdicts(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct walk walk;
        enum verdict verdict = walk_through(&walk, CASES[i].policies, CASES[i].body);
        walk_done(&walk);
        if (verdict != CASES[i].verdict) {
            fail_msg("%s: %s", CASES[i].name, verdict_name(verdict));
        }
    }
}

/* Where the labels of a namespace are not known, a policy that asks for them applies; where they
 * are known, it applies as they say. */
static void namespace_labels(void **state)
{
    (void)state;
    static const char POLICIES[] = POLICY("p", PASS)
        POLICY("q", "match: {namespaceSelector: {matchLabels: {env: prod}}}, " FAIL);
    static const struct {
        const char *labels; /* NULL: not known */
        enum verdict verdict;
    } LABELS[] = {
        {NULL, VERDICT_DENY},
        {"{'env':'prod'}", VERDICT_DENY},
        {"{'env':'dev'}", VERDICT_ALLOW},
        {"{'env':''}", VERDICT_ALLOW},
        {"{}", VERDICT_ALLOW},
        {"null", VERDICT_ALLOW},
        {"{'env':7}", VERDICT_DENY}, /* not to be read, so not known */
        {"[]", VERDICT_DENY},
    };
    for (size_t i = 0; i < COUNT(LABELS); i++) {
        struct walk walk;
        walk_start(&walk, POLICIES, ONE("nginx"));
        if (LABELS[i].labels != NULL) {
            walk_namespace_labels(&walk, LABELS[i].labels);
        }
        enum verdict verdict = walk_run(&walk);
        walk_done(&walk);
        if (verdict != LABELS[i].verdict) {
            fail_msg("%s: %s", LABELS[i].labels, verdict_name(verdict));
        }
    }
}

/* -- what fails yields nothing at all -- */

static void expect_nothing(struct walk *walk, enum error_kind kind, const char *text)
{
    memset(&walk->decision, 0x5a, sizeof walk->decision);
    memset(&walk->answer, 0x5a, sizeof walk->answer);
    struct decision decision = walk->decision;
    struct review_answer answer = walk->answer;
    assert_true(failed(evaluate_review(walk->set, &walk->review, &walk->options, &walk->arena,
                                       &walk->decision, &walk->answer, &walk->err)));
    assert_int_equal(walk->err.kind, kind);
    assert_string_equal(walk->err.text, text);
    assert_memory_equal(&walk->decision, &decision, sizeof decision);
    assert_memory_equal(&walk->answer, &answer, sizeof answer);
}

static void deadline_over(void **state)
{
    (void)state;
    struct walk walk;
    walk_start(&walk, POLICY("p", PASS), ONE("nginx"));
    walk.options.deadline = clock_monotonic();
    expect_nothing(&walk, ERROR_TIMEOUT, "the time for this review is over");
    walk.options.deadline = 1;
    expect_nothing(&walk, ERROR_TIMEOUT, "the time for this review is over");
    walk.options.deadline = -1;
    expect_nothing(&walk, ERROR_TIMEOUT, "the time for this review is over");
    walk.options.deadline = INT64_MAX;
    assert_int_equal(walk_run(&walk), VERDICT_ALLOW);
    walk.options.deadline = 0; /* none */
    assert_int_equal(walk_run(&walk), VERDICT_ALLOW);
    walk_done(&walk);
}

/* A deadline that passes while the review is judged; it may also pass before, with the same
 * outcome. The work takes many times longer than it allows. */
static void deadline_passes(void **state)
{
    (void)state;
    enum { RULES = LIMIT_RULES_PER_POLICY, POLICIES = 60 };
    buf_auto policies;
    buf_init(&policies, 16 * MIB);
    for (int i = 0; i < POLICIES; i++) {
        buf_printf(&policies, DOCUMENT("ClusterImagePolicy", "name: p%d", "rules: ["), i);
        policies.n -= strlen("}\n");
        for (int j = 0; j < RULES; j++) {
            buf_printf(&policies, "{name: r%d, deny: ['**/*x*y*z*:*a*b*c']}, ", j);
        }
        buf_add_cstr(&policies, "]}\n");
    }
    buf_add_char(&policies, '\0');
    struct walk walk;
    walk_start(&walk, policies.p,
               CREATE(CONTAINER("a", "nginx:xyzabc") "," CONTAINER("b", "nginx:x")));
    assert_int_equal(walk_run(&walk), VERDICT_ALLOW);
    walk.options.deadline = clock_monotonic() + 20 * NS_PER_US;
    expect_nothing(&walk, ERROR_TIMEOUT, "the time for this review is over");
    walk_done(&walk);
}

/* More rules than one review may have judged: none is, and it is denied. */
static void plan_overflow(void **state)
{
    (void)state;
    enum { RULES = LIMIT_RULES_PER_POLICY, FITTING = PLAN_ITEMS_MAX / RULES };
    buf_auto policies;
    buf_auto body;
    buf_init(&policies, MIB);
    buf_init(&body, MIB);
    buf_add_cstr(&policies, DOCUMENT("ClusterImagePolicy", "name: p", "rules: ["));
    policies.n -= strlen("}\n");
    for (int j = 0; j < RULES; j++) {
        buf_printf(&policies, "{name: r%d, deny: ['**:never']}, ", j);
    }
    buf_add_cstr(&policies, "]}\n");
    buf_add_char(&policies, '\0');
    for (size_t more = 0; more < 2; more++) {
        buf_clear(&body);
        buf_add_cstr(&body, REQUEST("CREATE", "'object':{'metadata':{},'spec':{'containers':["));
        body.n -= strlen("}}");
        for (size_t i = 0; i < FITTING + more; i++) {
            buf_printf(&body, "%s" CONTAINER("c%zu", "nginx"), i == 0 ? "" : ",", i);
        }
        buf_add_cstr(&body, "]}}}}");
        buf_add_char(&body, '\0');
        struct walk walk;
        enum verdict verdict = walk_through(&walk, policies.p, body.p);
        assert_int_equal(verdict, more == 0 ? VERDICT_ALLOW : VERDICT_DENY);
        if (more > 0) {
            assert_str(walk.answer.message, "more than 65536 rules would have to be judged for the "
                                            "images of one object");
            assert_int_equal(walk.answer.n_causes, 0);
        }
        walk_done(&walk);
    }
}

static void image_limit(void **state)
{
    (void)state;
    buf_auto body;
    buf_init(&body, MIB);
    for (size_t n = LIMIT_IMAGES_PER_REVIEW; n <= LIMIT_IMAGES_PER_REVIEW + 1; n++) {
        buf_clear(&body);
        buf_add_cstr(&body, REQUEST("CREATE", "'object':{'metadata':{},'spec':{'containers':["));
        body.n -= strlen("}}");
        for (size_t i = 0; i < n; i++) {
            buf_printf(&body, "%s" CONTAINER("c%zu", "nginx"), i == 0 ? "" : ",", i);
        }
        buf_add_cstr(&body, "]}}}}");
        buf_add_char(&body, '\0');
        struct walk walk;
        enum verdict verdict = walk_through(&walk, POLICY("p", PASS), body.p);
        bool fits = n == LIMIT_IMAGES_PER_REVIEW;
        assert_int_equal(verdict, fits ? VERDICT_ALLOW : VERDICT_DENY);
        assert_int_equal(walk.decision.n_images, fits ? n : 0);
        assert_str(walk.answer.message, fits ? "" : "the object has more than 512 images");
        walk_done(&walk);
    }
}

int walk_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verdicts),      cmocka_unit_test(namespace_labels),
        cmocka_unit_test(deadline_over), cmocka_unit_test(deadline_passes),
        cmocka_unit_test(plan_overflow), cmocka_unit_test(image_limit),
    };
    return cmocka_run_group_tests_name("walk", tests, NULL, NULL);
}

#include <string.h>

#include "asking.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"

/* mutate.resolveDigest: the digest is written where a patch can be sent, and what is written is
 * what is judged. */

#define A    "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B    "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define PASS POLICY("all", "rules: [{name: any, deny: ['**:never']}]")
#define PIN  POLICY("pins", "mutate: {resolveDigest: true}")
#define NEED POLICY("need", "rules: [{name: pinned, require: [digest]}]")
#define PATCH(from, to)                                                                            \
    "[{\"op\":\"test\",\"path\":\"/spec/containers/0/image\",\"value\":\"" from                    \
    "\"},{\"op\":\"replace\",\"path\":\"/spec/containers/0/image\",\"value\":\"" to "\"}]"
#define IMAGES(images)                                                                             \
    "{'kind':'ImageReview','apiVersion':'imagepolicy.k8s.io/v1alpha1','spec':{'containers':[{"     \
    "'image':'" images "'}],'namespace':'shop'}}"
#define UPDATE(image, old)                                                                         \
    REQUEST("UPDATE", POD(CONTAINER("c", image)) ",'oldObject':{'metadata':{},'spec':{"            \
                                                 "'containers':[" CONTAINER("c", old) "]}}")
#define LACK(problem, remedy)                                                                      \
    "policy pins, rule resolveDigest: the digest of the tag could not be found out: registry "     \
    "\"docker.io\": " problem "; " remedy
#define DOWN LACK("it is out of order", "try again, or see that the registry can be reached")
#define AT   "spec.containers[0].image \"nginx:1\": "

static void start(struct asking *asking)
{
    asking_start(asking);
    asking_add(asking, "nginx:1", A, ERROR_NONE);
    asking_add(asking, "nginx", B, ERROR_NONE);
    asking_add(asking, "m.io/hub/library/nginx:1", B, ERROR_NONE);
    asking_add(asking, "evil.io/x:1", A, ERROR_NONE);
    asking_add(asking, "down.io/x:1", NULL, ERROR_UPSTREAM);
}

static const struct pin_case {
    const char *name, *policies, *body;
    bool validate;
    enum verdict verdict;
    const char *patch, *asked;
} CASES[] = {
    {"a tag gets its digest", PIN PASS, ONE("nginx:1"), false, VERDICT_ALLOW,
     PATCH("nginx:1", "nginx:1@" A), "docker.io/library/nginx:1 "},
    {"no tag is the one that was asked for", PIN PASS, ONE("nginx"), false, VERDICT_ALLOW,
     PATCH("nginx", "nginx:latest@" B), "docker.io/library/nginx:latest "},
    {"a digest is left", PIN PASS, ONE("nginx:1@" B), false, VERDICT_ALLOW, "", ""},
    {"a validating webhook writes nothing", PIN PASS, ONE("nginx:1"), true, VERDICT_ALLOW, "", ""},
    {"nor does it pass what is not written", PIN NEED, ONE("nginx:1"), true, VERDICT_DENY, "", ""},
    {"what is written is judged", PIN NEED, ONE("nginx:1"), false, VERDICT_ALLOW,
     PATCH("nginx:1", "nginx:1@" A), "docker.io/library/nginx:1 "},
    {"and denied by its digest",
     PIN PASS POLICY("not", "rules: [{name: not-b, deny: ['**@" A "']}]"), ONE("nginx:1"), false,
     VERDICT_DENY, "", "docker.io/library/nginx:1 "},
    {"a tag that is denied stays denied",
     PIN POLICY("l", "rules: [{name: no-latest, deny: ['**:latest']}]"), ONE("nginx"), false,
     VERDICT_DENY, "", ""},
    {"after rewriting",
     PASS POLICY("m", "mutate: {resolveDigest: true, rewrite: [{from: docker.io, to: "
                      "m.io/hub/**}]}"),
     ONE("nginx:1"), false, VERDICT_ALLOW, PATCH("nginx:1", "m.io/hub/library/nginx:1@" B),
     "m.io/hub/library/nginx:1 "},
    {"only images of the policy",
     PASS POLICY("pins", "images: [ghcr.io], mutate: {resolveDigest: "
                         "true}"),
     ONE("nginx:1"), false, VERDICT_ALLOW, "", ""},
    {"only where it certainly applies",
     PASS POLICY("pins", "match: {namespaceSelector: {matchLabels: {a: b}}}, mutate: "
                         "{resolveDigest: true}"),
     ONE("nginx:1"), false, VERDICT_ALLOW, "", ""},
    {"by a policy of the namespace",
     PASS NAMESPACED("pins", "shop", "mutate: {resolveDigest: true}"), ONE("nginx:1"), false,
     VERDICT_ALLOW, PATCH("nginx:1", "nginx:1@" A), "docker.io/library/nginx:1 "},
    {"not of another", PASS NAMESPACED("pins", "debug", "mutate: {resolveDigest: true}"),
     ONE("nginx:1"), false, VERDICT_ALLOW, "", ""},
    {"an ImageReview has no patch", PIN PASS, IMAGES("nginx:1"), false, VERDICT_ALLOW, "", ""},
    {"an update that changes the image", PIN PASS, UPDATE("nginx:1", "nginx:0"), false,
     VERDICT_ALLOW, PATCH("nginx:1", "nginx:1@" A), "docker.io/library/nginx:1 "},
    {"an update that leaves it", PIN PASS, UPDATE("nginx:1", "nginx:1"), false, VERDICT_ALLOW, "",
     ""},
    {"what is deleted", PIN PASS, REQUEST("DELETE", "'oldObject':{}"), false, VERDICT_ALLOW, "",
     ""},
    {"it covers nothing", PIN, ONE("nginx:1"), false, VERDICT_DENY, "", ""},
    {"a registry that is down", PIN PASS, ONE("down.io/x:1"), false, VERDICT_DENY, "",
     "down.io/x:1 "},
    {"of which is warned only", PASS POLICY("pins", "mode: warn, mutate: {resolveDigest: true}"),
     ONE("down.io/x:1"), false, VERDICT_ALLOW, "", "down.io/x:1 "},
    {"or which is recorded", PASS POLICY("pins", "mode: audit, mutate: {resolveDigest: true}"),
     ONE("down.io/x:1"), false, VERDICT_ALLOW, "", "down.io/x:1 "},
    {"the strictest counts", PIN PASS POLICY("too", "mode: audit, mutate: {resolveDigest: true}"),
     ONE("down.io/x:1"), false, VERDICT_DENY, "", "down.io/x:1 "},
    {"an exception excuses it",
     PIN PASS EXCEPTION("e", "policies: [pins], rules: [resolveDigest], until: "
                             "2030-01-01T00:00:00Z, reason: r"),
     ONE("down.io/x:1"), false, VERDICT_ALLOW, "", "down.io/x:1 "},
    {"mode warn pins as well", PASS POLICY("pins", "mode: warn, mutate: {resolveDigest: true}"),
     ONE("nginx:1"), false, VERDICT_ALLOW, PATCH("nginx:1", "nginx:1@" A),
     "docker.io/library/nginx:1 "},
    /* nothing is asked where the reference alone denies ... */
    {"a registry that is not allowed is not asked",
     PIN POLICY("a", "rules: [{name: a, allow: [docker.io, 'ghcr.io/x@" A "']}]"),
     ONE("evil.io/x:1"), false, VERDICT_DENY, "", ""},
    {"an exception for others does not have it asked",
     PIN POLICY("a", "rules: [{name: a, allow: [docker.io]}]")
         EXCEPTION("e", "policies: [a], images: ['ghcr.io/x@" A "'], until: "
                        "2030-01-01T00:00:00Z, reason: r"),
     ONE("evil.io/x:1"), false, VERDICT_DENY, "", ""},
    /* ... but a digest may change that */
    {"one that is allowed by digest",
     PIN POLICY("a", "rules: [{name: a, allow: ['evil.io/x@" A "']}]"), ONE("evil.io/x:1"), false,
     VERDICT_ALLOW, PATCH("evil.io/x:1", "evil.io/x:1@" A), "evil.io/x:1 "},
    {"one that is excused by digest",
     PIN POLICY("a", "rules: [{name: a, allow: [docker.io]}]")
         EXCEPTION("e", "policies: [a], images: ['evil.io/x@" A "'], until: "
                        "2030-01-01T00:00:00Z, reason: r"),
     ONE("evil.io/x:1"), false, VERDICT_ALLOW, PATCH("evil.io/x:1", "evil.io/x:1@" A),
     "evil.io/x:1 "},
    {"one that is covered by digest",
     PIN POLICY("a", "images: ['**@*'], rules: [{name: a, allow: [evil.io]}]"), ONE("evil.io/x:1"),
     false, VERDICT_ALLOW, PATCH("evil.io/x:1", "evil.io/x:1@" A), "evil.io/x:1 "},
    {"one that a policy leaves alone by digest",
     PIN PASS POLICY("a", "images: ['**', '!**@*'], rules: [{name: a, allow: [docker.io]}]"),
     ONE("evil.io/x:1"), false, VERDICT_ALLOW, PATCH("evil.io/x:1", "evil.io/x:1@" A),
     "evil.io/x:1 "},
    {"one that a policy comes to by digest",
     PIN PASS POLICY("a", "images: ['**@*'], rules: [{name: a, allow: [docker.io]}]"),
     ONE("evil.io/x:1"), false, VERDICT_DENY, "", "evil.io/x:1 "},
};

static bool run_case(const struct pin_case *one)
{
    struct asking asking;
    struct walk walk;
    start(&asking);
    walk_start(&walk, one->policies, one->body);
    walk.options.mutate = !one->validate;
    walk.options.source = &asking.source;
    enum verdict verdict = walk_run(&walk);
    bool good = verdict == one->verdict && str_eq(walk.answer.patch, str_from(one->patch)) &&
                strcmp(asking.asked, one->asked) == 0;
    if (!good) {
        print_error("%s: %s, patch %.*s, asked %s, %.*s\n", one->name, verdict_name(verdict),
                    STR_ARG(walk.answer.patch), asking.asked, STR_ARG(walk.answer.message));
    }
    if (one->patch[0] != '\0') { /* asked again, it stays, and a validating webhook agrees */
        walk.review.images[0].text = walk.decision.images[0].text;
        asking.asked[0] = '\0';
        assert_int_equal(walk_run(&walk), VERDICT_ALLOW);
        assert_int_equal(walk.answer.patch.n, 0);
        walk.options.mutate = false;
        assert_int_equal(walk_run(&walk), VERDICT_ALLOW);
        assert_string_equal(asking.asked, "");
    }
    walk_done(&walk);
    asking_done(&asking);
    return good;
}

static void pinned(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(CASES); i++) {
        assert_true(run_case(&CASES[i]));
    }
}

static struct str message_of(struct walk *walk, struct asking *asking, const char *policies,
                             const char *body)
{
    walk_start(walk, policies, body);
    walk->options.mutate = true;
    walk->options.source = asking == NULL ? NULL : &asking->source;
    enum verdict verdict = walk_run(walk);
    return verdict == VERDICT_ALLOW && walk->answer.n_warnings > 0 ? walk->answer.warnings[0]
                                                                   : walk->answer.message;
}

static void words(void **state)
{
    (void)state;
    struct walk walk;
    assert_str(message_of(&walk, NULL, PIN PASS, ONE("nginx:1")),
               AT LACK("no registry is asked here",
                       "see to it that registries are asked, or excuse the rule"));
    assert_int_equal(walk.decision.verdict, VERDICT_DENY);
    walk_done(&walk);
    static const struct {
        enum error_kind kind;
        const char *message;
    } KINDS[] = {
        {ERROR_UPSTREAM, AT DOWN},
        {ERROR_TIMEOUT, AT DOWN},
        {ERROR_INTERNAL, AT DOWN},
        {ERROR_UNAUTHORIZED,
         AT LACK("it is out of order", "give it credentials that may read the image")},
        {ERROR_NOT_FOUND, AT LACK("it is out of order", "use an image that is there")},
        {ERROR_EVIDENCE, AT LACK("it is out of order", "use another image")},
    };
    for (size_t i = 0; i < COUNT(KINDS); i++) {
        struct asking asking;
        asking_start(&asking);
        asking_add(&asking, "nginx:1", NULL, KINDS[i].kind);
        assert_str(message_of(&walk, &asking, PIN PASS, ONE("nginx:1")), KINDS[i].message);
        assert_int_equal(walk.decision.verdict, VERDICT_DENY);
        walk_done(&walk);
        assert_str(message_of(&walk, &asking,
                              PASS POLICY("pins", "mode: warn, mutate: {resolveDigest: true}"),
                              ONE("nginx:1")),
                   KINDS[i].message);
        assert_int_equal(walk.decision.verdict, VERDICT_ALLOW);
        assert_false(walk.decision.images[0].rewritten);
        walk_done(&walk);
        asking_done(&asking);
    }
}

/* What is known by one name is asked for once, whatever it is written like. */
static void once(void **state)
{
    (void)state;
    struct asking asking;
    struct walk walk;
    start(&asking);
    walk_start(
        &walk, PIN PASS,
        CREATE(CONTAINER("a", "nginx:1") "," CONTAINER("b", "docker.io/nginx:1") "," CONTAINER(
            "c", "index.docker.io/library/nginx:1") "," CONTAINER("d", "nginx")));
    walk.options.mutate = true;
    walk.options.source = &asking.source;
    assert_int_equal(walk_run(&walk), VERDICT_ALLOW);
    assert_int_equal(asking.calls, 1);
    assert_string_equal(asking.asked, "docker.io/library/nginx:1 docker.io/library/nginx:latest ");
    assert_str(walk.decision.images[1].text, "docker.io/nginx:1@" A);
    assert_str(walk.decision.images[2].text, "index.docker.io/library/nginx:1@" A);
    assert_str(walk.decision.images[3].text, "nginx:latest@" B);
    walk_done(&walk);
    asking_done(&asking);
}

/* A tag that moves after it was written down changes nothing: it is not asked for again. */
static void moved(void **state)
{
    (void)state;
    const char *policies = PIN NEED POLICY("not", "rules: [{name: not-b, deny: ['**@" B "']}]");
    struct asking asking;
    struct walk walk;
    asking_start(&asking);
    struct script_image *image = asking_add(&asking, "nginx:1", A, ERROR_NONE);
    walk_start(&walk, policies, ONE("nginx:1"));
    walk.options.mutate = true;
    walk.options.source = &asking.source;
    assert_int_equal(walk_run(&walk), VERDICT_ALLOW);
    assert_str(walk.decision.images[0].text, "nginx:1@" A);
    assert_int_equal(asking.calls, 1);
    image->evidence.digest = str_from(B);
    walk.review.images[0].text = walk.decision.images[0].text;
    walk.options.mutate = false;
    assert_int_equal(walk_run(&walk), VERDICT_ALLOW);
    assert_str(walk.decision.images[0].text, "nginx:1@" A);
    assert_int_equal(asking.calls, 1);
    walk_done(&walk);
    /* asked anew, the tag is what it is now */
    walk_start(&walk, policies, ONE("nginx:1"));
    walk.options.mutate = true;
    walk.options.source = &asking.source;
    assert_int_equal(walk_run(&walk), VERDICT_DENY);
    assert_int_equal(asking.calls, 2);
    walk_done(&walk);
    asking_done(&asking);
}

/* What failed only until the digest was written takes no words from what fails with it. */
static void many(void **state)
{
    (void)state;
    const char *policies = PIN NEED POLICY("not", "rules: [{name: not-a, deny: ['**@" A "']}]");
    struct asking asking;
    struct walk walk;
    buf_auto containers, request;
    buf_init(&containers, 16 * KIB);
    buf_init(&request, 32 * KIB);
    for (size_t i = 0; i <= LIMIT_VIOLATIONS; i++) {
        buf_add_cstr(&containers, i == 0 ? "" : ",");
        buf_add_cstr(&containers, CONTAINER("c", "nginx:1"));
    }
    buf_printf(&request, CREATE("%.*s"), STR_ARG(buf_str(&containers)));
    buf_add_char(&request, '\0');
    start(&asking);
    walk_start(&walk, policies, request.p);
    walk.options.mutate = true;
    walk.options.source = &asking.source;
    assert_int_equal(walk_run(&walk), VERDICT_DENY);
    assert_int_equal(walk.decision.n_violations, LIMIT_VIOLATIONS);
    for (size_t i = 0; i < LIMIT_VIOLATIONS; i++) {
        assert_str(walk.decision.violations[i].reason,
                   "it matches \"**@" A "\", which is not allowed; use another image");
    }
    walk_done(&walk);
    asking_done(&asking);
}

/* An answer that cannot be right is none. */
static void wrong_answers(void **state)
{
    (void)state;
    static const char *const DIGESTS[] = {"sha256:aa", "A", "md5:0123", A " ", "sha256:"};
    for (size_t i = 0; i < COUNT(DIGESTS); i++) {
        struct asking asking;
        struct walk walk;
        asking_start(&asking);
        asking_add(&asking, "nginx:1", DIGESTS[i], ERROR_NONE);
        assert_str(message_of(&walk, &asking, PIN PASS, ONE("nginx:1")),
                   AT LACK("the answer has a digest that is none", "use another image"));
        walk_done(&walk);
        asking_done(&asking);
    }
}

/* Nothing is decided, and nothing counted, where it takes time. */
static void later(void **state)
{
    (void)state;
    struct asking asking;
    struct walk walk;
    start(&asking);
    asking.takes_time = true;
    walk_start(&walk, PIN PASS, ONE("nginx:1"));
    walk.options.mutate = true;
    walk.options.inline_only = true;
    walk.options.source = &asking.source;
    assert_int_equal(walk_run(&walk), VERDICT_UNDECIDED);
    assert_true(walk.decision.later);
    assert_false(walk.answer.allowed);
    assert_int_equal(walk.decision.n_images, 0);
    walk.options.inline_only = false;
    assert_int_equal(walk_run(&walk), VERDICT_ALLOW);
    assert_false(walk.decision.later);
    assert_int_equal(asking.calls, 2);
    walk_done(&walk);
    asking_done(&asking);
}

/* The source has less time than the review, so that what it does not answer can still be told. */
static void time_left(void **state)
{
    (void)state;
    struct asking asking;
    struct walk walk;
    start(&asking);
    walk_start(&walk, PIN PASS, ONE("nginx:1"));
    walk.options.mutate = true;
    walk.options.source = &asking.source;
    int64_t now = clock_monotonic();
    walk.options.deadline = now + 1000 * NS_PER_S;
    assert_int_equal(walk_run(&walk), VERDICT_ALLOW);
    assert_true(asking.deadline >= now + 900 * NS_PER_S);
    assert_true(asking.deadline < now + 1000 * NS_PER_S);
    walk_done(&walk);
    asking_done(&asking);
}

int pin_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pinned), cmocka_unit_test(words),     cmocka_unit_test(once),
        cmocka_unit_test(moved),  cmocka_unit_test(many),      cmocka_unit_test(wrong_answers),
        cmocka_unit_test(later),  cmocka_unit_test(time_left),
    };
    return cmocka_run_group_tests_name("pin", tests, NULL, NULL);
}

#include <string.h>

#include "asking.h"
#include "base/clock.h"
#include "oci/image.h"

/* staleWhileUnreachable: the last digest of a tag is written where every policy allows it that
 * wants to know something of the image, and nowhere else. */

#define A                "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define PASS             POLICY("all", "rules: [{name: any, deny: ['**:never']}]")
#define NEED             POLICY("need", "rules: [{name: pinned, require: [digest]}]")
#define PIN(name, more)  POLICY(name, "mutate: {resolveDigest: true}" more)
#define LOOK(name, more) POLICY(name, "rules: [{name: small, image: {maxLayers: 9}}]" more)
#define FOR(time)        ", staleWhileUnreachable: " time
#define AT               "spec.containers[0].image \"nginx:1\": "

/* Start, where nginx:1 had digest A two hours ago and now cannot be asked for. */
static void start(struct asking *asking, enum error_kind kind, bool image)
{
    static const struct oci_platform_image PLATFORM = {
        .known = true, .manifest = {.media_type = {OCI_MANIFEST, sizeof OCI_MANIFEST - 1}}};
    static const struct oci_image IMAGE = {
        .digest = {A, sizeof A - 1}, .images = (void *)(uintptr_t)&PLATFORM, .n_images = 1};
    asking_start(asking);
    struct script_image *one = asking_add(asking, "nginx:1", NULL, kind);
    one->evidence.digest = STR(A);
    one->evidence.stale = true;
    one->evidence.age = 2 * 3600 * NS_PER_S;
    one->evidence.image = image ? &IMAGE : NULL;
}

static const struct stale_case {
    const char *name, *policies, *body;
    bool validate, denied;
} CASES[] = {
    {"a policy that allows it", PIN("pins", FOR("2h")) PASS, ONE("nginx:1"), false, false},
    {"one that does not", PIN("pins", "") PASS, ONE("nginx:1"), false, true},
    {"one for which it is too old", PIN("pins", FOR("7199s")) PASS, ONE("nginx:1"), false, true},
    {"the shortest time counts", PIN("pins", FOR("3h")) PIN("too", FOR("1h")) PASS, ONE("nginx:1"),
     false, true},
    {"in any order", PIN("pins", FOR("1h")) PIN("too", FOR("3h")) PASS, ONE("nginx:1"), false,
     true},
    {"both are long enough", PIN("pins", FOR("3h")) PIN("too", FOR("2h")) PASS, ONE("nginx:1"),
     false, false},
    {"one of them says nothing", PIN("pins", FOR("3h")) PIN("too", "") PASS, ONE("nginx:1"), false,
     true},
    {"one that only warns says nothing", PIN("pins", FOR("3h")) PIN("too", ", mode: warn") PASS,
     ONE("nginx:1"), false, true},
    {"one that is about other images says nothing",
     PIN("pins", FOR("3h")) PIN("too", ", images: [ghcr.io]") PASS, ONE("nginx:1"), false, false},
    {"one of the namespace says nothing",
     PIN("pins", FOR("3h")) PASS NAMESPACED("too", "shop", "mutate: {resolveDigest: true}"),
     ONE("nginx:1"), false, true},
    {"one that asks nobody has no say", PIN("pins", FOR("3h")) PASS NEED, ONE("nginx:1"), false,
     false},
    {"a rule about the image, too", PIN("pins", FOR("3h")) LOOK("looks", FOR("3h")), ONE("nginx:1"),
     false, false},
    {"whose policy says nothing", PIN("pins", FOR("3h")) LOOK("looks", ""), ONE("nginx:1"), false,
     true},
    {"whose policy says less", PIN("pins", FOR("3h")) LOOK("looks", FOR("1h")), ONE("nginx:1"),
     false, true},
    {"one that comes to it by its digest",
     PIN("pins", FOR("3h")) PASS LOOK("looks", ", images: ['**@*']" FOR("3h")), ONE("nginx:1"),
     false, false},
    {"that says nothing", PIN("pins", FOR("3h")) PASS LOOK("looks", ", images: ['**@*']"),
     ONE("nginx:1"), false, true},
    {"that says less", PIN("pins", FOR("3h")) PASS LOOK("looks", ", images: ['**@*']" FOR("1h")),
     ONE("nginx:1"), false, true},
    {"a digest that is denied stays denied",
     PIN("pins", FOR("3h")) PASS POLICY("not", "rules: [{name: not-a, deny: ['**@" A "']}]"),
     ONE("nginx:1"), false, true},
    /* a tag that is not written as a digest is no stale answer's to judge */
    {"a validating webhook", PIN("pins", FOR("3h")) LOOK("looks", FOR("3h")), ONE("nginx:1"), true,
     true},
    {"a rule about the image alone", LOOK("looks", FOR("3h")), ONE("nginx:1"), false, true},
    {"twice in a Pod", PIN("pins", FOR("3h")) PASS,
     CREATE(CONTAINER("a", "nginx:1") "," CONTAINER("b", "docker.io/nginx:1")), false, false},
};

static void walk_with(struct walk *walk, struct asking *asking, const char *policies,
                      const char *body)
{
    walk_start(walk, policies, body);
    walk->options.mutate = true;
    walk->options.source = &asking->source;
}

static void strictest(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct asking asking;
        struct walk walk;
        start(&asking, ERROR_UPSTREAM, true);
        walk_with(&walk, &asking, CASES[i].policies, CASES[i].body);
        walk.options.mutate = !CASES[i].validate;
        enum verdict verdict = walk_run(&walk);
        if (verdict != (CASES[i].denied ? VERDICT_DENY : VERDICT_ALLOW)) {
            fail_msg("%s: %s: %.*s", CASES[i].name, verdict_name(verdict),
                     STR_ARG(walk.answer.message));
        }
        for (size_t j = 0; !CASES[i].denied && j < walk.decision.n_images; j++) {
            assert_true(walk.decision.images[j].rewritten);
            assert_true(str_ends(walk.decision.images[j].text, STR(":1@" A)));
            assert_true(walk.decision.images[j].stale.n > 0);
        }
        walk_done(&walk);
        asking_done(&asking);
    }
}

/* Only silence is softened; never what the registry says, nor what is wrong here. */
static void kinds(void **state)
{
    (void)state;
    for (enum error_kind kind = ERROR_NONE + 1; kind < ERROR_KIND_COUNT; kind++) {
        struct asking asking;
        struct walk walk;
        start(&asking, kind, true);
        walk_with(&walk, &asking, PIN("pins", FOR("3h")) LOOK("looks", FOR("3h")), ONE("nginx:1"));
        bool allowed = walk_run(&walk) == VERDICT_ALLOW;
        assert_int_equal(allowed, kind == ERROR_UPSTREAM || kind == ERROR_TIMEOUT);
        assert_int_equal(walk.answer.patch.n > 0, allowed);
        walk_done(&walk);
        asking_done(&asking);
    }
}

/* What is written is a digest, of which a validating webhook asks no tag. */
static void the_whole_pair(void **state)
{
    (void)state;
    struct asking asking;
    struct walk walk;
    start(&asking, ERROR_UPSTREAM, true);
    walk_with(&walk, &asking, PIN("pins", FOR("3h")) LOOK("looks", FOR("3h")) NEED, ONE("nginx:1"));
    assert_int_equal(walk_run(&walk), VERDICT_ALLOW);
    assert_int_equal(walk.answer.n_warnings, 1);
    assert_str(walk.answer.warnings[0],
               AT "registry \"docker.io\" cannot be reached; the digest that the tag had 2 h ago "
                  "is used: " A ": it is out of order");
    assert_str(walk_annotation(&walk, "stale-digests"), "1");
    walk.review.images[0].text = walk.decision.images[0].text;
    walk.options.mutate = false;
    asking.asked[0] = '\0';
    assert_int_equal(walk_run(&walk), VERDICT_ALLOW);
    assert_string_equal(asking.asked, "docker.io/library/nginx@" A " ");
    assert_int_equal(walk.answer.n_warnings, 0);
    assert_str(walk_annotation(&walk, "stale-digests"), "");
    walk_done(&walk);
    asking_done(&asking);
}

/* The image itself could not be looked at: that is lacking, though its digest is not. */
static void an_image_that_is_not_known(void **state)
{
    (void)state;
    struct asking asking;
    struct walk walk;
    start(&asking, ERROR_UPSTREAM, false);
    walk_with(&walk, &asking, PIN("pins", FOR("3h")) LOOK("looks", FOR("3h")), ONE("nginx:1"));
    assert_int_equal(walk_run(&walk), VERDICT_DENY);
    walk_done(&walk);
    walk_with(&walk, &asking,
              PIN("pins", FOR("3h"))
                  POLICY("looks", "rules: [{name: small, image: {maxLayers: 9}, onError: "
                                  "warn}], staleWhileUnreachable: 3h"),
              ONE("nginx:1"));
    assert_int_equal(walk_run(&walk), VERDICT_ALLOW);
    assert_int_equal(walk.answer.n_warnings, 2);
    walk_done(&walk);
    asking_done(&asking);
}

static void words(void **state)
{
    (void)state;
    static const struct {
        int64_t seconds;
        const char *words;
    } AGES[] = {{0, "0 s"},    {119, "119 s"},   {120, "2 min"},  {7199, "119 min"},
                {7200, "2 h"}, {172799, "47 h"}, {172800, "2 d"}, {604800, "7 d"}};
    for (size_t i = 0; i < COUNT(AGES); i++) {
        struct asking asking;
        struct walk walk;
        char wanted[64];
        start(&asking, ERROR_TIMEOUT, false);
        asking.images[0].evidence.age = AGES[i].seconds * NS_PER_S;
        walk_with(&walk, &asking, PIN("pins", FOR("7d")) PASS, ONE("nginx:1"));
        assert_int_equal(walk_run(&walk), VERDICT_ALLOW);
        snprintf(wanted, sizeof wanted, "the digest that the tag had %s ago is used",
                 AGES[i].words);
        assert_non_null(strstr(walk.answer.warnings[0].p, wanted));
        walk_done(&walk);
        asking_done(&asking);
    }
}

/* Text of a registry steers nothing. */
static void hostile_text(void **state)
{
    (void)state;
    struct asking asking;
    struct walk walk;
    start(&asking, ERROR_UPSTREAM, false);
    asking.images[0].evidence.problem = STR("\x1b[2J\r\nWarning: all is well\xe2\x80\xae");
    walk_with(&walk, &asking, PIN("pins", FOR("7d")) PASS, ONE("nginx:1"));
    assert_int_equal(walk_run(&walk), VERDICT_ALLOW);
    assert_null(memchr(walk.answer.warnings[0].p, '\x1b', walk.answer.warnings[0].n));
    assert_null(memchr(walk.answer.warnings[0].p, '\n', walk.answer.warnings[0].n));
    walk_done(&walk);
    asking_done(&asking);
}

/* A source that gives what it was not asked for. */
static status older(void *self, const struct evidence_round *round, struct arena *arena,
                    struct evidence *ret_evidence, bool *ret_later, struct error *err)
{
    (void)arena, (void)ret_later, (void)err;
    for (size_t i = 0; i < round->n; i++) {
        ret_evidence[i] = *(const struct evidence *)self;
    }
    return OK;
}

static void a_source_that_gives_more(void **state)
{
    (void)state;
    struct evidence given = {.digest = STR(A),
                             .problem = STR("away"),
                             .problem_kind = ERROR_UPSTREAM,
                             .stale = true,
                             .age = 3600 * NS_PER_S};
    const struct evidence_source source = {&given, older};
    static const struct {
        const char *policies;
        int64_t more;
        enum error_kind kind;
        bool allowed;
    } GIVEN[] = {
        {PIN("pins", FOR("1h")) PASS, 0, ERROR_UPSTREAM, true},
        {PIN("pins", FOR("1h")) PASS, 1, ERROR_UPSTREAM, false},
        {PIN("pins", "") PASS, 0, ERROR_UPSTREAM, false},
        {PIN("pins", FOR("1h")) PASS, 0, ERROR_NOT_FOUND, false},
        {PIN("pins", FOR("1h")) PASS, 0, ERROR_NONE, false},
    };
    for (size_t i = 0; i < COUNT(GIVEN); i++) {
        struct walk walk;
        given.age = 3600 * NS_PER_S + GIVEN[i].more;
        given.problem_kind = GIVEN[i].kind;
        walk_start(&walk, GIVEN[i].policies, ONE("nginx:1"));
        walk.options.mutate = true;
        walk.options.source = &source;
        assert_int_equal(walk_run(&walk), GIVEN[i].allowed ? VERDICT_ALLOW : VERDICT_DENY);
        walk_done(&walk);
    }
}

int stale_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strictest),
        cmocka_unit_test(kinds),
        cmocka_unit_test(the_whole_pair),
        cmocka_unit_test(an_image_that_is_not_known),
        cmocka_unit_test(words),
        cmocka_unit_test(hostile_text),
        cmocka_unit_test(a_source_that_gives_more),
    };
    return cmocka_run_group_tests_name("stale", tests, NULL, NULL);
}

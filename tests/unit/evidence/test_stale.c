/* The last digest of a tag, while its registry cannot be reached. The time by which answers age is
 * the test's, and so is the network. */
#include <string.h>

#include "test.h"

#include "base/clock.h"
#include "base/limits.h"
#include "crypto/digest.h"
#include "evidence/answer.h"

#define HOUR  (3600 * NS_PER_S)
#define OTHER "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define TYPE  "application/vnd.oci.image.manifest.v1+json"

static const char CONFIG[] = "{\"os\":\"linux\",\"architecture\":\"arm64\",\"rootfs\":"
                             "{\"type\":\"layers\",\"diff_ids\":[]}}";

/* How the network answers. */
static struct {
    enum error_kind failure; /* ERROR_NONE: with `status` */
    unsigned status;
    const char *digest; /* what HEAD tells of the tag */
    unsigned by_digest; /* the status of what is asked for by digest; 0: as all else */
    unsigned sent;
} network;

static struct arena arena;
static struct registry *registry;
static struct registries *registries;
static int64_t now;
static atomic_bool cancel;
static struct str config_digest, manifest, digest;
static const struct asker NOBODY = {.scope = {"", 0}};

static struct str body_of(struct str url)
{
    if (memmem(url.p, url.n, digest.p, digest.n) != NULL) {
        return manifest;
    }
    bool config = memmem(url.p, url.n, config_digest.p, config_digest.n) != NULL;
    return config ? str_from(CONFIG) : STR_EMPTY;
}

static status send_request(void *self, const struct fetch_request *request, struct arena *its,
                           struct fetch_answer *ret_answer, struct error *err)
{
    (void)self;
    struct str body = body_of(request->url);
    bool named = body.n > 0;
    network.sent++;
    unsigned status_now = named && network.by_digest != 0 ? network.by_digest : network.status;
    if (network.failure != ERROR_NONE && !(named && network.by_digest != 0)) {
        return error_set(err, network.failure, "registry.example: no luck");
    }
    struct fetch_header *headers = ARENA_ARRAY(its, struct fetch_header, 2);
    headers[0] = (struct fetch_header){STR("Content-Type"), STR(TYPE)};
    headers[1] = (struct fetch_header){STR("Docker-Content-Digest"), str_from(network.digest)};
    *ret_answer = (struct fetch_answer){status_now, headers, named ? 1 : 2,
                                        status_now == 200 ? body : STR_EMPTY};
    return OK;
}

static struct fetch make_port(void *self)
{
    static const struct fetch_port PORT = {send_request};
    return (struct fetch){&PORT, self};
}

static void free_port(void *self, struct fetch *port)
{
    (void)self;
    *port = (struct fetch){0};
}

static int64_t tell(void *clock)
{
    (void)clock;
    return now;
}

static void start(int64_t tag_ttl, int64_t failure_ttl)
{
    static const struct registry_ports PORTS = {NULL, make_port, free_port};
    static const struct registry_options OPTIONS = {.ports = &PORTS};
    registry = registry_new(&OPTIONS);
    const struct registries_config config = {
        .registry = registry,
        .cancel = &cancel,
        .max_bytes = 1 << 24,
        .tag_ttl = tag_ttl,
        .failure_ttl = failure_ttl,
        .timeout = 30 * NS_PER_S,
        .now = tell,
    };
    registries = registries_new(&config);
}

static void stop(void)
{
    registries_free(registries);
    registry_free(registry);
}

static int begin(void **state)
{
    (void)state;
    arena_init(&arena, 256 << 20);
    config_digest = digest_of(&arena, STR("sha256"), str_from(CONFIG));
    manifest = arena_printf(&arena,
                            "{\"schemaVersion\":2,\"mediaType\":\"" TYPE "\",\"config\":{"
                            "\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"digest\":"
                            "\"%.*s\",\"size\":%zu},\"layers\":[]}",
                            STR_ARG(config_digest), sizeof CONFIG - 1);
    digest = digest_of(&arena, STR("sha256"), manifest);
    network.failure = ERROR_NONE;
    network.status = 200;
    network.digest = arena_printf(&arena, "%.*s", STR_ARG(digest)).p;
    network.by_digest = network.sent = 0;
    atomic_store(&cancel, false);
    now = 1000 * NS_PER_S;
    start(30 * NS_PER_S, 0);
    return 0;
}

static int end(void **state)
{
    (void)state;
    stop();
    arena_done(&arena);
    return 0;
}

static struct evidence ask_as(const struct asker *asker, int64_t stale_for, unsigned wants,
                              int64_t time)
{
    struct error err;
    struct reference reference;
    struct answer answer;
    assert_false(failed(reference_parse(&arena, STR("registry.example/app:1"), &reference, &err)));
    const struct evidence_query query = {&reference, wants, stale_for};
    if (!answer_at_hand(registries, asker, &query, &arena, &answer)) {
        answer_ask(registries, asker, &query, clock_monotonic() + time, &arena, &answer);
    }
    if (answer.entry != NULL) {
        arena_defer(&arena, image_entry_release, answer.entry);
    }
    return answer.evidence;
}

static struct evidence ask(int64_t stale_for)
{
    return ask_as(&NOBODY, stale_for, EVIDENCE_DIGEST, 20 * NS_PER_S);
}

static void assert_fresh(struct evidence evidence, const char *wanted)
{
    assert_true(str_eq(evidence.digest, str_from(wanted)));
    assert_false(evidence.stale);
    assert_int_equal(evidence.problem.n, 0);
}

static void assert_stale(struct evidence evidence, int64_t age)
{
    assert_true(str_eq(evidence.digest, digest));
    assert_true(str_eq(evidence.media_type, STR(TYPE)));
    assert_true(evidence.stale);
    assert_int_equal(evidence.age, age);
    assert_true(evidence.problem.n > 0);
}

static void assert_none(struct evidence evidence, enum error_kind kind)
{
    assert_int_equal(evidence.digest.n, 0);
    assert_false(evidence.stale);
    assert_null(evidence.image);
    assert_int_equal(evidence.problem_kind, kind);
}

static void the_last_digest_while_it_is_young_enough(void **state)
{
    (void)state;
    assert_fresh(ask(0), network.digest);
    network.failure = ERROR_UPSTREAM;
    now += 30 * NS_PER_S - 1;
    assert_fresh(ask(HOUR), network.digest); /* which is remembered */
    now += HOUR - 30 * NS_PER_S + 1;
    assert_stale(ask(HOUR), HOUR);
    assert_none(ask(HOUR - 1), ERROR_UPSTREAM);
    now += 1;
    assert_none(ask(HOUR), ERROR_UPSTREAM);
    assert_stale(ask(HOUR + 1), HOUR + 1);
    assert_int_equal(registries_counters(registries).stale, 2);
    network.failure = ERROR_NONE;
    network.digest = OTHER;
    assert_fresh(ask(HOUR), OTHER);
}

/* The last one, and never one before it. */
static void a_tag_that_was_moved(void **state)
{
    (void)state;
    network.digest = OTHER;
    assert_fresh(ask(0), OTHER);
    now += HOUR;
    network.digest = arena_printf(&arena, "%.*s", STR_ARG(digest)).p;
    assert_fresh(ask(0), network.digest);
    now += HOUR;
    network.failure = ERROR_UPSTREAM;
    assert_stale(ask(24 * HOUR), HOUR);
}

static void it_ends(void **state)
{
    (void)state;
    const int64_t longest = LIMIT_STALE_SECONDS * NS_PER_S;
    assert_fresh(ask(0), network.digest);
    network.failure = ERROR_UPSTREAM;
    now += longest;
    assert_stale(ask(longest), longest);
    now += 30 * NS_PER_S;
    assert_none(ask(INT64_MAX), ERROR_UPSTREAM);
}

/* Also where answers are not to be remembered, for that says how long one is fresh. */
static void tags_that_are_asked_for_each_time(void **state)
{
    (void)state;
    stop();
    start(0, 0);
    assert_fresh(ask(HOUR), network.digest);
    network.failure = ERROR_UPSTREAM;
    now += 5;
    assert_stale(ask(HOUR), 5);
}

/* What is unreachable, and what speaks: that is newer, and is never forgotten again. */
static const struct {
    const char *name;
    enum error_kind failure;
    unsigned status;
    const char *digest; /* as it is told; NULL: the right one */
    enum error_kind kind;
    bool unreachable;
} FAILURES[] = {
    {"no connection", ERROR_UPSTREAM, 0, NULL, ERROR_UPSTREAM, true},
    {"no time", ERROR_TIMEOUT, 0, NULL, ERROR_TIMEOUT, true},
    {"an error of the server", ERROR_NONE, 500, NULL, ERROR_UPSTREAM, true},
    {"no gateway", ERROR_NONE, 502, NULL, ERROR_UPSTREAM, true},
    {"too many requests", ERROR_NONE, 429, NULL, ERROR_UPSTREAM, true},
    {"gone", ERROR_NONE, 404, NULL, ERROR_NOT_FOUND, false},
    {"let nobody in", ERROR_NONE, 401, NULL, ERROR_UNAUTHORIZED, false},
    {"forbidden", ERROR_NONE, 403, NULL, ERROR_UNAUTHORIZED, false},
    {"no digest", ERROR_NONE, 200, "sha256:xyz", ERROR_EVIDENCE, false},
    {"too large", ERROR_LIMIT, 0, NULL, ERROR_LIMIT, false},
    {"of our own", ERROR_INTERNAL, 0, NULL, ERROR_INTERNAL, false},
    {"not sent", ERROR_INPUT, 0, NULL, ERROR_INPUT, false},
    {"not set up", ERROR_CONFIG, 0, NULL, ERROR_CONFIG, false},
};

static void which_failures(void **state)
{
    (void)state;
    const char *right = network.digest;
    for (size_t i = 0; i < sizeof FAILURES / sizeof *FAILURES; i++) {
        stop();
        start(30 * NS_PER_S, 0);
        network.failure = ERROR_NONE;
        network.status = 200;
        network.digest = right;
        assert_fresh(ask(0), right);
        now += HOUR;
        network.failure = FAILURES[i].failure;
        network.status = FAILURES[i].status;
        network.digest = FAILURES[i].digest == NULL ? right : FAILURES[i].digest;
        struct evidence evidence = ask(2 * HOUR);
        if (evidence.problem_kind != FAILURES[i].kind) {
            fail_msg("%s: %d %.*s", FAILURES[i].name, evidence.problem_kind,
                     STR_ARG(evidence.problem));
        }
        network.failure = ERROR_UPSTREAM;
        struct evidence after = ask(2 * HOUR);
        if (FAILURES[i].unreachable) {
            assert_stale(evidence, HOUR);
            assert_stale(after, HOUR);
        } else {
            assert_none(evidence, FAILURES[i].kind);
            assert_none(after, ERROR_UPSTREAM);
        }
    }
}

/* One that asks with little time, or gives up, has not found out that nobody is there. */
static void time_that_was_not_given(void **state)
{
    (void)state;
    assert_fresh(ask(0), network.digest);
    now += HOUR;
    network.failure = ERROR_TIMEOUT;
    assert_none(ask_as(&NOBODY, 2 * HOUR, EVIDENCE_DIGEST, NS_PER_S / 2), ERROR_TIMEOUT);
    assert_stale(ask_as(&NOBODY, 2 * HOUR, EVIDENCE_DIGEST, 2 * NS_PER_S), HOUR);
    atomic_store(&cancel, true);
    assert_none(ask(2 * HOUR), ERROR_TIMEOUT);
    atomic_store(&cancel, false);
    network.failure = ERROR_UPSTREAM; /* says so at once */
    assert_stale(ask_as(&NOBODY, 2 * HOUR, EVIDENCE_DIGEST, NS_PER_S / 2), HOUR);
}

/* One that is left alone, for it failed too often, is not asked, and what is known is used. */
static void a_registry_that_is_left_alone(void **state)
{
    (void)state;
    assert_fresh(ask(0), network.digest);
    now += HOUR;
    network.failure = ERROR_UPSTREAM;
    for (int i = 0; i < 20; i++) {
        assert_stale(ask(2 * HOUR), HOUR);
    }
    assert_in_range(network.sent, 2, 15);
}

/* A failure that is remembered is answered by what is at hand. */
static void a_failure_that_is_remembered(void **state)
{
    (void)state;
    struct error err;
    struct reference reference;
    struct answer answer;
    stop();
    start(30 * NS_PER_S, 5 * NS_PER_S);
    assert_fresh(ask(0), network.digest);
    now += HOUR;
    network.failure = ERROR_UPSTREAM;
    assert_none(ask(0), ERROR_UPSTREAM);
    assert_false(failed(reference_parse(&arena, STR("registry.example/app:1"), &reference, &err)));
    const struct evidence_query query = {&reference, EVIDENCE_DIGEST, 2 * HOUR};
    assert_true(answer_at_hand(registries, &NOBODY, &query, &arena, &answer));
    assert_stale(answer.evidence, HOUR);
    network.failure = ERROR_NONE;
    network.status = 404;
    now += 6 * NS_PER_S;
    assert_none(ask(2 * HOUR), ERROR_NOT_FOUND);
    assert_true(answer_at_hand(registries, &NOBODY, &query, &arena, &answer));
    assert_none(answer.evidence, ERROR_NOT_FOUND);
}

/* What one asker was told is not told to another. */
static void another_asker(void **state)
{
    (void)state;
    const struct asker other = {.scope = STR("shop")};
    assert_fresh(ask(0), network.digest);
    now += HOUR;
    network.failure = ERROR_UPSTREAM;
    assert_none(ask_as(&other, 2 * HOUR, EVIDENCE_DIGEST, 20 * NS_PER_S), ERROR_UPSTREAM);
    assert_stale(ask(2 * HOUR), HOUR);
}

static struct evidence ask_all(void)
{
    return ask_as(&NOBODY, 2 * HOUR, EVIDENCE_DIGEST | EVIDENCE_IMAGE, 20 * NS_PER_S);
}

/* What an image is, by its digest, cannot change. */
static void what_the_image_is(void **state)
{
    (void)state;
    assert_non_null(ask_all().image);
    now += HOUR;
    network.failure = ERROR_UPSTREAM;
    struct evidence evidence = ask_all();
    assert_stale(evidence, HOUR);
    assert_non_null(evidence.image);
    assert_true(str_eq(evidence.image->digest, digest));
}

static void an_image_that_is_not_known(void **state)
{
    (void)state;
    assert_fresh(ask(0), network.digest);
    now += HOUR;
    network.failure = ERROR_UPSTREAM;
    struct evidence evidence = ask_all();
    assert_stale(evidence, HOUR);
    assert_null(evidence.image);
    assert_int_equal(evidence.problem_kind, ERROR_UPSTREAM);
    network.by_digest = 200; /* tags cannot be had, but bytes can */
    evidence = ask_all();
    assert_stale(evidence, HOUR);
    assert_non_null(evidence.image);
}

/* A registry that can be heard has the last word. */
static void an_image_that_is_gone(void **state)
{
    (void)state;
    assert_fresh(ask(0), network.digest);
    now += HOUR;
    network.failure = ERROR_UPSTREAM;
    network.by_digest = 404;
    assert_none(ask_all(), ERROR_NOT_FOUND);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int stale_tests(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_last_digest_while_it_is_young_enough),
        TEST(a_tag_that_was_moved),
        TEST(it_ends),
        TEST(tags_that_are_asked_for_each_time),
        TEST(which_failures),
        TEST(time_that_was_not_given),
        TEST(a_registry_that_is_left_alone),
        TEST(a_failure_that_is_remembered),
        TEST(another_asker),
        TEST(what_the_image_is),
        TEST(an_image_that_is_not_known),
        TEST(an_image_that_is_gone),
    };
    return cmocka_run_group_tests_name("stale", tests, NULL, NULL);
}

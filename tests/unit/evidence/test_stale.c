/* The last digest of a tag, while its registry cannot be reached. */
#include "world.h"

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
    start(0, 0, NULL);
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
        start(30 * NS_PER_S, 0, NULL);
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
    start(30 * NS_PER_S, 5 * NS_PER_S, NULL);
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

#include "world.h"

/* -- without faults -- */

static void start_some(size_t n)
{
    for (size_t i = 0; i < n; i++) {
        world_start(i);
    }
    world_until(world_settled, 30);
    world.watched = true;
}

static void start_all(void)
{
    start_some(REPLICAS);
}

static void the_first_start(void **state)
{
    (void)state;
    for (size_t i = 0; i < REPLICAS; i++) {
        world_start(i);
    }
    world_pass(0);
    assert_true(world_leader() == &world.replicas[0]);
    assert_true(world_settled() || world.replicas[1].leaf.n == 0);
    world_pass(2);
    assert_true(world_settled());
    assert_int_equal(world.replicas[0].events[CERTIFICATES_STEP], 2);
    assert_int_equal(world.replicas[0].events[CERTIFICATES_BUNDLE], 2);
    assert_int_equal(world.replicas[0].events[CERTIFICATES_FAILURE], 0);
    assert_string_equal(
        world.replicas[0].waiting,
        "waiting for a certificate in Secret ns/tls: there is no certificate in it yet");
}

static void configurations_come_later(void **state)
{
    (void)state;
    fake_api_put(&world.api, VALIDATING, NULL);
    fake_api_put(&world.api, MUTATING, NULL);
    start_all();
    world_pass(20);
    assert_int_equal(world.replicas[0].events[CERTIFICATES_MISSING], 2); /* told once each */
    world.watched = false; /* registered without a caBundle, it cannot verify yet */
    world_register(MUTATING);
    world_pass(2);
    assert_true(world_settled());
    fake_api_put(&world.api, MUTATING, NULL);
    world_pass(10);
    assert_int_equal(world.replicas[0].events[CERTIFICATES_MISSING], 3);
}

/* Three certificates and two authorities long: every caBundle verifies every replica at every
 * write. */
static void years_go_by(void **state)
{
    (void)state;
    start_all();
    struct certificates_secret first = world_secret();
    size_t looks = world.looks;
    world_pass(115);
    world_until(world_settled, 20);
    struct certificates_secret last = world_secret();
    assert_false(str_eq(first.authorities, last.authorities));
    assert_true(world.looks > looks + 10);
    assert_int_equal(world.replicas[0].events[CERTIFICATES_FAILURE], 0);
}

/* -- a fault at each call of a rotation -- */

enum cut_mode { LOSE, DO_NOT_HEAR, REFUSE, DIE_BEFORE, DIE_AFTER, SLEEP, MODES };

static struct {
    size_t at, count; /* calls that are counted: those of the leader, but its own lease */
    enum cut_mode mode;
    bool done;
} cut;

static enum fake_fault cut_here(const char *method, const char *path)
{
    static const enum fake_fault FAULTS[MODES] = {
        [LOSE] = FAKE_LOST,       [DO_NOT_HEAR] = FAKE_UNHEARD, [REFUSE] = FAKE_CONFLICT,
        [DIE_BEFORE] = FAKE_LOST, [DIE_AFTER] = FAKE_UNHEARD,   [SLEEP] = FAKE_NO_FAULT};
    bool write = strcmp(method, "GET") != 0;
    bool counts = write || cut.mode == SLEEP;
    if (cut.done || world.acting != &world.replicas[0] || strstr(path, "/leases") != NULL ||
        !counts || cut.count++ != cut.at) {
        return FAKE_NO_FAULT;
    }
    cut.done = true;
    if (cut.mode == SLEEP) {
        world.acting->stale = true;
        world_pass(45); /* in the middle of a look; the others go on meanwhile, without it */
    }
    return FAULTS[cut.mode];
}

/* Replica 0 leads. At the given call of a rotation the fault happens; the world settles again. */
static void run_with_cut(size_t at, enum cut_mode mode)
{
    void *state = NULL;
    world_begin(&state);
    start_some(2);
    assert_true(world_leader() == &world.replicas[0]);
    cut.at = at;
    cut.count = 0;
    cut.mode = mode;
    cut.done = false;
    world.call = cut_here;
    world_damage(NULL, NULL, NULL, ""); /* its key is gone: a rotation begins */
    for (int i = 0; i < 15 && !cut.done; i++) {
        world_pass(2);
    }
    if (cut.done && (mode == DIE_BEFORE || mode == DIE_AFTER)) {
        world_kill(0);
    }
    world_until(world_settled, 90);
    world_pass(5);
    world_end(&state);
}

/* At call 0 and each `stride`th after it, before `end`; fewer if a rotation has fewer. Returns how
 * many there were. */
static size_t sweep(enum cut_mode mode, size_t stride, size_t end)
{
    size_t n = 0;
    for (size_t at = 0; at < end; at += stride) {
        run_with_cut(at, mode);
        if (!cut.done) {
            break;
        }
        n++;
    }
    return n;
}

/* Two of the Secret and two of caBundles until both are there, one of the Secret and as many of
 * caBundles until one is. */
enum { WRITES = 7 };

static void every_write_is_lost(void **state)
{
    (void)state;
    assert_int_equal(sweep(LOSE, 1, WRITES), WRITES);
}

static void every_answer_is_lost(void **state)
{
    (void)state;
    assert_int_equal(sweep(DO_NOT_HEAR, 1, WRITES), WRITES);
}

static void every_write_meets_a_conflict(void **state)
{
    (void)state;
    assert_int_equal(sweep(REFUSE, 1, WRITES), WRITES);
}

static void the_leader_dies_before_each_write(void **state)
{
    (void)state;
    assert_int_equal(sweep(DIE_BEFORE, 1, WRITES), WRITES);
}

static void the_leader_dies_after_each_write(void **state)
{
    (void)state;
    assert_int_equal(sweep(DIE_AFTER, 1, WRITES), WRITES);
}

/* It wakes when another leads long since, with what it had read before. */
static void the_leader_sleeps_at_each_call(void **state)
{
    (void)state;
    assert_int_equal(sweep(SLEEP, 5, 45), 9);
}

/* -- damage -- */

static void the_secret_is_damaged(void **state)
{
    (void)state;
    static const struct {
        const char *leaf, *key, *authorities, *authority_key;
    } CASES[] = {
        {"", "", NULL, NULL},       {"junk", NULL, NULL, NULL}, {NULL, "junk", NULL, NULL},
        {NULL, NULL, "", NULL},     {NULL, NULL, "junk", NULL}, {NULL, NULL, NULL, ""},
        {NULL, NULL, NULL, "junk"}, {"", "", "", ""},           {NULL, NULL, "", ""},
        {"", "", NULL, ""},
    };
    start_all();
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct str leaves[REPLICAS];
        for (size_t k = 0; k < REPLICAS; k++) {
            leaves[k] = world.replicas[k].leaf;
        }
        world_damage(CASES[i].leaf, CASES[i].key, CASES[i].authorities, CASES[i].authority_key);
        assert_false(world_settled() && i > 0);
        for (size_t k = 0; k < REPLICAS; k++) {
            assert_true(str_eq(world.replicas[k].leaf, leaves[k]));
        }
        world_pass(2);
        world_until(world_settled, 30);
        assert_true(world_state().signs);
        world_pass(7); /* the last removals */
    }
    fake_api_put(&world.api, SECRET, NULL);
    world_pass(2);
    world_until(world_settled, 30);
}

/* An older state comes back, as from a backup. */
static void the_secret_is_put_back(void **state)
{
    (void)state;
    start_all();
    char *backup = strdup(fake_api_get(&world.api, SECRET));
    world_pass(5);
    fake_api_put(&world.api, SECRET, NULL);
    world_pass(3);
    world_until(world_settled, 30);
    fake_api_put(&world.api, SECRET, backup);
    free(backup);
    world.watched = false; /* what replicas serve changes before a caBundle can */
    world_pass(5);
    world.watched = true;
    world_until(world_settled, 40);
}

static void bundles_are_emptied(void **state)
{
    (void)state;
    start_all();
    world.watched = false; /* it does not verify until it is mended */
    world_register(VALIDATING);
    assert_false(world_settled());
    world_pass(2);
    assert_true(world_settled());
}

/* -- being without the API server -- */

static enum fake_fault all_lost(const char *method, const char *path)
{
    (void)method, (void)path;
    return FAKE_LOST;
}

static void the_api_server_is_gone(void **state)
{
    (void)state;
    start_all();
    struct str leaf = world.replicas[1].leaf;
    world.call = all_lost;
    world_pass(30);
    for (size_t i = 0; i < REPLICAS; i++) {
        const struct replica *replica = &world.replicas[i];
        assert_true(str_eq(replica->leaf, leaf));
        assert_false(replica->manager.leading);
        /* told once for the lease and once for the Secret */
        assert_int_equal(replica->events[CERTIFICATES_FAILURE] - replica->repeated, 2);
        assert_true(replica->repeated > 10);
    }
    world.call = NULL;
    world_pass(20);
    world_until(world_settled, 60);
    assert_int_equal(world.replicas[1].events[CERTIFICATES_RECOVERED], 2);
    assert_non_null(world_leader());
}

static enum fake_fault no_webhooks(const char *method, const char *path)
{
    (void)method;
    return strstr(path, "webhook") != NULL ? FAKE_ERROR : FAKE_NO_FAULT;
}

/* Without the right to read configurations nothing may be taken for granted. */
static void configurations_cannot_be_read(void **state)
{
    (void)state;
    world.call = no_webhooks;
    world_start(0);
    world_pass(30);
    assert_int_equal(world.replicas[0].leaf.n, 0);
    assert_true(world.replicas[0].manager.leading);
    assert_int_equal(world.replicas[0].events[CERTIFICATES_FAILURE] - world.replicas[0].repeated,
                     1);
    world.call = NULL;
    world_until(world_settled, 10);
}

/* A right that is missing keeps nobody from renewing; the authority waits for it. */
static void what_needs_no_bundle_goes_on(void **state)
{
    (void)state;
    start_all();
    struct certificates_secret first = world_secret();
    world.call = no_webhooks;
    world_pass(60);
    struct certificates_secret second = world_secret();
    assert_false(str_eq(first.leaf, second.leaf));
    assert_true(str_eq(first.authorities, second.authorities));
    assert_true(str_eq(world.replicas[2].leaf, second.leaf));
    world_pass(50);
    assert_int_equal(world_state().authorities.n, 2);
    assert_false(world_state().by_first);
    world.call = NULL;
    world_pass(2);
    assert_false(world_state().by_first); /* the overlap begins only now */
    world_until(world_settled, 20);
}

static void a_server_that_takes_nothing(void **state)
{
    (void)state;
    world_start(0);
    world.replicas[0].refuses = true;
    world_pass(10);
    assert_non_null(strstr(world.replicas[0].waiting, "the server does not take it"));
    assert_int_equal(world.replicas[0].events[CERTIFICATES_FAILURE] - world.replicas[0].repeated,
                     1);
    world.replicas[0].refuses = false;
    world_until(world_settled, 10);
    assert_int_equal(world.replicas[0].events[CERTIFICATES_RECOVERED], 1);
}

static void one_that_stops_is_followed_at_once(void **state)
{
    (void)state;
    start_all();
    manager_end(&world.replicas[0].manager);
    world_kill(0);
    world_pass(3);
    assert_non_null(world_leader());
}

int manager_tests(void)
{
#define WORLD(test) cmocka_unit_test_setup_teardown(test, world_begin, world_end)
    const struct CMUnitTest tests[] = {
        WORLD(the_first_start),
        WORLD(configurations_come_later),
        WORLD(years_go_by),
        cmocka_unit_test(every_write_is_lost),
        cmocka_unit_test(every_answer_is_lost),
        cmocka_unit_test(every_write_meets_a_conflict),
        cmocka_unit_test(the_leader_dies_before_each_write),
        cmocka_unit_test(the_leader_dies_after_each_write),
        cmocka_unit_test(the_leader_sleeps_at_each_call),
        WORLD(the_secret_is_damaged),
        WORLD(the_secret_is_put_back),
        WORLD(bundles_are_emptied),
        WORLD(the_api_server_is_gone),
        WORLD(configurations_cannot_be_read),
        WORLD(what_needs_no_bundle_goes_on),
        WORLD(a_server_that_takes_nothing),
        WORLD(one_that_stops_is_followed_at_once),
    };
    return cmocka_run_group_tests_name("manager", tests, NULL, NULL);
}

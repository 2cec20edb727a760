#include "test.h"

#include <pthread.h>

#include "fake_api.h"
#include "kube/election.h"
#include "json/doc.h"

#define PATH "/apis/coordination.k8s.io/v1/namespaces/ns/leases/l"

static const struct kube_config CONFIG = {.server = {"https://api", 11}};
static const int64_t S = NS_PER_S;
static struct fake_api api;
static struct fetch_scripted scripted = {.script = fake_api_answer, .argument = &api};
static struct fetch port;
static struct kube *kube;

/* What was told, one word after the other; read by the test while the thread writes. */
static char told[1024];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void tell(void *self, const struct leader_event *event)
{
    static const char *const WORDS[] = {"leading", "following", "failure", "recovered"};
    pthread_mutex_lock(&lock);
    size_t n = strlen(told);
    snprintf(told + n, sizeof told - n, "%s%s:%s", n > 0 ? " " : "", (const char *)self,
             WORDS[event->kind]);
    n = strlen(told);
    if (event->again) {
        snprintf(told + n, sizeof told - n, "-again");
    }
    assert_true((event->kind == LEADER_FAILURE) == (event->err != NULL));
    pthread_mutex_unlock(&lock);
}

static void assert_told(const char *wanted)
{
    pthread_mutex_lock(&lock);
    assert_string_equal(told, wanted);
    told[0] = '\0';
    pthread_mutex_unlock(&lock);
}

static char name_a[] = "a", name_b[] = "b";
static const struct leader_watcher WATCHER_A = {name_a, tell}, WATCHER_B = {name_b, tell};
static struct election a, b;
static enum fake_fault fault;

static enum fake_fault faults(void *argument, const char *method, const char *path)
{
    (void)argument, (void)method, (void)path;
    return fault;
}

static int begin(void **state)
{
    fake_api_init(&api);
    api.before = faults;
    fault = FAKE_NO_FAULT;
    told[0] = '\0';
    port = fetch_scripted_port(&scripted);
    kube = kube_new(&CONFIG, &port, NULL);
    election_init(&a, &WATCHER_A, kube, STR("ns"), STR("l"));
    election_init(&b, &WATCHER_B, kube, STR("ns"), STR("l"));
    return start(state);
}

static int end(void **state)
{
    kube_free(kube);
    fake_api_done(&api);
    return stop(state);
}

/* A look at second `at`; returns the pause after it. */
static int64_t look(struct election *election, int64_t at)
{
    election_look(election, at * S);
    return election_pause(election, at * S);
}

static void one_of_two_leads(void **state)
{
    (void)state;
    assert_false(election_holds(&a, 1 * S));
    for (int64_t at = 1; at < 100; at += 2) {
        int64_t pause = look(&a, at);
        assert_in_range(pause, 16 * S / 10, 2 * S);
        pause = look(&b, at);
        assert_in_range(pause, 16 * S / 10, 2 * S);
        assert_true(election_holds(&a, at * S));
        assert_false(election_holds(&b, at * S));
    }
    assert_told("a:leading");
}

static void what_is_held_ends_by_the_clock(void **state)
{
    (void)state;
    look(&a, 100);
    assert_true(election_holds(&a, 110 * S - 1)); /* without another look */
    assert_false(election_holds(&a, 110 * S));
    assert_told("a:leading");
}

static void a_leader_that_cannot_renew(void **state)
{
    (void)state;
    look(&a, 100);
    look(&b, 100);
    assert_told("a:leading");
    fault = FAKE_LOST;
    for (int64_t at = 101; at < 110; at++) {
        int64_t pause = look(&a, at); /* a leader goes on asking often, and not past its time */
        assert_in_range(pause, 1, at < 108 ? 2 * S : (110 - at) * S);
        assert_true(election_holds(&a, at * S));
    }
    assert_told("a:failure a:failure-again a:failure-again a:failure-again a:failure-again "
                "a:failure-again a:failure-again a:failure-again a:failure-again");
    assert_in_range(election_pause(&a, 110 * S), 16 * S / 10, 2 * S);
    assert_told("a:following");
    fault = FAKE_NO_FAULT;
    look(&b, 115);
    look(&b, 116); /* sixteen seconds after its first look */
    assert_told("b:leading");
    look(&a, 117);
    assert_false(election_holds(&a, 117 * S));
    assert_told("a:recovered");
}

static void a_follower_that_fails_asks_later_and_later(void **state)
{
    (void)state;
    fault = FAKE_ERROR;
    for (int64_t seconds = 4, i = 0; i < 8; i++) {
        int64_t pause = look(&a, 100 * i);
        assert_in_range(pause, seconds * S * 8 / 10, seconds * S);
        seconds = seconds * 2 > 30 ? 30 : seconds * 2;
    }
    fault = FAKE_NO_FAULT;
    assert_in_range(look(&a, 1000), 16 * S / 10, 2 * S);
}

static void a_failure_of_another_kind_is_told(void **state)
{
    (void)state;
    fault = FAKE_ERROR;
    look(&a, 1);
    fault = FAKE_UNHEARD;
    look(&a, 2);
    look(&a, 3);
    assert_told("a:failure a:failure a:failure-again");
}

static void a_look_that_is_cancelled_has_not_failed(void **state)
{
    (void)state;
    static const atomic_bool YES = true;
    a.stop = &YES;
    fault = FAKE_UNHEARD;
    look(&a, 1);
    assert_told("");
}

static void the_end_frees_it(void **state)
{
    (void)state;
    look(&a, 100);
    election_end(&a);
    assert_false(election_holds(&a, 100 * S));
    look(&b, 101);
    assert_true(election_holds(&b, 101 * S));
    assert_told("a:leading a:following b:leading");
    election_end(&a); /* it is not ours any more */
    assert_true(election_holds(&b, 101 * S));
    assert_told("");
}

/* -- the thread -- */

static bool told_is(const char *wanted)
{
    pthread_mutex_lock(&lock);
    bool is = strcmp(told, wanted) == 0;
    pthread_mutex_unlock(&lock);
    return is;
}

static void a_thread_leads_until_it_is_stopped(void **state)
{
    (void)state;
    const struct leader_config config = {
        .kube = &CONFIG, .fetch = &port, .namespace = STR("ns"), .name = STR("l")};
    struct leader *leader;
    struct error err;
    assert_false(leader_holds(NULL));
    leader_stop(NULL);
    assert_false(failed(leader_start(&config, &WATCHER_A, &leader, &err)));
    int64_t until = clock_monotonic() + 60 * S;
    while (!told_is("a:leading") && clock_monotonic() < until) {
        nanosleep(&(struct timespec){.tv_nsec = NS_PER_MS}, NULL);
    }
    assert_told("a:leading");
    assert_true(leader_holds(leader));
    leader_stop(leader);
    assert_told("a:following");
    assert_non_null(strstr(fake_api_get(&api, PATH), "\"holderIdentity\":\"\""));
}

int leader_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_of_two_leads, begin, end),
        cmocka_unit_test_setup_teardown(what_is_held_ends_by_the_clock, begin, end),
        cmocka_unit_test_setup_teardown(a_leader_that_cannot_renew, begin, end),
        cmocka_unit_test_setup_teardown(a_follower_that_fails_asks_later_and_later, begin, end),
        cmocka_unit_test_setup_teardown(a_failure_of_another_kind_is_told, begin, end),
        cmocka_unit_test_setup_teardown(a_look_that_is_cancelled_has_not_failed, begin, end),
        cmocka_unit_test_setup_teardown(the_end_frees_it, begin, end),
        cmocka_unit_test_setup_teardown(a_thread_leads_until_it_is_stopped, begin, end),
    };
    return cmocka_run_group_tests_name("leader", tests, NULL, NULL);
}

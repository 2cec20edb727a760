#include "scan/scan.h"

#include <errno.h>
#include <pthread.h>

#include "base/clock.h"
#include "fetch/curl.h"
#include "scan/round.h"
#include "scan/schedule.h"

/* How soon a change of policies, or of the leader, is seen. */
static const int64_t LOOK = NS_PER_S;

struct scan {
    const struct scan_config *config;
    const struct scan_watcher *watcher;
    struct fetch own; /* zeroed if one was given */
    struct kube *kube;
    struct round round;
    struct schedule schedule;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    atomic_bool stop; /* ends a request that is on its way, too */
};

static void wait_for(struct scan *scan, int64_t ns)
{
    int64_t until = clock_monotonic() + ns;
    const struct timespec time = {.tv_sec = until / NS_PER_S, .tv_nsec = until % NS_PER_S};
    int code = 0;
    pthread_mutex_lock(&scan->lock);
    while (!atomic_load(&scan->stop) && code != ETIMEDOUT) {
        code = pthread_cond_timedwait(&scan->wake, &scan->lock, &time);
    }
    pthread_mutex_unlock(&scan->lock);
}

static bool is_due(struct scan *scan)
{
    const struct scan_watcher *watcher = scan->watcher;
    struct policy_set *policies = watcher->policies(watcher->self);
    if (policies == NULL) {
        return false;
    }
    uint64_t hash = policy_set_hash(policies);
    policy_set_unref(policies);
    return schedule_due(&scan->schedule, clock_monotonic(), watcher->leads(watcher->self), hash);
}

static void scan_once(struct scan *scan)
{
    static const enum scan_event_kind KINDS[] = {[ROUND_COMPLETE] = SCAN_COMPLETE,
                                                 [ROUND_PARTIAL] = SCAN_PARTIAL,
                                                 [ROUND_ABANDONED] = SCAN_ABANDONED};
    struct round *round = &scan->round;
    int64_t begun = clock_monotonic();
    enum round_result result = round_run(round);
    int64_t ended = clock_monotonic();
    schedule_ended(&scan->schedule, begun, ended, round->hash, result == ROUND_COMPLETE);
    const struct scan_event event = {
        .kind = KINDS[result],
        .counts = &round->counts,
        .duration = ended - begun,
        .policies = round->hash,
        .err = result == ROUND_ABANDONED ? &round->calls.why : NULL,
    };
    scan->watcher->tell(scan->watcher->self, &event);
}

static void *run(void *argument)
{
    struct scan *scan = argument;
    while (!atomic_load(&scan->stop)) {
        if (is_due(scan)) {
            scan_once(scan);
        }
        wait_for(scan, LOOK);
    }
    return NULL;
}

static void free_scan(struct scan *scan)
{
    round_done(&scan->round);
    kube_free(scan->kube);
    fetch_curl_free(&scan->own);
    pthread_cond_destroy(&scan->wake);
    pthread_mutex_destroy(&scan->lock);
    free(scan);
}

status scan_start(const struct scan_config *config, const struct scan_watcher *watcher,
                  struct scan **ret_scan, struct error *err)
{
    struct scan *it = calloc(1, sizeof *it);
    ENSURE(it != NULL);
    it->config = config;
    it->watcher = watcher;
    if (config->fetch == NULL) {
        it->own = fetch_curl_new();
    }
    it->kube = kube_new(config->kube, config->fetch != NULL ? config->fetch : &it->own, &it->stop);
    round_init(&it->round, config, watcher, it->kube, &it->stop);
    schedule_init(&it->schedule, config->interval);
    clock_condition_init(&it->wake);
    pthread_mutex_init(&it->lock, NULL);
    int code = pthread_create(&it->thread, NULL, run, it);
    if (code != 0) {
        free_scan(it);
        return error_set(err, ERROR_INTERNAL, "cannot start a thread: %s", strerrordesc_np(code));
    }
    *ret_scan = it;
    return OK;
}

void scan_stop(struct scan *scan)
{
    if (scan == NULL) {
        return;
    }
    pthread_mutex_lock(&scan->lock);
    atomic_store(&scan->stop, true);
    pthread_cond_signal(&scan->wake);
    pthread_mutex_unlock(&scan->lock);
    pthread_join(scan->thread, NULL);
    free_scan(scan);
}

#include "scan/scan.h"

#include "base/clock.h"
#include "base/task.h"
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
    struct task task; /* its `stop` ends a request that is on its way, too */
};

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
    while (!atomic_load(&scan->task.stop)) {
        if (is_due(scan)) {
            scan_once(scan);
        }
        (void)task_wait(&scan->task, clock_monotonic() + LOOK);
    }
    return NULL;
}

static void free_scan(struct scan *scan)
{
    round_done(&scan->round);
    kube_free(scan->kube);
    fetch_curl_free(&scan->own);
    task_done(&scan->task);
    free(scan);
}

status scan_start(const struct scan_config *config, const struct scan_watcher *watcher,
                  struct scan **ret_scan, struct error *err)
{
    struct scan *it = calloc(1, sizeof *it);
    ENSURE(it != NULL);
    it->config = config;
    it->watcher = watcher;
    task_init(&it->task);
    if (config->fetch == NULL) {
        it->own = fetch_curl_new();
    }
    it->kube =
        kube_new(config->kube, config->fetch != NULL ? config->fetch : &it->own, &it->task.stop);
    round_init(&it->round, config, watcher, it->kube, &it->task.stop);
    schedule_init(&it->schedule, config->interval);
    status st = task_start(&it->task, run, it, err);
    if (failed(st)) {
        free_scan(it);
        return st;
    }
    *ret_scan = it;
    return OK;
}

void scan_stop(struct scan *scan)
{
    if (scan == NULL) {
        return;
    }
    task_stop(&scan->task);
    free_scan(scan);
}

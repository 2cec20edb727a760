#include "certificates/certificates.h"

#include "base/chance.h"
#include "base/clock.h"
#include "base/task.h"
#include "certificates/manager.h"
#include "fetch/curl.h"

/* Two seconds are what a damaged caBundle may last, and a fifth of LEASE_RENEW_DEADLINE. */
static const int64_t INTERVAL = 2 * NS_PER_S;
static const int64_t LONGEST_INTERVAL = 30 * NS_PER_S;

/* An authority and a certificate, and a look that finds both. */
enum { STEPS_IN_A_ROW = 3 };

struct certificates {
    const struct certificates_config *config;
    const struct certificates_watcher *watcher;
    struct task task; /* its `stop` ends a request that is on its way, too */
};

/* Between four and six fifths of it, so that replicas do not ask in step. */
static int64_t jitter(int64_t interval)
{
    return interval / 5 * 4 + interval / 5 * 2 * (int64_t)chance(1000) / 1000;
}

/* How long to wait after a look: not at all after a step, so that a first start is quick, but only
 * a few times in a row, lest a write that does not stay is repeated without a pause; later and
 * later while the API server does not answer. */
static int64_t pause_after(enum manager_result result, int64_t *interval, unsigned *steps)
{
    int64_t now = *interval;
    *steps = result == MANAGER_AGAIN ? *steps + 1 : 0;
    *interval = result != MANAGER_FAILED     ? INTERVAL
                : now * 2 > LONGEST_INTERVAL ? LONGEST_INTERVAL
                                             : now * 2;
    if (*steps > 0 && *steps < STEPS_IN_A_ROW) {
        return 0;
    }
    *steps = 0;
    return jitter(result == MANAGER_FAILED ? now : INTERVAL);
}

static void look_again_and_again(struct certificates *certificates, struct manager *manager)
{
    int64_t interval = INTERVAL;
    unsigned steps = 0;
    int64_t pause = 0;
    while (task_wait(&certificates->task, clock_monotonic() + pause)) {
        const struct manager_time now = {clock_wall(), clock_monotonic()};
        enum manager_result result = manager_look(manager, now);
        pause = pause_after(result, &interval, &steps);
    }
}

static void *run(void *argument)
{
    struct certificates *certificates = argument;
    struct fetch fetch = fetch_curl_new();
    struct kube *kube = kube_new(&certificates->config->kube, &fetch, &certificates->task.stop);
    struct manager manager;
    manager_init(&manager, certificates->config, certificates->watcher, kube);
    manager.stop = &certificates->task.stop;
    look_again_and_again(certificates, &manager);
    manager.stop = NULL;
    manager_end(&manager);
    kube_free(kube);
    fetch_curl_free(&fetch);
    return NULL;
}

status certificates_start(const struct certificates_config *config,
                          const struct certificates_watcher *watcher,
                          struct certificates **ret_certificates, struct error *err)
{
    struct certificates *it = calloc(1, sizeof *it);
    ENSURE(it != NULL);
    it->config = config;
    it->watcher = watcher;
    task_init(&it->task);
    status st = task_start(&it->task, run, it, err);
    if (failed(st)) {
        task_done(&it->task);
        free(it);
        return st;
    }
    *ret_certificates = it;
    return OK;
}

void certificates_stop(struct certificates *certificates)
{
    if (certificates == NULL) {
        return;
    }
    task_stop(&certificates->task);
    task_done(&certificates->task);
    free(certificates);
}

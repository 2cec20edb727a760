#include "kube/leader.h"

#include "base/clock.h"
#include "base/task.h"
#include "fetch/curl.h"
#include "kube/election.h"

struct leader {
    struct leader_config config;
    struct fetch own; /* zeroed if one was given */
    struct kube *kube;
    struct election election;
    struct task task; /* its `stop` ends a request that is on its way, too */
};

static void *run(void *argument)
{
    struct leader *leader = argument;
    int64_t pause = 0;
    while (task_wait(&leader->task, clock_monotonic() + pause)) {
        election_look(&leader->election, clock_monotonic());
        pause = election_pause(&leader->election, clock_monotonic());
    }
    kube_detach(leader->kube);
    leader->election.stop = NULL;
    election_end(&leader->election);
    return NULL;
}

static void free_leader(struct leader *leader)
{
    kube_free(leader->kube);
    fetch_curl_free(&leader->own);
    task_done(&leader->task);
    free(leader);
}

status leader_start(const struct leader_config *config, const struct leader_watcher *watcher,
                    struct leader **ret_leader, struct error *err)
{
    struct leader *it = calloc(1, sizeof *it);
    ENSURE(it != NULL);
    it->config = *config;
    task_init(&it->task);
    if (config->fetch == NULL) {
        it->own = fetch_curl_new();
    }
    it->kube =
        kube_new(config->kube, config->fetch != NULL ? config->fetch : &it->own, &it->task.stop);
    election_init(&it->election, watcher, it->kube, it->config.namespace, it->config.name);
    it->election.stop = &it->task.stop;
    status st = task_start(&it->task, run, it, err);
    if (failed(st)) {
        free_leader(it);
        return st;
    }
    *ret_leader = it;
    return OK;
}

bool leader_holds(const struct leader *leader)
{
    return leader != NULL && election_holds(&leader->election, clock_monotonic());
}

void leader_stop(struct leader *leader)
{
    if (leader == NULL) {
        return;
    }
    task_stop(&leader->task);
    free_leader(leader);
}

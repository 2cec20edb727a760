#include "kube/leader.h"

#include <errno.h>
#include <pthread.h>

#include "base/clock.h"
#include "fetch/curl.h"
#include "kube/election.h"

struct leader {
    struct leader_config config;
    struct fetch own; /* zeroed if one was given */
    struct kube *kube;
    struct election election;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    atomic_bool stop; /* ends a request that is on its way, too */
};

static void wait_for(struct leader *leader, int64_t ns)
{
    int64_t until = clock_monotonic() + ns;
    const struct timespec time = {.tv_sec = until / NS_PER_S, .tv_nsec = until % NS_PER_S};
    int code = 0;
    pthread_mutex_lock(&leader->lock);
    while (!atomic_load(&leader->stop) && code != ETIMEDOUT) {
        code = pthread_cond_timedwait(&leader->wake, &leader->lock, &time);
    }
    pthread_mutex_unlock(&leader->lock);
}

static void *run(void *argument)
{
    struct leader *leader = argument;
    while (!atomic_load(&leader->stop)) {
        election_look(&leader->election, clock_monotonic());
        wait_for(leader, election_pause(&leader->election, clock_monotonic()));
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
    pthread_cond_destroy(&leader->wake);
    pthread_mutex_destroy(&leader->lock);
    free(leader);
}

status leader_start(const struct leader_config *config, const struct leader_watcher *watcher,
                    struct leader **ret_leader, struct error *err)
{
    struct leader *it = calloc(1, sizeof *it);
    ENSURE(it != NULL);
    it->config = *config;
    if (config->fetch == NULL) {
        it->own = fetch_curl_new();
    }
    it->kube = kube_new(config->kube, config->fetch != NULL ? config->fetch : &it->own, &it->stop);
    election_init(&it->election, watcher, it->kube, it->config.namespace, it->config.name);
    it->election.stop = &it->stop;
    clock_condition_init(&it->wake);
    pthread_mutex_init(&it->lock, NULL);
    int code = pthread_create(&it->thread, NULL, run, it);
    if (code != 0) {
        free_leader(it);
        return error_set(err, ERROR_INTERNAL, "cannot start a thread: %s", strerrordesc_np(code));
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
    pthread_mutex_lock(&leader->lock);
    atomic_store(&leader->stop, true);
    pthread_cond_signal(&leader->wake);
    pthread_mutex_unlock(&leader->lock);
    pthread_join(leader->thread, NULL);
    free_leader(leader);
}

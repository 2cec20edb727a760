#include "kube/watch.h"

#include "base/task.h"
#include "fetch/curl.h"
#include "kube/sync.h"

struct kube_watch {
    const struct kube_watch_config *config;
    atomic_bool stop;
    struct fetch own; /* zeroed: the port was given */
    struct kube *kube;
    struct kube_sync sync;
    pthread_t thread;
};

static void *run(void *argument)
{
    struct kube_watch *watch = argument;
    while (!atomic_load(&watch->stop)) {
        kube_sync_step(&watch->sync);
    }
    return NULL;
}

static void free_watch(struct kube_watch *watch)
{
    kube_sync_done(&watch->sync);
    kube_free(watch->kube);
    fetch_curl_free(&watch->own);
    free(watch);
}

status kube_watch_start(const struct kube_watch_config *config, const struct kube_watcher *watcher,
                        struct kube_watch **ret_watch, struct error *err)
{
    struct kube_watch *it = calloc(1, sizeof *it);
    ENSURE(it != NULL);
    it->config = config;
    if (config->fetch == NULL) {
        it->own = fetch_curl_new();
    }
    it->kube = kube_new(config->kube, config->fetch != NULL ? config->fetch : &it->own, &it->stop);
    kube_sync_init(&it->sync, config, watcher, it->kube, &it->stop);
    status st = thread_start(&it->thread, run, it, err);
    if (failed(st)) {
        free_watch(it);
        return st;
    }
    *ret_watch = it;
    return OK;
}

void kube_watch_cancel(struct kube_watch *watch)
{
    if (watch != NULL) {
        atomic_store(&watch->stop, true);
    }
}

void kube_watch_stop(struct kube_watch *watch)
{
    kube_watch_cancel(watch);
    if (watch != NULL) {
        pthread_join(watch->thread, NULL);
        free_watch(watch);
    }
}

struct kube_watch_state kube_watch_state(struct kube_watch *watch)
{
    return kube_sync_state(&watch->sync);
}

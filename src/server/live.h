#pragma once
/* The cluster in the server: its policies go to the reloader, labels of namespaces to reviews; how
 * the watches are, to the log, the metrics and readiness. */
#include "cluster/cluster.h"
#include "server/service.h"

struct reloader;

/* Why a watch fails, and since when. */
enum { LIVE_DETAIL_MAX = ERROR_TEXT_MAX + 64 };

struct live {
    struct service *service;
    struct reloader *reloader;
    struct cluster_config config;
    struct cluster_watcher watcher;
    pthread_mutex_t lock;
    char failing[CLUSTER_WATCHES][LIVE_DETAIL_MAX]; /* under the lock; empty: it does not */
    bool waiting[CLUSTER_WATCHES];                  /* under the lock: for its first list */
};

/* Have readiness wait for what will be watched; before the first request. */
void live_expect(struct service *service);

/* Begin, if the configuration asks for it: sets service->cluster, and wakes the reloader whenever
 * policies change. `live` stays where it is until live_stop. Errors: as kubernetes_need. */
MUST status live_start(struct live *live, struct service *service, struct reloader *reloader,
                       struct error *err);

/* End; one that was not started is fine. Nobody reviews or reloads any more. */
void live_stop(struct live *live);

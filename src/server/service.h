#pragma once
/* What all parts of a running server share. */
#include <stdatomic.h>

#include "cluster/cluster.h"
#include "kube/leader.h"
#include "server/asking.h"
#include "server/budget.h"
#include "server/client.h"
#include "server/config.h"
#include "server/health.h"
#include "server/snapshot.h"
#include "server/tls.h"

struct statuses;

/* leading.h */
struct leading {
    struct leader *leader; /* NULL: nothing needs one */
    struct leader_config config;
    struct leader_watcher watcher;
};

struct pages;
struct waiting;

struct service {
    const struct server_config *config;
    struct snapshot snapshot;
    struct budget budget;
    struct tls *tls;
    struct client_trust *clients; /* NULL: client certificates are not asked for */
    struct health health;
    struct metric_series *connections;
    struct pages *pages;               /* NULL: none are shown */
    struct waiting *waiting;           /* reviews that wait for other servers */
    struct asking_slot asking;         /* registries as they are asked */
    atomic_bool cancel_evidence;       /* nothing is waited for any more */
    struct kube_config kube;           /* kubernetes.h */
    struct arena kube_arena;           /* what it lives in */
    _Atomic(struct cluster *) cluster; /* NULL: nothing is watched, or not yet */
    struct leading leading;
    _Atomic(struct statuses *) statuses; /* NULL: none is written */
};

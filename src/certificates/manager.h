#pragma once
/* One look at the cluster, and what follows from it: every replica takes the certificate of the
 * Secret; the leader makes caBundles right and takes the next step of the rotation.
 *
 * Holds nothing that a successor would miss. The time is handed in. Threading: one thread. */
#include "base/limits.h"
#include "certificates/certificates.h"
#include "certificates/rotation.h"
#include "certificates/state.h"
#include "kube/lease.h"
#include "kube/secret.h"

/* What may fail by itself, and is told when it begins and when it ends. */
enum manager_part {
    MANAGER_LEASE,
    MANAGER_SECRET,
    MANAGER_USE,
    MANAGER_BUNDLES,
    MANAGER_STEP,
    MANAGER_PARTS
};

struct manager {
    const struct certificates_config *config;
    const struct certificates_watcher *watcher;
    struct kube *kube;       /* borrowed */
    const atomic_bool *stop; /* what fails when it is true was cancelled; NULL: never */
    int64_t (*clock)(void);  /* monotonic */
    struct lease lease;
    bool leading;
    enum error_kind failing[MANAGER_PARTS];                  /* ERROR_NONE: not */
    char used[CERTIFICATE_ID_MAX];                           /* the leaf in use; empty: none */
    char seen[CERTIFICATE_ID_MAX];                           /* the leaf of the Secret */
    int64_t seen_since;                                      /* monotonic */
    char authorities[LIMIT_AUTHORITIES][CERTIFICATE_ID_MAX]; /* that settle in the caBundles */
    bool settling;
    int64_t settled_since;                      /* monotonic */
    bool missing[LIMIT_WEBHOOK_CONFIGURATIONS]; /* was told to be */
};

struct manager_time {
    int64_t wall, monotonic;
};

/* Begin, with the clock of base/clock.h and no stop; everything given is borrowed. */
void manager_init(struct manager *manager, const struct certificates_config *config,
                  const struct certificates_watcher *watcher, struct kube *kube);

enum manager_result {
    MANAGER_FINE,
    MANAGER_AGAIN, /* a step was taken: look again at once */
    MANAGER_FAILED /* the API server cannot be asked: look again later */
};

/* Look once. */
enum manager_result manager_look(struct manager *manager, struct manager_time now);

/* Give up leading. */
void manager_end(struct manager *manager);

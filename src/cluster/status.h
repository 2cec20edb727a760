#pragma once
/* The status of a policy or exception in the cluster: whether it is in use, and what it has done.
 *
 * One writer at a time says whether it is in use; every replica adds what it has counted. Each
 * reads the object, changes its part and writes it back with the resourceVersion that it read, so
 * that nothing of another's is lost.
 * Spec: our definitions (`pratique policy crds`); k8s.io/apimachinery meta/v1 Condition. */
#include "kube/client.h"

/* Whether it is in use, as one replica sees it. */
struct policy_ready {
    bool ready;
    const char *reason; /* "Loaded" */
    struct str message; /* for people */
    int64_t generation; /* that this is said of */
    size_t rules;       /* of a policy that is ready */
};

/* What it has done since the last time. */
struct policy_counts_of {
    uint64_t judged, denied, warned, excused;
};

/* Which object. */
struct policy_target {
    struct str kind, namespace, name;
    struct str uid; /* another one of that name is left alone */
};

/* Whether `text`, a status as JSON, says all that `ready` says. */
bool status_says(struct str text, const struct policy_ready *ready);

/* Write `ready`, if it is not NULL, and add `counts`. *ret_done is false if the object is gone, or
 * has changed meanwhile: then nothing was written, and it is worth another try once it is known.
 * Errors: as kube_call; UPSTREAM (counts that are no numbers). */
MUST status status_write(struct kube *kube, const struct policy_target *target,
                         const struct policy_ready *ready, const struct policy_counts_of *counts,
                         bool *ret_done, struct error *err);

#pragma once
/* What became of the policies of the cluster at a load, for their status. */
#include "cluster/cluster.h"
#include "cluster/status.h"
#include "policy/policy.h"

/* One object at one load. */
struct outcome {
    struct str kind, namespace, name, uid;
    int64_t generation;
    int64_t until; /* of an exception: when it ends; else 0 */
    struct policy_ready ready;
};

/* All of one load, sorted as cluster_policies gives them; immutable, and counted. */
struct outcomes {
    atomic_size_t references;
    struct arena arena; /* holds all of it */
    struct outcome *items;
    size_t n;
};

/* Tell what became of each: `objects[i]` is `policies[i]` after a load that failed with `failure`,
 * or did not (NULL). `before` is what became of them at the load before, NULL if there was none:
 * after a failure what was in use stays so. Returns one reference. */
struct outcomes *outcomes_of(const struct cluster_policy *policies,
                             const struct policy_object *objects, size_t n,
                             const struct error *failure, const struct outcomes *before);

/* How it is at wall time `now`: an exception ends. Borrows from the outcome. */
struct policy_ready outcome_now(const struct outcome *outcome, int64_t now);

/* One reference more, which is returned; one fewer, which frees it when it was the last. */
struct outcomes *outcomes_ref(struct outcomes *outcomes);
void outcomes_unref(struct outcomes *outcomes); /* NULL is fine */

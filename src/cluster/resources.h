#pragma once
/* What is watched, and where the API server has it. Private to cluster/. */
#include "base/arena.h"
#include "base/status.h"
#include "base/str.h"
#include "cluster/cluster.h"

struct cluster_resource {
    const char *kind;
    const char *path; /* of all of them */
    const char *name; /* for logs and metrics: "clusterimagepolicies" */
};

/* By enum cluster_watch; lives for ever. */
extern const struct cluster_resource cluster_resources[CLUSTER_WATCHES];

/* The path of one policy or exception; its kind is one of ours, its names are the API server's.
 * Lives in the arena. */
struct str resource_path(struct arena *arena, struct str kind, struct str namespace,
                         struct str name);

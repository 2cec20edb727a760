#pragma once
/* The cluster as decisions need it: policies that are custom resources, and the labels of
 * namespaces, listed and then watched, each on a thread of its own.
 *
 * While the API server cannot be asked, what it said last stays, and an event tells since when.
 * Threading: what gives something may be called from any thread. */
#include "cluster/status.h"
#include "kube/watch.h"
#include "json/doc.h"

/* What is watched. */
enum cluster_watch {
    CLUSTER_WIDE,       /* ClusterImagePolicy */
    CLUSTER_LOCAL,      /* ImagePolicy */
    CLUSTER_EXCEPTIONS, /* ImagePolicyException */
    CLUSTER_NAMESPACES, /* Namespace, its labels alone */
    CLUSTER_WATCHES
};

/* "clusterimagepolicies"; lives for ever. */
const char *cluster_watch_name(enum cluster_watch watch);

/* Everything is borrowed while it runs. */
struct cluster_config {
    const struct kube_config *kube;
    bool policies, namespaces; /* what is watched */
};

/* What happened to a watch: `event` is told of `watch`; without an event, all its objects are
 * known, for the first time or after a new list. */
struct cluster_event {
    enum cluster_watch watch;
    const struct kube_watch_event *event; /* NULL: see above */
    size_t objects;                       /* then: how many */
};

/* Who is told; called by the threads. */
struct cluster_watcher {
    void *self;
    /* The policies are others than before, or are all known for the first time. */
    void (*changed)(void *self);
    void (*tell)(void *self, const struct cluster_event *event);
};

struct cluster;

/* Begin to watch. Returns owned. Errors: INTERNAL. */
MUST status cluster_start(const struct cluster_config *config,
                          const struct cluster_watcher *watcher, struct cluster **ret_cluster,
                          struct error *err);

/* End within a few seconds, and free; NULL is fine. */
void cluster_stop(struct cluster *cluster);

/* How a watch is; of one that is not kept, a state that is zeroed. */
struct kube_watch_state cluster_state(struct cluster *cluster, enum cluster_watch watch);

/* A policy or exception as the API server has it. */
struct cluster_policy {
    struct str kind, namespace, name, uid;
    struct str text;   /* JSON, without status and metadata but its names */
    struct str status; /* JSON; empty: none */
    int64_t generation;
};

/* A number that is another one once policies changed; 0 while they are not all known. */
uint64_t cluster_policies_version(struct cluster *cluster);

/* All policies and exceptions, sorted by kind (those of the cluster, those of namespaces,
 * exceptions), namespace and name, in the arena.
 * An object beyond LIMIT_CLUSTER_BYTES has an empty text, which is no policy.
 * Errors: NOT_FOUND (not all are known yet); LIMIT (LIMIT_POLICIES). */
MUST status cluster_policies(struct cluster *cluster, struct arena *arena,
                             struct cluster_policy **ret_policies, size_t *ret_n,
                             uint64_t *ret_version, struct error *err);

/* One of them, in the arena; `target` names it, and has its uid or none. Returns false if it is not
 * there. */
bool cluster_policy(struct cluster *cluster, struct arena *arena,
                    const struct policy_target *target, struct cluster_policy *ret_policy);

/* The labels of a namespace, as a document that the caller owns: an object. Returns false if they
 * are not known: the namespace was made a moment ago, namespaces are not listed yet or not watched,
 * or it is beyond LIMIT_CLUSTER_BYTES. */
bool cluster_namespace_labels(struct cluster *cluster, struct str name,
                              struct json_doc *ret_labels);

#pragma once
/* An API server in memory with workloads and reports, a clock that moves when it is waited for, and
 * one scan after the other on them. */
#include "fetch/scripted.h"
#include "scan/round.h"
#include "test.h"

#define DEPLOYMENTS   "/apis/apps/v1/deployments"
#define REPLICASETS   "/apis/apps/v1/replicasets"
#define JOBS          "/apis/batch/v1/jobs"
#define PODS          "/api/v1/pods"
#define POLICYREPORTS "/apis/wgpolicyk8s.io/v1alpha2/policyreports"
#define REPORTS       "/apis/openreports.io/v1alpha1/reports"
#define SHIPS         "/apis/example.com/v3/ships"

#define GOOD "registry.example.com/web:1"
#define BAD  "evil.example.net/miner:1"

/* One policy that enforces and one that warns: GOOD holds, BAD is denied by one and warned of by
 * the other, "registry.example.com/old:1" is only warned of. */
extern const char world_policies[];

struct world_object {
    char collection[64], namespace[32], name[64];
    char *text; /* JSON without resourceVersion; NULL: gone */
    uint64_t version;
};

struct world {
    struct world_object objects[512];
    size_t n;
    uint64_t version;
    size_t page; /* objects of a page, whatever is asked for; 0: as is asked for */
    bool missing[REPORT_FORMATS];
    char log[65536]; /* writes: "POST shop/policyreports", "PUT shop/pratique-…12", a line each */
    char told[8192]; /* events but for calls: "begun", "failure pods", … */
    size_t calls, lists, writes;
    int64_t now, last; /* last: when the last call was made */
    int64_t least;     /* between two calls */
    /* A status to answer with; 0: as it is; 1: the call is lost. NULL: none. */
    unsigned (*fault)(struct world *world, const char *method, const char *path);
    size_t leads; /* so many calls long */
    struct policy_set *policies;
    const struct kinds *kinds;
    struct arena arena;
    struct kube_config kube_config;
    struct fetch_scripted scripted;
    struct fetch port;
    struct kube_time time;
    struct kube *kube;
    struct scan_config config;
    struct scan_watcher watcher;
    struct round round;
    struct scan_counts counts; /* of the last scan */
};

extern struct world world;

/* Begin with an empty cluster, PolicyReports, and world_policies; end. For tests. */
int world_begin(void **state);
int world_end(void **state);

/* Other policies, for the next page. */
void world_use(const char *policies);

/* A new leader, which knows nothing. */
void world_follow(void);

/* An object, its uid made of `number`, which is owned by the object of number `owner` (0: none) of
 * the kind `owner_kind`. */
void world_pod(const char *namespace, unsigned number, const char *image, const char *owner_kind,
               unsigned owner);
void world_template(const char *collection, const char *namespace, unsigned number,
                    const char *image, const char *owner_kind, unsigned owner, int replicas);
void world_put(const char *collection, const char *namespace, const char *name, const char *text);
void world_delete(const char *collection, const char *namespace, const char *name);

/* Scan once; the log and what was told begin anew. */
enum round_result world_scan(void);

/* The report of object `number`; NULL: there is none. */
const char *world_report(const char *collection, const char *namespace, unsigned number);

/* How many there are. */
size_t world_count(const char *collection);

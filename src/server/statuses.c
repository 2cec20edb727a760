#include "server/statuses.h"

#include <stdlib.h>

#include "base/chance.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/task.h"
#include "fetch/curl.h"
#include "observe/log.h"
#include "observe/metrics.h"
#include "server/hits.h"
#include "server/leading.h"

/* How often it is looked whether a status is to be written, and counts are added. */
static const int64_t LOOK = NS_PER_S;
static const int64_t COUNTS = 60 * NS_PER_S;
/* Between two writes, each two requests: a policy set of thousands must not weigh on the API
 * server. */
static const int64_t PAUSE = 100 * NS_PER_MS;
/* After a failure. */
static const int64_t BACK_OFF = 10 * NS_PER_S;

struct statuses {
    struct service *service;
    struct fetch fetch;
    struct kube *kube;
    struct task task;
    struct outcomes *noted;   /* under the task's lock: of the newest load, not yet taken */
    struct outcomes *last;    /* the reloader's: of the newest load */
    struct outcomes *current; /* the thread's */
    int64_t counts_at;        /* monotonic: when counts are added next */
    enum error_kind failing;  /* of the last write; NONE: it went well */
};

/* Replicas must not all add their counts in the same second. */
static int64_t next_counts(int64_t now)
{
    return now + COUNTS / 2 + COUNTS * (int64_t)chance(1000) / 1000;
}

/* -- writing -- */

static void count(const char *result, int64_t n)
{
    struct str label = str_from(result);
    metric_add(metric_series(METRIC_STATUS_WRITES, &label, 1), n);
}

static void note_result(struct statuses *statuses, status st, bool done, const struct error *err)
{
    enum error_kind kind = failed(st) ? err->kind : ERROR_NONE;
    count(failed(st) ? "error" : done ? "written" : "conflict", 1);
    if (failed(st) && kind != statuses->failing && !atomic_load(&statuses->task.stop)) {
        LOG(LOG_WARNING, "the status of a policy cannot be written; it is tried again",
            LOG_FIELD_CSTR("error", err->text));
    } else if (!failed(st) && statuses->failing != ERROR_NONE) {
        LOG(LOG_INFO, "the status of policies can be written again");
    }
    statuses->failing = kind;
}

/* Write, and pause. Returns false if there is no use in going on for now. */
static bool write_status(struct statuses *statuses, const struct policy_target *target,
                         const struct policy_ready *ready, const struct policy_counts_of *counts,
                         bool *ret_done)
{
    struct error err;
    status st = status_write(statuses->kube, target, ready, counts, ret_done, &err);
    note_result(statuses, st, *ret_done, &err);
    return task_wait(&statuses->task, clock_monotonic() + (failed(st) ? BACK_OFF : PAUSE)) &&
           !failed(st);
}

/* -- whether each is in use -- */

static bool is_newer(struct statuses *statuses)
{
    pthread_mutex_lock(&statuses->task.lock);
    bool newer = statuses->noted != NULL;
    pthread_mutex_unlock(&statuses->task.lock);
    return newer;
}

/* Returns false if there is no use in going on for now. */
static bool settle_one(struct statuses *statuses, struct cluster *cluster,
                       const struct outcome *outcome)
{
    static const struct policy_counts_of NOTHING = {0};
    struct policy_ready ready = outcome_now(outcome, clock_wall());
    const struct policy_target target = {outcome->kind, outcome->namespace, outcome->name,
                                         outcome->uid};
    bool done = false;
    arena_auto arena;
    arena_init(&arena, LIMIT_KUBE_ARENA);
    struct cluster_policy known;
    if (!cluster_policy(cluster, &arena, &target, &known) ||
        known.generation != outcome->generation || status_says(known.status, &ready)) {
        return true; /* gone, or changed again: then it is loaded again, and told of again */
    }
    return leading_holds(statuses->service) &&
           write_status(statuses, &target, &ready, &NOTHING, &done);
}

static void settle(struct statuses *statuses, struct cluster *cluster)
{
    const struct outcomes *outcomes = statuses->current;
    for (size_t i = 0; outcomes != NULL && i < outcomes->n && !is_newer(statuses); i++) {
        if (!settle_one(statuses, cluster, &outcomes->items[i])) {
            return;
        }
    }
}

/* -- what each has done -- */

static bool is_something(const struct policy_hits *hits)
{
    return hits->judged + hits->denied + hits->warned + hits->excused > 0;
}

/* Returns false if there is no use in going on for now. */
static bool add_counts(struct statuses *statuses, struct cluster *cluster,
                       const struct policy_hits *fresh)
{
    struct policy_target target = {fresh->kind, fresh->namespace, fresh->name, STR_EMPTY};
    const struct policy_counts_of counts = {fresh->judged, fresh->denied, fresh->warned,
                                            fresh->excused};
    bool done = false;
    arena_auto arena;
    arena_init(&arena, LIMIT_KUBE_ARENA);
    struct cluster_policy known;
    if (!is_something(fresh) || !cluster_policy(cluster, &arena, &target, &known)) {
        return true; /* a policy of a file has no status */
    }
    target.uid = known.uid;
    bool going = write_status(statuses, &target, NULL, &counts, &done);
    if (done) {
        hits_told(fresh);
    }
    return going;
}

static void add_all_counts(struct statuses *statuses, struct cluster *cluster)
{
    arena_auto arena;
    arena_init(&arena, LIMIT_POLICY_ARENA);
    struct hits_row *rows;
    size_t n;
    hits_collect(&statuses->service->snapshot);
    hits_list(&arena, &rows, &n);
    for (size_t i = 0; i < n; i++) {
        if (!add_counts(statuses, cluster, &rows[i].fresh)) {
            return;
        }
    }
}

/* -- the thread -- */

static void take_noted(struct statuses *statuses)
{
    pthread_mutex_lock(&statuses->task.lock);
    struct outcomes *noted = statuses->noted;
    statuses->noted = NULL;
    pthread_mutex_unlock(&statuses->task.lock);
    if (noted != NULL) {
        outcomes_unref(statuses->current);
        statuses->current = noted;
    }
}

static void *run(void *argument)
{
    struct statuses *statuses = argument;
    statuses->counts_at = next_counts(clock_monotonic());
    while (task_wait(&statuses->task, clock_monotonic() + LOOK)) {
        struct cluster *cluster = atomic_load(&statuses->service->cluster);
        take_noted(statuses);
        if (cluster == NULL) {
            continue;
        }
        if (leading_holds(statuses->service)) {
            settle(statuses, cluster);
        }
        if (clock_monotonic() >= statuses->counts_at) {
            add_all_counts(statuses, cluster);
            statuses->counts_at = next_counts(clock_monotonic());
        }
    }
    return NULL;
}

void statuses_note(struct statuses *statuses, const struct cluster_policy *policies,
                   const struct policy_object *objects, size_t n, const struct error *failure)
{
    if (statuses == NULL) {
        return;
    }
    struct outcomes *last = outcomes_of(policies, objects, n, failure, statuses->last);
    outcomes_unref(statuses->last);
    statuses->last = last;
    pthread_mutex_lock(&statuses->task.lock);
    outcomes_unref(statuses->noted);
    statuses->noted = outcomes_ref(last);
    pthread_mutex_unlock(&statuses->task.lock);
}

/* -- life -- */

static void make_series(void)
{
    count("written", 0);
    count("conflict", 0);
    count("error", 0);
}

static void free_statuses(struct statuses *statuses)
{
    kube_free(statuses->kube);
    fetch_curl_free(&statuses->fetch);
    outcomes_unref(statuses->noted);
    outcomes_unref(statuses->last);
    outcomes_unref(statuses->current);
    task_done(&statuses->task);
    free(statuses);
}

status statuses_start(struct service *service, struct error *err)
{
    if (!service->config->watch_policies) {
        return OK;
    }
    TRY(leading_need(service, "kubernetes.policies", err));
    make_series();
    struct statuses *statuses = calloc(1, sizeof *statuses);
    ENSURE(statuses != NULL);
    statuses->service = service;
    task_init(&statuses->task);
    statuses->fetch = fetch_curl_new();
    statuses->kube = kube_new(&service->kube, &statuses->fetch, &statuses->task.stop);
    status st = task_start(&statuses->task, run, statuses, err);
    if (failed(st)) {
        free_statuses(statuses);
        return st;
    }
    atomic_store(&service->statuses, statuses);
    return OK;
}

void statuses_stop(struct service *service)
{
    struct statuses *statuses = atomic_exchange(&service->statuses, NULL);
    if (statuses == NULL) {
        return;
    }
    task_stop(&statuses->task);
    free_statuses(statuses);
}

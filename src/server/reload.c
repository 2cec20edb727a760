#include "server/reload.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/task.h"
#include "observe/log.h"
#include "server/hits.h"
#include "server/statuses.h"

enum { LOAD_ARENA = LIMIT_POLICY_ARENA, DIAGNOSTICS_TEXT = 48 * KIB };

/* How long policies of the cluster that changed wait for others that change with them. */
static const int64_t SOON = 100 * NS_PER_MS;

/* -- what is watched -- */

static uint64_t look_policies(const struct server_config *config)
{
    uint64_t hash = 0;
    for (size_t i = 0; i < config->n_policies; i++) {
        hash = file_fingerprint_join(
            hash, file_fingerprint(config->policies[i], policy_suffixes, LIMIT_POLICY_FILES));
    }
    return hash;
}

static uint64_t look(const struct service *service, enum loadable what)
{
    static const char *const NONE[] = {NULL};
    const struct server_config *config = service->config;
    if (what == LOADABLE_POLICIES) {
        return look_policies(config);
    }
    if (what == LOADABLE_REGISTRIES) {
        return asking_fingerprint(&config->registries);
    }
    if (what == LOADABLE_CERTIFICATE && config->certificate == NULL) {
        return 0;
    }
    if (what == LOADABLE_CERTIFICATE) {
        return file_fingerprint_join(file_fingerprint(config->certificate, NONE, 0),
                                     file_fingerprint(config->key, NONE, 0));
    }
    return config->client_ca == NULL ? 0 : file_fingerprint(config->client_ca, NONE, 0);
}

/* The version of the policies of the cluster; 0: none are watched, or not all are known. */
static uint64_t cluster_version(const struct service *service)
{
    struct cluster *cluster = atomic_load(&service->cluster);
    return cluster == NULL ? 0 : cluster_policies_version(cluster);
}

/* What is to be loaded of `what`, whose files look like `files`. */
static uint64_t fingerprint(const struct service *service, enum loadable what, uint64_t files)
{
    return what == LOADABLE_POLICIES ? file_fingerprint_join(files, cluster_version(service))
                                     : files;
}

/* -- loading -- */

/* Say what is wrong; with objects of a cluster unless it is what was said last, for one that is
 * broken would be told again with each change of another. */
static void log_diagnostics(struct reloader *reloader, const struct diagnostics *list)
{
    buf_auto text;
    buf_init(&text, DIAGNOSTICS_TEXT);
    diagnostics_print(list, &text);
    uint64_t hash = str_hash(buf_str(&text));
    bool again = hash == reloader->told && reloader->service->config->watch_policies;
    if (list->n > 0 && !again) {
        LOG(list->errors > 0 ? LOG_ERROR : LOG_WARNING,
            list->errors > 0 ? "policies are wrong" : "policies have warnings",
            LOG_FIELD_STR("diagnostics", buf_str(&text)));
    }
    reloader->told = hash;
}

static void tell_policies(const struct policy_set *set)
{
    struct policy_counts counts;
    policy_set_counts(set, &counts);
    const struct {
        const char *what;
        size_t n;
    } gauges[] = {
        {"policies", counts.policies}, {"rules", counts.rules}, {"exceptions", counts.exceptions}};
    for (size_t i = 0; i < sizeof gauges / sizeof *gauges; i++) {
        struct str label = str_from(gauges[i].what);
        metric_set(metric_series(METRIC_POLICIES, &label, 1), (int64_t)gauges[i].n);
    }
    LOG(LOG_INFO, "policies loaded", LOG_FIELD_INT("policies", counts.policies),
        LOG_FIELD_INT("rules", counts.rules), LOG_FIELD_INT("exceptions", counts.exceptions));
}

/* The policies of the cluster as policy/ takes them. */
static status read_cluster(const struct service *service, struct arena *arena,
                           struct policy_sources *sources, struct cluster_policy **ret_policies,
                           struct error *err)
{
    struct cluster *cluster = atomic_load(&service->cluster);
    uint64_t version;
    sources->cluster = service->config->watch_policies;
    if (cluster == NULL || !sources->cluster) {
        return OK; /* at the start: the files alone are checked */
    }
    TRY(cluster_policies(cluster, arena, ret_policies, &sources->n_objects, &version, err));
    sources->objects = ARENA_ARRAY(arena, struct policy_object, sources->n_objects);
    for (size_t i = 0; i < sources->n_objects; i++) {
        const struct cluster_policy *policy = &(*ret_policies)[i];
        sources->objects[i] = (struct policy_object){.kind = policy->kind,
                                                     .namespace = policy->namespace,
                                                     .name = policy->name,
                                                     .text = policy->text};
    }
    return OK;
}

static status load_policies(struct reloader *reloader, struct arena *arena,
                            struct policy_set **ret_set, struct error *err)
{
    const struct service *service = reloader->service;
    const struct server_config *config = service->config;
    struct policy_options options = config->policy_options;
    options.now = clock_wall();
    struct policy_sources sources = {.paths = config->policies, .n_paths = config->n_policies};
    struct cluster_policy *policies = NULL;
    struct diagnostics list;
    diagnostics_init(&list, arena);
    TRY(read_cluster(service, arena, &sources, &policies, err));
    status st = policy_load_all(&sources, &options, &list, ret_set, err);
    log_diagnostics(reloader, &list);
    if (failed(st)) {
        err->kind = ERROR_CONFIG;
    }
    statuses_note(atomic_load(&reloader->service->statuses), policies, sources.objects,
                  sources.n_objects, failed(st) ? err : NULL);
    return st;
}

/* Policies that changed while they were read may be half of each: they are not put to use. `files`
 * is how they looked before. */
static status read_policies(struct reloader *reloader, uint64_t files, struct policy_set **ret_set,
                            struct error *err)
{
    arena_auto arena;
    arena_init(&arena, LOAD_ARENA);
    struct policy_set *set;
    TRY(load_policies(reloader, &arena, &set, err));
    if (look_policies(reloader->service->config) != files) {
        policy_set_unref(set);
        return error_set(err, ERROR_CONFIG, "the files changed while they were read");
    }
    *ret_set = set;
    return OK;
}

static status swap_policies(struct reloader *reloader, uint64_t files, struct error *err)
{
    struct policy_set *set;
    TRY(read_policies(reloader, files, &set, err));
    hits_follow(set);
    snapshot_swap(&reloader->service->snapshot, set);
    tell_policies(set); /* of what is in use by now; only this thread takes it out of use */
    return OK;
}

/* The first time. Those of the cluster come when they are all known; files beside them must be
 * sound from the start. */
static status first_policies(struct reloader *reloader, uint64_t files, struct error *err)
{
    struct health *health = &reloader->service->health;
    if (reloader->service->config->watch_policies) {
        struct policy_set *set;
        TRY(read_policies(reloader, files, &set, err));
        policy_set_unref(set);
        reloader->told = 0;
        health_waiting(health, LOADABLE_POLICIES, "waiting for the policies of the cluster");
        return OK;
    }
    TRY(swap_policies(reloader, files, err));
    health_loaded(health, LOADABLE_POLICIES, NULL);
    return OK;
}

/* What was remembered of registries is not: it may be others who ask now. */
static status load_registries(struct service *service, struct error *err)
{
    struct asking *asking;
    TRY(asking_load(&service->config->registries, &service->kube, &service->cancel_evidence,
                    &asking, err));
    asking_swap(&service->asking, asking);
    if (asking_has_files(&service->config->registries)) {
        LOG(LOG_INFO, "credentials and certificates for registries loaded");
    }
    return OK;
}

/* `files` is the fingerprint of the files that are to be loaded. */
static status load(struct reloader *reloader, enum loadable what, uint64_t files, struct error *err)
{
    struct service *service = reloader->service;
    if (what == LOADABLE_POLICIES) {
        return swap_policies(reloader, files, err);
    }
    if (what == LOADABLE_CERTIFICATE) {
        TRY(tls_reload(service->tls, err));
        health_certificate(tls_expiry(service->tls));
        return OK;
    }
    if (what == LOADABLE_REGISTRIES) {
        return load_registries(service, err);
    }
    TRY(client_trust_reload(service->clients, err));
    LOG(LOG_INFO, "client authorities loaded");
    return OK;
}

/* Load what has changed, and say how it went. */
static void reload(struct reloader *reloader, enum loadable what, uint64_t files)
{
    struct service *service = reloader->service;
    struct error err;
    bool bad = failed(load(reloader, what, files, &err));
    health_loaded(&service->health, what, bad ? &err : NULL);
    if (bad) {
        LOG(LOG_ERROR, "a reload failed; what was loaded before stays in use",
            LOG_FIELD_CSTR("what", loadable_name(what)), LOG_FIELD_CSTR("error", err.text));
    }
}

static bool is_used(const struct service *service, enum loadable what)
{
    switch (what) {
    case LOADABLE_CLIENT_CA:
        return service->clients != NULL;
    case LOADABLE_CERTIFICATE:
        return !service->config->managed_set;
    case LOADABLE_REGISTRIES:
        return asking_has_files(&service->config->registries);
    case LOADABLE_POLICIES: /* without those of the cluster there is nothing to load yet */
        return !service->config->watch_policies || cluster_version(service) != 0;
    case LOADABLE_CLUSTER:
    case LOADABLE_COUNT:
        break;
    }
    return false;
}

static void look_for_change(struct reloader *reloader, enum loadable what)
{
    struct reload_watch *watch = &reloader->watches[what];
    uint64_t files = look(reloader->service, what);
    uint64_t all = fingerprint(reloader->service, what, files);
    bool settled = files == watch->seen;
    watch->seen = files;
    if (!settled || all == watch->loaded) {
        return;
    }
    reload(reloader, what, files);
    /* If it changed while it was read, the next looks see something else, and load again. */
    watch->loaded = all;
}

static void reload_all(struct reloader *reloader)
{
    for (enum loadable what = 0; what < LOADABLE_COUNT; what++) {
        if (is_used(reloader->service, what)) {
            uint64_t files = look(reloader->service, what);
            uint64_t all = fingerprint(reloader->service, what, files);
            reload(reloader, what, files);
            reloader->watches[what] = (struct reload_watch){.loaded = all, .seen = files};
        }
    }
}

/* -- the first time -- */

static status first_certificate(struct service *service, struct error *err)
{
    const struct server_config *config = service->config;
    if (config->managed_set) {
        service->tls = tls_new_empty();
        health_waiting(&service->health, LOADABLE_CERTIFICATE, "waiting for a certificate");
        return OK;
    }
    TRY(tls_new(config->certificate, config->key, &service->tls, err));
    health_certificate(tls_expiry(service->tls));
    health_loaded(&service->health, LOADABLE_CERTIFICATE, NULL);
    return OK;
}

status reload_first(struct reloader *reloader, struct service *service, struct error *err)
{
    const struct server_config *config = service->config;
    *reloader = (struct reloader){.service = service};
    for (enum loadable what = 0; what < LOADABLE_COUNT; what++) {
        uint64_t files = look(service, what);
        reloader->watches[what] =
            (struct reload_watch){.loaded = fingerprint(service, what, files), .seen = files};
    }
    TRY(first_certificate(service, err));
    if (config->client_ca != NULL) {
        TRY(client_trust_new(config->client_ca, &config->client_names, &service->clients, err));
        health_loaded(&service->health, LOADABLE_CLIENT_CA, NULL);
    }
    TRY(load_registries(service, err));
    if (asking_has_files(&config->registries)) {
        health_loaded(&service->health, LOADABLE_REGISTRIES, NULL);
    }
    return first_policies(reloader, reloader->watches[LOADABLE_POLICIES].seen, err);
}

/* -- the thread -- */

/* Wait for the interval, or until woken; of policies that are to be loaded soon, for what else
 * comes with them. */
static void wait_a_while(struct reloader *reloader)
{
    int64_t interval = reloader->service->config->reload_interval_ns;
    int64_t until = clock_monotonic() + (reloader->soon ? SOON : interval);
    int code = 0;
    while (!reloader->stop && !reloader->now && code != ETIMEDOUT) {
        const struct timespec time = {.tv_sec = until / NS_PER_S, .tv_nsec = until % NS_PER_S};
        bool soon = reloader->soon;
        code = pthread_cond_timedwait(&reloader->wake, &reloader->lock, &time);
        if (reloader->soon && !soon) {
            until = clock_monotonic() + SOON;
        }
    }
    reloader->soon = false;
}

static void *run(void *argument)
{
    struct reloader *reloader = argument;
    pthread_mutex_lock(&reloader->lock);
    for (;;) {
        wait_a_while(reloader);
        if (reloader->stop) {
            break;
        }
        bool all = reloader->now;
        reloader->now = false;
        pthread_mutex_unlock(&reloader->lock);
        if (all) {
            reload_all(reloader);
        }
        for (enum loadable what = 0; what < LOADABLE_COUNT && !all; what++) {
            if (is_used(reloader->service, what)) {
                look_for_change(reloader, what);
            }
        }
        pthread_mutex_lock(&reloader->lock);
    }
    pthread_mutex_unlock(&reloader->lock);
    return NULL;
}

status reload_start(struct reloader *reloader, struct error *err)
{
    clock_condition_init(&reloader->wake);
    pthread_mutex_init(&reloader->lock, NULL);
    TRY(thread_start(&reloader->thread, run, reloader, err));
    reloader->started = true;
    return OK;
}

static void wake(struct reloader *reloader, bool *flag)
{
    pthread_mutex_lock(&reloader->lock);
    *flag = true;
    pthread_cond_signal(&reloader->wake);
    pthread_mutex_unlock(&reloader->lock);
}

void reload_policies_soon(struct reloader *reloader)
{
    wake(reloader, &reloader->soon);
}

void reload_now(struct reloader *reloader)
{
    wake(reloader, &reloader->now);
}

void reload_stop(struct reloader *reloader)
{
    if (reloader->started) {
        wake(reloader, &reloader->stop);
        pthread_join(reloader->thread, NULL);
        reloader->started = false;
    }
}

#include "server/reload.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "observe/log.h"

enum { DIAGNOSTICS_ARENA = 4 * MIB, DIAGNOSTICS_TEXT = 48 * KIB };

/* -- what is watched -- */

static uint64_t combine(uint64_t hash, uint64_t more)
{
    return (hash ^ more) * UINT64_C(0x9e3779b97f4a7c15) + (hash >> 31);
}

static uint64_t look_policies(const struct server_config *config)
{
    uint64_t hash = 0;
    for (size_t i = 0; i < config->n_policies; i++) {
        hash = combine(hash,
                       file_fingerprint(config->policies[i], policy_suffixes, LIMIT_POLICY_FILES));
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
    if (what == LOADABLE_CERTIFICATE && config->certificate == NULL) {
        return 0;
    }
    if (what == LOADABLE_CERTIFICATE) {
        return combine(file_fingerprint(config->certificate, NONE, 0),
                       file_fingerprint(config->key, NONE, 0));
    }
    return config->client_ca == NULL ? 0 : file_fingerprint(config->client_ca, NONE, 0);
}

/* -- loading -- */

static void log_diagnostics(const struct diagnostics *list)
{
    if (list->n > 0) {
        buf_auto text;
        buf_init(&text, DIAGNOSTICS_TEXT);
        diagnostics_print(list, &text);
        LOG(list->errors > 0 ? LOG_ERROR : LOG_WARNING,
            list->errors > 0 ? "policies are wrong" : "policies have warnings",
            LOG_FIELD_STR("diagnostics", buf_str(&text)));
    }
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

static status load_policies(const struct service *service, struct policy_set **ret_set,
                            struct error *err)
{
    const struct server_config *config = service->config;
    struct policy_options options = config->policy_options;
    options.now = clock_wall();
    arena_auto arena;
    arena_init(&arena, DIAGNOSTICS_ARENA);
    struct diagnostics list;
    diagnostics_init(&list, &arena);
    status st = policy_load(config->policies, config->n_policies, &options, &list, ret_set, err);
    log_diagnostics(&list);
    if (failed(st)) {
        err->kind = ERROR_CONFIG;
    }
    return st;
}

/* Policies that changed while they were read may be half of each: they are not put to use. */
static status swap_policies(struct service *service, uint64_t seen, struct error *err)
{
    struct policy_set *set;
    TRY(load_policies(service, &set, err));
    if (look_policies(service->config) != seen) {
        policy_set_unref(set);
        return error_set(err, ERROR_CONFIG, "the files changed while they were read");
    }
    snapshot_swap(&service->snapshot, set);
    tell_policies(set); /* of what is in use by now; only this thread takes it out of use */
    return OK;
}

/* `seen` is the fingerprint of the files that are to be loaded. */
static status load(struct service *service, enum loadable what, uint64_t seen, struct error *err)
{
    if (what == LOADABLE_POLICIES) {
        return swap_policies(service, seen, err);
    }
    if (what == LOADABLE_CERTIFICATE) {
        TRY(tls_reload(service->tls, err));
        health_certificate(tls_expiry(service->tls));
        return OK;
    }
    TRY(client_trust_reload(service->clients, err));
    LOG(LOG_INFO, "client authorities loaded");
    return OK;
}

/* Load what has changed, and say how it went. */
static void reload(struct reloader *reloader, enum loadable what, uint64_t seen)
{
    struct service *service = reloader->service;
    struct error err;
    bool bad = failed(load(service, what, seen, &err));
    health_loaded(&service->health, what, bad ? &err : NULL);
    if (bad) {
        LOG(LOG_ERROR, "a reload failed; what was loaded before stays in use",
            LOG_FIELD_CSTR("what", loadable_name(what)), LOG_FIELD_CSTR("error", err.text));
    }
}

static bool is_used(const struct service *service, enum loadable what)
{
    return what == LOADABLE_CLIENT_CA     ? service->clients != NULL
           : what == LOADABLE_CERTIFICATE ? !service->config->managed_set
                                          : true;
}

static void look_for_change(struct reloader *reloader, enum loadable what)
{
    struct reload_watch *watch = &reloader->watches[what];
    uint64_t seen = look(reloader->service, what);
    bool settled = seen == watch->seen;
    watch->seen = seen;
    if (!settled || seen == watch->loaded) {
        return;
    }
    reload(reloader, what, seen);
    /* If it changed while it was read, the next looks see something else, and load again. */
    watch->loaded = seen;
}

static void reload_all(struct reloader *reloader)
{
    for (enum loadable what = 0; what < LOADABLE_COUNT; what++) {
        if (is_used(reloader->service, what)) {
            uint64_t seen = look(reloader->service, what);
            reload(reloader, what, seen);
            reloader->watches[what] = (struct reload_watch){.loaded = seen, .seen = seen};
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
        uint64_t seen = look(service, what);
        reloader->watches[what] = (struct reload_watch){.loaded = seen, .seen = seen};
    }
    TRY(first_certificate(service, err));
    if (config->client_ca != NULL) {
        TRY(client_trust_new(config->client_ca, &config->client_names, &service->clients, err));
        health_loaded(&service->health, LOADABLE_CLIENT_CA, NULL);
    }
    TRY(swap_policies(service, reloader->watches[LOADABLE_POLICIES].loaded, err));
    health_loaded(&service->health, LOADABLE_POLICIES, NULL);
    return OK;
}

/* -- the thread -- */

/* Wait for the interval, or until woken. */
static void wait_a_while(struct reloader *reloader)
{
    int64_t until = clock_monotonic() + reloader->service->config->reload_interval_ns;
    const struct timespec time = {.tv_sec = until / NS_PER_S, .tv_nsec = until % NS_PER_S};
    int code = 0;
    while (!reloader->stop && !reloader->now && code != ETIMEDOUT) {
        code = pthread_cond_timedwait(&reloader->wake, &reloader->lock, &time);
    }
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
    int code = pthread_create(&reloader->thread, NULL, run, reloader);
    if (code != 0) {
        return error_set(err, ERROR_INTERNAL, "cannot start a thread: %s", strerrordesc_np(code));
    }
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

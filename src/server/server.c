#include "server/server.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <time.h>

#include "base/clock.h"
#include "observe/audit.h"
#include "observe/log.h"
#include "server/eventing.h"
#include "server/hits.h"
#include "server/kubernetes.h"
#include "server/leading.h"
#include "server/listener.h"
#include "server/live.h"
#include "server/managed.h"
#include "server/page.h"
#include "server/reload.h"
#include "server/remember.h"
#include "server/scanning.h"
#include "server/statuses.h"
#include "server/tracing.h"
#include "server/waiting.h"

/* Descriptors beside connections: sockets, files, epoll, the reading of policies. */
enum { SPARE_FILES = 64 };

/* After the drain, how long the history may take to be written. With what is told to others, which
 * is cancelled earlier and may take a second to notice, it is less than the two seconds that a
 * Pod's grace period has for it. */
static const int64_t AFTERWARDS = NS_PER_S;
static const int64_t LAST_REQUEST = NS_PER_S / 2;

struct running {
    struct service service;
    struct reloader reloader;
    struct managed managed;
    struct live live;
    struct scanning scanning;
    struct listener secure, plain;
    int64_t until; /* monotonic: when it has to have ended */
};

/* -- signals -- */

/* Block what is waited for, before any thread is made, so that only the main thread takes it. */
static void block_signals(sigset_t *ret_set)
{
    sigemptyset(ret_set);
    sigaddset(ret_set, SIGTERM);
    sigaddset(ret_set, SIGINT);
    sigaddset(ret_set, SIGHUP);
    ENSURE(pthread_sigmask(SIG_BLOCK, ret_set, NULL) == 0);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error, not an end */
}

static void reopen_audit(void)
{
    struct error err;
    if (failed(audit_reopen(&err))) {
        log_error("the audit log goes on where it was", &err);
    }
}

/* Until asked to stop. */
static void wait_for_stop(struct running *running, const sigset_t *signals)
{
    for (;;) {
        int number = 0;
        ENSURE(sigwait(signals, &number) == 0);
        if (number != SIGHUP) {
            LOG(LOG_INFO, "stopping", LOG_FIELD_INT("signal", number));
            return;
        }
        LOG(LOG_INFO, "reloading", LOG_FIELD_INT("signal", number));
        reopen_audit();
        reload_now(&running->reloader);
    }
}

/* -- start and end -- */

static void raise_file_limit(const struct server_config *config)
{
    struct rlimit limit;
    rlim_t wanted = config->connections + SPARE_FILES + config->threads * 4;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) {
        return;
    }
    limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur < wanted) {
        LOG(LOG_WARNING, "the system allows fewer open files than connections are configured",
            LOG_FIELD_INT("allowed", limit.rlim_cur), LOG_FIELD_INT("wanted", wanted));
    }
}

static status start_listeners(struct running *running, struct error *err)
{
    struct service *service = &running->service;
    const struct server_config *config = service->config;
    TRY(listener_start(&running->secure, service, true, &config->listen, err));
    return config->plain_set ? listener_start(&running->plain, service, false, &config->plain, err)
                             : OK;
}

/* Whether something has to be had from the API server before it is ready. */
static bool waits_for_cluster(const struct server_config *config)
{
    return config->managed_set || config->watch_policies || config->watch_namespaces;
}

static status start(struct running *running, struct error *err)
{
    struct service *service = &running->service;
    const struct server_config *config = service->config;
    struct str version = STR(PRATIQUE_VERSION);
    metric_set(metric_series(METRIC_BUILD_INFO, &version, 1), 1);
    raise_file_limit(config);
    TRY(audit_open(config->audit, err));
    TRY(remember_start(config, err));
    TRY(tracing_start(config, err));
    TRY(eventing_start(service, err));
    if (config->registries.pull_secrets) {
        TRY(kubernetes_need(service, "registries.pullSecrets", err));
    }
    TRY(reload_first(&running->reloader, service, err));
    if (config->ui_set) {
        TRY(pages_start(service, &service->pages, err));
    }
    live_expect(service);
    service->waiting = waiting_new(service);
    TRY(start_listeners(running, err));
    TRY(reload_start(&running->reloader, err));
    TRY(managed_start(&running->managed, service, err));
    TRY(statuses_start(service, err));
    TRY(live_start(&running->live, service, &running->reloader, err));
    TRY(scanning_start(&running->scanning, service, err));
    LOG(LOG_INFO, waits_for_cluster(config) ? "started" : "ready",
        LOG_FIELD_STR("version", version), LOG_FIELD_STR("address", config->listen.address),
        LOG_FIELD_INT("port", running->secure.port),
        LOG_FIELD_INT("plainPort", running->plain.port), LOG_FIELD_INT("threads", config->threads));
    return OK;
}

/* Wait for a second signal to stop, until monotonic time `until`. Returns whether one came. A
 * SIGHUP is nothing to a server that ends. */
static bool stopped_again(const sigset_t *signals, int64_t until)
{
    for (;;) {
        int64_t left = until - clock_monotonic();
        left = left < 0 ? 0 : left;
        const struct timespec time = {.tv_sec = left / NS_PER_S, .tv_nsec = left % NS_PER_S};
        int number = sigtimedwait(signals, NULL, &time);
        if (number > 0 && number != SIGHUP) {
            LOG(LOG_WARNING, "stopping without draining", LOG_FIELD_INT("signal", number));
            return true;
        }
        if (number < 0 && errno == EAGAIN) {
            return false;
        }
    }
}

/* Let callers find other replicas, then let what is in the middle of a request end. */
static void drain(struct running *running, const sigset_t *signals)
{
    struct service *service = &running->service;
    const struct server_config *config = service->config;
    atomic_store(&service->health.draining, true);
    bool hurry = stopped_again(signals, clock_monotonic() + config->drain_delay_ns);
    listener_quiesce(&running->secure);
    int64_t until = clock_monotonic() + config->drain_timeout_ns;
    while (!hurry && listener_busy(&running->secure) > 0 && clock_monotonic() < until) {
        hurry = stopped_again(signals, clock_monotonic() + 10 * NS_PER_MS);
    }
    running->until = (hurry ? clock_monotonic() : until) + AFTERWARDS;
    LOG(LOG_INFO, "drained", LOG_FIELD_INT("abandoned", listener_busy(&running->secure)));
}

static void end(struct running *running)
{
    struct service *service = &running->service;
    atomic_store(&service->cancel_evidence, true);
    reload_stop(&running->reloader);
    managed_stop(&running->managed);
    pages_stop(service->pages);
    scanning_stop(&running->scanning);
    waiting_stop(service->waiting);
    listener_stop(&running->secure);
    listener_stop(&running->plain);
    waiting_free(service->waiting);
    pages_free(service->pages);
    statuses_stop(service);
    live_stop(&running->live);
    leading_stop(service);
    snapshot_done(&service->snapshot);
    asking_slot_done(&service->asking);
    kubernetes_done(service);
    hits_done();
    client_trust_free(service->clients);
    tls_free(service->tls);
    health_done(&service->health);
    eventing_end(running->until - LAST_REQUEST);
    tracing_end(running->until - LAST_REQUEST);
    remember_stop(running->until);
    tracing_stop();
    eventing_stop();
    audit_close();
}

status server_run(const struct server_config *config, struct error *err)
{
    sigset_t signals;
    struct running running = {.service = {.config = config}};
    block_signals(&signals);
    snapshot_init(&running.service.snapshot, NULL);
    health_init(&running.service.health);
    asking_slot_init(&running.service.asking);
    budget_init(&running.service.budget, config->reviews_in_flight, config->bodies_in_flight);
    running.service.connections = metric_series(METRIC_CONNECTIONS, NULL, 0);
    status st = start(&running, err);
    if (!failed(st)) {
        wait_for_stop(&running, &signals);
        drain(&running, &signals);
    } else {
        running.until = clock_monotonic() + AFTERWARDS;
    }
    end(&running);
    return st;
}

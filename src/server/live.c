#include "server/live.h"

#include "base/clock.h"
#include "observe/log.h"
#include "observe/metrics.h"
#include "server/kubernetes.h"
#include "server/reload.h"

enum { DETAILS_MAX = LIVE_DETAIL_MAX + CLUSTER_WATCHES * 64 };

/* -- readiness -- */

/* Under the lock: which are waited for, or else fail, and why the first of them does. The reasons
 * of all would not leave room for the names. */
static void phrase(const struct live *live, bool waiting, struct buf *text)
{
    const char *why = "";
    for (enum cluster_watch watch = 0; watch < CLUSTER_WATCHES; watch++) {
        const char *failing = live->failing[watch];
        if (waiting ? live->waiting[watch] : failing[0] != '\0') {
            buf_printf(text, "%s%s", text->n > 0 ? ", " : "", cluster_watch_name(watch));
            why = why[0] != '\0' ? why : failing;
        }
    }
    if (text->n > 0) {
        buf_add_cstr(text, waiting ? " are not known yet" : "");
        buf_add_cstr(text, why[0] != '\0' ? ": " : "");
        buf_add_cstr(text, why);
    }
}

/* Under the lock. */
static void tell_health(const struct live *live)
{
    buf_auto waiting;
    buf_auto failing;
    buf_init(&waiting, DETAILS_MAX);
    buf_init(&failing, DETAILS_MAX);
    phrase(live, true, &waiting);
    phrase(live, false, &failing);
    struct health *health = &live->service->health;
    char text[ERROR_TEXT_MAX];
    struct str detail = str_sub(buf_str(waiting.n > 0 ? &waiting : &failing), 0, sizeof text - 1);
    snprintf(text, sizeof text, "%.*s", STR_ARG(detail));
    if (waiting.n > 0) {
        health_waiting(health, LOADABLE_CLUSTER, text);
    } else {
        health_note(health, LOADABLE_CLUSTER, text);
    }
}

/* -- what a watch tells -- */

static struct metric_series *series(enum metric metric, enum cluster_watch watch)
{
    struct str resource = str_from(cluster_watch_name(watch));
    return metric_series(metric, &resource, 1);
}

static const char *reason_name(enum kube_watch_reason reason)
{
    switch (reason) {
    case KUBE_WATCH_EXPIRED:
        return "expired";
    case KUBE_WATCH_DISTRUSTED:
        return "distrusted";
    case KUBE_WATCH_ROUTINE:
        break;
    }
    return "routine";
}

static void count_relist(enum cluster_watch watch, const char *reason, int64_t n)
{
    const struct str labels[] = {str_from(cluster_watch_name(watch)), str_from(reason)};
    metric_add(metric_series(METRIC_WATCH_RELISTS, labels, 2), n);
}

static void note_failure(struct live *live, enum cluster_watch watch, const struct error *err,
                         int64_t since)
{
    char text[CLOCK_TEXT_MAX];
    clock_format_seconds(clock_wall() - (clock_monotonic() - since), text);
    snprintf(live->failing[watch], sizeof live->failing[watch], "not heard of since %s: %s", text,
             err->text);
    metric_set(series(METRIC_WATCH_UP, watch), 0);
    LOG(LOG_ERROR, "the cluster cannot be watched; what was known stays in use, and may be old",
        LOG_FIELD_CSTR("resource", cluster_watch_name(watch)), LOG_FIELD_CSTR("since", text),
        LOG_FIELD_CSTR("error", err->text));
}

static void note_relist(enum cluster_watch watch, const struct kube_watch_event *event)
{
    count_relist(watch, reason_name(event->reason), 1);
    if (event->reason != KUBE_WATCH_ROUTINE) {
        LOG(LOG_WARNING, "a resource of the cluster is listed again",
            LOG_FIELD_CSTR("resource", cluster_watch_name(watch)),
            LOG_FIELD_CSTR("reason", reason_name(event->reason)),
            LOG_FIELD_CSTR("detail", event->err == NULL ? "" : event->err->text));
    }
}

/* Under the lock. */
static void note_event(struct live *live, enum cluster_watch watch,
                       const struct kube_watch_event *event)
{
    switch (event->kind) {
    case KUBE_WATCH_FAILING:
        note_failure(live, watch, event->err, event->since);
        return;
    case KUBE_WATCH_RECOVERED:
        live->failing[watch][0] = '\0';
        metric_set(series(METRIC_WATCH_UP, watch), 1);
        LOG(LOG_INFO, "the cluster is watched again",
            LOG_FIELD_CSTR("resource", cluster_watch_name(watch)));
        return;
    case KUBE_WATCH_RELISTED:
        note_relist(watch, event);
        return;
    }
}

/* Under the lock. */
static void note_synced(struct live *live, enum cluster_watch watch, size_t objects)
{
    metric_set(series(METRIC_WATCH_OBJECTS, watch), (int64_t)objects);
    metric_set(series(METRIC_WATCH_UP, watch), live->failing[watch][0] == '\0');
    if (live->waiting[watch]) {
        LOG(LOG_INFO, "a resource of the cluster is known",
            LOG_FIELD_CSTR("resource", cluster_watch_name(watch)),
            LOG_FIELD_INT("objects", objects));
    }
    live->waiting[watch] = false;
}

static void tell(void *self, const struct cluster_event *event)
{
    struct live *live = self;
    pthread_mutex_lock(&live->lock);
    if (event->event == NULL) {
        note_synced(live, event->watch, event->objects);
    } else {
        note_event(live, event->watch, event->event);
    }
    tell_health(live);
    pthread_mutex_unlock(&live->lock);
}

static void changed(void *self)
{
    const struct live *live = self;
    reload_policies_soon(live->reloader);
}

/* -- life -- */

/* So that each series is there before the first event. */
static void make_series(struct live *live)
{
    static const char *const REASONS[] = {"expired", "distrusted", "routine"};
    for (enum cluster_watch watch = 0; watch < CLUSTER_WATCHES; watch++) {
        live->waiting[watch] =
            watch == CLUSTER_NAMESPACES ? live->config.namespaces : live->config.policies;
        if (!live->waiting[watch]) {
            continue;
        }
        metric_set(series(METRIC_WATCH_UP, watch), 0);
        metric_set(series(METRIC_WATCH_OBJECTS, watch), 0);
        for (size_t i = 0; i < sizeof REASONS / sizeof *REASONS; i++) {
            count_relist(watch, REASONS[i], 0);
        }
    }
}

void live_expect(struct service *service)
{
    if (service->config->watch_policies || service->config->watch_namespaces) {
        health_waiting(&service->health, LOADABLE_CLUSTER, "the cluster is not asked yet");
    }
}

status live_start(struct live *live, struct service *service, struct reloader *reloader,
                  struct error *err)
{
    const struct server_config *config = service->config;
    *live = (struct live){.service = service, .reloader = reloader};
    if (!config->watch_policies && !config->watch_namespaces) {
        return OK;
    }
    TRY(kubernetes_need(service, "kubernetes", err));
    live->config = (struct cluster_config){.kube = &service->kube,
                                           .policies = config->watch_policies,
                                           .namespaces = config->watch_namespaces};
    live->watcher = (struct cluster_watcher){.self = live, .changed = changed, .tell = tell};
    pthread_mutex_init(&live->lock, NULL);
    make_series(live);
    tell_health(live);
    struct cluster *cluster;
    TRY(cluster_start(&live->config, &live->watcher, &cluster, err));
    atomic_store(&service->cluster, cluster);
    reload_policies_soon(reloader); /* what came before the reloader could see it */
    return OK;
}

void live_stop(struct live *live)
{
    if (live->service != NULL) {
        cluster_stop(atomic_exchange(&live->service->cluster, NULL));
    }
}

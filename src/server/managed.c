#include "server/managed.h"

#include "observe/log.h"
#include "server/kubernetes.h"

/* -- what is told -- */

static void count(enum metric metric, const char *label, int64_t n)
{
    struct str value = str_from(label);
    metric_add(metric_series(metric, &value, 1), n);
}

static void tell_leading(bool leading)
{
    metric_set(metric_series(METRIC_CERTIFICATE_LEADER, NULL, 0), leading);
    if (leading) {
        LOG(LOG_INFO, "this replica makes the certificates");
    } else {
        LOG(LOG_INFO, "this replica does not make the certificates any more");
    }
}

static void tell_waiting(struct managed *managed, const struct error *err)
{
    health_waiting(&managed->service->health, LOADABLE_CERTIFICATE, err->text);
    if (!managed->told_waiting) {
        LOG(LOG_INFO, "waiting for the first certificate", LOG_FIELD_CSTR("detail", err->text));
    }
    managed->told_waiting = true;
}

static void tell_failure(const struct certificates_event *event)
{
    count(METRIC_CERTIFICATE_FAILURES, event->what, 1);
    if (!event->again) {
        LOG(LOG_ERROR, "managing the certificate fails; it is tried again",
            LOG_FIELD_CSTR("what", event->what), LOG_FIELD_CSTR("error", event->err->text),
            LOG_FIELD_CSTR("kind", error_kind_info(event->err->kind)->label));
    }
}

static void tell(void *self, const struct certificates_event *event)
{
    switch (event->kind) {
    case CERTIFICATES_LEADING:
    case CERTIFICATES_FOLLOWING:
        tell_leading(event->kind == CERTIFICATES_LEADING);
        return;
    case CERTIFICATES_STEP:
        count(METRIC_CERTIFICATE_ROTATIONS, event->what, 1);
        LOG(LOG_INFO, "a step of the rotation is done", LOG_FIELD_CSTR("step", event->what));
        return;
    case CERTIFICATES_BUNDLE:
        LOG(LOG_INFO, "a caBundle is written", LOG_FIELD_CSTR("kind", event->what),
            LOG_FIELD_STR("name", event->name));
        return;
    case CERTIFICATES_MISSING:
        LOG(LOG_WARNING, "a webhook configuration does not exist yet; it is waited for",
            LOG_FIELD_STR("name", event->name));
        return;
    case CERTIFICATES_WAITING:
        tell_waiting(self, event->err);
        return;
    case CERTIFICATES_FAILURE:
        tell_failure(event);
        return;
    case CERTIFICATES_RECOVERED:
        LOG(LOG_INFO, "managing the certificate goes on", LOG_FIELD_CSTR("what", event->what));
        return;
    }
}

/* So that each series is there before the first event. */
static void make_series(void)
{
    static const char *const STEPS[] = {"authority", "certificate", "drop"};
    static const char *const PARTS[] = {"lease", "secret", "certificate", "webhooks", "rotation"};
    metric_set(metric_series(METRIC_CERTIFICATE_LEADER, NULL, 0), 0);
    for (size_t i = 0; i < sizeof STEPS / sizeof *STEPS; i++) {
        count(METRIC_CERTIFICATE_ROTATIONS, STEPS[i], 0);
    }
    for (size_t i = 0; i < sizeof PARTS / sizeof *PARTS; i++) {
        count(METRIC_CERTIFICATE_FAILURES, PARTS[i], 0);
    }
}

/* -- what is served -- */

static status use(void *self, struct str certificate, struct str key, struct error *err)
{
    struct managed *managed = self;
    struct service *service = managed->service;
    TRY(tls_use(service->tls, certificate, key, err));
    health_certificate(tls_expiry(service->tls));
    health_loaded(&service->health, LOADABLE_CERTIFICATE, NULL);
    return OK;
}

/* -- life -- */

status managed_start(struct managed *managed, struct service *service, struct error *err)
{
    *managed = (struct managed){.service = service};
    if (!service->config->managed_set) {
        return OK;
    }
    make_series();
    TRY(kubernetes_need(service, "tls.managed", err));
    managed->watcher = (struct certificates_watcher){.self = managed, .use = use, .tell = tell};
    managed->config = service->config->managed;
    managed->config.kube = service->kube;
    if (managed->config.namespace.n == 0) {
        managed->config.namespace = service->kube.namespace;
    }
    return certificates_start(&managed->config, &managed->watcher, &managed->certificates, err);
}

void managed_stop(struct managed *managed)
{
    certificates_stop(managed->certificates);
    managed->certificates = NULL;
}

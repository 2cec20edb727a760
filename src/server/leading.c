#include "server/leading.h"

#include "observe/log.h"
#include "observe/metrics.h"
#include "server/kubernetes.h"

static void tell_leading(const struct leader_config *config, bool leading)
{
    metric_set(metric_series(METRIC_LEADER, NULL, 0), leading);
    if (leading) {
        LOG(LOG_INFO, "this replica leads", LOG_FIELD_STR("lease", config->name));
    } else {
        LOG(LOG_INFO, "this replica does not lead any more", LOG_FIELD_STR("lease", config->name));
    }
}

static void tell_failure(const struct leader_config *config, const struct leader_event *event)
{
    metric_add(metric_series(METRIC_LEADER_FAILURES, NULL, 0), 1);
    if (!event->again) {
        LOG(LOG_ERROR, "the lease cannot be had or renewed; it is tried again",
            LOG_FIELD_STR("lease", config->name), LOG_FIELD_CSTR("error", event->err->text),
            LOG_FIELD_CSTR("kind", error_kind_info(event->err->kind)->label));
    }
}

static void tell(void *self, const struct leader_event *event)
{
    const struct leader_config *config = self;
    switch (event->kind) {
    case LEADER_LEADING:
    case LEADER_FOLLOWING:
        tell_leading(config, event->kind == LEADER_LEADING);
        return;
    case LEADER_FAILURE:
        tell_failure(config, event);
        return;
    case LEADER_RECOVERED:
        LOG(LOG_INFO, "the lease can be had and renewed again",
            LOG_FIELD_STR("lease", config->name));
        return;
    }
}

status leading_need(struct service *service, const char *what, struct error *err)
{
    struct leading *leading = &service->leading;
    if (leading->leader != NULL) {
        return OK;
    }
    TRY(kubernetes_need(service, what, err));
    metric_set(metric_series(METRIC_LEADER, NULL, 0), 0);
    metric_add(metric_series(METRIC_LEADER_FAILURES, NULL, 0), 0);
    leading->config = (struct leader_config){.kube = &service->kube,
                                             .namespace = service->kube.namespace,
                                             .name = service->config->lease};
    leading->watcher = (struct leader_watcher){.self = &leading->config, .tell = tell};
    return leader_start(&leading->config, &leading->watcher, &leading->leader, err);
}

bool leading_holds(const struct service *service)
{
    return leader_holds(service->leading.leader);
}

void leading_stop(struct service *service)
{
    leader_stop(service->leading.leader);
    service->leading.leader = NULL;
}

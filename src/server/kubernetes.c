#include "server/kubernetes.h"

#include "base/limits.h"

static status load(struct service *service, struct error *err)
{
    const char *kubeconfig = service->config->kubeconfig;
    return kubeconfig != NULL
               ? kube_config_load(&service->kube_arena, kubeconfig, &service->kube, err)
               : kube_config_in_cluster(&service->kube_arena, KUBE_SERVICE_ACCOUNT, &service->kube,
                                        err);
}

status kubernetes_need(struct service *service, const char *what, struct error *err)
{
    if (service->kube.server.n > 0) {
        return OK;
    }
    arena_init(&service->kube_arena, LIMIT_KUBE_ARENA);
    return failed(load(service, err)) ? error_wrap(err, "%s", what) : OK;
}

void kubernetes_done(struct service *service)
{
    arena_done(&service->kube_arena);
    service->kube = (struct kube_config){0};
}

#pragma once
/* Where the API server is, for all parts of the server that ask it. */
#include "server/service.h"

/* Read it into service->kube, from the configured kubeconfig or as a Pod; once, when it is first
 * needed. `what` asks for it, and begins the message. Errors: as kube_config_load and
 * kube_config_in_cluster. */
MUST status kubernetes_need(struct service *service, const char *what, struct error *err);

/* Free what was read; nothing is fine. Nobody may use service->kube any more. */
void kubernetes_done(struct service *service);

#pragma once
/* The managed certificate in the server: what certificates/ makes is served, and told to the log,
 * the metrics and readiness. */
#include "certificates/certificates.h"
#include "server/service.h"

struct managed {
    struct service *service;
    struct certificates_config config;
    struct certificates_watcher watcher;
    struct certificates *certificates;
    bool told_waiting;
};

/* Begin, if the configuration asks for it. `managed` stays where it is until managed_stop.
 * Errors: CONFIG (no cluster, a kubeconfig that is wrong), INTERNAL. */
MUST status managed_start(struct managed *managed, struct service *service, struct error *err);

/* End; one that was not started is fine. */
void managed_stop(struct managed *managed);

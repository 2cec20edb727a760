#pragma once
/* The background scan in the server: by the leader, with the policies in use, told to the log and
 * the metrics. */
#include "scan/scan.h"
#include "server/service.h"

struct scanning {
    struct service *service;
    struct scan_config config;
    struct scan_watcher watcher;
    struct scan *scan;
    struct asking *asking;  /* registries as they were asked last */
    bool led;               /* when it was asked last */
    struct json_doc labels; /* of the namespace that was asked for last */
};

/* Begin, if the configuration asks for it; policies are in use. `scanning` stays where it is until
 * scanning_stop. Errors: as leading_need, and INTERNAL. */
MUST status scanning_start(struct scanning *scanning, struct service *service, struct error *err);

/* End; one that was not started is fine. */
void scanning_stop(struct scanning *scanning);

#pragma once
/* The daemons of libmicrohttpd: one for HTTPS, one for plain HTTP. */
#include "server/exchange.h"

struct listener {
    struct door door;
    struct MHD_Daemon *daemon;
    unsigned port; /* the real one, where the configuration says 0 */
};

/* Listen and answer from now on, on threads of its own. `door->service` lives until listener_stop.
 * Errors: INTERNAL (the address or port cannot be had, the system refuses). */
MUST status listener_start(struct listener *listener, const struct door *door,
                           const struct server_address *address, struct error *err);

/* Accept no more connections; those that are open go on. */
void listener_quiesce(struct listener *listener);

/* Close everything. A listener that was not started is fine. */
void listener_stop(struct listener *listener);

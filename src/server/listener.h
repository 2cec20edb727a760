#pragma once
/* The daemons of libmicrohttpd: one for HTTPS, one for plain HTTP. */
#include "server/acceptor.h"
#include "server/exchange.h"

struct listener {
    struct door door;
    struct connections connections;
    struct acceptor acceptor;
    struct MHD_Daemon *daemon;
    bool started;
    unsigned port; /* the real one, where the configuration says 0 */
};

/* Listen and answer from now on, on threads of its own; with `reviews` over TLS, else health and
 * metrics alone. `service` lives until listener_stop, and `listener` stays where it is.
 * Errors: INTERNAL (the address or port cannot be had, the system refuses). */
MUST status listener_start(struct listener *listener, struct service *service, bool reviews,
                           const struct server_address *address, struct error *err);

/* Accept no more connections; those that are open go on. */
void listener_quiesce(struct listener *listener);

/* How many connections are in the middle of a handshake or a request. */
size_t listener_busy(struct listener *listener);

/* Close everything. A listener that was not started is fine. */
void listener_stop(struct listener *listener);

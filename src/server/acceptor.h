#pragma once
/* The thread that accepts connections for a daemon of libmicrohttpd, and ends slow ones.
 *
 * libmicrohttpd 0.9.75 could accept by itself. But MHD_quiesce_daemon aborts the process when a
 * thread of the pool notices the end of accepting in the same moment, and the pool shares out the
 * limit of connections, so that one thread refuses while another has room. */
#include <microhttpd.h>

#include "server/connections.h"

struct acceptor {
    int fd; /* listening */
    struct MHD_Daemon *daemon;
    struct connections *connections;
    pthread_t thread;
    atomic_bool stop;
    bool started;
};

/* Accept from now on. `fd` is taken over on success; the others are borrowed until acceptor_stop.
 * Errors: INTERNAL. */
MUST status acceptor_start(struct acceptor *acceptor, int fd, struct MHD_Daemon *daemon,
                           struct connections *connections, struct error *err);

/* Accept what the system has accepted already, close the socket, and end the thread. One that was
 * not started, or is stopped, is fine. */
void acceptor_stop(struct acceptor *acceptor);

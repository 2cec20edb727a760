#pragma once
/* The open connections of one listener: how many there may be, and how long each may take.
 *
 * libmicrohttpd's timeout begins again with every byte, so a caller that sends one now and then
 * could hold a connection for ever. Here a step of a connection has an end that bytes do not move.
 * Threading: any thread, except that a connection is touched by the thread that serves it alone. */
#include <pthread.h>
#include <stdatomic.h>

#include "server/client.h"
#include "server/tls.h"

/* What a connection is in the middle of; each has its own time. */
enum connection_step {
    CONNECTION_GREETING, /* TLS handshake; without TLS: until the first request line */
    CONNECTION_IDLE,     /* the caller owes nothing */
    CONNECTION_REQUEST,  /* from a request line to the last byte of its answer */
};

struct connections;

struct connection {
    struct connections *all;
    struct connection *next, *previous;
    int fd;
    gnutls_session_t session; /* NULL: not TLS */
    struct tls_credential *credential;
    struct client_state client;
    atomic_int step;
    atomic_llong until; /* monotonic */
};

struct connections {
    pthread_mutex_t lock; /* of the list */
    struct connection *first;
    atomic_size_t n; /* accepted and not closed; a few of them may not be in the list yet */
    size_t max;
    int64_t idle_ns;
    int wake; /* an eventfd: there is room again */
};

/* Start with none. Errors: INTERNAL. */
MUST status connections_init(struct connections *all, size_t max, int64_t idle_ns,
                             struct error *err);

/* End; none may be open. */
void connections_done(struct connections *all);

/* Count one in that was accepted, or out again one that was not begun. */
void connections_count(struct connections *all);
void connections_uncount(struct connections *all);
bool connections_full(const struct connections *all);

/* A connection begins, and ends. Returns what lives until then; never NULL. */
struct connection *connection_begin(struct connections *all, int fd, gnutls_session_t session);
void connection_end(struct connection *connection);

/* A step begins now. */
void connection_enter(struct connection *connection, enum connection_step step);

/* Shut down what is overdue at monotonic time `now`; whoever serves it then sees it end. */
void connections_sweep(struct connections *all, int64_t now);

/* How many are in the middle of a handshake or a request. */
size_t connections_busy(struct connections *all);

#pragma once
/* One HTTP request to another server, and its answer.
 *
 * What sends is behind a vtable, so that those who talk to a server can be tested without one.
 * Redirects are not followed: whoever asks decides whom it trusts with its credentials. Headers and
 * bodies may be secret, so none is shown in a message. Threading: a port belongs to one thread. */
#include <stdatomic.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "base/str.h"

struct fetch_header {
    struct str name, value;
};

/* Takes the body of a 2xx answer as it comes, instead of its being kept. A connection that broke,
 * the deadline and a call to end are errors of the request also when bytes were taken before. */
struct fetch_sink {
    void *self;
    /* A 2xx answer has begun: its headers are here, its body may be long in coming. NULL: it need
     * not be known. */
    void (*begin)(void *self);
    /* The next bytes, at least one; borrowed for the call. An error ends the request with it, and
     * the connection. */
    status (*take)(void *self, struct str bytes, struct error *err);
    /* Asked about once a second, from the connection on, whether to wait for more; false ends the
     * request with TIMEOUT. NULL: until the deadline. */
    bool (*patient)(void *self);
};

/* Everything is borrowed until the request is over; texts of the caller may hold any byte but are
 * refused where they would change the request's form. */
struct fetch_request {
    const char *method; /* "GET" */
    struct str url;     /* https, or http if `plain` allows it */
    const struct fetch_header *headers;
    size_t n_headers;
    struct str body;  /* empty: none is sent */
    int64_t deadline; /* monotonic; for all of it: name, connection, handshake, body */
    size_t max_body;  /* of the answer, as far as it is kept; more is refused while it comes in */
    const struct fetch_sink *sink; /* where the body of a 2xx answer goes; NULL: it is kept */
    struct str ca;                 /* PEM: whom to trust; empty: the system's authorities */
    struct str client_certificate, client_key; /* PEM; empty: none */
    bool plain;                                /* http is allowed */
    bool guarded; /* addresses that fetch/guard.h refuses are not connected to, whatever name led
                     there */
    struct str proxy; /* "http://host:port", by which it is sent; it may have any address; empty:
                         none */
    const atomic_bool *cancel; /* true ends the request within a second; or NULL */
};

/* Lives in the arena. */
struct fetch_answer {
    unsigned status;
    const struct fetch_header *headers; /* in their order, names as they were sent */
    size_t n_headers;
    struct str body; /* empty if a sink took it */
};

struct fetch_port {
    /* Send, and wait for the answer. An answer of any status is one.
     * Errors: UPSTREAM (no connection, a broken one, not trusted, not HTTP, guarded), TIMEOUT (the
     * deadline, cancelled, or no more patience), LIMIT (max_body, LIMIT_FETCH_HEADERS), INPUT (the
     * request itself), and those of the sink. */
    status (*send)(void *self, const struct fetch_request *request, struct arena *arena,
                   struct fetch_answer *ret_answer, struct error *err);
};

struct fetch {
    const struct fetch_port *port;
    void *self;
};

/* Send `request` as port->send tells. */
MUST status fetch_send(const struct fetch *fetch, const struct fetch_request *request,
                       struct arena *arena, struct fetch_answer *ret_answer, struct error *err);

/* The value of the first header called `name`, without regard to case; empty if there is none. */
struct str fetch_header(const struct fetch_answer *answer, const char *name);

/* When the answer says it was made (Date), in nanoseconds of wall time, to the second; 0 if it does
 * not say. */
int64_t fetch_date(const struct fetch_answer *answer);

/* How long the answer asks to be left alone (Retry-After, in seconds or as a date later than its
 * own), in nanoseconds, an hour at most; 0: it does not say. Spec: RFC 9110 section 10.2.3. */
int64_t fetch_retry_after(const struct fetch_answer *answer);

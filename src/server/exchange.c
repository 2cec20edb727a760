#include "server/exchange.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "server/answering.h"
#include "server/framing.h"
#include "server/page.h"
#include "server/reply.h"
#include "server/tracing.h"
#include "server/waiting.h"

enum {
    FIRST_ROOM = 64 * KIB, /* of a body; more as it comes, so that a promise costs nothing */
};

struct exchange {
    struct service *service;
    enum endpoint endpoint;
    int64_t began; /* monotonic: the headers were there */
    struct framing framing;
    char *body;
    size_t n, room;
    bool counted;    /* among the reviews in flight */
    unsigned refuse; /* not 0: the body is taken and thrown away, and this is the status */
    bool at_once;    /* refuse without taking the body; this ends the connection */
    size_t thrown;
    char beginning[LIMIT_BODY_BEGINNING]; /* of a body that is thrown away */
    size_t n_beginning;
    struct error why;
    bool started;      /* the headers were there */
    char *target;      /* of a page: path and query, as sent */
    struct page *page; /* asked for */
    bool waited;       /* it was judged on another thread, while the connection was suspended */
};

/* -- refusals -- */

static void count_rejected(const char *reason)
{
    struct str label = str_from(reason);
    metric_add(metric_series(METRIC_REJECTED, &label, 1), 1);
}

/* Note that the request is refused. Its body is still taken: were the connection closed on a caller
 * that is sending, the reset could overtake the answer, and a Retry-After would be lost. */
static void refuse(struct exchange *exchange, unsigned code, enum error_kind kind,
                   const char *reason, const char *text)
{
    exchange->refuse = code;
    error_fill(&exchange->why, kind, "%s", text);
    count_rejected(reason);
}

static void refuse_large(struct exchange *exchange)
{
    exchange->refuse = MHD_HTTP_CONTENT_TOO_LARGE;
    error_fill(&exchange->why, ERROR_LIMIT,
               "the review is larger than %llu bytes, so its images cannot be judged",
               (unsigned long long)exchange->service->config->body);
    count_rejected("body_size");
}

static void refuse_busy(struct exchange *exchange)
{
    refuse(exchange, MHD_HTTP_TOO_MANY_REQUESTS, ERROR_LIMIT, "in_flight",
           "too many reviews are in flight; ask again");
}

static struct str header(struct MHD_Connection *connection, enum MHD_ValueKind kind,
                         const char *name)
{
    return str_from(MHD_lookup_connection_value(connection, kind, name));
}

static struct connection *connection_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info == NULL ? NULL : info->socket_context;
}

static bool caller_may_ask(struct exchange *exchange, struct MHD_Connection *connection)
{
    struct client_trust *clients = exchange->service->clients;
    if (clients == NULL) {
        return true;
    }
    struct connection *state = connection_of(connection);
    if (state == NULL || state->session == NULL) {
        refuse(exchange, MHD_HTTP_FORBIDDEN, ERROR_UNAUTHORIZED, "client_certificate",
               "reviews are answered over TLS alone");
        return false;
    }
    if (!client_check(clients, state->session, clock_monotonic(), &state->client)) {
        refuse(exchange, MHD_HTTP_FORBIDDEN, ERROR_UNAUTHORIZED, "client_certificate",
               state->client.why);
        return false;
    }
    return true;
}

/* Judge what the headers of a review tell. */
static void check_review(struct exchange *exchange, struct MHD_Connection *connection)
{
    struct service *service = exchange->service;
    struct str type = header(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_TYPE);
    if (!caller_may_ask(exchange, connection)) {
        return;
    }
    if (endpoint_needs_policies(exchange->endpoint) && snapshot_is_empty(&service->snapshot)) {
        refuse(exchange, MHD_HTTP_TOO_MANY_REQUESTS, ERROR_INTERNAL, "no_policies",
               "the policies of the cluster are not known yet; ask again");
    } else if (!request_is_json(type)) {
        refuse(exchange, MHD_HTTP_UNSUPPORTED_MEDIA_TYPE, ERROR_INPUT, "content_type",
               "a review has the Content-Type application/json");
    } else if (exchange->framing.length > service->config->body) {
        refuse_large(exchange);
    } else {
        exchange->counted = budget_take_review(&service->budget);
        if (!exchange->counted) {
            refuse_busy(exchange);
        }
    }
}

/* Pages are for the plain door: a person's browser knows neither the certificate of the other, nor
 * has one that it asks for. */
static bool shows_pages(const struct door *door)
{
    return !door->reviews && door->service->pages != NULL;
}

static void check_target(const struct door *door, struct exchange *exchange,
                         struct MHD_Connection *connection, const char *url, const char *method)
{
    exchange->endpoint = endpoint_find(str_from(url));
    if (exchange->endpoint == ENDPOINT_NONE ||
        (endpoint_reviews(exchange->endpoint) && !door->reviews) ||
        (exchange->endpoint == ENDPOINT_UI && !shows_pages(door))) {
        exchange->endpoint = ENDPOINT_NONE;
        refuse(
            exchange, MHD_HTTP_NOT_FOUND, ERROR_NOT_FOUND, "path",
            "no such path; reviews are posted to /validate, /mutate, /imagepolicy and /policies");
    } else if (!endpoint_takes(exchange->endpoint, str_from(method))) {
        refuse(exchange, MHD_HTTP_METHOD_NOT_ALLOWED, ERROR_INPUT, "method",
               "this path does not take that method");
    } else if (endpoint_reviews(exchange->endpoint)) {
        check_review(exchange, connection);
    }
}

static void check_framing(struct exchange *exchange, struct MHD_Connection *connection,
                          const char *version)
{
    struct error err;
    if (failed(framing_read(connection, version, &exchange->framing, &err))) {
        refuse(exchange, MHD_HTTP_BAD_REQUEST, ERROR_INPUT, "framing", err.text);
        exchange->at_once = true;
    } else {
        exchange->at_once =
            exchange->framing.continues || exchange->framing.length > LIMIT_BODY_REFUSED;
    }
}

/* -- bodies -- */

/* Make room for `more` bytes behind those that are there. */
static bool make_room(struct exchange *exchange, size_t more)
{
    struct service *service = exchange->service;
    size_t need = exchange->n + more;
    if (need <= exchange->room) {
        return true;
    }
    size_t room = exchange->room == 0 ? FIRST_ROOM : exchange->room * 2;
    if (exchange->framing.length != 0 && room > exchange->framing.length) {
        room = exchange->framing.length;
    }
    size_t max = service->config->body;
    room = room > max ? max : room;
    room = room < need ? need : room;
    if (!budget_take_bytes(&service->budget, room - exchange->room)) {
        refuse_busy(exchange);
        return false;
    }
    char *body = realloc(exchange->body, room);
    if (body == NULL) {
        fatal("out of memory");
    }
    exchange->body = body;
    exchange->room = room;
    return true;
}

static void keep_beginning(struct exchange *exchange, struct str part)
{
    part = str_sub(part, 0, sizeof exchange->beginning - exchange->n_beginning);
    if (part.n > 0) {
        memcpy(exchange->beginning + exchange->n_beginning, part.p, part.n);
        exchange->n_beginning += part.n;
    }
}

static struct str body_of(const struct exchange *exchange)
{
    return (struct str){exchange->body == NULL ? "" : exchange->body, exchange->n};
}

/* Take a part of the body. Returns MHD_NO, which ends the connection, if far too much comes. */
static enum MHD_Result take_body(struct exchange *exchange, const char *upload, size_t n)
{
    size_t max = exchange->service->config->body;
    if (exchange->refuse == 0 && n > max - exchange->n) {
        keep_beginning(exchange, body_of(exchange));
        refuse_large(exchange);
    }
    if (exchange->refuse == 0 && make_room(exchange, n)) {
        memcpy(exchange->body + exchange->n, upload, n);
        exchange->n += n;
        return MHD_YES;
    }
    keep_beginning(exchange, (struct str){upload, n});
    exchange->thrown += n;
    return exchange->thrown > LIMIT_BODY_REFUSED ? MHD_NO : MHD_YES;
}

/* -- refusing -- */

static enum MHD_Result send_refusal(const struct exchange *exchange,
                                    struct MHD_Connection *connection)
{
    const struct asked asked = {
        .service = exchange->service,
        .connection = connection,
        .endpoint = exchange->endpoint,
        .body = {exchange->beginning, exchange->n_beginning},
    };
    enum MHD_Result result;
    bool denied = exchange->refuse == MHD_HTTP_CONTENT_TOO_LARGE && !exchange->at_once &&
                  answering_deny(&asked, &exchange->why, &result);
    tracing_refused(connection, exchange->began, exchange->endpoint, &exchange->why,
                    denied ? MHD_HTTP_OK : exchange->refuse);
    if (denied) {
        return result;
    }
    return reply_error(exchange->service, connection, exchange->endpoint, exchange->refuse,
                       &exchange->why);
}

/* -- reviews -- */

static struct asked asked_of(const struct exchange *exchange, struct MHD_Connection *connection)
{
    return (struct asked){
        .service = exchange->service,
        .connection = connection,
        .endpoint = exchange->endpoint,
        .body = body_of(exchange),
        .began = exchange->began,
        .arrived = clock_monotonic(),
        .deadline = exchange->began +
                    request_time_allowed(header(connection, MHD_GET_ARGUMENT_KIND, "timeout")),
    };
}

/* On this thread, or if it has to wait for evidence on another, which resumes the connection. */
static enum MHD_Result answer_review(struct exchange *exchange, struct MHD_Connection *connection)
{
    const struct asked asked = asked_of(exchange, connection);
    enum MHD_Result result;
    if (exchange->waited) {
        return MHD_NO; /* its answer was not taken */
    }
    if (answering_at_once(&asked, &result)) {
        return result;
    }
    exchange->waited = waiting_add(exchange->service->waiting, &asked);
    if (exchange->waited) {
        return MHD_YES;
    }
    refuse_busy(exchange);
    return send_refusal(exchange, connection);
}

/* A policy may take a thousand times as long as a Pod, and much memory: one at a time, so that
 * whoever may write some leaves the other threads to those who start Pods. */
static enum MHD_Result answer_policy(struct exchange *exchange, struct MHD_Connection *connection)
{
    static atomic_flag taken = ATOMIC_FLAG_INIT;
    if (atomic_flag_test_and_set(&taken)) {
        refuse_busy(exchange);
        return send_refusal(exchange, connection);
    }
    const struct asked asked = asked_of(exchange, connection);
    enum MHD_Result result = answering_wait(&asked);
    atomic_flag_clear(&taken);
    return result;
}

/* -- pages -- */

static enum MHD_Result answer_page(struct exchange *exchange, struct MHD_Connection *connection)
{
    enum MHD_Result result;
    struct pages *pages = exchange->service->pages;
    if (exchange->page != NULL) {
        return page_send(exchange->page, connection);
    }
    if (page_refuses(pages, connection, &result)) {
        return result;
    }
    exchange->page = page_ask(pages, connection, exchange->target);
    /* Suspended, and this is called again when the page is made. */
    return exchange->page != NULL ? MHD_YES : page_busy(pages, connection);
}

/* -- the callbacks -- */

static struct exchange *begin(const struct door *door)
{
    struct exchange *exchange = calloc(1, sizeof *exchange);
    if (exchange == NULL) {
        fatal("out of memory");
    }
    exchange->service = door->service;
    return exchange;
}

void *exchange_line(void *cls, const char *uri, struct MHD_Connection *connection)
{
    const struct door *door = cls;
    struct exchange *exchange = begin(door);
    struct connection *state = connection_of(connection);
    if (state != NULL) {
        connection_enter(state, CONNECTION_REQUEST);
    }
    if (shows_pages(door)) {
        exchange->target = strndup(uri, LIMIT_UI_TARGET + 1);
        if (exchange->target == NULL) {
            fatal("out of memory");
        }
    }
    return exchange;
}

enum MHD_Result exchange_handle(void *cls, struct MHD_Connection *connection, const char *url,
                                const char *method, const char *version, const char *upload,
                                size_t *upload_size, void **ret_exchange)
{
    struct exchange *exchange = *ret_exchange;
    if (!exchange->started) {
        exchange->started = true;
        exchange->began = clock_monotonic();
        check_framing(exchange, connection, version);
        if (exchange->refuse == 0) {
            check_target(cls, exchange, connection, url, method);
        }
        return exchange->refuse != 0 && exchange->at_once ? send_refusal(exchange, connection)
                                                          : MHD_YES;
    }
    if (*upload_size > 0) {
        enum MHD_Result result = take_body(exchange, upload, *upload_size);
        *upload_size = 0;
        return result;
    }
    if (exchange->refuse != 0) {
        return send_refusal(exchange, connection);
    }
    if (exchange->endpoint == ENDPOINT_UI) {
        return answer_page(exchange, connection);
    }
    if (exchange->endpoint == ENDPOINT_POLICIES) {
        return answer_policy(exchange, connection);
    }
    return endpoint_reviews(exchange->endpoint)
               ? answer_review(exchange, connection)
               : reply_text(exchange->service, connection, exchange->endpoint);
}

void exchange_completed(void *cls, struct MHD_Connection *connection, void **ret_exchange,
                        enum MHD_RequestTerminationCode code)
{
    (void)cls;
    (void)code;
    struct exchange *exchange = *ret_exchange;
    struct connection *state = connection_of(connection);
    if (state != NULL) {
        connection_enter(state, CONNECTION_IDLE);
    }
    if (exchange != NULL) {
        budget_return(&exchange->service->budget, exchange->counted, exchange->room);
        page_done(exchange->page);
        free(exchange->target);
        free(exchange->body);
        free(exchange);
        *ret_exchange = NULL;
    }
}

/* -- connections -- */

/* GnuTLS' hook: the last message of the caller's handshake has come. A session has one pointer for
 * libmicrohttpd; the one for a cache of sessions, of which there is none, is free for us. */
static int greeted(gnutls_session_t session, unsigned type, unsigned when, unsigned incoming,
                   const gnutls_datum_t *message)
{
    (void)type;
    (void)when;
    (void)message;
    struct connection *state = gnutls_db_get_ptr(session);
    if (incoming != 0 && state != NULL) {
        connection_enter(state, CONNECTION_IDLE);
    }
    return 0;
}

static void begin_tls(struct service *service, struct connection *state)
{
    state->credential = tls_hold(service->tls);
    gnutls_db_set_ptr(state->session, state);
    gnutls_handshake_set_hook_function(state->session, GNUTLS_HANDSHAKE_FINISHED, GNUTLS_HOOK_POST,
                                       greeted);
    if (service->clients != NULL) {
        client_ask(state->session);
    }
}

static struct connection *begin_connection(const struct door *door,
                                           struct MHD_Connection *connection)
{
    /* From libmicrohttpd 1.0 on, the next call writes over what this one pointed to. */
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    int fd = info->connect_fd;
    info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    gnutls_session_t session = info == NULL ? NULL : info->tls_session;
    struct connection *state = connection_begin(door->connections, fd, session);
    metric_add(door->service->connections, 1);
    if (session != NULL) {
        begin_tls(door->service, state);
    }
    return state;
}

static void end_connection(const struct door *door, struct connection *state)
{
    metric_add(door->service->connections, -1);
    if (state->credential != NULL) {
        tls_release(door->service->tls, state->credential);
    }
    connection_end(state);
}

void exchange_connection(void *cls, struct MHD_Connection *connection, void **socket_context,
                         enum MHD_ConnectionNotificationCode code)
{
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        *socket_context = begin_connection(cls, connection);
    } else if (*socket_context != NULL) {
        end_connection(cls, *socket_context);
        *socket_context = NULL;
    }
}

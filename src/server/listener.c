#include "server/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"

enum { BACKLOG = 1024, PLAIN_CONNECTIONS = 128 };

/* TLS 1.2 and 1.3 with forward secrecy and AEAD ciphers, the cheapest first. */
static const char PRIORITIES[] =
    "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA:-CIPHER-ALL:"
    "+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305:%SERVER_PRECEDENCE";

/* -- the socket -- */

static status refused(const struct server_address *address, const char *what, struct error *err)
{
    return error_set(err, ERROR_INTERNAL, "cannot %s %.*s port %llu: %s", what,
                     STR_ARG(address->address), (unsigned long long)address->port,
                     strerrordesc_np(errno));
}

union socket_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

/* The configuration has checked that the text is an address, and that it ends with a NUL. */
static socklen_t fill_address(const struct server_address *address, union socket_address *ret)
{
    memset(ret, 0, sizeof *ret);
    if (inet_pton(AF_INET, address->address.p, &ret->v4.sin_addr) == 1) {
        ret->v4.sin_family = AF_INET;
        ret->v4.sin_port = htons((uint16_t)address->port);
        return sizeof ret->v4;
    }
    ENSURE(inet_pton(AF_INET6, address->address.p, &ret->v6.sin6_addr) == 1);
    ret->v6.sin6_family = AF_INET6;
    ret->v6.sin6_port = htons((uint16_t)address->port);
    return sizeof ret->v6;
}

static status open_socket(const struct server_address *address, int *ret_fd, unsigned *ret_port,
                          struct error *err)
{
    union socket_address where;
    socklen_t n = fill_address(address, &where);
    int fd = socket(where.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return refused(address, "open a socket for", err);
    }
    int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, &where.any, n) != 0 || listen(fd, BACKLOG) != 0 ||
        getsockname(fd, &where.any, &n) != 0) {
        status st = refused(address, "listen on", err);
        close(fd);
        return st;
    }
    *ret_fd = fd;
    *ret_port = ntohs(where.any.sa_family == AF_INET ? where.v4.sin_port : where.v6.sin6_port);
    return OK;
}

/* -- the daemon -- */

/* The certificate callback of GnuTLS has no argument of its own: there is one server per process.
 */
static struct tls *serving;

static int retrieve(gnutls_session_t session, const gnutls_datum_t *names, int n_names,
                    const gnutls_pk_algorithm_t *algorithms, int n_algorithms,
                    gnutls_pcert_st **chain, unsigned *n, gnutls_privkey_t *key)
{
    (void)session;
    (void)names;
    (void)n_names;
    (void)algorithms;
    (void)n_algorithms;
    return tls_current(serving, chain, n, key) ? 0 : -1;
}

static unsigned thread_count(const struct listener *listener)
{
    return listener->door.reviews ? (unsigned)listener->door.service->config->threads : 1;
}

static struct MHD_Daemon *start_daemon(struct listener *listener)
{
    const struct server_config *config = listener->door.service->config;
    unsigned threads = thread_count(listener);
    /* The acceptor keeps the limit. libmicrohttpd divides its own among its threads, and takes a
     * closed connection off only after it has told us. */
    unsigned connections = ((unsigned)listener->connections.max + 1) * threads;
    struct MHD_OptionItem options[] = {
        {MHD_OPTION_CONNECTION_LIMIT, (intptr_t)connections, NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT, (intptr_t)(config->idle_ns / NS_PER_S), NULL},
        {MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)exchange_line, &listener->door},
        {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)exchange_completed, &listener->door},
        {MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)exchange_connection, &listener->door},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, (intptr_t)(2 * LIMIT_HTTP_HEADERS), NULL},
        {MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL},
        {MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, NULL},
        {threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END, (intptr_t)threads, NULL},
        {MHD_OPTION_END, 0, NULL},
    };
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_USE_NO_LISTEN_SOCKET;
    flags |= MHD_ALLOW_SUSPEND_RESUME; /* of reviews that wait, and pages */
    if (!listener->door.reviews) {
        return MHD_start_daemon(flags, 0, NULL, NULL, exchange_handle, &listener->door,
                                MHD_OPTION_ARRAY, options, MHD_OPTION_END);
    }
    serving = listener->door.service->tls;
    return MHD_start_daemon(flags | MHD_USE_TLS, 0, NULL, NULL, exchange_handle, &listener->door,
                            MHD_OPTION_ARRAY, options, MHD_OPTION_HTTPS_PRIORITIES, PRIORITIES,
                            MHD_OPTION_HTTPS_CERT_CALLBACK, retrieve, MHD_OPTION_END);
}

static status start_serving(struct listener *listener, int fd, struct error *err)
{
    errno = 0;
    listener->daemon = start_daemon(listener);
    if (listener->daemon == NULL) {
        return error_set(err, ERROR_INTERNAL, "cannot start %u threads that serve port %u: %s",
                         thread_count(listener), listener->port,
                         errno != 0 ? strerrordesc_np(errno) : "libmicrohttpd does not say why");
    }
    return acceptor_start(&listener->acceptor, fd, listener->daemon, &listener->connections, err);
}

status listener_start(struct listener *listener, struct service *service, bool reviews,
                      const struct server_address *address, struct error *err)
{
    const struct server_config *config = service->config;
    size_t max = reviews ? config->connections : PLAIN_CONNECTIONS;
    int fd = -1;
    TRY(connections_init(&listener->connections, max, config->idle_ns, err));
    listener->started = true;
    listener->door = (struct door){
        .service = service, .connections = &listener->connections, .reviews = reviews};
    TRY(open_socket(address, &fd, &listener->port, err));
    if (failed(start_serving(listener, fd, err))) {
        close(fd);
        return FAILED;
    }
    return OK;
}

void listener_quiesce(struct listener *listener)
{
    acceptor_stop(&listener->acceptor);
}

size_t listener_busy(struct listener *listener)
{
    return connections_busy(&listener->connections);
}

void listener_stop(struct listener *listener)
{
    acceptor_stop(&listener->acceptor);
    if (listener->daemon != NULL) {
        MHD_stop_daemon(listener->daemon);
        listener->daemon = NULL;
    }
    if (listener->started) {
        connections_done(&listener->connections);
        listener->started = false;
    }
}

#include "server/connections.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

/* kube-apiserver gives up a handshake after 10s, and a review after 30s. */
static const int64_t GREETING_TIME = 10 * NS_PER_S;
static const int64_t REQUEST_TIME = 30 * NS_PER_S;

status connections_init(struct connections *all, size_t max, int64_t idle_ns, struct error *err)
{
    int wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (wake < 0) {
        return error_set(err, ERROR_INTERNAL, "cannot make an eventfd: %s", strerrordesc_np(errno));
    }
    *all = (struct connections){.max = max, .idle_ns = idle_ns, .wake = wake};
    pthread_mutex_init(&all->lock, NULL);
    return OK;
}

void connections_done(struct connections *all)
{
    close(all->wake);
    pthread_mutex_destroy(&all->lock);
}

void connections_count(struct connections *all)
{
    atomic_fetch_add(&all->n, 1);
}

void connections_uncount(struct connections *all)
{
    if (atomic_fetch_sub(&all->n, 1) == all->max) {
        /* Fails only when it is full of wakings already. */
        (void)!write(all->wake, &(uint64_t){1}, sizeof(uint64_t));
    }
}

bool connections_full(const struct connections *all)
{
    return atomic_load(&all->n) >= all->max;
}

static int64_t time_of(const struct connections *all, enum connection_step step)
{
    return step == CONNECTION_GREETING  ? GREETING_TIME
           : step == CONNECTION_REQUEST ? REQUEST_TIME
                                        : all->idle_ns;
}

void connection_enter(struct connection *connection, enum connection_step step)
{
    atomic_store(&connection->until, clock_monotonic() + time_of(connection->all, step));
    atomic_store(&connection->step, step);
}

struct connection *connection_begin(struct connections *all, int fd, gnutls_session_t session)
{
    struct connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL) {
        fatal("out of memory");
    }
    connection->all = all;
    connection->fd = fd;
    connection->session = session;
    connection_enter(connection, CONNECTION_GREETING);
    pthread_mutex_lock(&all->lock);
    connection->next = all->first;
    if (all->first != NULL) {
        all->first->previous = connection;
    }
    all->first = connection;
    pthread_mutex_unlock(&all->lock);
    return connection;
}

void connection_end(struct connection *connection)
{
    struct connections *all = connection->all;
    pthread_mutex_lock(&all->lock);
    if (connection->previous != NULL) {
        connection->previous->next = connection->next;
    } else {
        all->first = connection->next;
    }
    if (connection->next != NULL) {
        connection->next->previous = connection->previous;
    }
    pthread_mutex_unlock(&all->lock);
    free(connection);
    connections_uncount(all);
}

/* A descriptor is closed only after its connection has left the list. */
void connections_sweep(struct connections *all, int64_t now)
{
    pthread_mutex_lock(&all->lock);
    for (struct connection *one = all->first; one != NULL; one = one->next) {
        if (atomic_load(&one->until) < now) {
            shutdown(one->fd, SHUT_RDWR);
        }
    }
    pthread_mutex_unlock(&all->lock);
}

size_t connections_busy(struct connections *all)
{
    size_t n = 0;
    pthread_mutex_lock(&all->lock);
    for (struct connection *one = all->first; one != NULL; one = one->next) {
        n += atomic_load(&one->step) != CONNECTION_IDLE;
    }
    pthread_mutex_unlock(&all->lock);
    return n;
}

#include "server/acceptor.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/task.h"
#include "observe/log.h"

enum { SWEEP_MS = 1000, SHORT_OF_FILES_MS = 100 };

static const int64_t COMPLAINT_INTERVAL = 10 * NS_PER_S;

enum outcome { ACCEPTED, NONE_LEFT, SHORT_OF_FILES };

/* What concerns one caller alone, or passes; the socket goes on. Spec: accept(2). */
static bool passes(int number)
{
    static const int PASSING[] = {ECONNABORTED, EINTR,     EPROTO,     ENETDOWN,
                                  ENOPROTOOPT,  EHOSTDOWN, ENONET,     EHOSTUNREACH,
                                  EOPNOTSUPP,   EPERM,     ENETUNREACH};
    for (size_t i = 0; i < sizeof PASSING / sizeof *PASSING; i++) {
        if (PASSING[i] == number) {
            return true;
        }
    }
    return false;
}

static enum outcome accept_one(struct acceptor *acceptor)
{
    struct sockaddr_storage peer;
    socklen_t n = sizeof peer;
    int fd = accept4(acceptor->fd, (struct sockaddr *)&peer, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        return passes(errno) ? ACCEPTED : errno == EAGAIN ? NONE_LEFT : SHORT_OF_FILES;
    }
    connections_count(acceptor->connections);
    if (MHD_add_connection(acceptor->daemon, fd, (struct sockaddr *)&peer, n) != MHD_YES) {
        connections_uncount(acceptor->connections); /* it has closed the descriptor */
    }
    return ACCEPTED;
}

/* All that are there and fit. Returns false if the system has no more descriptors or memory. */
static bool accept_all(struct acceptor *acceptor)
{
    enum outcome outcome = ACCEPTED;
    while (outcome == ACCEPTED && !connections_full(acceptor->connections)) {
        outcome = accept_one(acceptor);
    }
    return outcome != SHORT_OF_FILES;
}

static void wait_for_files(const struct acceptor *acceptor, int64_t *complained)
{
    int number = errno;
    int64_t now = clock_monotonic();
    if (*complained == 0 || now - *complained > COMPLAINT_INTERVAL) {
        *complained = now;
        LOG(LOG_ERROR, "connections cannot be accepted",
            LOG_FIELD_CSTR("error", strerrordesc_np(number)));
    }
    struct pollfd wake = {.fd = acceptor->connections->wake, .events = POLLIN};
    poll(&wake, 1, SHORT_OF_FILES_MS);
}

static void *run(void *argument)
{
    struct acceptor *acceptor = argument;
    struct connections *connections = acceptor->connections;
    int64_t swept = clock_monotonic(), complained = 0;
    while (!atomic_load(&acceptor->stop)) {
        struct pollfd fds[] = {
            {.fd = connections->wake, .events = POLLIN},
            {.fd = connections_full(connections) ? -1 : acceptor->fd, .events = POLLIN},
        };
        uint64_t wakings;
        poll(fds, 2, SWEEP_MS);
        (void)!read(connections->wake, &wakings, sizeof wakings);
        if (!accept_all(acceptor)) {
            wait_for_files(acceptor, &complained);
        }
        int64_t now = clock_monotonic();
        if (now - swept >= SWEEP_MS * NS_PER_MS) {
            swept = now;
            connections_sweep(connections, now);
        }
    }
    accept_all(acceptor);
    return NULL;
}

status acceptor_start(struct acceptor *acceptor, int fd, struct MHD_Daemon *daemon,
                      struct connections *connections, struct error *err)
{
    *acceptor = (struct acceptor){.fd = fd, .daemon = daemon, .connections = connections};
    TRY(thread_start(&acceptor->thread, run, acceptor, err));
    acceptor->started = true;
    return OK;
}

void acceptor_stop(struct acceptor *acceptor)
{
    if (!acceptor->started) {
        return;
    }
    atomic_store(&acceptor->stop, true);
    (void)!write(acceptor->connections->wake, &(uint64_t){1}, sizeof(uint64_t));
    pthread_join(acceptor->thread, NULL);
    close(acceptor->fd);
    acceptor->started = false;
}

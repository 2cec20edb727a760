#include "observe/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "observe/metrics.h"

enum {
    CLOSED = -1,
    MODE = 0640,
    PATIENCE_MS = 100, /* for the rest of a line of which a part is written already */
};

/* `fd` is written under the lock, and read without it to see whether there is a sink. */
static struct {
    pthread_mutex_t lock;
    atomic_int fd;
    bool may_wait; /* no regular file: a write may wait for whoever reads */
    bool torn;     /* the last line has no end */
    char path[PATH_MAX];
} sink = {.lock = PTHREAD_MUTEX_INITIALIZER, .fd = CLOSED};

/* Not waiting, so that a named pipe that nobody reads is an error now rather than a server that
 * does not start. */
static status open_path(const char *path, int *ret_fd, struct error *err)
{
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, MODE);
    if (fd < 0) {
        return error_set(err, ERROR_CONFIG, "%s: cannot open the audit log: %s", path,
                         strerrordesc_np(errno));
    }
    *ret_fd = fd;
    return OK;
}

static status open_standard_output(int *ret_fd, struct error *err)
{
    int fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
    if (fd < 0) {
        return error_set(err, ERROR_CONFIG, "standard output cannot take the audit log: %s",
                         strerrordesc_np(errno));
    }
    *ret_fd = fd;
    return OK;
}

/* Put `fd` in the place of what is open. */
static void replace(int fd)
{
    struct stat info;
    bool known = fd != CLOSED && fstat(fd, &info) == 0;
    pthread_mutex_lock(&sink.lock);
    int old = atomic_exchange(&sink.fd, fd);
    sink.may_wait = !known || !S_ISREG(info.st_mode);
    sink.torn = sink.torn && known && info.st_size > 0;
    pthread_mutex_unlock(&sink.lock);
    if (old != CLOSED) {
        close(old);
    }
}

static struct metric_series *lost(void)
{
    return metric_series(METRIC_AUDIT_LOST, NULL, 0);
}

status audit_open(const char *path, struct error *err)
{
    int fd = CLOSED;
    bool file = path != NULL && strcmp(path, "-") != 0;
    if (file && strlen(path) >= sizeof sink.path) {
        return error_set(err, ERROR_CONFIG, "the path of the audit log is too long");
    }
    if (file) {
        TRY(open_path(path, &fd, err));
    } else if (path != NULL) {
        TRY(open_standard_output(&fd, err));
    }
    snprintf(sink.path, sizeof sink.path, "%s", file ? path : "");
    if (path != NULL) {
        (void)lost(); /* it is shown as 0, so that the first loss is seen as a rise */
    }
    replace(fd);
    return OK;
}

status audit_reopen(struct error *err)
{
    int fd = CLOSED;
    if (!audit_is_open() || sink.path[0] == '\0') {
        return OK;
    }
    TRY(open_path(sink.path, &fd, err));
    replace(fd);
    return OK;
}

bool audit_is_open(void)
{
    return atomic_load_explicit(&sink.fd, memory_order_relaxed) != CLOSED;
}

/* Whether PIPE_BUF bytes can be written, or fail, without waiting. */
static bool is_ready(int fd, int patience_ms)
{
    struct pollfd wanted = {.fd = fd, .events = POLLOUT};
    int n;
    do {
        n = poll(&wanted, 1, patience_ms);
    } while (n < 0 && errno == EINTR);
    return n == 1;
}

/* Write all of it. Returns how much could be written. */
static size_t put(int fd, struct str text)
{
    size_t done = 0;
    while (done < text.n) {
        size_t n = text.n - done;
        if (sink.may_wait) {
            n = n > PIPE_BUF ? PIPE_BUF : n;
            if (!is_ready(fd, done == 0 ? 0 : PATIENCE_MS)) {
                break;
            }
        }
        ssize_t written = write(fd, text.p + done, n);
        if (written > 0) {
            done += (size_t)written;
        } else if (written == 0 || errno != EINTR) {
            break;
        }
    }
    return done;
}

void audit_write(struct str line)
{
    bool whole = true;
    pthread_mutex_lock(&sink.lock);
    int fd = atomic_load(&sink.fd);
    if (fd != CLOSED) {
        sink.torn = sink.torn && put(fd, STR("\n")) == 0;
        size_t written = sink.torn ? 0 : put(fd, line);
        whole = written == line.n;
        sink.torn = sink.torn || (written > 0 && !whole);
    }
    pthread_mutex_unlock(&sink.lock);
    if (!whole) {
        metric_add(lost(), 1);
    }
}

void audit_close(void)
{
    replace(CLOSED);
}

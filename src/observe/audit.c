#include "observe/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "observe/metrics.h"

enum { CLOSED = -1, MODE = 0640 };

/* Writers use whatever descriptor is there; reopening puts the new file under the same number with
 * dup3, so that no writer ever meets a closed one. */
static atomic_int audit_fd = CLOSED;
static char audit_path[4096];

static status open_path(const char *path, int *ret_fd, struct error *err)
{
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, MODE);
    if (fd < 0) {
        return error_set(err, ERROR_CONFIG, "%s: cannot open the audit log: %s", path,
                         strerrordesc_np(errno));
    }
    *ret_fd = fd;
    return OK;
}

status audit_open(const char *path, struct error *err)
{
    int fd = CLOSED;
    audit_path[0] = '\0';
    if (path != NULL && strcmp(path, "-") == 0) {
        fd = dup(STDOUT_FILENO);
        if (fd < 0) {
            return error_set(err, ERROR_CONFIG, "standard output cannot take the audit log: %s",
                             strerrordesc_np(errno));
        }
    } else if (path != NULL) {
        int n = snprintf(audit_path, sizeof audit_path, "%s", path);
        if (n < 0 || (size_t)n >= sizeof audit_path) {
            return error_set(err, ERROR_CONFIG, "the path of the audit log is too long");
        }
        TRY(open_path(path, &fd, err));
    }
    atomic_store(&audit_fd, fd);
    return OK;
}

status audit_reopen(struct error *err)
{
    int fd = CLOSED, old = atomic_load(&audit_fd);
    if (old == CLOSED || audit_path[0] == '\0') {
        return OK;
    }
    TRY(open_path(audit_path, &fd, err));
    int moved = dup3(fd, old, O_CLOEXEC);
    close(fd);
    return moved == old ? OK
                        : error_set(err, ERROR_CONFIG, "%s: cannot take over the audit log: %s",
                                    audit_path, strerrordesc_np(errno));
}

bool audit_is_open(void)
{
    return atomic_load_explicit(&audit_fd, memory_order_relaxed) != CLOSED;
}

void audit_write(struct str line)
{
    int fd = atomic_load(&audit_fd);
    if (fd == CLOSED) {
        return;
    }
    ssize_t n;
    do {
        n = write(fd, line.p, line.n);
    } while (n < 0 && errno == EINTR);
    if (n != (ssize_t)line.n) {
        metric_add(metric_series(METRIC_AUDIT_LOST, NULL, 0), 1);
    }
}

void audit_close(void)
{
    int fd = atomic_exchange(&audit_fd, CLOSED);
    if (fd != CLOSED) {
        close(fd);
    }
}

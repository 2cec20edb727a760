#pragma once
/* Inside base/: system calls on files, which tests make fail, and their failures in words. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

/* True, with errno set, if a test wants the next call to fail. */
static inline bool fault(void)
{
    int number = file_fault == NULL ? 0 : file_fault();
    errno = number != 0 ? number : errno;
    return number != 0;
}

static inline status failure(const char *path, const char *what, struct error *err)
{
    enum error_kind kind = errno == ENOENT || errno == ENOTDIR ? ERROR_NOT_FOUND : ERROR_INTERNAL;
    return error_set(err, kind, "%s: cannot %s: %s", path, what, strerrordesc_np(errno));
}

static inline void close_fd(const int *fd)
{
    if (*fd > STDERR_FILENO) {
        close(*fd);
    }
}

#define auto_fd __attribute__((cleanup(close_fd))) int

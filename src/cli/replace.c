#include "cli/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/limits.h"

bool write_all(int fd, struct str text)
{
    while (text.n > 0) {
        ssize_t n = write(fd, text.p, text.n);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        text = str_sub(text, (size_t)n, text.n);
    }
    return true;
}

/* Fill a new file beside `path` and put it in its place. */
static bool replace(const char *path, char *temporary, struct str text)
{
    struct stat old;
    int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    bool written = stat(path, &old) == 0 && write_all(fd, text) &&
                   fchmod(fd, old.st_mode & 07777) == 0 && fsync(fd) == 0;
    written = close(fd) == 0 && written && rename(temporary, path) == 0;
    if (!written) {
        int cause = errno;
        unlink(temporary);
        errno = cause;
    }
    return written;
}

static status fail(const char *path, struct error *err)
{
    return error_set(err, ERROR_INTERNAL, "%s: cannot be written: %s", path,
                     strerrordesc_np(errno));
}

status replace_file(const char *path, struct str text, struct error *err)
{
    char *real = realpath(path, NULL); /* a symbolic link stays one */
    if (real == NULL) {
        return fail(path, err);
    }
    arena_auto arena;
    arena_init(&arena, 64 * KIB);
    struct str temporary = arena_printf(&arena, "%s.XXXXXX", real);
    char *name = arena_alloc(&arena, temporary.n + 1);
    memcpy(name, temporary.p, temporary.n);
    bool replaced = replace(real, name, text);
    int cause = errno;
    free(real);
    errno = cause;
    return replaced ? OK : fail(path, err);
}

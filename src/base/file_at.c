#include "base/file_calls.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

/* Take over `fd`, if it is a regular file. */
static status keep_open(int fd, const char *name, struct file *ret_file, struct error *err)
{
    auto_fd owned = fd;
    struct stat info;
    if (fault() || fstat(fd, &info) != 0) {
        return failure(name, "read", err);
    }
    if (!S_ISREG(info.st_mode)) {
        return error_set(err, ERROR_INTERNAL, "%s: is not a regular file", name);
    }
    *ret_file = (struct file){name, fd, true, (uint64_t)info.st_size};
    owned = -1;
    return OK;
}

/* A FIFO without a writer must not hold us up. */
enum { OPEN_FLAGS = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK };

status file_open(const char *path, struct file *ret_file, struct error *err)
{
    int fd = fault() ? -1 : open(path, OPEN_FLAGS);
    return fd < 0 ? failure(path, "open", err) : keep_open(fd, path, ret_file, err);
}

/* The next of several names, and what is behind it; false if it is none. */
static bool next_name(const char **rest, char ret_name[NAME_MAX + 1], bool *ret_last)
{
    size_t n = strcspn(*rest, "/");
    if (n == 0 || n > NAME_MAX) {
        return false;
    }
    memcpy(ret_name, *rest, n);
    ret_name[n] = '\0';
    *ret_last = (*rest)[n] == '\0';
    *rest += n + !*ret_last;
    return strcmp(ret_name, ".") != 0 && strcmp(ret_name, "..") != 0;
}

status file_open_below(const char *directory, const char *name, const char *shown,
                       struct file *ret_file, struct error *err)
{
    char part[NAME_MAX + 1];
    bool last = false;
    auto_fd above = fault() ? -1 : open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    while (above >= 0) {
        if (!next_name(&name, part, &last)) {
            return error_set(err, ERROR_INTERNAL, "%s: is no name of a file below", shown);
        }
        int flags = O_NOFOLLOW | (last ? OPEN_FLAGS : O_PATH | O_DIRECTORY | O_CLOEXEC);
        int fd = fault() ? -1 : openat(above, part, flags);
        if (last && fd >= 0) {
            return keep_open(fd, shown, ret_file, err);
        }
        int number = errno;
        close_fd(&above);
        errno = number;
        above = fd;
    }
    if (errno == ELOOP) {
        return error_set(err, ERROR_INTERNAL, "%s: is a symbolic link, which is not followed",
                         shown);
    }
    return failure(shown, "open", err);
}

status file_read_at(const struct file *file, uint64_t offset, size_t n, char *ret_bytes,
                    struct error *err)
{
    while (n > 0) {
        ssize_t got = fault() ? -1 : pread(file->fd, ret_bytes, n, (off_t)offset);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return failure(file->name, "read", err);
        }
        if (got == 0) {
            return error_set(err, ERROR_INTERNAL, "%s: ends before byte %ju", file->name,
                             (uintmax_t)(offset + n));
        }
        ret_bytes += got;
        offset += (size_t)got;
        n -= (size_t)got;
    }
    return OK;
}

void file_close(struct file *file)
{
    if (file->open) {
        close(file->fd);
    }
    *file = (struct file){0};
}

#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/limits.h"

enum { ZEROS = 8 };

bool process_exists(const char *name)
{
    const char *path = getenv("PATH");
    struct str rest = str_from(path != NULL ? path : "/usr/bin:/bin"), folder;
    bool more = rest.n > 0, found = false;
    while (more && !found) {
        more = str_cut(rest, ':', &folder, &rest);
        arena_auto arena;
        arena_init(&arena, MIB);
        found = folder.n > 0 && folder.n < LIMIT_NAME * 4 &&
                access(arena_printf(&arena, "%.*s/%s", STR_ARG(folder), name).p, X_OK) == 0;
    }
    return found;
}

static status spawn(const char *const *argv, int output, pid_t *ret_pid, struct error *err)
{
    posix_spawn_file_actions_t actions;
    if (posix_spawn_file_actions_init(&actions) != 0) {
        fatal("out of memory");
    }
    int code = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    code = code != 0 ? code : posix_spawn_file_actions_adddup2(&actions, output, 1);
    if (code == 0) {
        code =
            posix_spawnp(ret_pid, argv[0], &actions, NULL, (char *const *)(uintptr_t)argv, environ);
    }
    posix_spawn_file_actions_destroy(&actions);
    if (code == ENOENT) {
        return error_set(err, ERROR_NOT_FOUND, "%s is not installed", argv[0]);
    }
    return code == 0 ? OK
                     : error_set(err, ERROR_INTERNAL, "cannot run %s: %s", argv[0],
                                 strerrordesc_np(code));
}

/* Read up to the end. False if it is more than the buffer takes, or cannot be read. */
static bool read_all(int fd, struct buf *buf)
{
    char part[8 * KIB];
    for (;;) {
        ssize_t n = read(fd, part, sizeof part);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return n == 0;
        }
        buf_add(buf, (struct str){part, (size_t)n});
        if (buf_overflowed(buf)) {
            errno = 0;
            return false;
        }
    }
}

static status reap(pid_t pid, const char *name, struct error *err)
{
    int code;
    while (waitpid(pid, &code, 0) < 0) {
        if (errno != EINTR) {
            return error_set(err, ERROR_INTERNAL, "%s is lost: %s", name, strerrordesc_np(errno));
        }
    }
    if (WIFEXITED(code) && WEXITSTATUS(code) == 0) {
        return OK;
    }
    return WIFEXITED(code)
               ? error_set(err, ERROR_INPUT, "%s ended with status %d", name, WEXITSTATUS(code))
               : error_set(err, ERROR_INPUT, "%s was ended by signal %d", name, WTERMSIG(code));
}

static status collect(const char *const *argv, int fd, pid_t pid, struct buf *buf,
                      struct error *err)
{
    errno = 0;
    if (read_all(fd, buf)) {
        return reap(pid, argv[0], err);
    }
    int cause = errno;
    kill(pid, SIGKILL);
    struct error ignored;
    bool ended = !failed(reap(pid, argv[0], &ignored));
    (void)ended;
    return cause == 0
               ? error_set(err, ERROR_LIMIT, "%s writes more than %zu bytes", argv[0], buf->max)
               : error_set(err, ERROR_INTERNAL, "cannot read from %s: %s", argv[0],
                           strerrordesc_np(cause));
}

status process_read(struct arena *arena, const char *const *argv, size_t max, struct str *ret_text,
                    struct error *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return error_set(err, ERROR_INTERNAL, "cannot make a pipe: %s", strerrordesc_np(errno));
    }
    pid_t pid;
    status st = spawn(argv, ends[1], &pid, err);
    close(ends[1]);
    buf_auto buf;
    buf_init(&buf, max);
    if (!failed(st)) {
        st = collect(argv, ends[0], pid, &buf, err);
    }
    close(ends[0]);
    TRY(st);
    char *text = arena_alloc(arena, buf.n + ZEROS);
    if (buf.n > 0) {
        memcpy(text, buf.p, buf.n);
    }
    *ret_text = (struct str){text, buf.n};
    return OK;
}

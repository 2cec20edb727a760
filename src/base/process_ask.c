#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/process.h"

enum { SLICE_MS = 100 }; /* after which a cancellation is seen */

/* A file that holds `input`, at its beginning. */
static int hold(struct str input)
{
    int fd = memfd_create("input", MFD_CLOEXEC);
    ssize_t n = fd < 0 || input.n == 0 ? 0 : pwrite(fd, input.p, input.n, 0);
    if (fd >= 0 && n != (ssize_t)input.n) {
        close(fd);
        errno = EIO;
        fd = -1;
    }
    return fd;
}

static int spawn_alone(const char *const *argv, int input, int output, pid_t *ret_pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, usual;
    ENSURE(posix_spawn_file_actions_init(&actions) == 0 && posix_spawnattr_init(&attributes) == 0);
    sigemptyset(&none);
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &usual);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                              POSIX_SPAWN_SETSIGDEF);
    int code = posix_spawn_file_actions_adddup2(&actions, input, 0);
    code = code != 0 ? code : posix_spawn_file_actions_adddup2(&actions, output, 1);
    code = code != 0 ? code : posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    if (code == 0) {
        code = posix_spawnp(ret_pid, argv[0], &actions, &attributes, (char *const *)(uintptr_t)argv,
                            environ);
    }
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return code;
}

/* What was read so far, with room for one byte more than there may be. */
struct output {
    char *p;
    size_t n, max;
};

/* Read what is there. False at the end, and when it is too much. */
static bool read_some(int fd, struct output *output)
{
    ssize_t n = read(fd, output->p + output->n, output->max + 1 - output->n);
    if (n < 0) {
        return errno == EINTR;
    }
    output->n += (size_t)n;
    return n > 0 && output->n <= output->max;
}

/* Until the program behind `pidfd` has ended, or must: then it says why. */
static status follow(const struct process_call *call, int fd, int pidfd, struct output *output,
                     struct error *err)
{
    struct pollfd files[] = {{pidfd, POLLIN, 0}, {fd, POLLIN, 0}};
    const char *name = call->argv[0];
    do {
        int64_t left = (call->deadline - clock_monotonic()) / NS_PER_MS;
        if (left <= 0) {
            return error_set(err, ERROR_TIMEOUT, "%s: no answer in time", name);
        }
        if (call->cancel != NULL && atomic_load(call->cancel)) {
            return error_set(err, ERROR_TIMEOUT, "%s: cancelled", name);
        }
        files[0].revents = files[1].revents = 0;
        (void)poll(files, 2, left < SLICE_MS ? (int)left : SLICE_MS);
        if (files[1].revents != 0 && !read_some(fd, output)) {
            files[1].fd = -1;
        }
    } while (files[0].revents == 0 && output->n <= output->max);
    /* What it wrote is in the pipe; others may hold that open for longer, and we do. */
    while (files[1].fd >= 0 && poll(&files[1], 1, 0) > 0 && read_some(fd, output)) {
    }
    return output->n > output->max
               ? error_set(err, ERROR_LIMIT, "%s writes more than %zu bytes", name, output->max)
               : OK;
}

static status end_of(const struct process_call *call, pid_t pid, status st, int *ret_code,
                     struct error *err)
{
    int code = 0;
    if (failed(st)) {
        kill(-pid, SIGKILL);
    }
    while (waitpid(pid, &code, 0) < 0) {
        ENSURE(errno == EINTR);
    }
    if (!failed(st) && !WIFEXITED(code)) {
        return error_set(err, ERROR_INPUT, "%s was ended by signal %d", call->argv[0],
                         WTERMSIG(code));
    }
    *ret_code = WEXITSTATUS(code);
    return st;
}

static status run(const struct process_call *call, int input, const int ends[2],
                  struct output *output, int *ret_code, struct error *err)
{
    pid_t pid;
    int code = spawn_alone(call->argv, input, ends[1], &pid);
    if (code == ENOENT) {
        return error_set(err, ERROR_NOT_FOUND, "%s is not installed", call->argv[0]);
    }
    if (code != 0) {
        return error_set(err, ERROR_INTERNAL, "cannot run %s: %s", call->argv[0],
                         strerrordesc_np(code));
    }
    int pidfd = pidfd_open(pid, 0);
    status st = pidfd < 0 ? error_set(err, ERROR_INTERNAL, "cannot wait for %s: %s", call->argv[0],
                                      strerrordesc_np(errno))
                          : follow(call, ends[0], pidfd, output, err);
    if (pidfd >= 0) {
        close(pidfd);
    }
    return end_of(call, pid, st, ret_code, err);
}

status process_ask(struct arena *arena, const struct process_call *call,
                   struct process_end *ret_end, struct error *err)
{
    int ends[2], code = 0;
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return error_set(err, ERROR_INTERNAL, "cannot make a pipe: %s", strerrordesc_np(errno));
    }
    int input = hold(call->input);
    struct output output = {.p = arena_alloc(arena, call->max + 1), .max = call->max};
    status st =
        input < 0 ? error_set(err, ERROR_INTERNAL, "cannot hold input: %s", strerrordesc_np(errno))
                  : run(call, input, ends, &output, &code, err);
    if (input >= 0) {
        close(input);
    }
    close(ends[0]);
    close(ends[1]);
    if (!failed(st)) {
        *ret_end = (struct process_end){{output.p, output.n}, code};
    }
    return st;
}

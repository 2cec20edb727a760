/* Preloaded into the server: makes one system call of one kind fail, and puts the clock forward, as
 * the control block says that a test shares with it (shim.py). Calls of libmicrohttpd and GnuTLS
 * count as ours do. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

struct control {
    char call[32];     /* which; empty: none */
    atomic_int left;   /* calls until the one that fails; 1 is the next */
    int number;        /* its errno */
    atomic_uint fired; /* whether it has */
    atomic_int ahead;  /* seconds that the monotonic clock is put forward */
};

static struct control *control;

__attribute__((constructor)) static void map_control(void)
{
    const char *path = getenv("PRATIQUE_FAULT");
    int fd = path == NULL ? -1 : (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC);
    if (fd >= 0) {
        void *memory = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        control = memory == MAP_FAILED ? NULL : memory;
        syscall(SYS_close, fd);
    }
}

/* True, with errno set, if this call is to fail. */
static int fails(const char *call)
{
    if (control == NULL || strcmp(control->call, call) != 0 ||
        atomic_fetch_sub(&control->left, 1) != 1) {
        return 0;
    }
    atomic_store(&control->fired, 1);
    errno = control->number;
    return 1;
}

#define WRAP(type, name, parameters, arguments)                                                    \
    type name parameters                                                                           \
    {                                                                                              \
        static type(*_Atomic real) parameters;                                                     \
        if (fails(#name)) {                                                                        \
            return (type)-1;                                                                       \
        }                                                                                          \
        if (real == NULL) {                                                                        \
            real = (type(*) parameters)dlsym(RTLD_NEXT, #name);                                    \
        }                                                                                          \
        return real arguments;                                                                     \
    }

WRAP(ssize_t, read, (int fd, void *p, size_t n), (fd, p, n))
WRAP(ssize_t, write, (int fd, const void *p, size_t n), (fd, p, n))
WRAP(int, fstat64, (int fd, struct stat64 *info), (fd, info))
WRAP(int, stat64, (const char *path, struct stat64 *info), (path, info))
WRAP(int, socket, (int family, int type, int protocol), (family, type, protocol))
WRAP(int, bind, (int fd, const struct sockaddr *address, socklen_t n), (fd, address, n))
WRAP(int, listen, (int fd, int n), (fd, n))
WRAP(int, accept4, (int fd, struct sockaddr *peer, socklen_t *n, int flags), (fd, peer, n, flags))
WRAP(int, connect, (int fd, const struct sockaddr *address, socklen_t n), (fd, address, n))
WRAP(int, getsockopt, (int fd, int level, int name, void *p, socklen_t *n), (fd, level, name, p, n))
WRAP(ssize_t, send, (int fd, const void *p, size_t n, int flags), (fd, p, n, flags))
WRAP(ssize_t, recv, (int fd, void *p, size_t n, int flags), (fd, p, n, flags))
WRAP(ssize_t, sendmsg, (int fd, const struct msghdr *message, int flags), (fd, message, flags))
WRAP(int, poll, (struct pollfd * fds, nfds_t n, int ms), (fds, n, ms))
WRAP(int, eventfd, (unsigned count, int flags), (count, flags))
WRAP(int, epoll_create1, (int flags), (flags))
WRAP(int, epoll_ctl, (int set, int what, int fd, struct epoll_event *event), (set, what, fd, event))
WRAP(int, epoll_wait, (int set, struct epoll_event *events, int n, int ms), (set, events, n, ms))

int open64(const char *path, int flags, ...)
{
    va_list list;
    va_start(list, flags);
    mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(list, mode_t) : 0;
    va_end(list);
    return fails("open64") ? -1 : (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

/* The other two tell their failure in other ways. */

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                   void *argument)
{
    static int (*_Atomic real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    if (fails("pthread_create")) {
        return errno;
    }
    if (real == NULL) {
        real = (int (*)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *))dlsym(
            RTLD_NEXT, "pthread_create");
    }
    return real(thread, attributes, run, argument);
}

void *opendir(const char *path)
{
    static void *(*_Atomic real)(const char *);
    if (fails("opendir")) {
        return NULL;
    }
    if (real == NULL) {
        real = (void *(*)(const char *))dlsym(RTLD_NEXT, "opendir");
    }
    return real(path);
}

/* -- the clock -- */

int clock_gettime(clockid_t clock, struct timespec *time)
{
    int code = (int)syscall(SYS_clock_gettime, clock, time);
    if (code == 0 && clock == CLOCK_MONOTONIC && control != NULL) {
        time->tv_sec += atomic_load(&control->ahead);
    }
    return code;
}

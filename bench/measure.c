/* Run a program and tell what it cost: a process of its own, as one that is made by a large one
 * would be charged that one's memory (Linux counts what a process held before exec).
 *
 * usage: measure FILE COMMAND...
 *
 * Writes one line to FILE: nanoseconds of wall time, microseconds of CPU time, the peak resident
 * set in KiB, and the exit status (128 and the signal if one ended it). Exits 0 if the program ran.
 */
#include <inttypes.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

_Noreturn static void stop(const char *what)
{
    fprintf(stderr, "measure: %s failed\n", what);
    exit(1);
}

static int64_t now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static int64_t us_of(struct timeval time)
{
    return (int64_t)time.tv_sec * 1000000 + time.tv_usec;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fputs("usage: measure FILE COMMAND...\n", stderr);
        return 2;
    }
    pid_t pid;
    int64_t began = now_ns();
    if (posix_spawnp(&pid, argv[2], NULL, NULL, argv + 2, environ) != 0) {
        stop(argv[2]);
    }
    int state;
    struct rusage usage;
    if (wait4(pid, &state, 0, &usage) != pid) {
        stop("wait4");
    }
    int64_t wall = now_ns() - began;
    FILE *file = fopen(argv[1], "w");
    if (file == NULL) {
        stop(argv[1]);
    }
    int status = WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
    fprintf(file, "%" PRId64 " %" PRId64 " %ld %d\n", wall,
            us_of(usage.ru_utime) + us_of(usage.ru_stime), usage.ru_maxrss, status);
    return fclose(file) == 0 ? 0 : 1;
}

#include "observe/process.h"

#include <dirent.h>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"

enum { ROOM = 4096, CENTIS_PER_S = 100 };
static const int64_t NS_PER_CENTI = NS_PER_S / CENTIS_PER_S;

static void add(struct buf *buf, const char *name, const char *type, const char *help)
{
    buf_printf(buf, "# HELP %s %s\n# TYPE %s %s\n%s ", name, help, name, type, name);
}

static void add_cpu(struct buf *buf)
{
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) == 0) {
        long us = usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
        long s = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + us / 1000000;
        add(buf, "process_cpu_seconds_total", "counter", "User and system CPU time.");
        buf_printf(buf, "%ld.%06ld\n", s, us % 1000000);
    }
}

static void add_memory(struct buf *buf)
{
    arena_auto arena;
    arena_init(&arena, 4 * ROOM);
    struct str text, first, second, rest;
    struct error err;
    uint64_t pages = 0;
    if (failed(file_read(&arena, "/proc/self/statm", ROOM, &text, &err))) {
        return;
    }
    str_cut(text, ' ', &first, &rest);
    str_cut(rest, ' ', &second, &rest);
    if (str_parse_u64(second, UINT64_MAX / 65536, &pages)) {
        add(buf, "process_resident_memory_bytes", "gauge", "Resident memory.");
        buf_printf(buf, "%llu\n", (unsigned long long)pages * (unsigned long long)getpagesize());
    }
}

static void add_files(struct buf *buf)
{
    DIR *directory = opendir("/proc/self/fd");
    if (directory != NULL) {
        int n = -3; /* ".", ".." and the directory itself */
        while (readdir(directory) != NULL) {
            n++;
        }
        closedir(directory);
        add(buf, "process_open_fds", "gauge", "Open file descriptors.");
        buf_printf(buf, "%d\n", n);
    }
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        add(buf, "process_max_fds", "gauge", "Most file descriptors that may be open.");
        buf_printf(buf, "%llu\n", (unsigned long long)limit.rlim_cur);
    }
}

/* -- the start, in hundredths of a second: from /proc, for no file there keeps its date -- */

static int64_t started; /* 0: not known */

/* Clock ticks from the machine's start to this process's: the twentieth word behind the name, which
 * stands in brackets and may hold any. Spec: proc_pid_stat(5), starttime. */
static bool read_ticks(struct arena *arena, uint64_t *ret_ticks)
{
    enum { WORDS = 20 };
    struct str text, word = STR_EMPTY, rest;
    struct error err;
    if (failed(file_read(arena, "/proc/self/stat", ROOM, &text, &err))) {
        return false;
    }
    rest = str_sub(text, str_rfind(text, ')') + 2, text.n);
    for (int i = 0; i < WORDS; i++) {
        str_cut(rest, ' ', &word, &rest);
    }
    return str_parse_u64(word, INT64_MAX / CENTIS_PER_S, ret_ticks);
}

/* Since the machine's start. Spec: proc_uptime(5): seconds with two decimals. */
static bool read_uptime(struct arena *arena, int64_t *ret_centis)
{
    struct str text, up, seconds, centis, rest;
    struct error err;
    uint64_t whole = 0, part = 0;
    if (failed(file_read(arena, "/proc/uptime", ROOM, &text, &err))) {
        return false;
    }
    str_cut(text, ' ', &up, &rest);
    str_cut(up, '.', &seconds, &centis);
    if (!str_parse_u64(seconds, INT64_MAX / CENTIS_PER_S - 1, &whole) ||
        !str_parse_u64(centis, CENTIS_PER_S - 1, &part)) {
        return false;
    }
    *ret_centis = (int64_t)(whole * CENTIS_PER_S + part);
    return true;
}

static void find_start(void)
{
    arena_auto arena;
    arena_init(&arena, 4 * ROOM);
    uint64_t ticks = 0;
    int64_t uptime = 0;
    long per_second = sysconf(_SC_CLK_TCK);
    if (per_second > 0 && read_ticks(&arena, &ticks) && read_uptime(&arena, &uptime)) {
        int64_t age = uptime - (int64_t)(ticks * CENTIS_PER_S / (uint64_t)per_second);
        started = clock_wall() / NS_PER_CENTI - age;
    }
}

static void add_start(struct buf *buf)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT; /* a wall clock that is set moves no start */
    pthread_once(&once, find_start);
    if (started > 0) {
        add(buf, "process_start_time_seconds", "gauge", "When the process started, Unix time.");
        buf_printf(buf, "%lld.%02lld\n", (long long)(started / CENTIS_PER_S),
                   (long long)(started % CENTIS_PER_S));
    }
}

void process_metrics_write(struct buf *buf)
{
    add_cpu(buf);
    add_memory(buf);
    add_files(buf);
    add_start(buf);
}

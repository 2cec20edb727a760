#include "observe/process.h"

#include <dirent.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

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
    enum { ROOM = 4096 };
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

static void add_start(struct buf *buf)
{
    struct stat info;
    if (stat("/proc/self", &info) == 0) {
        add(buf, "process_start_time_seconds", "gauge", "When the process started, Unix time.");
        buf_printf(buf, "%lld\n", (long long)info.st_ctim.tv_sec);
    }
}

void process_metrics_write(struct buf *buf)
{
    add_cpu(buf);
    add_memory(buf);
    add_files(buf);
    add_start(buf);
}

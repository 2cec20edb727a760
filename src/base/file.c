#include "base/file_calls.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int (*file_fault)(void);

enum { READ_PADDING = 8, MAX_DEPTH = 16 };

/* Read to the end, at most `max` bytes. */
static status read_all(int fd, const char *path, size_t max, struct buf *buf, struct error *err)
{
    char chunk[8192];
    for (;;) {
        ssize_t n = fault() ? -1 : read(fd, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return failure(path, "read", err);
        }
        if (n == 0) {
            return OK;
        }
        buf_add(buf, (struct str){chunk, (size_t)n});
        if (buf_overflowed(buf)) {
            return error_set(err, ERROR_LIMIT, "%s: larger than %zu bytes", path, max);
        }
    }
}

status file_read(struct arena *arena, const char *path, size_t max, struct str *ret_text,
                 struct error *err)
{
    bool standard_input = strcmp(path, "-") == 0;
    const char *name = standard_input ? "standard input" : path;
    auto_fd fd = standard_input ? STDIN_FILENO
                                : (fault() ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (fd < 0) {
        return failure(name, "open", err);
    }
    struct stat info;
    if (fault() || fstat(fd, &info) != 0) {
        return failure(name, "read", err);
    }
    if (S_ISDIR(info.st_mode)) {
        return error_set(err, ERROR_INTERNAL, "%s: is a directory", name);
    }
    buf_auto buf;
    buf_init(&buf, max);
    TRY(read_all(fd, name, max, &buf, err));
    char *text = arena_alloc(arena, buf.n + READ_PADDING);
    if (buf.n > 0) {
        memcpy(text, buf.p, buf.n);
    }
    *ret_text = (struct str){text, buf.n};
    return OK;
}

bool file_is_directory(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* -- lists -- */

struct walk {
    struct arena *arena;
    const char *const *suffixes;
    size_t max;
    struct file_list list;
    size_t room;
};

static bool wanted(const char *name, const char *const *suffixes)
{
    for (; *suffixes != NULL; suffixes++) {
        if (str_ends(str_from(name), str_from(*suffixes))) {
            return true;
        }
    }
    return false;
}

static status add_path(struct walk *walk, const char *path, struct error *err)
{
    if (walk->list.n == walk->max) {
        return error_set(err, ERROR_LIMIT, "%s: more than %zu files", path, walk->max);
    }
    if (walk->list.n == walk->room) {
        size_t room = walk->room == 0 ? 16 : walk->room * 2;
        const char **paths = ARENA_ARRAY(walk->arena, const char *, room);
        if (walk->list.n > 0) {
            memcpy(paths, walk->list.paths, walk->list.n * sizeof *paths);
        }
        walk->list.paths = paths;
        walk->room = room;
    }
    walk->list.paths[walk->list.n++] = path;
    return OK;
}

static void close_directory(DIR **directory)
{
    if (*directory != NULL) {
        closedir(*directory);
    }
}

static status walk_directory(struct walk *walk, const char *path, unsigned depth,
                             struct error *err);

static status walk_entry(struct walk *walk, const char *path, unsigned depth, struct error *err)
{
    struct stat info;
    if (fault() || stat(path, &info) != 0) {
        return failure(path, "read", err);
    }
    if (S_ISDIR(info.st_mode)) {
        return walk_directory(walk, path, depth + 1, err);
    }
    return wanted(path, walk->suffixes) ? add_path(walk, path, err) : OK;
}

static status walk_directory(struct walk *walk, const char *path, unsigned depth, struct error *err)
{
    if (depth > MAX_DEPTH) {
        return error_set(err, ERROR_LIMIT, "%s: directories nested deeper than %d", path,
                         MAX_DEPTH);
    }
    __attribute__((cleanup(close_directory))) DIR *directory = fault() ? NULL : opendir(path);
    if (directory == NULL) {
        return failure(path, "list", err);
    }
    for (;;) {
        errno = 0;
        const struct dirent *entry = fault() ? NULL : readdir(directory);
        if (entry == NULL) {
            return errno == 0 ? OK : failure(path, "list", err);
        }
        if (entry->d_name[0] != '.') {
            const char *slash = str_ends(str_from(path), STR("/")) ? "" : "/";
            struct str child = arena_printf(walk->arena, "%s%s%s", path, slash, entry->d_name);
            TRY(walk_entry(walk, child.p, depth, err));
        }
    }
}

static int compare_paths(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

status file_list(struct arena *arena, const char *path, const char *const *suffixes, size_t max,
                 struct file_list *ret_list, struct error *err)
{
    struct walk walk = {.arena = arena, .suffixes = suffixes, .max = max};
    TRY(walk_directory(&walk, path, 0, err));
    if (walk.list.n > 0) {
        qsort(walk.list.paths, walk.list.n, sizeof *walk.list.paths, compare_paths);
    }
    *ret_list = walk.list;
    return OK;
}

/* -- fingerprints -- */

uint64_t file_fingerprint_join(uint64_t hash, uint64_t value)
{
    return (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15) + (hash >> 29);
}

static uint64_t mix_file(uint64_t hash, const char *path)
{
    struct stat info;
    hash = file_fingerprint_join(hash, str_hash(str_from(path)));
    if (stat(path, &info) != 0) {
        return file_fingerprint_join(hash, (uint64_t)errno);
    }
    hash = file_fingerprint_join(hash, (uint64_t)info.st_dev);
    hash = file_fingerprint_join(hash, (uint64_t)info.st_ino);
    hash = file_fingerprint_join(hash, (uint64_t)info.st_size);
    hash = file_fingerprint_join(hash, (uint64_t)info.st_mtim.tv_sec);
    hash = file_fingerprint_join(hash, (uint64_t)info.st_mtim.tv_nsec);
    hash = file_fingerprint_join(hash, (uint64_t)info.st_ctim.tv_sec);
    return file_fingerprint_join(hash, (uint64_t)info.st_ctim.tv_nsec);
}

uint64_t file_fingerprint(const char *path, const char *const *suffixes, size_t max)
{
    enum { LIST_ARENA = 64 * 1024 * 1024 };
    uint64_t hash = mix_file(0, path);
    if (!file_is_directory(path)) {
        return hash;
    }
    arena_auto arena;
    arena_init(&arena, LIST_ARENA);
    struct file_list list;
    struct error err;
    if (failed(file_list(&arena, path, suffixes, max, &list, &err))) {
        return file_fingerprint_join(hash, str_hash(str_from(err.text)));
    }
    for (size_t i = 0; i < list.n; i++) {
        hash = mix_file(hash, list.paths[i]);
    }
    return hash;
}

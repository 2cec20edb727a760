#pragma once
/* Files: read whole and bounded, listed in a stable order, and told apart when they change.
 * All file reading of the program goes through here, so that the fault sweep can make any of it
 * fail. Threading: no shared state but the fault hook, which only tests set, before any thread. */
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/status.h"
#include "base/str.h"

/* Read all of the file at `path` ("-" is standard input) into the arena. The text is followed by
 * 8 zero bytes that are not counted, which parsers may rely on.
 * Errors: NOT_FOUND; LIMIT (larger than `max`); INTERNAL (any other failure); all name the path. */
MUST status file_read(struct arena *arena, const char *path, size_t max, struct str *ret_text,
                      struct error *err);

struct file_list {
    const char **paths; /* in the arena, sorted by bytes */
    size_t n;
};

/* True if `path` is a directory. */
bool file_is_directory(const char *path);

/* Files below the directory at `path`, at any depth, whose names end in one of `suffixes` (ends
 * with NULL), sorted. Names that begin with a dot are passed over: Kubernetes mounts a volume's
 * files as links into a hidden directory, and each would be seen twice. Lists live in the arena.
 * Errors: NOT_FOUND, INTERNAL; LIMIT (more than `max`). */
MUST status file_list(struct arena *arena, const char *path, const char *const *suffixes,
                      size_t max, struct file_list *ret_list, struct error *err);

/* An open file, read at places. Zeroed: none is open. */
struct file {
    const char *name; /* for messages; borrowed */
    int fd;
    bool open;
    uint64_t size;
};

/* Open the regular file at `path`, which lives as long. The caller closes.
 * Errors: NOT_FOUND; INTERNAL (any other failure; not a regular file); all name the path. */
MUST status file_open(const char *path, struct file *ret_file, struct error *err);

/* Open the regular file `name` below the directory at `directory`; `name` is one or several names
 * with "/" between them, none of them empty, "." or "..". No symbolic link below the directory is
 * followed, so that nothing outside is ever opened. `shown` is the file in messages, and lives as
 * long as it is open. Errors: as file_open; INTERNAL (a symbolic link on the way). */
MUST status file_open_below(const char *directory, const char *name, const char *shown,
                            struct file *ret_file, struct error *err);

/* Read the `n` bytes at `offset`, all of which must be there. Errors: INTERNAL; both name the file.
 */
MUST status file_read_at(const struct file *file, uint64_t offset, size_t n, char *ret_bytes,
                         struct error *err);

/* Close it. A zeroed one is fine. */
void file_close(struct file *file);

#define file_auto __attribute__((cleanup(file_close))) struct file

/* A number that changes when the file or any file that `file_list` would list changes: made of
 * device, inode, size and time of change, links followed. A path that cannot be read has a number
 * too, so that its coming back is a change. */
uint64_t file_fingerprint(const char *path, const char *const *suffixes, size_t max);

/* One number of two: of fingerprints, and of others that tell of changes. */
uint64_t file_fingerprint_join(uint64_t a, uint64_t b);

/* For tests alone: called before each system call that reads; a non-zero return is the errno with
 * which that call fails. NULL, the default, is none. */
extern int (*file_fault)(void);

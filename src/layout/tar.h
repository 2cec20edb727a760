#pragma once
/* The files of a tar archive, found where they stand without unpacking anything: nothing is ever
 * written, and no name from the archive is used as a path.
 *
 * Strict, since whoever loads the archive unpacks it with another program, which must see the same:
 * names that are absolute or have "..", and one name twice are refused, and links, sparse files and
 * devices are told of, so that the caller refuses them. Reads ustar, pax (path, size) and GNU (long
 * names, large sizes); nothing compressed. Spec: POSIX.1-2017 pax; GNU tar manual, "Basic Tar
 * Format". */
#include "base/arena.h"
#include "base/file.h"

struct tar_file {
    struct str name; /* "blobs/sha256/5b0b…": without "./" */
    uint64_t offset; /* of its bytes in the archive */
    uint64_t size;
};

struct tar {
    struct tar_file *files; /* sorted by name */
    size_t n;
    struct str refused; /* the first link, sparse file or device; empty: there is none */
};

/* Find all files of `archive`. Lists live in the arena.
 * Errors: EVIDENCE (malformed, or refused as above; names the entry), INTERNAL (reading fails),
 * LIMIT. Limits: LIMIT_TAR_ENTRIES, LIMIT_TAR_NAMES. Takes at most 16 MiB of the arena. */
MUST status tar_read(struct arena *arena, const struct file *archive, struct tar *ret_tar,
                     struct error *err);

/* The file of this name; NULL if there is none. */
const struct tar_file *tar_find(const struct tar *tar, struct str name);

/* An archive. Every file that is found lies in it, behind a header, under a name of its own that
 * stays below the folder; an archive that is cut is refused or has the beginning of its files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "layout/tar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BLOCK = 512, ROOM = 64 * 1024 * 1024 };

static void check_name(struct str name)
{
    struct str part, rest = name;
    ENSURE(name.n > 0 && !str_starts(name, STR("/")) && !str_ends(name, STR("/")));
    while (rest.n > 0) {
        str_cut(rest, '/', &part, &rest);
        ENSURE(part.n > 0 && !str_eq(part, STR(".")) && !str_eq(part, STR("..")));
        ENSURE(str_find(part, '\0') == part.n);
    }
}

static void check_files(const struct tar *tar, size_t size)
{
    for (size_t i = 0; i < tar->n; i++) {
        const struct tar_file *file = &tar->files[i];
        check_name(file->name);
        ENSURE(file->offset >= BLOCK && file->offset % BLOCK == 0);
        ENSURE(file->offset <= size && file->size <= size - file->offset);
        ENSURE(tar_find(tar, file->name) == file);
        ENSURE(i == 0 || str_cmp(tar->files[i - 1].name, file->name) < 0);
    }
    ENSURE(tar_find(tar, STR("")) == NULL);
}

static bool read_first(int fd, size_t size, struct arena *arena, struct tar *ret_tar)
{
    const struct file file = {"x.tar", fd, true, size};
    struct error err = {0};
    bool bad = failed(tar_read(arena, &file, ret_tar, &err));
    ENSURE(arena->used <= 16u * 1024 * 1024);
    ENSURE(!bad ||
           ((err.kind == ERROR_EVIDENCE || err.kind == ERROR_LIMIT) && err.text[0] != '\0'));
    if (!bad) {
        check_files(ret_tar, size);
    }
    return !bad;
}

/* What is found in the first half is found in the whole, unless that is refused. */
static void check_half(int fd, size_t size, const struct tar *whole)
{
    struct tar half;
    arena_auto arena;
    arena_init(&arena, ROOM);
    if (read_first(fd, size / 2, &arena, &half)) {
        for (size_t i = 0; i < half.n; i++) {
            const struct tar_file *same = tar_find(whole, half.files[i].name);
            ENSURE(same != NULL && same->offset == half.files[i].offset);
        }
    }
}

/* Make the checksum fit wherever a header might be: no mutation would find it. */
static void mend(char *bytes, size_t size)
{
    for (size_t at = 0; at + BLOCK <= size; at += BLOCK) {
        char *header = bytes + at;
        unsigned sum = 0;
        if (memcmp(header + 257, "ustar", 5) != 0) {
            continue;
        }
        memset(header + 148, ' ', 8);
        for (size_t i = 0; i < BLOCK; i++) {
            sum += (unsigned char)header[i];
        }
        snprintf(header + 148, 8, "%06o", sum & 0777777);
    }
}

static void read_archive(const void *bytes, size_t size)
{
    struct tar tar;
    arena_auto arena;
    arena_init(&arena, ROOM);
    int fd = memfd_create("archive", MFD_CLOEXEC);
    ENSURE(fd >= 0 && write(fd, bytes, size) == (ssize_t)size);
    if (read_first(fd, size, &arena, &tar)) {
        check_half(fd, size, &tar);
    }
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *mended = malloc(size + 1);
    ENSURE(mended != NULL);
    memcpy(mended, data, size);
    mend(mended, size);
    read_archive(data, size);
    read_archive(mended, size);
    free(mended);
    return 0;
}

#include "cli/artifact.h"

#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "crypto/digest.h"

enum { PIECE = MIB };

/* Digest a file piece by piece, once for each algorithm at a time. */
static status read_pieces(struct arena *arena, const struct file *file, struct artifact *ret,
                          struct error *err)
{
    char *piece = arena_alloc(arena, PIECE);
    struct digester digesters[HASH_COUNT] = {{.state = NULL}};
    status st = OK;
    for (unsigned i = 0; i < HASH_COUNT; i++) {
        ENSURE(digester_start(&digesters[i], hash_name((enum hash)i)));
    }
    for (uint64_t at = 0; !failed(st) && at < file->size; at += PIECE) {
        size_t n = file->size - at < PIECE ? (size_t)(file->size - at) : PIECE;
        st = file_read_at(file, at, n, piece, err);
        for (unsigned i = 0; !failed(st) && i < HASH_COUNT; i++) {
            digester_add(&digesters[i], (struct str){piece, n});
        }
    }
    for (unsigned i = 0; i < HASH_COUNT; i++) {
        char room[DIGEST_ROOM];
        struct artifact one = {.whole = false};
        if (failed(st)) {
            digester_done(&digesters[i]);
        } else if (!failed(
                       artifact_of_digest(arena, digester_end(&digesters[i], room), &one, err))) {
            ret->digests[i] = one.digests[i];
        }
    }
    return st;
}

static status read_file(struct arena *arena, const char *path, struct artifact *ret,
                        struct error *err)
{
    file_auto file = {.open = false};
    struct str bytes;
    if (strcmp(path, "-") != 0) {
        TRY(file_open(path, &file, err));
    }
    if (file.open && file.size > LIMIT_ARTIFACT_WHOLE) {
        return read_pieces(arena, &file, ret, err);
    }
    TRY(file_read(arena, path, LIMIT_ARTIFACT_WHOLE, &bytes, err));
    *ret = artifact_of_bytes(arena, bytes);
    return OK;
}

static bool is_digest(struct str text)
{
    return str_starts(text, STR("sha256:")) || str_starts(text, STR("sha384:")) ||
           str_starts(text, STR("sha512:"));
}

status artifact_read(struct arena *arena, const char *text, struct artifact *ret, struct error *err)
{
    struct artifact artifact = {.whole = false};
    if (!failed(read_file(arena, text, &artifact, err))) {
        *ret = artifact;
        return OK;
    }
    return err->kind == ERROR_NOT_FOUND && is_digest(str_from(text))
               ? artifact_of_digest(arena, str_from(text), ret, err)
               : FAILED;
}

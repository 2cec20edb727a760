#include "verify/artifact.h"

#include "base/hex.h"
#include "image/digest.h"

struct artifact artifact_of_bytes(struct arena *arena, struct str bytes)
{
    struct artifact artifact = {.bytes = bytes, .whole = true};
    for (unsigned i = 0; i < HASH_COUNT; i++) {
        artifact.digests[i] = hash_of((enum hash)i, &bytes, 1, arena_alloc(arena, HASH_ROOM));
    }
    return artifact;
}

status artifact_of_digest(struct arena *arena, struct str text, struct artifact *ret,
                          struct error *err)
{
    struct digest digest;
    enum hash hash = HASH_SHA256;
    enum digest_error problem = digest_parse(text, &digest);
    if (problem != DIGEST_OK) {
        return error_set(err, ERROR_INPUT, "the digest %s", digest_error_text(problem));
    }
    struct artifact artifact = {.whole = false};
    ENSURE(hash_named(digest.algorithm, &hash));
    ENSURE(hex_decode(arena, digest.hex, &artifact.digests[hash]));
    *ret = artifact;
    return OK;
}

enum artifact_answer artifact_has(const struct artifact *artifact, enum hash hash, struct str bytes)
{
    struct str known = artifact->digests[hash];
    if (known.n == 0) {
        return ARTIFACT_UNKNOWN;
    }
    return str_eq(known, bytes) ? ARTIFACT_SAME : ARTIFACT_OTHER;
}

#pragma once
/* The digest of bytes: "sha256:" and lower-case hex, also of bytes that come piece by piece. Of
 * sha256, sha384 and sha512, as image/digest.h reads them. Pure.
 * Spec: OCI image-spec descriptor.md#digests; FIPS 180-4. */
#include "base/arena.h"

/* Room for the longest digest: "sha512:" and 128 digits. */
#define DIGEST_ROOM 136

struct evp_md_ctx_st;

struct digester {
    struct str algorithm;
    struct evp_md_ctx_st *state; /* owned; NULL when there is nothing to free */
};

/* Begin. `algorithm` is one of the three, which lives longer; false, and nothing to free, if it is
 * another. */
MUST bool digester_start(struct digester *digester, struct str algorithm);

/* The next bytes. */
void digester_add(struct digester *digester, struct str bytes);

/* The digest of all bytes, written to `room`, from which it borrows. Nothing is left to free. */
struct str digester_end(struct digester *digester, char room[DIGEST_ROOM]);

/* Give up without a digest. A zeroed one, or one that ended, is fine. */
void digester_done(struct digester *digester);

#define digester_auto __attribute__((cleanup(digester_done))) struct digester

/* The digest of `bytes`; lives in the arena. `algorithm` is one of the three. */
struct str digest_of(struct arena *arena, struct str algorithm, struct str bytes);

/* Whether `digest` is that of `bytes`. False if it is malformed or of an unknown algorithm. */
MUST bool digest_holds(struct str digest, struct str bytes);

#pragma once
/* What was signed, as far as it is known: its digests, or all of it. Pure. */
#include "base/arena.h"
#include "base/status.h"
#include "crypto/hash.h"

struct artifact {
    struct str digests[HASH_COUNT]; /* as bytes; empty: not known */
    struct str bytes;               /* all of it, if `whole` */
    bool whole;
};

/* The artifact that `bytes` are, which are borrowed; its digests live in the arena. */
struct artifact artifact_of_bytes(struct arena *arena, struct str bytes);

/* The artifact of which only a digest is known: "sha256:...". Lives in the arena. Errors: INPUT. */
MUST status artifact_of_digest(struct arena *arena, struct str digest, struct artifact *ret,
                               struct error *err);

enum artifact_answer { ARTIFACT_UNKNOWN, ARTIFACT_OTHER, ARTIFACT_SAME };

/* Whether it has the digest `bytes` of `hash`; UNKNOWN if that one is not known of it. */
enum artifact_answer artifact_has(const struct artifact *artifact, enum hash hash,
                                  struct str bytes);

#pragma once
/* Checkpoints: what a log says of itself, as a signed note. Reading alone; the signatures are
 * checked by log.h. Pure. Spec: C2SP tlog-checkpoint, signed-note. */
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"

struct note_signature {
    struct str name;  /* whose key it is */
    struct str hint;  /* four bytes that tell which */
    struct str bytes; /* the signature */
};

struct checkpoint {
    struct str text; /* what is signed, with its last line end */
    struct str origin;
    uint64_t size;
    struct str root;
    const struct note_signature *signatures;
    size_t n_signatures;
};

/* Read a signed checkpoint. Borrows `note`; the rest lives in the arena. Errors: INPUT, LIMIT.
 * Limits: LIMIT_CHECKPOINT, LIMIT_CHECKPOINT_SIGNATURES. */
MUST status checkpoint_parse(struct arena *arena, struct str note, struct checkpoint *ret,
                             struct error *err);

/* Read its text alone, without signatures. Errors: INPUT. */
MUST status checkpoint_parse_text(struct arena *arena, struct str text, struct checkpoint *ret,
                                  struct error *err);

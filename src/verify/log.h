#pragma once
/* Whether a transparency log holds an entry, as a trusted log vouches for it. Pure.
 * Spec: sigstore client specification, sections 4.2.2 and 4.4; C2SP signed-note, tlog-checkpoint.
 */
#include "verify/bundle.h"
#include "verify/checkpoint.h"
#include "verify/trust.h"

struct log_answer {
    const struct trust_log *log; /* lives as the trusted root */
    bool promised;               /* the log vouches for the time that the entry says */
};

/* Check what the entry brings: its promise if it has one, its proof with the checkpoint if it has
 * one. All that is there must hold. Scratch lives in the arena. Errors: EVIDENCE, INPUT, LIMIT. */
MUST status log_check(struct arena *arena, const struct trust_root *trust,
                      const struct log_entry *entry, struct log_answer *ret, struct error *err);

/* Check that a log signed the checkpoint. Signatures by keys of others are passed over; one that
 * names the log's key must hold. Errors: EVIDENCE. */
MUST status log_check_checkpoint(const struct trust_log *log, const struct checkpoint *checkpoint,
                                 struct error *err);

#pragma once
/* Inside tuf/: thresholds of signatures. */
#include "tuf/metadata.h"

/* Check that a threshold of the keys that sign for the role have signed the canonical form of
 * `metadata`; each counts once, however often and under whatever ids it stands there. A signature
 * that does not hold, or is of someone else, counts nothing and is no error.
 * Errors: EVIDENCE, INPUT (there is no canonical form). Spec: TUF 5.3.4, 5.4.2. */
MUST status tuf_check_threshold(const struct tuf_metadata *metadata,
                                const struct tuf_signers *signers, struct error *err);

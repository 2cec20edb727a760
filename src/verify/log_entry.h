#pragma once
/* Inside verify/: the entry of a transparency log as a bundle has it. */
#include "verify/bundle.h"
#include "verify/proto.h"

/* Read it. Since version 0.2 there must be a proof with a checkpoint, in 0.1 a promise.
 * Errors: INPUT, LIMIT. */
MUST status log_entry_read(const struct proto *p, const struct proto_place *at,
                           enum bundle_version version, struct log_entry *ret);

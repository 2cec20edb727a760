#pragma once
/* Inside tuf/: lengths and hashes. */
#include "base/arena.h"
#include "tuf/metadata.h"

/* Check length and hashes of bytes against what is said of them in the file `by`: all hashes of
 * kinds that are known (sha256, sha384, sha512), of which there must be one if there are any.
 * Errors: EVIDENCE. Spec: TUF 5.5.2, 5.7.3. */
MUST status tuf_check_content(struct str bytes, const struct tuf_expected *expected, struct str by,
                              struct error *err);

/* The hash that a target's name begins with where names have hashes: the first that is known.
 * Lives with the metadata. Errors: EVIDENCE (none is known), INPUT (it is malformed). */
MUST status tuf_content_name(const struct tuf_expected *expected, struct str *ret_digits,
                             struct error *err);

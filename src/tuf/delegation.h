#pragma once
/* Inside tuf/: which delegations are for a path. */
#include "tuf/metadata.h"

/* Whether a delegation is for the target `path`: by a pattern, whose `*` and `?` match anything but
 * '/'; or by the digits with which the SHA-256 of the path begins.
 * Errors: INPUT (a pattern with '[' or '\', which readers take in different ways; prefixes that are
 * not lower-case digits). Spec: TUF 4.5, PATHPATTERN and path_hash_prefixes. */
MUST status tuf_delegation_is_for(yyjson_val *role, struct str path, bool *ret_is,
                                  struct error *err);

/* Whether a path matches a pattern. In the time of their lengths' product at most. */
bool tuf_path_matches(struct str pattern, struct str path);

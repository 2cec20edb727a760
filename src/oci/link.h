#pragma once
/* Where a list goes on: the Link header. Pure. */
#include "base/status.h"
#include "base/str.h"

/* The target of the first link of relation "next" in a Link header; empty if there is none. Borrows
 * `value`; what it says is a URL reference of any kind.
 * Errors: UPSTREAM (not of the grammar), LIMIT (LIMIT_LINK_TEXT). Spec: RFC 8288 section 3. */
MUST status link_next(struct str value, struct str *ret_target, struct error *err);

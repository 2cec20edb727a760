#pragma once
/* Inside tuf/: names in URLs and texts. Pure. */
#include "base/arena.h"
#include "base/str.h"

/* `name` with each byte but letters, digits and "-._~" as %XX; '/' stays if `slashes`. Lives in the
 * arena. Spec: RFC 3986 section 2.3. */
struct str tuf_quoted(struct arena *arena, struct str name, bool slashes);

/* Whether `path` is one that a target may have: relative, no empty part, no "." or "..", and no
 * longer than LIMIT_TUF_NAME. */
bool tuf_is_path(struct str path);

#pragma once
/* What a command verifies: a file, of which digests are made, or a digest alone. */
#include "cli/command.h"
#include "verify/artifact.h"

/* Read the operand `text`: a file, "-" for standard input; or, where no file has that name, a
 * digest such as "sha256:...". Lives in the arena. A file of more than LIMIT_ARTIFACT_WHOLE bytes
 * is known by its digests alone. Errors: NOT_FOUND, INPUT (neither), LIMIT, INTERNAL. */
MUST status artifact_read(struct arena *arena, const char *text, struct artifact *ret,
                          struct error *err);

#pragma once
/* Other programs whose output is read: git, kustomize, helm. Never through a shell. */
#include "base/arena.h"
#include "base/status.h"
#include "base/str.h"

/* True if `name` is found in PATH and can be run. */
bool process_exists(const char *name);

/* Run argv[0], found in PATH, with empty standard input, and read its standard output into the
 * arena, followed by 8 zero bytes that are not counted, as file_read has them. Its standard error
 * is ours. Errors: NOT_FOUND (there is no such program); INPUT (it ended with another status than
 * 0); LIMIT (more than `max` bytes; it is killed); INTERNAL. */
MUST status process_read(struct arena *arena, const char *const *argv, size_t max,
                         struct str *ret_text, struct error *err);

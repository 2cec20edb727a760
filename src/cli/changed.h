#pragma once
/* The files that changed since a revision, as Git tells. */
#include "base/arena.h"
#include "base/status.h"

/* Manifest files (*.yaml, *.yml, *.json) at or below `paths` that differ from `revision` in the
 * working tree; those that were deleted are none. Lives in the arena.
 * Errors: NOT_FOUND (Git is not installed), INPUT (no repository, no such revision), LIMIT. */
MUST status changed_since(struct arena *arena, const char *revision, const char *const *paths,
                          size_t n, const char ***ret_files, size_t *ret_n, struct error *err);

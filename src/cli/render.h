#pragma once
/* Directories that are not manifests but make some: kustomizations and charts. */
#include "base/arena.h"
#include "base/status.h"
#include "base/str.h"

/* Whether the directory at `path` is a kustomization or a chart: it has the file that says so. */
bool render_is_source(const char *path);

/* The manifests that it makes, by kustomize (or kubectl) or helm. Lives in the arena, followed by
 * zero bytes as file_read has them. Errors: INPUT (the tool is not installed, or refuses; says
 * what to do instead), LIMIT (more than `max` bytes), INTERNAL. */
MUST status render(struct arena *arena, const char *path, size_t max, struct str *ret_text,
                   struct error *err);

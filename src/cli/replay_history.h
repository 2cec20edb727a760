#pragma once
/* A decision history as input of `replay`. */
#include "base/status.h"
#include "base/str.h"

/* Called with each decision, as a line of the audit log; `place` is "FILE: decision 7". */
typedef void (*replay_history_visit)(void *context, const char *place, struct str line);

/* Visit all decisions of the history at `path`, the oldest first. It may be in use meanwhile.
 * Errors: those of history_reader_open and history_query; what was visited before stays so. */
MUST status replay_history_all(const char *path, replay_history_visit visit, void *context,
                               struct error *err);

#pragma once
/* What `pratique replay` prints. */
#include "cli/command.h"
#include "replay/replay.h"

/* Write the tally, which is sorted, for people: at most REPLAY_SHOWN images of a rule unless
 * `all`. `problems` inputs could not be judged. */
void replay_report_text(const struct invocation *invocation, const struct replay_tally *tally,
                        size_t problems, bool all);

/* The same for programs: everything. */
void replay_report_json(const struct invocation *invocation, const struct replay_tally *tally,
                        size_t problems);

enum { REPLAY_SHOWN = 10 };

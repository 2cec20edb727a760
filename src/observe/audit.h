#pragma once
/* The audit sink: one line of JSON per decision, to a file or standard output.
 *
 * Lines of different threads never mix. Those of different processes do not either, in a file, or
 * in a pipe if they are no longer than PIPE_BUF (4 KiB). A line that cannot be written is counted
 * (METRIC_AUDIT_LOST) and never changes a review: where nobody reads a pipe, lines are lost, and no
 * review waits. What is left of a line of which only a part could be written is ended before the
 * next one. The sink takes finished lines: who knows the decision phrases it. Threading: any
 * thread. */
#include "base/status.h"
#include "base/str.h"

/* Open the sink: a path (opened for appending, made with mode 0640), "-" for standard output, or
 * NULL for none. What was open is closed. Errors: CONFIG; the sink is then as it was. */
MUST status audit_open(const char *path, struct error *err);

/* Open the same path again, after a log rotation moved it away. Keeps the old one on failure.
 * Nothing to do for standard output or none. Errors: CONFIG. */
MUST status audit_reopen(struct error *err);

/* Whether lines go anywhere, so that phrasing them is not in vain. */
bool audit_is_open(void);

/* Write one line, its newline included. */
void audit_write(struct str line);

/* Close the sink; what is written afterwards goes nowhere. */
void audit_close(void);

#pragma once
/* The audit sink: one line of JSON per decision, to a file or standard output.
 *
 * A line is written with one write(2), so lines of different threads and processes never mix; a
 * line that cannot be written is counted (METRIC_AUDIT_LOST) and never delays or changes a review.
 * The sink takes finished lines: who knows the decision phrases it. Threading: any thread. */
#include "base/status.h"
#include "base/str.h"

/* Open the sink: a path (opened for appending, made with mode 0640), "-" for standard output, or
 * NULL for none. Errors: CONFIG. */
MUST status audit_open(const char *path, struct error *err);

/* Open the same path again, after a log rotation moved it away. Keeps the old one on failure. */
MUST status audit_reopen(struct error *err);

/* Whether lines go anywhere, so that phrasing them is not in vain. */
bool audit_is_open(void);

/* Write one line, its newline included. */
void audit_write(struct str line);

/* Close the sink; what is written afterwards goes nowhere. */
void audit_close(void);

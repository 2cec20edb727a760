#pragma once
/* What is kept of a decision: its audit line and its metrics. */
#include "server/worker.h"

/* Record a finished job; `err` is why it failed, NULL if it was answered. */
void record_job(const struct job *job, const struct error *err);

/* Phrase the audit line, its newline included. For tests too. Limits: LIMIT_VIOLATIONS images and
 * violations are listed, and how many there are is told. */
void record_phrase(const struct job *job, const struct error *err, int64_t now, struct buf *line);

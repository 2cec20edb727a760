#pragma once
/* The decision history of this server: what of a job is kept, and what is told of its keeping. One
 * for the process, as the audit log is. */
#include "server/config.h"
#include "server/worker.h"

/* Start keeping, if a history is configured. A file that cannot be used is told in the log and in
 * the metrics, and is no reason not to start. Errors: INTERNAL (no thread). */
MUST status remember_start(const struct server_config *config, struct error *err);

/* Hand a finished job to the history; `err` is why it failed, NULL if it was answered. Never waits
 * for the disk. Without a history, and for what is no decision on images: nothing. */
void remember_job(const struct job *job, const struct error *err);

/* Write what waits, until monotonic time `until`. Nobody may remember any more. */
void remember_stop(int64_t until);

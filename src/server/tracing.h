#pragma once
/* The traces of this server: what of a review becomes a span, and what is told of its sending. One
 * for the process, as the audit log is. */
#include <microhttpd.h>

#include "server/config.h"
#include "server/worker.h"

/* Start sending, if traces are configured. Errors: INTERNAL (no thread, no randomness). */
MUST status tracing_start(const struct server_config *config, struct error *err);

/* A review was answered with `code`, and is traced if its caller or chance wants it; `err` is why
 * nothing was decided, NULL if it was. `began` is when its headers were there. Waits for nothing.
 * Without traces: nothing. */
void tracing_answered(struct MHD_Connection *connection, int64_t began, const struct job *job,
                      const struct error *err, unsigned code);

/* The same for one that was refused before it was judged. */
void tracing_refused(struct MHD_Connection *connection, int64_t began, enum endpoint endpoint,
                     const struct error *err, unsigned code);

/* Begin to end, as trace_end; no review comes any more. Wait for the end, as trace_stop. */
void tracing_end(int64_t until);
void tracing_stop(void);

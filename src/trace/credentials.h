#pragma once
/* Inside trace/: the files by which a collector is trusted and trusts us. Read again each minute
 * and when a collector does not know us any more. */
#include "base/arena.h"
#include "base/limits.h"
#include "trace/trace.h"

struct trace_credentials {
    struct arena arena;
    struct str ca;
    struct fetch_header headers[LIMIT_TRACE_HEADERS];
    size_t n_headers;
    int64_t read; /* monotonic; 0: not */
};

/* Prepare; free. */
void trace_credentials_init(struct trace_credentials *credentials);
void trace_credentials_done(struct trace_credentials *credentials);

/* Read the files if they were not in the last minute. Errors: those of file.h; CONFIG (a line that
 * is no header, or one that is ours to write). No message shows a value. Limits:
 * LIMIT_TRACE_HEADERS, LIMIT_TOKEN, LIMIT_CERTIFICATE_FILE. */
MUST status trace_credentials_need(struct trace_credentials *credentials,
                                   const struct trace_config *config, struct error *err);

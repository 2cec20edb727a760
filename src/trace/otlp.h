#pragma once
/* Inside trace/: spans as the body of an OTLP request, and what is read of its answer. Pure.
 * Spec: OpenTelemetry protocol 1.x, JSON encoding: identifiers in hexadecimal, 64-bit numbers as
 * strings, enumerations as numbers, names in lowerCamelCase. */
#include "base/buf.h"
#include "trace/trace.h"

/* Append the beginning of a request, up to its first span; one span after the other, `first` the
 * first of them; the end. */
void otlp_begin(const struct trace_resource *resource, struct buf *buf);
void otlp_span(const struct span *span, bool first, struct buf *buf);
void otlp_end(struct buf *buf);

/* What a collector says of a request that it took. */
struct otlp_answer {
    uint64_t rejected; /* spans; what a collector claims, bounded by nothing */
    struct str message;
};

/* Read the body of an answer with a status of 2xx; an empty one says nothing and is fine.
 * *ret_answer lives in the arena. Errors: UPSTREAM (it is no ExportTraceServiceResponse: another
 * program has answered). */
MUST status otlp_read(struct str body, struct arena *arena, struct otlp_answer *ret_answer,
                      struct error *err);

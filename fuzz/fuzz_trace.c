/* A caller's traceparent and tracestate, a line each, and a collector's answer behind them.
 * Asserted: what is taken says the same when it is written again, and the answer is bounded by its
 * body. */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "trace/otlp.h"
#include "json/doc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The traceparent of a span whose parent is the caller's, taken from the span in JSON. */
static void write_again(struct str header, const struct trace_context *context)
{
    buf_auto buf;
    buf_init(&buf, MIB);
    const struct span span = {.context = *context, .name = "x", .why = STR_EMPTY};
    otlp_span(&span, true, &buf);
    json_doc_auto doc = {0};
    struct error err;
    ENSURE(!failed(json_parse(buf_str(&buf), JSON_WITHOUT_MARKS, &doc, &err)));
    ENSURE(str_eq(json_str(json_get(doc.root, "traceId")), str_sub(header, 3, 35)));
    ENSURE(str_eq(json_str(json_get(doc.root, "parentSpanId")), str_sub(header, 36, 52)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str rest = {(const char *)data, size}, parent, state;
    struct trace_context context;
    str_cut(rest, '\n', &parent, &rest);
    str_cut(rest, '\n', &state, &rest);
    if (trace_parse_parent(parent, &context)) {
        write_again(parent, &context);
    }
    trace_join(parent, state, 0, &context);
    ENSURE(context.state.n == 0 || (context.joined && context.state.n <= LIMIT_TRACE_STATE));
    arena_auto arena;
    arena_init(&arena, 16 * MIB);
    struct otlp_answer answer;
    struct error err;
    if (!failed(otlp_read(rest, &arena, &answer, &err))) {
        ENSURE(answer.message.n <= rest.n);
    }
    return 0;
}

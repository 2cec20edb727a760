#include "trace/otlp.h"

#include <stdio.h>

#include "base/hex.h"
#include "json/doc.h"

/* opentelemetry/proto/trace/v1/trace.proto: Span.SpanKind, Status.StatusCode, SpanFlags */
enum { KIND_INTERNAL = 1, KIND_SERVER = 2, STATUS_ERROR = 2 };
enum { FLAG_SAMPLED = 0x1, FLAG_REMOTE_KNOWN = 0x100, FLAG_REMOTE = 0x200 };

static void add_number(struct buf *buf, int64_t number)
{
    char text[24];
    int n = snprintf(text, sizeof text, "%lld", (long long)number);
    buf_add(buf, (struct str){text, (size_t)n});
}

static void add_hex(struct buf *buf, const unsigned char *bytes, size_t n)
{
    char text[2 * TRACE_ID_BYTES];
    buf_add(buf, hex_write((struct str){(const char *)bytes, n}, text));
}

static void add_text(struct buf *buf, const char *key, struct str value, bool first)
{
    buf_add(buf, first ? STR("{\"key\":\"") : STR(",{\"key\":\""));
    buf_add_cstr(buf, key);
    buf_add(buf, STR("\",\"value\":{\"stringValue\":"));
    buf_add_json(buf, value);
    buf_add(buf, STR("}}"));
}

static void add_attribute(struct buf *buf, const struct span_attribute *attribute, bool first)
{
    if (attribute->type == SPAN_TEXT) {
        add_text(buf, attribute->key, attribute->text, first);
        return;
    }
    buf_add(buf, first ? STR("{\"key\":\"") : STR(",{\"key\":\""));
    buf_add_cstr(buf, attribute->key);
    if (attribute->type == SPAN_INT) {
        buf_add(buf, STR("\",\"value\":{\"intValue\":\""));
        add_number(buf, attribute->number);
        buf_add(buf, STR("\"}}"));
    } else {
        buf_add(buf, STR("\",\"value\":{\"boolValue\":"));
        buf_add(buf, attribute->number != 0 ? STR("true}}") : STR("false}}"));
    }
}

void otlp_begin(const struct trace_resource *resource, struct buf *buf)
{
    const struct {
        const char *key;
        struct str value;
    } ATTRIBUTES[] = {
        {"service.name", resource->service},         {"service.version", resource->version},
        {"service.instance.id", resource->instance}, {"k8s.pod.name", resource->pod},
        {"k8s.namespace.name", resource->namespace},
    };
    bool first = true;
    buf_add(buf, STR("{\"resourceSpans\":[{\"resource\":{\"attributes\":["));
    for (size_t i = 0; i < sizeof ATTRIBUTES / sizeof *ATTRIBUTES; i++) {
        if (ATTRIBUTES[i].value.n > 0) {
            add_text(buf, ATTRIBUTES[i].key, ATTRIBUTES[i].value, first);
            first = false;
        }
    }
    buf_add(buf, STR("]},\"scopeSpans\":[{\"scope\":{\"name\":\"pratique\",\"version\":"));
    buf_add_json(buf, resource->version);
    buf_add(buf, STR("},\"spans\":["));
}

void otlp_end(struct buf *buf)
{
    buf_add(buf, STR("]}]}]}"));
}

/* Whose parent is `parent`; NULL: it is a root. */
static void begin_span(struct buf *buf, const struct span *span, const unsigned char *id,
                       const unsigned char *parent)
{
    buf_add(buf, STR("{\"traceId\":\""));
    add_hex(buf, span->context.trace, TRACE_ID_BYTES);
    buf_add(buf, STR("\",\"spanId\":\""));
    add_hex(buf, id, SPAN_ID_BYTES);
    if (parent != NULL) {
        buf_add(buf, STR("\",\"parentSpanId\":\""));
        add_hex(buf, parent, SPAN_ID_BYTES);
    }
    buf_add_char(buf, '"');
    if (span->context.state.n > 0) {
        buf_add_member(buf, "traceState", span->context.state);
    }
}

static void add_rest(struct buf *buf, const char *name, unsigned flags, unsigned kind,
                     const int64_t times[2])
{
    buf_add(buf, STR(",\"flags\":"));
    add_number(buf, flags);
    buf_add_member(buf, "name", str_from(name));
    buf_add(buf, STR(",\"kind\":"));
    add_number(buf, kind);
    buf_add(buf, STR(",\"startTimeUnixNano\":\""));
    add_number(buf, times[0]);
    buf_add(buf, STR("\",\"endTimeUnixNano\":\""));
    add_number(buf, times[1]);
    buf_add_char(buf, '"');
}

static void add_step(struct buf *buf, const struct span *span, const struct span_step *step)
{
    buf_add_char(buf, ',');
    begin_span(buf, span, step->id, span->id);
    add_rest(buf, step->name, FLAG_SAMPLED | FLAG_REMOTE_KNOWN, KIND_INTERNAL,
             (const int64_t[2]){step->start, step->end});
    buf_add_char(buf, '}');
}

void otlp_span(const struct span *span, bool first, struct buf *buf)
{
    bool joined = span->context.joined;
    if (!first) {
        buf_add_char(buf, ',');
    }
    begin_span(buf, span, span->id, joined ? span->context.parent : NULL);
    add_rest(buf, span->name, FLAG_SAMPLED | FLAG_REMOTE_KNOWN | (joined ? FLAG_REMOTE : 0),
             KIND_SERVER, (const int64_t[2]){span->start, span->end});
    buf_add(buf, STR(",\"attributes\":["));
    for (size_t i = 0; i < span->n_attributes; i++) {
        add_attribute(buf, &span->attributes[i], i == 0);
    }
    buf_add_char(buf, ']');
    if (span->failed) {
        buf_add(buf, STR(",\"status\":{\"code\":"));
        add_number(buf, STATUS_ERROR);
        buf_add_member(buf, "message", span->why);
        buf_add_char(buf, '}');
    }
    buf_add_char(buf, '}');
    for (size_t i = 0; i < span->n_steps; i++) {
        add_step(buf, span, &span->steps[i]);
    }
}

/* -- the answer -- */

/* A 64-bit number is a string; readers take a number too. What is none of both is none. */
static uint64_t read_count(const yyjson_val *value)
{
    uint64_t number = 0;
    if (yyjson_is_uint((yyjson_val *)(uintptr_t)value)) {
        return yyjson_get_uint((yyjson_val *)(uintptr_t)value);
    }
    return str_parse_u64(json_str(value), UINT64_MAX, &number) ? number : 0;
}

status otlp_read(struct str body, struct arena *arena, struct otlp_answer *ret_answer,
                 struct error *err)
{
    json_doc_auto doc = {0};
    struct error ignored;
    *ret_answer = (struct otlp_answer){.message = STR_EMPTY};
    if (str_trim(body).n == 0) {
        return OK;
    }
    if (failed(json_parse(body, JSON_WITHOUT_MARKS, &doc, &ignored)) || !yyjson_is_obj(doc.root)) {
        return error_set(err, ERROR_UPSTREAM, "the answer is not one of OTLP in JSON");
    }
    yyjson_val *partial = json_get(doc.root, "partialSuccess");
    ret_answer->rejected = read_count(json_get(partial, "rejectedSpans"));
    ret_answer->message = arena_dup(arena, json_str(json_get(partial, "errorMessage")));
    return OK;
}

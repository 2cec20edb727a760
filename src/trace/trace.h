#pragma once
/* Spans to an OpenTelemetry collector, by OTLP over HTTP in JSON.
 *
 * Whoever answers requests hands over a span, which is copied into a bounded queue, and goes on;
 * one thread sends. A collector that is slow, away, or wrong costs a request nothing: what cannot
 * be sent is counted by reason and told once.
 *
 * Threading: trace_add from any thread; the rest from one.
 * Spec: OpenTelemetry protocol 1.x, OTLP/HTTP. */
#include "base/status.h"
#include "fetch/fetch.h"
#include "trace/span.h"

enum trace_loss {
    TRACE_LOST_QUEUE,       /* more came than was sent */
    TRACE_LOST_UNREACHABLE, /* no answer, or one that asks to try again, for too long */
    TRACE_LOST_REFUSED,     /* the collector does not want them */
    TRACE_LOST_ANSWER,      /* what answered is no collector */
    TRACE_LOST_FILE,        /* the files of authority or headers cannot be used */
    TRACE_LOST_STOP,        /* the server ended first */
    TRACE_LOSS_COUNT
};

/* "queue"; as metrics have it. Lives for ever. */
const char *trace_loss_name(enum trace_loss loss);

/* Told by the sending thread: for each reason once when it begins to lose, once when nothing was
 * lost for a minute, and once what a collector remarks on spans that it takes. */
struct trace_event {
    enum { TRACE_LOSING, TRACE_RECOVERED, TRACE_REMARK } kind;
    enum trace_loss loss;    /* of LOSING */
    const struct error *err; /* of LOSING and REMARK */
};

struct trace_watcher {
    void *self;
    void (*count)(void *self, enum trace_loss loss, uint64_t n); /* lost; from any thread */
    void (*sent)(void *self, uint64_t n);
    void (*tell)(void *self, const struct trace_event *event);
};

/* Who we are; an empty text is left out. */
struct trace_resource {
    struct str service, version, instance, pod, namespace;
};

struct trace_config {
    struct str url;       /* of the collector; empty: no traces */
    bool plain;           /* it may be http */
    const char *ca;       /* PEM file; NULL: the system's authorities */
    const char *headers;  /* a file of lines "Name: value", for authorisation; NULL: none */
    uint64_t per_million; /* requests traced in a million of those that no caller decides on */
    uint64_t queue;       /* spans that wait at most; LIMIT_TRACE_QUEUE_BYTES bounds them too */
    int64_t timeout_ns;   /* of one request */
    int64_t gather_ns;    /* how long the first span waits for others: one request is for many */
    int64_t retry_ns;     /* after a failure, doubled up to half a minute */
    struct trace_resource resource;
};

struct trace;

/* Start the thread. Borrows config, watcher and fetch until trace_stop; `fetch` NULL is the
 * network. Errors: INTERNAL (no thread). */
MUST status trace_start(const struct trace_config *config, const struct trace_watcher *watcher,
                        const struct fetch *fetch, struct trace **ret_trace, struct error *err);

/* Hand over a span; it is copied. Never waits for the network. */
void trace_add(struct trace *trace, const struct span *span);

/* Begin to end: what waits is sent, each request once, until monotonic time `until`. Nobody adds
 * any more. NULL is fine. */
void trace_end(struct trace *trace, int64_t until);

/* Wait for the end that was begun, and free. A second and a fifth after its time, what is left is
 * lost. NULL is fine. */
void trace_stop(struct trace *trace);

#include "trace/trace.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/writer.h"
#include "fetch/curl.h"
#include "trace/credentials.h"
#include "trace/otlp.h"

enum { ATTEMPTS = 5, N_HEADERS = 2 + LIMIT_TRACE_HEADERS };

static const int64_t PATIENCE = 60 * NS_PER_S;      /* of the thread, without anything to do */
static const int64_t LONGEST_PAUSE = 30 * NS_PER_S; /* doubled no further */
static const int64_t LONGEST_WISH = 60 * NS_PER_S;  /* what a Retry-After is heeded for */

struct trace {
    struct trace_config config;
    const struct trace_watcher *watcher;
    struct writer writer;
    struct fetch fetch; /* of the thread, as all below */
    bool own_fetch;
    struct trace_credentials credentials;
    struct buf body;
    struct arena arena; /* of one attempt */
    int64_t pause;      /* before the next attempt; 0: none */
    bool remarked;
};

const char *trace_loss_name(enum trace_loss loss)
{
    static const char *const NAMES[TRACE_LOSS_COUNT] = {
        [TRACE_LOST_QUEUE] = "queue",     [TRACE_LOST_UNREACHABLE] = "unreachable",
        [TRACE_LOST_REFUSED] = "refused", [TRACE_LOST_ANSWER] = "answer",
        [TRACE_LOST_FILE] = "file",       [TRACE_LOST_STOP] = "stop",
    };
    ENSURE(loss < TRACE_LOSS_COUNT);
    return NAMES[loss];
}

/* -- what is told -- */

static void tell(struct trace *trace, const struct trace_event *event)
{
    if (!atomic_load(&trace->writer.abandoned)) {
        trace->watcher->tell(trace->watcher->self, event);
    }
}

/* Each reason once, until nothing was lost for a while. */
static void tell_losing(struct trace *trace, enum trace_loss loss, const struct error *err)
{
    if (writer_loses(&trace->writer, loss)) {
        const struct trace_event event = {.kind = TRACE_LOSING, .loss = loss, .err = err};
        tell(trace, &event);
    }
}

static void count_lost(struct trace *trace, enum trace_loss loss, uint64_t n)
{
    if (n > 0 && !atomic_load(&trace->writer.abandoned)) {
        trace->watcher->count(trace->watcher->self, loss, n);
    }
}

static void lose(struct trace *trace, enum trace_loss loss, uint64_t n, const struct error *err)
{
    count_lost(trace, loss, n);
    tell_losing(trace, loss, err);
}

static void tell_sent(struct trace *trace, uint64_t n)
{
    if (!atomic_load(&trace->writer.abandoned)) {
        trace->watcher->sent(trace->watcher->self, n);
    }
    if (writer_recovers(&trace->writer)) {
        const struct trace_event event = {.kind = TRACE_RECOVERED};
        tell(trace, &event);
    }
}

/* -- one attempt -- */

enum outcome { SENT, AGAIN, LOST };

/* What became of a request, and why. */
struct attempt {
    enum outcome outcome;
    enum trace_loss loss; /* of LOST, or of AGAIN when there is none */
    int64_t wish;         /* how long the collector wants to be left alone */
    struct str rejected;  /* what it says of spans that it left out */
    uint64_t n_rejected;
    struct error err;
};

static status send_once(struct trace *trace, struct fetch_answer *ret_answer, struct error *err)
{
    const struct trace_credentials *credentials = &trace->credentials;
    const struct trace_config *config = &trace->config;
    struct fetch_header headers[N_HEADERS] = {
        {STR("Content-Type"), STR("application/json")},
        {STR("User-Agent"), STR("pratique/" PRATIQUE_VERSION)}};
    int64_t deadline = clock_monotonic() + config->timeout_ns;
    int64_t until = atomic_load(&trace->writer.until);
    memcpy(headers + 2, credentials->headers, credentials->n_headers * sizeof *headers);
    const struct fetch_request request = {
        .method = "POST",
        .url = config->url,
        .headers = headers,
        .n_headers = 2 + credentials->n_headers,
        .body = buf_str(&trace->body),
        .deadline = deadline < until ? deadline : until,
        .max_body = LIMIT_TRACE_ANSWER,
        .ca = credentials->ca,
        .plain = config->plain,
        .cancel = &trace->writer.cancelled,
    };
    return fetch_send(&trace->fetch, &request, &trace->arena, ret_answer, err);
}

/* Spec: OTLP/HTTP Response: those that may be tried again; any other may not. */
static bool is_passing(unsigned code)
{
    return code == 429 || code == 502 || code == 503 || code == 504;
}

static void read_success(struct trace *trace, const struct fetch_answer *answer,
                         struct attempt *attempt)
{
    struct otlp_answer said;
    if (failed(otlp_read(answer->body, &trace->arena, &said, &attempt->err))) {
        attempt->outcome = LOST;
        attempt->loss = TRACE_LOST_ANSWER;
        return;
    }
    attempt->outcome = SENT;
    attempt->n_rejected = said.rejected;
    attempt->rejected = said.message;
}

static void read_answer(struct trace *trace, const struct fetch_answer *answer,
                        struct attempt *attempt)
{
    if (answer->status >= 200 && answer->status <= 299) {
        read_success(trace, answer, attempt);
        return;
    }
    bool passing = is_passing(answer->status);
    attempt->outcome = passing ? AGAIN : LOST;
    attempt->loss = passing ? TRACE_LOST_UNREACHABLE : TRACE_LOST_REFUSED;
    attempt->wish = fetch_retry_after(answer);
    error_fill(&attempt->err, ERROR_UPSTREAM, "the collector answers %u", answer->status);
}

/* Nothing came, or nothing that can be read. */
static void read_failure(struct attempt *attempt)
{
    bool large = attempt->err.kind == ERROR_LIMIT;
    attempt->outcome = large ? LOST : AGAIN;
    attempt->loss = large ? TRACE_LOST_ANSWER : TRACE_LOST_UNREACHABLE;
}

/* A 401 may mean that the headers were renewed since they were read. */
static void send_known(struct trace *trace, struct attempt *attempt)
{
    struct fetch_answer answer = {0};
    for (int i = 0; i < 2; i++) {
        if (failed(trace_credentials_need(&trace->credentials, &trace->config, &attempt->err))) {
            attempt->outcome = AGAIN;
            attempt->loss = TRACE_LOST_FILE;
            return;
        }
        if (failed(send_once(trace, &answer, &attempt->err))) {
            read_failure(attempt);
            return;
        }
        if (answer.status != 401 || trace->config.headers == NULL) {
            break;
        }
        trace->credentials.read = 0;
    }
    read_answer(trace, &answer, attempt);
}

/* -- one request, as often as may help -- */

static void finish(struct trace *trace, const struct attempt *attempt, uint64_t n)
{
    uint64_t rejected = attempt->n_rejected < n ? attempt->n_rejected : n;
    struct error err;
    trace->pause = 0;
    if (attempt->n_rejected > 0) {
        error_fill(&err, ERROR_UPSTREAM, "the collector left %llu of %llu spans out: %.*s",
                   (unsigned long long)rejected, (unsigned long long)n, STR_ARG(attempt->rejected));
        lose(trace, TRACE_LOST_REFUSED, rejected, &err);
    } else if (attempt->rejected.n > 0 && !trace->remarked) {
        const struct trace_event event = {.kind = TRACE_REMARK, .err = &err};
        error_fill(&err, ERROR_UPSTREAM, "%.*s", STR_ARG(attempt->rejected));
        trace->remarked = true;
        tell(trace, &event);
    }
    tell_sent(trace, n - rejected);
}

/* Wait as long as the collector wishes, or twice as long as the last time; not while the server
 * stops. */
static void wait_for_next(struct trace *trace, const struct attempt *attempt)
{
    int64_t doubled = trace->pause == 0 ? trace->config.retry_ns : trace->pause * 2;
    int64_t wish = attempt->wish < LONGEST_WISH ? attempt->wish : LONGEST_WISH;
    trace->pause = doubled < LONGEST_PAUSE ? doubled : LONGEST_PAUSE;
    queue_pause(&trace->writer.queue,
                clock_monotonic() + (wish > trace->pause ? wish : trace->pause));
}

static void deliver(struct trace *trace, uint64_t n)
{
    struct attempt attempt = {.outcome = AGAIN, .loss = TRACE_LOST_STOP};
    error_fill(&attempt.err, ERROR_TIMEOUT, "the server ended before they were sent");
    for (int i = 0; i < ATTEMPTS && !writer_is_late(&trace->writer); i++) {
        bool last = writer_is_ending(&trace->writer);
        attempt = (struct attempt){.rejected = STR_EMPTY};
        arena_reset(&trace->arena);
        send_known(trace, &attempt);
        if (attempt.outcome == SENT) {
            finish(trace, &attempt, n);
            return;
        }
        if (attempt.outcome == LOST || last) {
            break;
        }
        wait_for_next(trace, &attempt);
    }
    lose(trace, attempt.loss, n, &attempt.err);
}

/* As many as one request takes. Returns how many spans it is. */
static uint64_t fill(struct trace *trace, const struct batch *batch, size_t *at)
{
    uint64_t n = 0;
    buf_clear(&trace->body);
    otlp_begin(&trace->config.resource, &trace->body);
    while (*at < batch->used && n < LIMIT_TRACE_REQUEST_SPANS &&
           trace->body.n < LIMIT_TRACE_REQUEST) {
        const struct span *span = batch_next(batch, at);
        otlp_span(span, n == 0, &trace->body);
        n += span_count(span);
    }
    otlp_end(&trace->body);
    ENSURE(!buf_overflowed(&trace->body));
    return n;
}

static void tell_overflow(struct trace *trace, const struct batch *batch)
{
    if (batch->lost > 0) {
        struct error err;
        error_fill(&err, ERROR_LIMIT, "%llu spans came while the queue was full",
                   (unsigned long long)batch->lost);
        tell_losing(trace, TRACE_LOST_QUEUE, &err);
    }
}

static void done(struct trace *trace)
{
    if (trace->own_fetch) {
        fetch_curl_free(&trace->fetch);
    }
    trace_credentials_done(&trace->credentials);
    buf_done(&trace->body);
    arena_done(&trace->arena);
}

static void *run(void *self)
{
    struct trace *trace = self;
    struct batch *batch;
    while ((batch = queue_take(&trace->writer.queue, PATIENCE)) != NULL) {
        size_t at = 0;
        tell_overflow(trace, batch);
        while (at < batch->used) {
            deliver(trace, fill(trace, batch, &at));
        }
        queue_written(&trace->writer.queue);
    }
    done(trace);
    return NULL;
}

/* -- outside -- */

status trace_start(const struct trace_config *config, const struct trace_watcher *watcher,
                   const struct fetch *fetch, struct trace **ret_trace, struct error *err)
{
    struct trace *trace = calloc(1, sizeof *trace);
    if (trace == NULL) {
        fatal("out of memory");
    }
    trace->config = *config;
    trace->watcher = watcher;
    trace->own_fetch = fetch == NULL;
    trace->fetch = fetch == NULL ? fetch_curl_new() : *fetch;
    writer_init(&trace->writer, config->queue, LIMIT_TRACE_QUEUE_BYTES, config->gather_ns);
    trace_credentials_init(&trace->credentials);
    buf_init(&trace->body, LIMIT_TRACE_REQUEST + LIMIT_TRACE_SPAN);
    arena_init(&trace->arena, LIMIT_TRACE_ARENA);
    status st = writer_start(&trace->writer, run, trace, err);
    if (failed(st)) {
        done(trace);
        writer_done(&trace->writer);
        free(trace);
        return st;
    }
    *ret_trace = trace;
    return OK;
}

static void copy(const void *span, void *memory)
{
    span_copy(span, memory);
}

void trace_add(struct trace *trace, const struct span *span)
{
    ENSURE(span->n_attributes <= LIMIT_SPAN_ATTRIBUTES && span->n_steps <= LIMIT_SPAN_STEPS);
    size_t n = span_count(span);
    if (!queue_add(&trace->writer.queue, span, span_size(span), n, copy)) {
        count_lost(trace, TRACE_LOST_QUEUE, n);
    }
}

/* A name server or a disk does not answer: the process ends without it, and so is the memory left.
 */
static void abandon(struct trace *trace)
{
    struct error err;
    uint64_t n = queue_left(&trace->writer.queue);
    error_fill(&err, ERROR_TIMEOUT, "%llu spans were not sent in time", (unsigned long long)n);
    const struct trace_event event = {.kind = TRACE_LOSING, .loss = TRACE_LOST_STOP, .err = &err};
    count_lost(trace, TRACE_LOST_STOP, n);
    tell(trace, &event);
    writer_abandon(&trace->writer);
}

void trace_end(struct trace *trace, int64_t until)
{
    if (trace != NULL) {
        writer_end(&trace->writer, until);
    }
}

void trace_stop(struct trace *trace)
{
    if (trace == NULL) {
        return;
    }
    if (!writer_join(&trace->writer)) {
        abandon(trace);
        return;
    }
    writer_done(&trace->writer);
    free(trace);
}

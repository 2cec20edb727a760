#include "server/tracing.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "observe/log.h"
#include "observe/metrics.h"
#include "server/record.h"

enum { CODE_TEXT = 12 }; /* any number that an HTTP status could be */

static struct trace *sender; /* set before the first review, cleared after the last */
static uint64_t per_million; /* of those that no caller decides on */

/* -- what is told -- */

static struct metric_series *lost_series(enum trace_loss loss)
{
    struct str reason = str_from(trace_loss_name(loss));
    return metric_series(METRIC_SPANS_LOST, &reason, 1);
}

static void count(void *self, enum trace_loss loss, uint64_t n)
{
    (void)self;
    metric_add(lost_series(loss), (int64_t)n);
}

static void sent(void *self, uint64_t n)
{
    (void)self;
    metric_add(metric_series(METRIC_SPANS_SENT, NULL, 0), (int64_t)n);
}

static void tell(void *self, const struct trace_event *event)
{
    (void)self;
    switch (event->kind) {
    case TRACE_LOSING:
        LOG(LOG_ERROR, "spans are missing from the traces; reviews go on",
            LOG_FIELD_CSTR("reason", trace_loss_name(event->loss)),
            LOG_FIELD_CSTR("error", event->err->text));
        return;
    case TRACE_REMARK:
        LOG(LOG_WARNING, "the collector takes the spans, but remarks on them",
            LOG_FIELD_CSTR("remark", event->err->text));
        return;
    case TRACE_RECOVERED:
        LOG(LOG_INFO, "traces are complete again");
        return;
    }
}

/* -- what the request says -- */

struct headers {
    struct str parent, agent;
    bool several; /* traceparents: then there is none */
    char state[LIMIT_TRACE_STATE + 1];
    size_t n_state; /* more than fits: it is left out */
};

/* Header lines of one name are one list. Spec: RFC 9110 section 5.3 */
static void add_state(struct headers *headers, struct str value)
{
    size_t comma = headers->n_state > 0;
    if (headers->n_state + comma + value.n > LIMIT_TRACE_STATE) {
        headers->n_state = LIMIT_TRACE_STATE + 1;
        return;
    }
    headers->state[headers->n_state] = ',';
    headers->n_state += comma;
    if (value.n > 0) {
        memcpy(headers->state + headers->n_state, value.p, value.n);
        headers->n_state += value.n;
    }
}

static enum MHD_Result take_header(void *self, enum MHD_ValueKind kind, const char *key,
                                   const char *text)
{
    (void)kind;
    struct headers *headers = self;
    struct str name = str_from(key), value = str_from(text);
    if (str_eq_nocase(name, STR("traceparent"))) {
        headers->several = headers->several || headers->parent.n > 0;
        headers->parent = value;
    } else if (str_eq_nocase(name, STR("tracestate"))) {
        add_state(headers, value);
    } else if (str_eq_nocase(name, STR("user-agent"))) {
        headers->agent = value;
    }
    return MHD_YES;
}

/* Whether it is traced. */
static bool begin(struct MHD_Connection *connection, struct headers *headers, struct span *span)
{
    MHD_get_connection_values(connection, MHD_HEADER_KIND, take_header, headers);
    struct str state = {headers->state, headers->n_state};
    trace_join(headers->several ? STR_EMPTY : headers->parent,
               headers->n_state > LIMIT_TRACE_STATE ? STR_EMPTY : state, per_million,
               &span->context);
    return span->context.sampled;
}

/* -- attributes -- */

struct attributes {
    struct span_attribute items[LIMIT_SPAN_ATTRIBUTES];
    size_t n;
};

static void add_text(struct attributes *attributes, const char *key, struct str text)
{
    if (text.n > 0) {
        attributes->items[attributes->n++] =
            (struct span_attribute){.key = key, .type = SPAN_TEXT, .text = text};
    }
}

static void add_int(struct attributes *attributes, const char *key, int64_t number)
{
    attributes->items[attributes->n++] =
        (struct span_attribute){.key = key, .type = SPAN_INT, .text = STR_EMPTY, .number = number};
}

static void add_bool(struct attributes *attributes, const char *key, bool value)
{
    attributes->items[attributes->n++] =
        (struct span_attribute){.key = key, .type = SPAN_BOOL, .text = STR_EMPTY, .number = value};
}

static void add_client(struct attributes *attributes, struct MHD_Connection *connection,
                       char text[INET6_ADDRSTRLEN])
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *address = info == NULL ? NULL : info->client_addr;
    const char *shown = NULL;
    if (address != NULL && address->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)address;
        shown = inet_ntop(AF_INET, &in->sin_addr, text, INET6_ADDRSTRLEN);
    } else if (address != NULL && address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in = (const struct sockaddr_in6 *)(const void *)address;
        shown = inet_ntop(AF_INET6, &in->sin6_addr, text, INET6_ADDRSTRLEN);
    }
    add_text(attributes, "client.address", str_from(shown));
}

/* What OpenTelemetry names: its conventions for HTTP servers. */
static void add_http(struct attributes *attributes, enum endpoint endpoint, unsigned code,
                     const struct headers *headers, char status_text[static CODE_TEXT])
{
    struct str path = str_from(endpoint_path(endpoint));
    add_text(attributes, "http.request.method", STR("POST"));
    add_text(attributes, "http.route", path);
    add_text(attributes, "url.path", path);
    add_text(attributes, "url.scheme", STR("https"));
    add_text(attributes, "user_agent.original", headers->agent);
    add_int(attributes, "http.response.status_code", code);
    if (code >= 500) {
        snprintf(status_text, CODE_TEXT, "%u", code);
        add_text(attributes, "error.type", str_from(status_text));
    }
}

static void add_review(struct attributes *attributes, const struct review *review)
{
    add_text(attributes, "pratique.review.uid", review->uid);
    add_text(attributes, "pratique.review.api", record_api_name(review));
    add_text(attributes, "pratique.review.operation",
             str_from(review_operation_name(review->operation)));
    add_text(attributes, "pratique.review.group", review->group);
    add_text(attributes, "pratique.review.version", review->version);
    add_text(attributes, "pratique.review.kind", review->kind);
    add_text(attributes, "pratique.review.subresource", review->subresource);
    add_text(attributes, "pratique.review.namespace", review->namespace);
    add_text(attributes, "pratique.review.name", review->name);
    add_bool(attributes, "pratique.review.dry_run", review->dry_run);
    add_int(attributes, "pratique.review.images", (int64_t)review->n_images);
}

static void add_outcome(struct attributes *attributes, const struct job *job,
                        const struct error *err, unsigned code, char hash[static 17])
{
    bool denied = err != NULL && code == MHD_HTTP_OK; /* what is too large is denied */
    add_text(attributes, "pratique.verdict",
             denied ? STR("deny") : str_from(record_verdict_word(job, err)));
    add_text(attributes, "pratique.cause",
             err != NULL ? str_from(error_kind_info(err->kind)->label)
                         : str_from(record_cause(job, err)));
    if (job->policies != NULL) {
        snprintf(hash, 17, "%016llx", (unsigned long long)policy_set_hash(job->policies));
        add_text(attributes, "pratique.policy.hash", str_from(hash));
    }
    add_int(attributes, "pratique.violations",
            (int64_t)(job->decision.n_violations + job->decision.n_dropped));
}

/* -- steps -- */

struct steps {
    struct span_step items[LIMIT_SPAN_STEPS];
    size_t n;
    int64_t wall; /* what is to be added to monotonic time */
};

static void add_step(struct steps *steps, const char *name, int64_t start, int64_t end)
{
    if (end != 0) {
        struct span_step *step = &steps->items[steps->n++];
        *step = (struct span_step){
            .name = name, .start = start + steps->wall, .end = end + steps->wall};
        trace_random(step->id, SPAN_ID_BYTES);
    }
}

static void add_steps(struct steps *steps, int64_t began, const struct job *job)
{
    add_step(steps, "receive", began, job->arrived);
    add_step(steps, "decode", job->arrived, job->decoded);
    add_step(steps, "decide", job->decoded, job->judged);
    add_step(steps, "encode", job->judged, job->encoded);
}

/* -- spans -- */

static const char *name_of(enum endpoint endpoint)
{
    static const char *const NAMES[ENDPOINT_COUNT] = {
        [ENDPOINT_VALIDATE] = "POST /validate",
        [ENDPOINT_MUTATE] = "POST /mutate",
        [ENDPOINT_IMAGE_POLICY] = "POST /imagepolicy",
        [ENDPOINT_POLICIES] = "POST /policies",
    };
    return NAMES[endpoint];
}

/* `job` is NULL for a review that was not judged. */
static void trace_review(struct MHD_Connection *connection, int64_t began, enum endpoint endpoint,
                         const struct job *job, const struct error *err, unsigned code)
{
    struct span span = {.name = name_of(endpoint), .failed = code >= 500, .why = STR_EMPTY};
    struct headers headers = {.parent = STR_EMPTY, .agent = STR_EMPTY};
    if (sender == NULL || span.name == NULL || !begin(connection, &headers, &span)) {
        return;
    }
    int64_t now = clock_monotonic();
    struct steps steps = {.wall = clock_wall() - now};
    struct attributes attributes = {.n = 0};
    char client[INET6_ADDRSTRLEN], status_text[CODE_TEXT], hash[17];
    trace_random(span.id, SPAN_ID_BYTES);
    span.start = began + steps.wall;
    span.end = now + steps.wall;
    add_http(&attributes, endpoint, code, &headers, status_text);
    add_client(&attributes, connection, client);
    if (job != NULL) {
        add_int(&attributes, "http.request.body.size", (int64_t)job->body.n);
        add_review(&attributes, &job->review);
        add_outcome(&attributes, job, err, code, hash);
        add_steps(&steps, began, job);
    } else {
        add_text(&attributes, "pratique.verdict", code == MHD_HTTP_OK ? STR("deny") : STR("error"));
        add_text(&attributes, "pratique.cause", str_from(error_kind_info(err->kind)->label));
    }
    if (span.failed && err != NULL) {
        span.why = str_from(err->text);
    }
    span.attributes = attributes.items;
    span.n_attributes = attributes.n;
    span.steps = steps.items;
    span.n_steps = steps.n;
    trace_add(sender, &span);
}

void tracing_answered(struct MHD_Connection *connection, int64_t began, const struct job *job,
                      const struct error *err, unsigned code)
{
    trace_review(connection, began, job->endpoint, job, err, code);
}

void tracing_refused(struct MHD_Connection *connection, int64_t began, enum endpoint endpoint,
                     const struct error *err, unsigned code)
{
    if (code != MHD_HTTP_METHOD_NOT_ALLOWED) { /* that was no review */
        trace_review(connection, began, endpoint, NULL, err, code);
    }
}

/* -- life -- */

/* Spec: RFC 9562 section 5.4, a random UUID */
static struct str new_instance(void)
{
    static char text[37];
    unsigned char b[16];
    trace_random(b, sizeof b);
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    snprintf(text, sizeof text,
             "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
             b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
             b[15]);
    return str_from(text);
}

status tracing_start(const struct server_config *config, struct error *err)
{
    static const struct trace_watcher WATCHER = {.count = count, .sent = sent, .tell = tell};
    static struct trace_config traces;
    if (config->traces.url.n == 0) {
        return OK;
    }
    for (enum trace_loss loss = 0; loss < TRACE_LOSS_COUNT; loss++) {
        (void)lost_series(loss); /* shown as 0, so that the first loss is seen as a rise */
    }
    sent(NULL, 0);
    traces = config->traces;
    traces.resource.version = STR(PRATIQUE_VERSION);
    traces.resource.instance = new_instance();
    traces.resource.pod = str_from(getenv("POD_NAME"));
    traces.resource.namespace = str_from(getenv("POD_NAMESPACE"));
    per_million = traces.per_million;
    return trace_start(&traces, &WATCHER, NULL, &sender, err);
}

void tracing_end(int64_t until)
{
    trace_end(sender, until);
}

void tracing_stop(void)
{
    trace_stop(sender);
    sender = NULL;
}

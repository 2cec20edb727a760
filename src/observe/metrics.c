#include "observe/metrics.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/status.h"
#include "observe/process.h"

enum metric_type { COUNTER, GAUGE, HISTOGRAM };

struct family {
    const char *name;
    const char *help;
    enum metric_type type;
    const char *labels[LIMIT_METRIC_LABELS];
};

/* clang-format off */
static const struct family FAMILIES[METRIC_COUNT] = {
    [METRIC_REVIEWS] = {"pratique_reviews_total",
        "Reviews answered, by endpoint and verdict; error: not judged, HTTP status 4xx or 5xx.",
        COUNTER, {"endpoint", "verdict"}},
    [METRIC_REVIEW_SECONDS] = {"pratique_review_duration_seconds",
        "Time from the last byte of a review's body to its answer.", HISTOGRAM, {"endpoint"}},
    [METRIC_IMAGES] = {"pratique_images_total", "Images judged, by verdict.", COUNTER, {"verdict"}},
    [METRIC_VIOLATIONS] = {"pratique_violations_total",
        "Rules that failed, by policy, rule and mode (enforce, warn, audit, excused).",
        COUNTER, {"policy", "rule", "mode"}},
    [METRIC_HTTP_REQUESTS] = {"pratique_http_requests_total",
        "HTTP requests answered, by path and status code; other: an unknown path.",
        COUNTER, {"path", "code"}},
    [METRIC_CONNECTIONS] = {"pratique_connections", "Open connections.", GAUGE, {0}},
    [METRIC_REVIEWS_IN_FLIGHT] = {"pratique_reviews_in_flight",
        "Reviews being received or judged.", GAUGE, {0}},
    [METRIC_BODY_BYTES_IN_FLIGHT] = {"pratique_body_bytes_in_flight",
        "Memory that holds the bodies of reviews in flight.", GAUGE, {0}},
    [METRIC_REVIEWS_WAITING] = {"pratique_reviews_waiting",
        "Reviews that wait for a thread that asks registries for them.", GAUGE, {0}},
    [METRIC_REGISTRY_ANSWERS] = {"pratique_registry_answers_total",
        "Questions about images answered, by source: memory, registry, shared (another review asked), failure (one that "
        "is remembered), stale (the last digest of a tag whose registry cannot be reached).", COUNTER, {"source"}},
    [METRIC_SHARED_ANSWERS] = {"pratique_shared_answers_total",
        "Questions to where replicas tell each other what tags point to, and answers written there, by outcome: found, missing, "
        "refused (forged or too old), failed, skipped (left alone, busy, no time), written.", COUNTER, {"outcome"}},
    [METRIC_PULL_SECRETS] = {"pratique_pull_secrets_total",
        "Times that the pull secrets of a review's Pods were needed, by where they came from: memory, api (the API server), "
        "error (which it was not to be had from), shared (another review asked), failure (an error that is remembered).", COUNTER, {"source"}},
    [METRIC_REGISTRY_KEPT] = {"pratique_registry_remembered",
        "Answers of registries that are remembered, by what (digests, images).", GAUGE, {"what"}},
    [METRIC_REJECTED] = {"pratique_rejected_total",
        "Requests refused before they were judged, by reason.", COUNTER, {"reason"}},
    [METRIC_RELOADS] = {"pratique_reloads_total",
        "Reloads of files, by what and result (success, error).", COUNTER, {"what", "result"}},
    [METRIC_RELOAD_TIME] = {"pratique_reload_last_success_timestamp_seconds",
        "When the files in use were loaded.", GAUGE, {"what"}},
    [METRIC_RELOAD_BROKEN] = {"pratique_reload_broken",
        "1 while the newest files are broken and older ones stay in use.", GAUGE, {"what"}},
    [METRIC_POLICIES] = {"pratique_policies",
        "Loaded objects, by what (policies, rules, exceptions).", GAUGE, {"what"}},
    [METRIC_CERTIFICATE_EXPIRY] = {"pratique_certificate_expiry_timestamp_seconds",
        "When the serving certificate ends.", GAUGE, {0}},
    [METRIC_CERTIFICATE_LEADER] = {"pratique_certificate_leader",
        "1 if this replica makes and rotates the managed certificate.", GAUGE, {0}},
    [METRIC_CERTIFICATE_ROTATIONS] = {"pratique_certificate_rotations_total",
        "Steps of the rotation that this replica took, by step (authority, certificate, drop).",
        COUNTER, {"step"}},
    [METRIC_CERTIFICATE_FAILURES] = {"pratique_certificate_failures_total",
        "Failures with the managed certificate, by what (lease, secret, certificate, webhooks, rotation).",
        COUNTER, {"what"}},
    [METRIC_WATCH_UP] = {"pratique_watch_up",
        "1 while changes of a watched resource are heard of; at 0 what is known may be old.", GAUGE, {"resource"}},
    [METRIC_WATCH_OBJECTS] = {"pratique_watch_objects",
        "Objects of a watched resource, at the last list.", GAUGE, {"resource"}},
    [METRIC_WATCH_RELISTS] = {"pratique_watch_relists_total",
        "Lists beside the first, by reason (expired, distrusted, routine).", COUNTER, {"resource", "reason"}},
    [METRIC_STATUS_WRITES] = {"pratique_status_writes_total",
        "Writes of the status of a policy, by result (written, conflict, error).", COUNTER, {"result"}},
    [METRIC_LEADER] = {"pratique_leader",
        "1 if this replica does what one of them should do.", GAUGE, {0}},
    [METRIC_LEADER_FAILURES] = {"pratique_leader_failures_total",
        "Looks at the Lease of the leader that failed.", COUNTER, {0}},
    [METRIC_SCANS] = {"pratique_scans_total",
        "Scans of what runs already, by result (complete, partial, abandoned).", COUNTER, {"result"}},
    [METRIC_SCAN_RUNNING] = {"pratique_scan_running", "1 while what runs already is judged.", GAUGE, {0}},
    [METRIC_SCAN_PROGRESS] = {"pratique_scan_progress_objects",
        "Objects seen so far by the scan that runs, or by the last.", GAUGE, {0}},
    [METRIC_SCAN_START] = {"pratique_scan_start_timestamp_seconds",
        "When the last scan began.", GAUGE, {0}},
    [METRIC_SCAN_SECONDS] = {"pratique_scan_duration_seconds", "How long the last scan took.", GAUGE, {0}},
    [METRIC_SCAN_COMPLETE] = {"pratique_scan_complete",
        "1 if the last scan saw everything; 0 on replicas that do not lead.", GAUGE, {0}},
    [METRIC_SCAN_OBJECTS] = {"pratique_scan_objects",
        "Objects that run, by what the policies in use say of them (allow, warn, deny).", GAUGE, {"verdict"}},
    [METRIC_SCAN_REPORTS] = {"pratique_scan_reports", "Reports that there are, by format.", GAUGE, {"format"}},
    [METRIC_SCAN_REFUSED] = {"pratique_scan_reports_refused_total",
        "Reports that could not be written.", COUNTER, {0}},
    [METRIC_SCAN_CALLS] = {"pratique_scan_calls_total",
        "Calls of the API server by scans, by call (list, get, create, update, delete) and outcome (done, not_found, conflict, failed).",
        COUNTER, {"call", "outcome"}},
    [METRIC_AUDIT_LOST] = {"pratique_audit_lines_lost_total",
        "Audit lines that could not be written.", COUNTER, {0}},
    [METRIC_HISTORY_WRITTEN] = {"pratique_history_written_total",
        "Decisions written to the history.", COUNTER, {0}},
    [METRIC_HISTORY_LOST] = {"pratique_history_lost_total",
        "Decisions that are missing from the history, by reason (queue, locked, disk, file, corrupt, foreign, version, stop).",
        COUNTER, {"reason"}},
    [METRIC_SPANS_SENT] = {"pratique_trace_spans_sent_total",
        "Spans that the collector took.", COUNTER, {0}},
    [METRIC_SPANS_LOST] = {"pratique_trace_spans_lost_total",
        "Spans that are missing from the traces, by reason (queue, unreachable, refused, answer, file, stop).",
        COUNTER, {"reason"}},
    [METRIC_EVENTS_WRITTEN] = {"pratique_events_written_total",
        "Events written to the cluster, by what (new; repeated: one that was there was changed).",
        COUNTER, {"what"}},
    [METRIC_EVENTS_LOST] = {"pratique_events_lost_total",
        "Denials and warnings that no Event tells, by reason (queue, rate, forbidden, gone, conflict, invalid, unreachable, stop).",
        COUNTER, {"reason"}},
    [METRIC_BUILD_INFO] = {"pratique_build_info", "Always 1; the labels tell.", GAUGE, {"version"}},
};
/* clang-format on */

/* Upper bounds in nanoseconds, and as Prometheus writes them. */
static const struct {
    int64_t ns;
    const char *text;
} BUCKETS[] = {
    {10 * NS_PER_US, "1e-05"},   {25 * NS_PER_US, "2.5e-05"},  {50 * NS_PER_US, "5e-05"},
    {100 * NS_PER_US, "0.0001"}, {250 * NS_PER_US, "0.00025"}, {500 * NS_PER_US, "0.0005"},
    {NS_PER_MS, "0.001"},        {5 * NS_PER_MS, "0.005"},     {25 * NS_PER_MS, "0.025"},
    {100 * NS_PER_MS, "0.1"},    {500 * NS_PER_MS, "0.5"},     {NS_PER_S, "1"},
    {5 * NS_PER_S, "5"},         {10 * NS_PER_S, "10"},
};

enum { N_BUCKETS = sizeof BUCKETS / sizeof *BUCKETS, N_SLOTS = 4096 };

struct metric_series {
    struct metric_series *_Atomic next; /* of the same family, in the order of making */
    struct metric_series *chain;        /* of the same slot */
    enum metric metric;
    struct str labels[LIMIT_METRIC_LABELS];
    atomic_llong value; /* of a histogram: how many */
    atomic_llong sum_ns;
    atomic_llong buckets[]; /* of a histogram alone */
};

/* The lists of families only grow, and are read without the lock: no review waits for a scrape. */
static struct {
    pthread_mutex_t lock;
    struct metric_series *slots[N_SLOTS];
    struct metric_series *_Atomic first[METRIC_COUNT];
    struct metric_series *last[METRIC_COUNT];
    size_t n[METRIC_COUNT];
} registry = {.lock = PTHREAD_MUTEX_INITIALIZER};

static size_t count_labels(enum metric metric)
{
    size_t n = 0;
    while (n < LIMIT_METRIC_LABELS && FAMILIES[metric].labels[n] != NULL) {
        n++;
    }
    return n;
}

static size_t slot_of(enum metric metric, const struct str *values, size_t n)
{
    uint64_t hash = (uint64_t)metric;
    for (size_t i = 0; i < n; i++) {
        hash = hash * 31 + str_hash(values[i]);
    }
    return hash % N_SLOTS;
}

static struct metric_series *find(size_t slot, enum metric metric, const struct str *values,
                                  size_t n)
{
    struct metric_series *series = registry.slots[slot];
    for (; series != NULL; series = series->chain) {
        bool same = series->metric == metric;
        for (size_t i = 0; same && i < n; i++) {
            same = str_eq(series->labels[i], values[i]);
        }
        if (same) {
            return series;
        }
    }
    return NULL;
}

static void *allocate(size_t size)
{
    void *memory = calloc(1, size);
    if (memory == NULL) {
        fatal("out of memory");
    }
    return memory;
}

static struct metric_series *make(size_t slot, enum metric metric, const struct str *values,
                                  size_t n)
{
    bool histogram = FAMILIES[metric].type == HISTOGRAM;
    struct metric_series *series =
        allocate(sizeof *series + (histogram ? N_BUCKETS * sizeof series->buckets[0] : 0));
    series->metric = metric;
    for (size_t i = 0; i < n; i++) {
        char *copy = allocate(values[i].n + 1);
        if (values[i].n > 0) {
            memcpy(copy, values[i].p, values[i].n);
        }
        series->labels[i] = (struct str){copy, values[i].n};
    }
    series->chain = registry.slots[slot];
    registry.slots[slot] = series;
    struct metric_series *last = registry.last[metric];
    atomic_store(last == NULL ? &registry.first[metric] : &last->next, series);
    registry.last[metric] = series;
    registry.n[metric]++;
    return series;
}

struct metric_series *metric_series(enum metric metric, const struct str *values, size_t n)
{
    static const struct str OTHER[LIMIT_METRIC_LABELS] = {{"other", 5}, {"other", 5}, {"other", 5}};
    ENSURE(metric < METRIC_COUNT && n == count_labels(metric));
    pthread_mutex_lock(&registry.lock);
    size_t slot = slot_of(metric, values, n);
    struct metric_series *series = find(slot, metric, values, n);
    if (series == NULL && registry.n[metric] >= LIMIT_METRIC_SERIES) {
        values = OTHER;
        slot = slot_of(metric, values, n);
        series = find(slot, metric, values, n);
    }
    if (series == NULL) {
        series = make(slot, metric, values, n);
    }
    pthread_mutex_unlock(&registry.lock);
    return series;
}

void metric_add(struct metric_series *series, int64_t n)
{
    enum metric_type type = FAMILIES[series->metric].type;
    ENSURE(type == GAUGE || (type == COUNTER && n >= 0));
    atomic_fetch_add_explicit(&series->value, n, memory_order_relaxed);
}

void metric_set(struct metric_series *series, int64_t value)
{
    ENSURE(FAMILIES[series->metric].type == GAUGE);
    atomic_store_explicit(&series->value, value, memory_order_relaxed);
}

void metric_observe_ns(struct metric_series *series, int64_t ns)
{
    ENSURE(FAMILIES[series->metric].type == HISTOGRAM);
    ns = ns < 0 ? 0 : ns;
    for (size_t i = 0; i < N_BUCKETS; i++) {
        if (ns <= BUCKETS[i].ns) {
            atomic_fetch_add_explicit(&series->buckets[i], 1, memory_order_relaxed);
            break;
        }
    }
    atomic_fetch_add_explicit(&series->sum_ns, ns, memory_order_relaxed);
    atomic_fetch_add_explicit(&series->value, 1, memory_order_relaxed);
}

int64_t metric_value(const struct metric_series *series)
{
    return atomic_load_explicit(&series->value, memory_order_relaxed);
}

/* -- exposition -- */

/* Spec: exposition format 0.0.4: in a label value, backslash, quote and line feed are escaped. */
static void add_label(struct buf *buf, const char *name, struct str value, const char *before)
{
    buf_printf(buf, "%s%s=\"", before, name);
    for (size_t i = 0; i < value.n; i++) {
        char c = value.p[i];
        if (c == '\\' || c == '"') {
            buf_add_char(buf, '\\');
        }
        buf_add(buf, c == '\n' ? STR("\\n") : str_sub(value, i, i + 1));
    }
    buf_add_char(buf, '"');
}

/* Name and labels; `le` is a histogram's bound, or NULL. */
static void add_name(struct buf *buf, const struct metric_series *series, const char *suffix,
                     const char *le)
{
    const struct family *family = &FAMILIES[series->metric];
    size_t n = count_labels(series->metric);
    buf_printf(buf, "%s%s", family->name, suffix);
    for (size_t i = 0; i < n; i++) {
        add_label(buf, family->labels[i], series->labels[i], i == 0 ? "{" : ",");
    }
    if (le != NULL) {
        add_label(buf, "le", str_from(le), n == 0 ? "{" : ",");
    }
    buf_add_cstr(buf, n > 0 || le != NULL ? "} " : " ");
}

static void add_histogram(struct buf *buf, struct metric_series *series)
{
    long long count = metric_value(series);
    long long sum_ns = atomic_load_explicit(&series->sum_ns, memory_order_relaxed);
    long long below = 0;
    for (size_t i = 0; i < N_BUCKETS; i++) {
        below += atomic_load_explicit(&series->buckets[i], memory_order_relaxed);
        add_name(buf, series, "_bucket", BUCKETS[i].text);
        buf_printf(buf, "%lld\n", below < count ? below : count);
    }
    add_name(buf, series, "_bucket", "+Inf");
    buf_printf(buf, "%lld\n", count);
    add_name(buf, series, "_sum", NULL);
    buf_printf(buf, "%lld.%09lld\n", sum_ns / NS_PER_S, sum_ns % NS_PER_S);
    add_name(buf, series, "_count", NULL);
    buf_printf(buf, "%lld\n", count);
}

static void add_family(struct buf *buf, enum metric metric)
{
    static const char *const TYPES[] = {"counter", "gauge", "histogram"};
    const struct family *family = &FAMILIES[metric];
    buf_printf(buf, "# HELP %s %s\n# TYPE %s %s\n", family->name, family->help, family->name,
               TYPES[family->type]);
    struct metric_series *series = atomic_load(&registry.first[metric]);
    for (; series != NULL; series = atomic_load(&series->next)) {
        if (family->type == HISTOGRAM) {
            add_histogram(buf, series);
        } else {
            add_name(buf, series, "", NULL);
            buf_printf(buf, "%lld\n", (long long)metric_value(series));
        }
    }
}

void metrics_write(struct buf *buf)
{
    for (enum metric metric = 0; metric < METRIC_COUNT; metric++) {
        add_family(buf, metric);
    }
    process_metrics_write(buf);
}

#pragma once
/* Counters, gauges and histograms, exposed in the Prometheus text format.
 *
 * Families are declared in one const table (metrics.c) with name, help and label names. A series is
 * got once and kept by the caller; adding to it is one atomic operation. The number of series is
 * bounded: beyond LIMIT_METRIC_SERIES of its own a family counts into one more, whose labels are
 * "other", and the other families go on as before.
 * Names and units by Prometheus' conventions: base units, `_total` on counters.
 * Threading: everything here may be called from any thread. */
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

enum metric {
    METRIC_REVIEWS,              /* counter: endpoint, verdict (allow, deny, error) */
    METRIC_REVIEW_SECONDS,       /* histogram: endpoint; from the last body byte to the answer */
    METRIC_IMAGES,               /* counter: verdict */
    METRIC_VIOLATIONS,           /* counter: policy, rule, mode */
    METRIC_HTTP_REQUESTS,        /* counter: path, code */
    METRIC_CONNECTIONS,          /* gauge */
    METRIC_REVIEWS_IN_FLIGHT,    /* gauge */
    METRIC_BODY_BYTES_IN_FLIGHT, /* gauge */
    METRIC_REVIEWS_WAITING,      /* gauge */
    METRIC_REGISTRY_ANSWERS,     /* counter: source (memory, registry, shared, …) */
    METRIC_SHARED_ANSWERS,       /* counter: outcome (found, missing, refused, …) */
    METRIC_PULL_SECRETS,         /* counter: source (memory, api, error, shared, failure) */
    METRIC_REGISTRY_KEPT,        /* gauge: what (digests, images) */
    METRIC_REJECTED,           /* counter: reason (in_flight, body_size, client_certificate, …) */
    METRIC_RELOADS,            /* counter: what (policies, certificate, client_ca), result */
    METRIC_RELOAD_TIME,        /* gauge: what; seconds of wall time of the last good load */
    METRIC_RELOAD_BROKEN,      /* gauge: what; 1 while the newest files are broken */
    METRIC_POLICIES,           /* gauge: what (policies, rules, exceptions) */
    METRIC_CERTIFICATE_EXPIRY, /* gauge: seconds of wall time */
    METRIC_CERTIFICATE_LEADER, /* gauge: 1 if this replica makes the certificates */
    METRIC_CERTIFICATE_ROTATIONS, /* counter: step (authority, certificate, drop) */
    METRIC_CERTIFICATE_FAILURES,  /* counter: what (lease, secret, …) */
    METRIC_WATCH_UP,              /* gauge: resource; 1 while changes are heard of */
    METRIC_WATCH_OBJECTS,         /* gauge: resource; at the last list */
    METRIC_WATCH_RELISTS,         /* counter: resource, reason (expired, distrusted, routine) */
    METRIC_STATUS_WRITES,         /* counter: result (written, conflict, error) */
    METRIC_LEADER,                /* gauge: 1 if this replica leads */
    METRIC_LEADER_FAILURES,       /* counter: the Lease could not be had or renewed */
    METRIC_SCANS,                 /* counter: result */
    METRIC_SCAN_RUNNING,          /* gauge: 1 while what runs is judged */
    METRIC_SCAN_PROGRESS,         /* gauge: objects seen by the scan that runs, or ran last */
    METRIC_SCAN_START,            /* gauge: seconds of wall time */
    METRIC_SCAN_SECONDS,          /* gauge: of the last */
    METRIC_SCAN_COMPLETE,         /* gauge: 1 if the last saw everything */
    METRIC_SCAN_OBJECTS,          /* gauge: verdict */
    METRIC_SCAN_REPORTS,          /* gauge: format */
    METRIC_SCAN_REFUSED,          /* counter: reports that could not be written */
    METRIC_SCAN_CALLS,            /* counter: call, outcome */
    METRIC_AUDIT_LOST,            /* counter: audit lines that could not be written */
    METRIC_HISTORY_WRITTEN,       /* counter */
    METRIC_HISTORY_LOST,          /* counter: reason */
    METRIC_SPANS_SENT,            /* counter */
    METRIC_SPANS_LOST,            /* counter: reason */
    METRIC_EVENTS_WRITTEN,        /* counter: what (new, repeated) */
    METRIC_EVENTS_LOST,           /* counter: reason */
    METRIC_BUILD_INFO,            /* gauge, 1: version */
    METRIC_COUNT
};

struct metric_series;

/* Series of one family; policies and rules are labels, so an operator can have many. */
#define LIMIT_METRIC_SERIES 20000u
#define LIMIT_METRIC_LABELS 3u

/* The series of `metric` with these label values (UTF-8, copied), in the order of the family's
 * label names; made if it is new. Never NULL; lives for ever. */
struct metric_series *metric_series(enum metric metric, const struct str *values, size_t n);

/* Add to a counter (not below zero) or gauge, set a gauge, observe a duration in a histogram, where
 * a negative one is none. Another type is a broken assumption. */
void metric_add(struct metric_series *series, int64_t n);
void metric_set(struct metric_series *series, int64_t value);
void metric_observe_ns(struct metric_series *series, int64_t ns);

/* The value of a counter or gauge, or how many a histogram has observed. */
int64_t metric_value(const struct metric_series *series);

/* Append all families, and the process's own (CPU seconds, resident bytes, open files, start time).
 * What is counted meanwhile may be in it or not; a histogram's buckets never exceed its count.
 * Spec: Prometheus exposition format 0.0.4. */
void metrics_write(struct buf *buf);

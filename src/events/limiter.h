#pragma once
/* How many Events may be written: a share of each namespace, and one of all. Pure: the time is
 * handed in. Threading: one thread.
 *
 * An API server keeps an Event for an hour, so at most these are in etcd at one time, for each
 * replica: of one namespace 85, some 130 KiB; of all 3,700, some 6 MB. */
#include <stdbool.h>
#include <stdint.h>

#include "base/limits.h"
#include "base/str.h"

/* A namespace: a rollout of a few workloads at once, then one in a minute. */
#define EVENTS_OF_NAMESPACE       25
#define EVENTS_OF_NAMESPACE_EVERY (60 * INT64_C(1000000000))
/* All namespaces: a cluster whose policies were just tightened, then one in a second. */
#define EVENTS_OF_ALL       100
#define EVENTS_OF_ALL_EVERY INT64_C(1000000000)
/* Changes of Events that are there: they add nothing to etcd, but each is a write. */
#define EVENTS_CHANGES       50
#define EVENTS_CHANGES_EVERY (INT64_C(1000000000) / 5)

struct limiter_bucket {
    int64_t credit; /* in nanoseconds, of which one Event costs `every` */
    int64_t at;     /* monotonic: when that was so; 0: never, and it is full */
};

/* The longest name of a namespace, RFC 1123. */
enum { LIMITER_NAME = 63 };

struct limiter_namespace {
    char name[LIMITER_NAME];
    size_t n;
    struct limiter_bucket bucket;
};

struct limiter {
    struct limiter_bucket all, changes;
    struct limiter_namespace namespaces[LIMIT_EVENTS_NAMESPACES];
    size_t n;
};

/* May one more Event be made in the namespace? If so it is counted. Limits:
 * LIMIT_EVENTS_NAMESPACES that have had some lately; another gets none then. A longer name than a
 * namespace has gets none. */
bool limiter_take(struct limiter *limiter, struct str namespace, int64_t now);

/* May one be changed? If so it is counted. */
bool limiter_take_change(struct limiter *limiter, int64_t now);

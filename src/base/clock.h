#pragma once
/* Time, read here and nowhere else, and the two notations in which it reaches us.
 *
 * Monotonic time measures; wall time only judges dates that people wrote (an exception's end) and
 * stamps log lines. Pure folders never read a clock: the time is handed to them. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "base/str.h"

#define NS_PER_S  INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)
#define NS_PER_US INT64_C(1000)

/* Nanoseconds since an arbitrary start; never goes back. */
int64_t clock_monotonic(void);

/* Sleep until monotonic time `until`, or until soon after *cancel is true (NULL: never). */
void clock_wait(int64_t until, const atomic_bool *cancel);

/* Start a condition whose timed waits end by monotonic time. */
void clock_condition_init(pthread_cond_t *condition);

/* Nanoseconds since 1970-01-01T00:00:00Z. */
int64_t clock_wall(void);

/* Parse a Go duration such as "10s", "1m30s", "1.5h", "7d" (days are our addition) into
 * nanoseconds. Not negative, at most about 292 years.
 * Errors: INPUT. Spec: Go time.ParseDuration. */
MUST status clock_parse_duration(struct str text, int64_t *ret_ns, struct error *err);

/* Parse an RFC 3339 date and time, such as 2026-12-31T00:00:00Z or with an offset, years 1970 to
 * 9999, into nanoseconds of wall time; a leap second counts as the next second's start.
 * Errors: INPUT. Spec: RFC 3339 section 5.6. */
MUST status clock_parse_time(struct str text, int64_t *ret_ns, struct error *err);

#define CLOCK_TEXT_MAX 32

/* Write wall time as RFC 3339 in UTC with milliseconds: 2026-11-25T01:22:20.123Z. */
void clock_format(int64_t wall_ns, char ret_text[CLOCK_TEXT_MAX]);

/* The same, to the second, as Kubernetes writes it. */
void clock_format_seconds(int64_t wall_ns, char ret_text[CLOCK_TEXT_MAX]);

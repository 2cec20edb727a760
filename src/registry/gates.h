#pragma once
/* How much is asked of each host: a number of requests at one time, none while it wants to be left
 * alone, and none but a trial while it fails. Bounded. Threading: any thread. */
#include <stdatomic.h>
#include <stdint.h>

#include "base/status.h"
#include "base/str.h"

struct gates;

enum gate_outcome {
    GATE_GOOD,   /* it answered, whatever it was */
    GATE_BAD,    /* no answer, or one that says that it is broken */
    GATE_NEITHER /* we gave up */
};

/* Failures in a row after which a host is not asked, and for how long; twice as long after each
 * trial that fails, up to the longest. */
#define GATE_FAILURES 5u
#define GATE_SHORTEST (5 * NS_PER_S)
#define GATE_LONGEST  (60 * NS_PER_S)

/* Returns owned. */
struct gates *gates_new(void);
void gates_free(struct gates *gates);

/* Ask for a place at `host`, whatever that is a name of, at monotonic time `now`. *ret_wait:
 * nanoseconds to wait before asking again, because it wants to be left alone; 0: there is a place,
 * which is given back by gate_leave. It waits itself while all places are taken. Errors: UPSTREAM
 * (it has failed too often, LIMIT_REGISTRY_HOSTS of others are being asked); TIMEOUT (no place
 * until the deadline, or cancelled). Limits: LIMIT_REGISTRY_PER_HOST. */
MUST status gate_enter(struct gates *gates, struct str host, int64_t now, int64_t deadline,
                       const atomic_bool *cancel, int64_t *ret_wait, struct error *err);

/* Give the place back; `alone` is until when it wants to be left alone, 0 if it does not. */
void gate_leave(struct gates *gates, struct str host, enum gate_outcome outcome, int64_t now,
                int64_t alone);

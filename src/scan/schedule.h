#pragma once
/* When a scan is due: when this replica begins to lead, when the interval is over, soon after the
 * policies changed, and later and later after one that saw not everything. Pure. */
#include <stdbool.h>
#include <stdint.h>

struct schedule {
    int64_t interval;
    bool leading;
    int64_t next;      /* monotonic */
    int64_t rest;      /* until then nothing but the interval begins a scan */
    int64_t retry;     /* how long after the last failure; 0: there was none */
    uint64_t judged;   /* the policies of the last scan */
    uint64_t policies; /* those that were seen last */
    int64_t since;     /* monotonic; when they were first seen */
};

/* Begin; `interval` is between scans. */
void schedule_init(struct schedule *schedule, int64_t interval);

/* Whether a scan should begin at monotonic time `now`. `policies` is the hash of those in use. */
bool schedule_due(struct schedule *schedule, int64_t now, bool leads, uint64_t policies);

/* A scan by the policies of this hash has ended. */
void schedule_ended(struct schedule *schedule, int64_t begun, int64_t ended, uint64_t policies,
                    bool complete);

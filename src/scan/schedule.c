#include "scan/schedule.h"

#include "base/clock.h"

/* Policies come in groups: a directory, a release. */
static const int64_t SETTLE = 5 * NS_PER_S;
static const int64_t FIRST_RETRY = 30 * NS_PER_S;

void schedule_init(struct schedule *schedule, int64_t interval)
{
    *schedule = (struct schedule){.interval = interval};
}

bool schedule_due(struct schedule *schedule, int64_t now, bool leads, uint64_t policies)
{
    if (leads && !schedule->leading) {
        schedule->next = now;
        schedule->retry = 0;
    }
    schedule->leading = leads;
    if (policies != schedule->policies) {
        schedule->policies = policies;
        schedule->since = now;
    }
    bool changed = policies != schedule->judged && now - schedule->since >= SETTLE;
    return leads && (now >= schedule->next || (changed && now >= schedule->rest));
}

void schedule_ended(struct schedule *schedule, int64_t begun, int64_t ended, uint64_t policies,
                    bool complete)
{
    int64_t wait = schedule->interval;
    schedule->retry = complete ? 0 : schedule->retry == 0 ? FIRST_RETRY : schedule->retry * 2;
    if (!complete && schedule->retry < wait) {
        wait = schedule->retry;
    }
    schedule->next = (complete ? begun : ended) + wait;
    schedule->rest = ended + (complete ? ended - begun : wait); /* half of the time at most */
    schedule->judged = policies;
}

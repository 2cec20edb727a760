#include "kube/election.h"

#include "base/chance.h"
#include "base/clock.h"

/* A fifth of LEASE_RENEW_DEADLINE. */
static const int64_t INTERVAL = 2 * NS_PER_S;
static const int64_t LONGEST_INTERVAL = 30 * NS_PER_S;

void election_init(struct election *election, const struct leader_watcher *watcher,
                   struct kube *kube, struct str namespace, struct str name)
{
    *election = (struct election){.watcher = watcher, .interval = INTERVAL};
    lease_init(&election->lease, kube, namespace, name);
}

bool election_holds(const struct election *election, int64_t now)
{
    return now < atomic_load(&election->until);
}

static void tell(struct election *election, struct leader_event event)
{
    election->watcher->tell(election->watcher->self, &event);
}

static void note_leading(struct election *election, int64_t now)
{
    bool leading = election_holds(election, now);
    if (leading != election->leading) {
        election->leading = leading;
        tell(election, (struct leader_event){.kind = leading ? LEADER_LEADING : LEADER_FOLLOWING});
    }
}

static void note_result(struct election *election, bool bad, const struct error *err)
{
    if (bad && election->stop != NULL && atomic_load(election->stop)) {
        return;
    }
    if (bad) {
        bool again = err->kind == election->failing;
        election->failing = err->kind;
        tell(election, (struct leader_event){.kind = LEADER_FAILURE, .err = err, .again = again});
    } else if (election->failing != ERROR_NONE) {
        election->failing = ERROR_NONE;
        tell(election, (struct leader_event){.kind = LEADER_RECOVERED});
    }
}

/* A follower that fails asks later and later; a leader has little time to renew. */
static void note_interval(struct election *election, bool bad)
{
    int64_t twice = election->interval * 2;
    election->interval = !bad || election->lease.held ? INTERVAL
                         : twice > LONGEST_INTERVAL   ? LONGEST_INTERVAL
                                                      : twice;
}

void election_look(struct election *election, int64_t now)
{
    struct error err;
    struct lease *lease = &election->lease;
    bool bad = failed(lease_step(lease, now, &err));
    atomic_store(&election->until,
                 lease->held ? lease->renewed + LEASE_RENEW_DEADLINE * NS_PER_S : 0);
    note_result(election, bad, &err);
    note_interval(election, bad);
}

/* Between four fifths of it and all, so that replicas do not ask in step. */
static int64_t jitter(int64_t interval)
{
    return interval - interval / 5 * (int64_t)chance(1000) / 1000;
}

int64_t election_pause(struct election *election, int64_t now)
{
    note_leading(election, now);
    int64_t left = atomic_load(&election->until) - now;
    int64_t pause = jitter(election->interval);
    return election->leading && left < pause ? left : pause;
}

void election_end(struct election *election)
{
    struct error err;
    atomic_store(&election->until, 0); /* before another can have it */
    note_result(election, failed(lease_release(&election->lease, &err)), &err);
    note_leading(election, 0);
}

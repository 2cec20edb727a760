#pragma once
/* Inside kube/: one look at the Lease after the other, and what is known between them. The thread
 * that looks is that of leader.h; the time is handed in.
 *
 * Threading: election_holds may be called from any thread, the rest belongs to one. */
#include "kube/leader.h"
#include "kube/lease.h"

struct election {
    const struct leader_watcher *watcher; /* borrowed */
    struct lease lease;
    const atomic_bool *stop; /* what fails when it is true was cancelled; NULL: never */
    _Atomic int64_t until;   /* monotonic: as long as this replica may act; 0: it may not */
    bool leading;            /* as the watcher was told */
    enum error_kind failing; /* ERROR_NONE: not */
    int64_t interval;        /* until the next look, if nothing else is said */
};

/* Begin without leading; everything given is borrowed. */
void election_init(struct election *election, const struct leader_watcher *watcher,
                   struct kube *kube, struct str namespace, struct str name);

/* Take or renew the Lease at monotonic time `now`, and tell what failed. */
void election_look(struct election *election, int64_t now);

/* Tell whether this replica leads, if that changed. Returns how long to wait for the next look: not
 * longer than it may lead. */
int64_t election_pause(struct election *election, int64_t now);

/* Whether this replica may act as the leader at monotonic time `now`. */
bool election_holds(const struct election *election, int64_t now);

/* Give up leading, so that another need not wait. */
void election_end(struct election *election);

#pragma once
/* Leader election by a Lease: who holds it acts, the others watch it.
 *
 * Another's lease is taken when its record has not changed for its duration, measured by our own
 * monotonic clock; what the record says of times is not compared with our clock. Updates carry the
 * resourceVersion, so that of two takers one succeeds. Threading: as its client. */
#include "kube/client.h"

enum { LEASE_IDENTITY_MAX = 96, LEASE_TIME_MAX = 40 };

/* Seconds: how long others wait, and how long a holder believes in itself without having renewed.
 */
enum { LEASE_DURATION = 15, LEASE_RENEW_DEADLINE = 10 };

/* What tells that a holder lives: it changes with each renewal. */
struct lease_record {
    char holder[LEASE_IDENTITY_MAX];
    char renewed[LEASE_TIME_MAX];
    int64_t transitions;
};

struct lease {
    struct kube *kube;          /* borrowed */
    struct str namespace, name; /* borrowed */
    char identity[LEASE_IDENTITY_MAX];
    struct lease_record seen;
    int64_t seen_at; /* monotonic; when the record was first like that */
    bool held;
    int64_t renewed; /* monotonic; before the last renewal was sent */
};

/* Begin as nobody's leader, under an identity that no other process has. */
void lease_init(struct lease *lease, struct kube *kube, struct str namespace, struct str name);

/* Take the Lease if it can be had, renew it if it is ours; `now` is monotonic. To be called every
 * few seconds. Errors: as kube_call, and NOT_FOUND (there is no such namespace); a lease that is
 * held stays so until its renewal is too old. */
MUST status lease_step(struct lease *lease, int64_t now, struct error *err);

/* Whether we may act as the leader at monotonic time `now`. */
bool lease_is_held(const struct lease *lease, int64_t now);

/* Give a held Lease up, so that another need not wait. Errors: as kube_call. */
MUST status lease_release(struct lease *lease, struct error *err);

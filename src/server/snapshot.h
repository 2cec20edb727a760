#pragma once
/* The policies in use: swapped in whole, taken once per review. Threading: any thread. */
#include <pthread.h>

#include "policy/policy.h"

struct snapshot {
    pthread_mutex_t lock; /* held for a few instructions */
    struct policy_set *set;
};

/* Start with `set`, whose reference is taken over; with NULL nothing is taken before the first
 * swap. End it, when nobody takes any more; sets that are taken live on. */
void snapshot_init(struct snapshot *snapshot, struct policy_set *set);
void snapshot_done(struct snapshot *snapshot);

/* A reference to the set in use; whoever gets it gives it back with policy_set_unref. NULL before
 * the first. */
struct policy_set *snapshot_take(struct snapshot *snapshot);

/* Whether there is none yet. Once there is one, there always is. */
bool snapshot_is_empty(struct snapshot *snapshot);

/* Put `set`, whose reference is taken over, in the place of the one in use, which lives on until
 * its last review ends. */
void snapshot_swap(struct snapshot *snapshot, struct policy_set *set);

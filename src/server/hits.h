#pragma once
/* How often each policy and exception has spoken since this process began, over all reloads.
 * Threading: any thread. */
#include "policy/hits.h"

struct snapshot;

/* One policy or exception. Names live in the arena that it was listed into. */
struct hits_row {
    struct policy_hits total;
    struct policy_hits fresh; /* what no status has been told of yet */
};

/* Have what `set` counts taken when it ends. Called by its only owner, before it is in use. */
void hits_follow(struct policy_set *set);

/* Take what the set in use has counted, and forget who is not in it any more. */
void hits_collect(struct snapshot *snapshot);

/* All that was collected, sorted by kind, namespace and name. Lives in the arena. */
void hits_list(struct arena *arena, struct hits_row **ret_rows, size_t *ret_n);

/* All that was collected of one; `named` has its kind, namespace and name. Returns false if it is
 * not in use. */
bool hits_find(const struct policy_hits *named, struct policy_hits *ret_total);

/* A status was told of `told`, which was a row's `fresh`. */
void hits_told(const struct policy_hits *told);

/* Forget everything, when no set is left. */
void hits_done(void);

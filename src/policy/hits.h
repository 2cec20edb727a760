#pragma once
/* How often each policy and exception of a set has spoken: the one part of a set that changes.
 * Threading: any thread. */
#include "policy/decision.h"

struct policy_hits {
    struct str kind, namespace, name; /* of the policy or exception; borrowed from the set */
    uint64_t judged;                  /* images that it judged */
    uint64_t denied, warned;          /* of these */
    uint64_t excused;                 /* failures that the exception excused */
};

/* Count what the plan's items came to. */
void policy_hits_add(const struct plan *plan);

/* Take what was counted since the last time: `each` is called for every policy and then every
 * exception of the set, in their order. What is counted meanwhile is there the next time. */
void policy_hits_take(struct policy_set *set,
                      void (*each)(void *self, const struct policy_hits *hits), void *self);

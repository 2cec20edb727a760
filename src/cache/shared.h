#pragma once
/* The port to what other replicas had: a place that all of them reach, behind a cache of one's own.
 * It is an offer: whatever is wrong with it, there is nothing, and a value is made. */
#include "cache/cache.h"

struct cache_shared_query {
    struct str key;
    int64_t ttl;      /* nanoseconds for which a value counts, from when it was had; more than 0 */
    int64_t deadline; /* monotonic; for all of it */
};

struct cache_shared {
    void *self;

    /* A value that another had under the key, and how old it is; false: there is none to trust. It
     * lives in the arena. Threading: from any thread, several at once. */
    bool (*get)(void *self, const struct cache_shared_query *query, struct arena *arena,
                struct cache_found *ret_found);

    /* Offer a value that was asked for at wall time `had`. */
    void (*put)(void *self, const struct cache_shared_query *query, struct str bytes, int64_t had);

    /* What is offered under the key is no longer true. */
    void (*forget)(void *self, const struct cache_shared_query *query);
};

#pragma once
/* Values under keys, made by whoever asks first and kept for who asks later.
 *
 * A value is fresh for a time, and stale for another: then it is made again, and the old one is
 * given only to who asks for it. A failure whose kind may be remembered (error_kind_info) is, for
 * a time of its own; its text then says for how long. A silent one
 * stands beside a stale value; any other is newer than it, and has it forgotten. While one thread
 * makes a value, others that ask for it wait, and have the same value or failure. A TIMEOUT is the
 * maker's alone, whose time or patience it was: one of the waiting makes it again.
 *
 * Bounded in bytes: what was not used for longest goes first, and what is more than an eighth of
 * all is not kept. Values may be secret: they are overwritten when they are freed. Keys may be
 * chosen by an adversary. Threading: any thread. */
#include <stdatomic.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "base/str.h"

struct cache;

struct cache_config {
    size_t max_bytes;
    int64_t failure_ttl;         /* how long failures are remembered, in nanoseconds */
    int64_t (*now)(void *clock); /* by which values and failures age; NULL: clock_monotonic */
    void *clock;
};

/* An empty one. Returns owned. */
struct cache *cache_new(const struct cache_config *config);

/* Free; NULL is fine. Nobody uses it any more. */
void cache_free(struct cache *cache);

/* A value that was made, and how long it is fresh, and then stale, in nanoseconds; neither: it is
 * not kept. Both count from when it began to be made, less its age. Borrowed until the maker's
 * arena is. */
struct cache_made {
    struct str bytes;
    int64_t ttl, stale;
    int64_t age; /* how old it was then: it was had from another who keeps it */
};

/* What is asked for; all borrowed for the call. */
struct cache_call {
    struct str key;
    /* Makes the value, within the caller's deadline; its memory is the caller's arena. */
    status (*make)(void *self, struct arena *arena, struct cache_made *ret_made, struct error *err);
    void *self;
    int64_t deadline;          /* monotonic: how long to wait for another who makes it */
    const atomic_bool *cancel; /* true ends that wait within a tenth of a second; or NULL */
};

/* The value of call->key: a fresh one that is kept, or one that is made now. *ret_bytes lives in
 * the arena. Errors: those of `make`, LIMIT (the key), TIMEOUT (another makes it for too long).
 * Limits: LIMIT_CACHE_KEY. */
MUST status cache_get(struct cache *cache, const struct cache_call *call, struct arena *arena,
                      struct str *ret_bytes, struct error *err);

enum cache_state {
    CACHE_NOTHING, /* it must be made */
    CACHE_FRESH,   /* the value, as cache_get would give it */
    CACHE_STALE,   /* a value whose time is over; what failed since, if anything, does not matter */
    CACHE_FAILED   /* a failure that is remembered, and no value */
};

enum cache_wish { CACHE_WISH_FRESH, CACHE_WISH_STALE };

/* What is at hand; only what the state says is set. */
struct cache_found {
    struct str bytes;     /* of a value; lives in the arena */
    int64_t age;          /* of a value: nanoseconds since it began to be made, and its age then */
    struct error failure; /* of FAILED */
};

/* What is at hand, without making anything and without waiting: with CACHE_WISH_STALE a stale value
 * too. */
enum cache_state cache_look(struct cache *cache, struct str key, enum cache_wish wish,
                            struct arena *arena, struct cache_found *ret_found);

struct cache_counters {
    uint64_t hits;           /* fresh values given */
    uint64_t failures;       /* remembered failures given */
    uint64_t stale;          /* stale values given */
    uint64_t misses;         /* values made, or tried to */
    uint64_t waits;          /* for another who made it */
    uint64_t evictions;      /* for want of room */
    uint64_t entries, bytes; /* now */
};

/* The numbers so far. */
struct cache_counters cache_counters(struct cache *cache);

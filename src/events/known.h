#pragma once
/* Events that were written and may be repeated: each is then changed in place of a new one. Pure.
 * Threading: one thread. */
#include "base/limits.h"
#include "events/event.h"

enum { KNOWN_NAME = 256 };

struct known {
    struct event *event; /* owned; NULL: the place is free */
    uint64_t hash;
    char name[KNOWN_NAME]; /* of the Event; empty: it was not made yet */
    uint64_t count;        /* how often it was seen */
    uint64_t pending;      /* of these, those that the Event does not tell yet */
    unsigned failures;     /* to write it, since it last was */
    int64_t seen;          /* monotonic: the last time */
    int64_t written;       /* monotonic: when the Event was last written, or could not be */
    int64_t time;          /* wall time: the last time */
};

struct known_table {
    struct known items[LIMIT_EVENTS_KNOWN];
};

/* One that tells the same; NULL: there is none. */
struct known *known_find(struct known_table *table, const struct event *event);

/* A place for another: one that is free, or that which was not seen for longest and has nothing
 * pending. NULL: all have. */
struct known *known_place(struct known_table *table);

/* Keep a copy of `event` in a place, which is made free first, as one that was seen once and is not
 * told yet. */
void known_keep(struct known *known, const struct event *event, int64_t now);

/* Make a place free. A free one is fine. */
void known_forget(struct known *known);

/* Free all. */
void known_done(struct known_table *table);

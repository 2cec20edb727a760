#pragma once
/* The thread that takes what a queue holds further, to a place that may be slow or away: what it
 * begins to lose is told once, and when the server ends it has a time to end as well.
 *
 * Threading: writer_end, writer_join and writer_abandon are of whoever started it, the losses of
 * the thread; the rest of any. */
#include <stdatomic.h>

#include "base/queue.h"
#include "base/status.h"

struct writer {
    struct queue queue;
    pthread_t thread;
    atomic_llong until;    /* monotonic: when ending has to be over; INT64_MAX: it does not end */
    atomic_bool cancelled; /* it is; may be lent to what the thread waits for */
    atomic_bool abandoned; /* nobody waits for it any more: nothing more is counted or told */
    int64_t lost;          /* monotonic: when something last was */
    unsigned told;         /* a bit for each reason that was told */
};

/* Make its queue, as queue_init does; free it, when no thread runs. */
void writer_init(struct writer *writer, uint64_t max, size_t room, int64_t gather);
void writer_done(struct writer *writer);

/* Have `run` called with `argument` on its thread. Errors: INTERNAL. */
MUST status writer_start(struct writer *writer, void *(*run)(void *argument), void *argument,
                         struct error *err);

/* Whether it is asked to end; whether the time for that is over. */
bool writer_is_ending(const struct writer *writer);
bool writer_is_late(const struct writer *writer);

/* Note that something was lost for reason number `loss`, below 32. Returns whether that is news. */
bool writer_loses(struct writer *writer, unsigned loss);

/* Something was taken further: whether losing is over with that, since nothing was lost for a
 * minute. Says so once. */
bool writer_recovers(struct writer *writer);

/* Let it end when it has taken everything further, and until `until`, monotonic, at the latest. */
void writer_end(struct writer *writer, int64_t until);

/* Wait for the end that was begun; from its time on what it waits for is cancelled. Returns whether
 * it has ended, a second and a fifth after its time at the latest. */
bool writer_join(struct writer *writer);

/* Leave a thread that has not ended to itself, with its memory. */
void writer_abandon(struct writer *writer);

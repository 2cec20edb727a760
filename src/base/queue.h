#pragma once
/* The bounded queue between many threads that hand something over and the one that takes it
 * further. Adding never waits for that one, and never asks for memory.
 *
 * Two blocks of memory take turns: one is filled under the lock, the other is worked on without
 * it. They have their size from the start. */
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct batch {
    char *bytes; /* entries, each behind its size */
    size_t used;
    size_t n;
    uint64_t lost; /* that came while it was full */
};

struct queue {
    pthread_mutex_t lock;
    pthread_cond_t work; /* for the writer */
    pthread_cond_t idle; /* for whoever waits until all is written */
    struct batch batches[2];
    struct batch *filling, *writing; /* `writing` is NULL while nothing is */
    uint64_t max;
    size_t room;    /* bytes of a batch */
    int64_t gather; /* how long the first entry of a batch waits for others */
    bool hurry, stopped;
    unsigned waiting; /* for all to be written */
};

/* Make a queue for `max` entries of `room` bytes together, each with 16 of its own, and as many
 * that are being written. Free it. */
void queue_init(struct queue *queue, uint64_t max, size_t room, int64_t gather);
void queue_done(struct queue *queue);

/* Copies `entry` to `memory`, which is aligned for any type. */
typedef void queue_copy(const void *entry, void *memory);

/* Copy an entry of `size` bytes, which counts as `n`, to the end. Returns false, and counts in the
 * batch, if there is no room. */
bool queue_add(struct queue *queue, const void *entry, size_t size, size_t n, queue_copy *copy);

/* For the writer: the next batch, after it had some time to fill; an empty one after `patience`
 * nanoseconds. NULL once the queue is stopped and empty. Given back by queue_written. */
struct batch *queue_take(struct queue *queue, int64_t patience);
void queue_written(struct queue *queue);

/* The entry at *at, which is moved on to the next; start at 0, end at batch->used. */
void *batch_next(const struct batch *batch, size_t *at);

/* Whether what waits is half of what may, somebody waits for it, or the queue is stopped: no
 * time for a second try. */
bool queue_is_pressed(struct queue *queue);

/* For the writer: wait until monotonic time `until`, or until the queue is stopped. */
void queue_pause(struct queue *queue, int64_t until);

/* Ask for everything at once, and wait until it is written. */
void queue_flush(struct queue *queue);

/* Let the writer end when it has written all. */
void queue_stop(struct queue *queue);

/* How many are neither written nor counted as lost. */
uint64_t queue_left(struct queue *queue);

#pragma once
/* Private to this folder: the bounded queue between those who decide and the one that writes.
 *
 * Two blocks of memory take turns: one is filled under the lock, the other is written without it.
 * They have their size from the start, so that adding never asks for memory. */
#include <pthread.h>

#include "history/entry.h"

struct batch {
    char *bytes; /* entries as history_entry_copy makes them, one behind the other */
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
    size_t room; /* bytes of a batch */
    bool hurry, stopped;
    unsigned waiting; /* for all to be written */
};

/* Make a queue for `max` entries; free it. */
void queue_init(struct queue *queue, uint64_t max);
void queue_done(struct queue *queue);

/* Copy an entry to the end. Returns false, and counts in the batch, if there is no room. */
bool queue_add(struct queue *queue, const struct history_entry *entry);

/* For the writer: the next batch, after it had some time to fill; an empty one after `patience`
 * nanoseconds. NULL once the queue is stopped and empty. Given back by queue_written. */
struct batch *queue_take(struct queue *queue, int64_t patience);
void queue_written(struct queue *queue);

/* Entry `index` of a batch is at *at, which is moved on to the next; start at 0. */
struct history_entry *batch_next(const struct batch *batch, size_t *at);

/* Whether what waits is half of what may, somebody waits for it, or the queue is stopped: no
 * time for a second try. */
bool queue_is_pressed(struct queue *queue);

/* Ask for everything at once, and wait until it is written. */
void queue_flush(struct queue *queue);

/* Let the writer end when it has written all. */
void queue_stop(struct queue *queue);

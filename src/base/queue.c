#include "base/queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/status.h"

enum { HEAD = 16 }; /* of an entry: its size; keeps what is behind it aligned */

void queue_init(struct queue *queue, uint64_t max, size_t room, int64_t gather)
{
    *queue = (struct queue){.max = max, .room = room, .gather = gather};
    pthread_mutex_init(&queue->lock, NULL);
    clock_condition_init(&queue->work);
    clock_condition_init(&queue->idle);
    for (size_t i = 0; i < 2; i++) {
        queue->batches[i].bytes = malloc(queue->room);
        if (queue->batches[i].bytes == NULL) {
            fatal("out of memory");
        }
    }
    queue->filling = &queue->batches[0];
}

void queue_done(struct queue *queue)
{
    free(queue->batches[0].bytes);
    free(queue->batches[1].bytes);
    pthread_cond_destroy(&queue->work);
    pthread_cond_destroy(&queue->idle);
    pthread_mutex_destroy(&queue->lock);
}

static bool is_half_full(const struct queue *queue)
{
    return queue->filling->n >= (queue->max + 1) / 2 || queue->filling->used >= queue->room / 2;
}

/* The writer sleeps once per batch until the first entry, so that most are added without a call of
 * the system. */
static void wake(struct queue *queue, bool first)
{
    if (first || (!queue->hurry && is_half_full(queue))) {
        queue->hurry = queue->hurry || is_half_full(queue);
        pthread_cond_signal(&queue->work);
    }
}

static size_t whole(size_t size)
{
    return HEAD + (size + HEAD - 1) / HEAD * HEAD;
}

bool queue_add(struct queue *queue, const void *entry, size_t size, size_t n, queue_copy *copy)
{
    pthread_mutex_lock(&queue->lock);
    struct batch *batch = queue->filling;
    bool fits = n <= queue->max - batch->n && size < queue->room &&
                whole(size) <= queue->room - batch->used;
    if (fits) {
        bool first = batch->n == 0;
        char *at = batch->bytes + batch->used;
        memcpy(at, &size, sizeof size);
        copy(entry, at + HEAD);
        batch->used += whole(size);
        batch->n += n;
        wake(queue, first);
    } else {
        batch->lost += n;
    }
    pthread_mutex_unlock(&queue->lock);
    return fits;
}

/* Until monotonic time `until`. Returns false when that is over. */
static bool wait_until(struct queue *queue, int64_t until)
{
    const struct timespec time = {.tv_sec = until / NS_PER_S, .tv_nsec = until % NS_PER_S};
    return pthread_cond_timedwait(&queue->work, &queue->lock, &time) != ETIMEDOUT;
}

struct batch *queue_take(struct queue *queue, int64_t patience)
{
    pthread_mutex_lock(&queue->lock);
    int64_t until = clock_monotonic() + patience;
    while (queue->filling->n == 0 && !queue->hurry && !queue->stopped && wait_until(queue, until)) {
    }
    until = clock_monotonic() + queue->gather;
    while (queue->filling->n > 0 && !queue->hurry && !queue->stopped && wait_until(queue, until)) {
    }
    struct batch *batch = queue->filling;
    if (queue->stopped && batch->n == 0) {
        batch = NULL;
    } else {
        queue->filling = &queue->batches[batch == queue->batches];
    }
    queue->hurry = false;
    queue->writing = batch;
    pthread_mutex_unlock(&queue->lock);
    return batch;
}

void queue_written(struct queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->writing->used = queue->writing->n = 0;
    queue->writing->lost = 0;
    queue->writing = NULL;
    pthread_cond_broadcast(&queue->idle);
    pthread_mutex_unlock(&queue->lock);
}

void *batch_next(const struct batch *batch, size_t *at)
{
    char *entry = batch->bytes + *at;
    size_t size;
    memcpy(&size, entry, sizeof size);
    *at += whole(size);
    return entry + HEAD;
}

bool queue_is_pressed(struct queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    bool pressed = queue->stopped || queue->waiting > 0 || is_half_full(queue);
    pthread_mutex_unlock(&queue->lock);
    return pressed;
}

void queue_pause(struct queue *queue, int64_t until)
{
    pthread_mutex_lock(&queue->lock);
    while (!queue->stopped && wait_until(queue, until)) {
    }
    pthread_mutex_unlock(&queue->lock);
}

void queue_flush(struct queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->waiting++;
    while (queue->filling->n > 0 || queue->writing != NULL) {
        queue->hurry = true;
        pthread_cond_signal(&queue->work);
        pthread_cond_wait(&queue->idle, &queue->lock);
    }
    queue->waiting--;
    pthread_mutex_unlock(&queue->lock);
}

void queue_stop(struct queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->stopped = true;
    pthread_cond_signal(&queue->work);
    pthread_mutex_unlock(&queue->lock);
}

uint64_t queue_left(struct queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    uint64_t n = queue->filling->n + (queue->writing != NULL ? queue->writing->n : 0);
    pthread_mutex_unlock(&queue->lock);
    return n;
}

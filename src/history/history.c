#include "history/history.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/task.h"
#include "history/store.h"

static const int64_t GATHER = 200 * NS_PER_MS;  /* of a batch: one transaction is for many */
static const int64_t RETRY = NS_PER_S;          /* between attempts to open the file */
static const int64_t TICK_MOST = 60 * NS_PER_S; /* between looks for what is too old */
static const int64_t TICK_LEAST = 100 * NS_PER_MS;
static const int64_t QUIET = 5 * NS_PER_S; /* until an overflow is over */

struct history {
    struct history_config config;
    const struct history_watcher *watcher;
    struct queue queue;
    pthread_t thread;
    struct store store;    /* of the thread, as all below */
    int64_t next_try;      /* monotonic: when to open it again */
    unsigned told;         /* a bit for each reason that was told */
    int64_t overflowed;    /* monotonic: when the queue last was full */
    atomic_bool abandoned; /* history_stop has given up: nothing more is counted */
};

const char *history_loss_name(enum history_loss loss)
{
    static const char *const NAMES[HISTORY_LOSS_COUNT] = {
        [HISTORY_LOST_QUEUE] = "queue",     [HISTORY_LOST_LOCKED] = "locked",
        [HISTORY_LOST_DISK] = "disk",       [HISTORY_LOST_FILE] = "file",
        [HISTORY_LOST_CORRUPT] = "corrupt", [HISTORY_LOST_FOREIGN] = "foreign",
        [HISTORY_LOST_VERSION] = "version", [HISTORY_LOST_STOP] = "stop",
    };
    ENSURE(loss < HISTORY_LOSS_COUNT);
    return NAMES[loss];
}

/* -- what is told -- */

static void tell(struct history *history, const struct history_event *event)
{
    if (!atomic_load(&history->abandoned)) {
        history->watcher->tell(history->watcher->self, event);
    }
}

/* Each reason once, until it is written again. */
static void tell_losing(struct history *history, enum history_loss loss, const struct error *err)
{
    unsigned bit = 1u << loss;
    if ((history->told & bit) == 0) {
        const struct history_event event = {.kind = HISTORY_LOSING, .loss = loss, .err = err};
        history->told |= bit;
        tell(history, &event);
    }
}

/* Whether losing is over: a queue that overflows now and then is one episode. */
static bool is_over(const struct history *history, const struct batch *batch)
{
    bool overflowed = (history->told & 1u << HISTORY_LOST_QUEUE) != 0;
    return !overflowed || (batch->lost == 0 && clock_monotonic() > history->overflowed + QUIET);
}

static void tell_written(struct history *history, const struct batch *batch, uint64_t n)
{
    if (!atomic_load(&history->abandoned)) {
        history->watcher->written(history->watcher->self, n);
    }
    if (history->told != 0 && is_over(history, batch)) {
        const struct history_event event = {.kind = HISTORY_RECOVERED};
        history->told = 0;
        tell(history, &event);
    }
}

static void count(struct history *history, enum history_loss loss, uint64_t n)
{
    if (n > 0 && !atomic_load(&history->abandoned)) {
        history->watcher->count(history->watcher->self, loss, n);
    }
}

/* -- the thread -- */

/* A damaged file makes place for a new one, at once. */
static status replace_corrupt(struct history *history, struct error *err)
{
    struct error why = *err;
    store_close(&history->store);
    TRY(store_move_aside(&history->store, err));
    const struct history_event event = {.kind = HISTORY_MOVED_ASIDE, .err = &why};
    tell(history, &event);
    return store_open(&history->store, err);
}

/* After a failure: what can be mended now is; else the file is opened again later. */
static status mend(struct history *history, struct error *err)
{
    struct store *store = &history->store;
    if (store->db != NULL && store->loss == HISTORY_LOST_LOCKED) {
        return FAILED;
    }
    if (store->loss == HISTORY_LOST_CORRUPT && !failed(replace_corrupt(history, err))) {
        return OK;
    }
    store_close(store);
    history->next_try = clock_monotonic() + RETRY;
    tell_losing(history, store->loss, err);
    return FAILED;
}

/* The file open, if it can be. */
static status get_ready(struct history *history, struct error *err)
{
    struct store *store = &history->store;
    if (store->db != NULL && !store_is_there(store)) {
        store_close(store); /* somebody took it away: begin another */
        history->next_try = 0;
    }
    if (store->db != NULL) {
        return OK;
    }
    if (clock_monotonic() < history->next_try) {
        return error_set(err, ERROR_INTERNAL, "it could not be opened a moment ago");
    }
    return failed(store_open(store, err)) ? mend(history, err) : OK;
}

/* Drop what is too old and too much. Little is done at a time when entries wait. */
static status prune(struct history *history, struct error *err)
{
    bool more = true;
    while (more) {
        TRY(store_prune(&history->store, clock_wall(), &more, err));
    }
    return OK;
}

/* One transaction of the batch from *at on, and room for it before. */
static status write_some(struct history *history, const struct batch *batch, size_t *at,
                         size_t *ret_n, struct error *err)
{
    TRY(get_ready(history, err));
    TRY(prune(history, err));
    return batch->used > *at ? store_write(&history->store, batch, at, ret_n, err) : OK;
}

/* Whether the file may be let go by whoever holds it, before the queue is full. */
static bool may_wait(struct history *history)
{
    static const struct timespec PAUSE = {.tv_nsec = 50 * NS_PER_MS};
    if (history->store.loss != HISTORY_LOST_LOCKED || queue_is_pressed(&history->queue)) {
        return false;
    }
    nanosleep(&PAUSE, NULL);
    history->next_try = 0;
    return true;
}

/* What could not be written: once more if that may help, else it is lost, up to the batch's end. */
static bool try_again(struct history *history, struct error *err, bool *mended)
{
    if (history->store.db == NULL) { /* it was not opened, and mending was tried */
        return may_wait(history);
    }
    bool again = !failed(mend(history, err)) && !*mended;
    *mended = *mended || again;
    return again || may_wait(history);
}

static void write_batch(struct history *history, const struct batch *batch)
{
    size_t at = 0, done = 0;
    bool mended = false;
    struct error err = {.kind = ERROR_NONE};
    do {
        size_t n = 0;
        if (!failed(write_some(history, batch, &at, &n, &err))) {
            done += n;
            if (n > 0) {
                tell_written(history, batch, n);
            }
        } else if (!try_again(history, &err, &mended)) {
            break;
        }
    } while (at < batch->used);
    if (done < batch->n) {
        tell_losing(history, history->store.loss, &err);
        count(history, history->store.loss, batch->n - done);
    }
}

static int64_t tick_of(const struct history *history)
{
    int64_t tick = history->config.age_ns / 8;
    return tick < TICK_LEAST ? TICK_LEAST : tick > TICK_MOST ? TICK_MOST : tick;
}

static void tell_overflow(struct history *history, const struct batch *batch)
{
    if (batch->lost > 0) {
        struct error err;
        error_fill(&err, ERROR_LIMIT, "%llu decisions came while the queue was full",
                   (unsigned long long)batch->lost);
        history->overflowed = clock_monotonic();
        tell_losing(history, HISTORY_LOST_QUEUE, &err);
    }
}

static void *run(void *self)
{
    struct history *history = self;
    struct batch *batch;
    struct error err;
    if (failed(get_ready(history, &err))) { /* told already; it is tried again */
        history->next_try = clock_monotonic() + RETRY;
    }
    while ((batch = queue_take(&history->queue, tick_of(history))) != NULL) {
        write_batch(history, batch);
        tell_overflow(history, batch);
        queue_written(&history->queue);
    }
    store_done(&history->store);
    return NULL;
}

/* -- outside -- */

status history_start(const struct history_config *config, const struct history_watcher *watcher,
                     struct history **ret_history, struct error *err)
{
    struct history *history = calloc(1, sizeof *history);
    if (history == NULL) {
        fatal("out of memory");
    }
    history->config = *config;
    history->watcher = watcher;
    queue_init(&history->queue, config->queue, LIMIT_HISTORY_QUEUE_BYTES, GATHER);
    store_init(&history->store, &history->config);
    status st = thread_start(&history->thread, run, history, err);
    if (failed(st)) {
        store_done(&history->store);
        queue_done(&history->queue);
        free(history);
        return st;
    }
    *ret_history = history;
    return OK;
}

static void copy(const void *entry, void *memory)
{
    history_entry_copy(entry, memory);
}

void history_add(struct history *history, const struct history_entry *entry)
{
    if (!queue_add(&history->queue, entry, history_entry_size(entry), 1, copy)) {
        count(history, HISTORY_LOST_QUEUE, 1);
    }
}

void history_flush(struct history *history)
{
    queue_flush(&history->queue);
}

/* The disk does not answer: the process ends without it, and so is the memory left. */
static void abandon(struct history *history)
{
    struct error err;
    uint64_t n = queue_left(&history->queue);
    const struct history_event event = {
        .kind = HISTORY_LOSING, .loss = HISTORY_LOST_STOP, .err = &err};
    error_fill(&err, ERROR_TIMEOUT, "%llu decisions were not written in time",
               (unsigned long long)n);
    if (n > 0) {
        count(history, HISTORY_LOST_STOP, n);
        tell(history, &event);
    }
    atomic_store(&history->abandoned, true);
    pthread_detach(history->thread);
}

void history_stop(struct history *history, int64_t until)
{
    if (history == NULL) {
        return;
    }
    queue_stop(&history->queue);
    if (!thread_join(history->thread, until)) {
        abandon(history);
        return;
    }
    queue_done(&history->queue);
    free(history);
}

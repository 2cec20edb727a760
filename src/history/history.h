#pragma once
/* The decision history: what was decided lately, in one SQLite file that is bounded in bytes and
 * age, for people and for `replay`; query.h reads it.
 *
 * Whoever decides hands over an entry, which is copied into a bounded queue, and goes on; one
 * thread writes. Nothing here ever waits for the disk but that thread. What cannot be written is
 * counted by reason and told once, and costs a review nothing.
 *
 * The file and its write-ahead log together are never larger than `size`: the oldest go first.
 * Threading: history_add from any thread; the rest from one. */
#include "base/status.h"
#include "history/entry.h"

enum history_loss {
    HISTORY_LOST_QUEUE,   /* more came than was written */
    HISTORY_LOST_LOCKED,  /* another process holds the file, or reads for too long */
    HISTORY_LOST_DISK,    /* no room, or the disk fails */
    HISTORY_LOST_FILE,    /* it cannot be opened or written: a folder, permissions */
    HISTORY_LOST_CORRUPT, /* damaged, and could not be moved aside */
    HISTORY_LOST_FOREIGN, /* no history: it is left as it is */
    HISTORY_LOST_VERSION, /* written by a newer program: it is left as it is */
    HISTORY_LOST_STOP,    /* the server ended first */
    HISTORY_LOSS_COUNT
};

/* "queue"; as metrics have it. Lives for ever. */
const char *history_loss_name(enum history_loss loss);

/* Told by the writing thread: once for each reason when it begins to lose, once when it writes
 * again. */
struct history_event {
    enum { HISTORY_LOSING, HISTORY_RECOVERED, HISTORY_MOVED_ASIDE } kind;
    enum history_loss loss;  /* of LOSING */
    const struct error *err; /* of LOSING and MOVED_ASIDE: why */
};

struct history_watcher {
    void *self;
    void (*count)(void *self, enum history_loss loss, uint64_t n); /* lost; from any thread */
    void (*written)(void *self, uint64_t n);
    void (*tell)(void *self, const struct history_event *event);
};

struct history_config {
    const char *path;
    uint64_t size;  /* bytes of all its files; at least LIMIT_HISTORY_SIZE_LEAST */
    int64_t age_ns; /* an older entry goes */
    uint64_t queue; /* entries that wait at most; LIMIT_HISTORY_QUEUE_BYTES bounds them too */
};

struct history;

/* Start the thread, which opens the file, or makes it. What is wrong with the file is told to the
 * watcher and tried again, once a second. Borrows config and watcher until history_stop.
 * Errors: INTERNAL (no thread). */
MUST status history_start(const struct history_config *config,
                          const struct history_watcher *watcher, struct history **ret_history,
                          struct error *err);

/* Hand over a decision; it is copied. Never waits for the disk. */
void history_add(struct history *history, const struct history_entry *entry);

/* Wait until what was handed over is written or lost. */
void history_flush(struct history *history);

/* Write what waits, until monotonic time `until`; what is left then is lost. Nobody adds any more.
 * NULL is fine. */
void history_stop(struct history *history, int64_t until);

#pragma once
/* Private to this folder: the file as it is written. One thread. */
#include "base/queue.h"
#include "history/row.h"

struct store {
    const struct history_config *config;
    sqlite3 *db; /* NULL: not open */
    sqlite3_stmt *insert, *prune;
    uint64_t database_max; /* bytes; the rest of the size is for the write-ahead log */
    uint64_t log_max;
    uint64_t log_bytes; /* of the write-ahead log, as of the last commit */
    uint64_t device, inode;
    enum history_loss loss; /* what the last failure means */
    struct arena arena;     /* of one reference */
    struct buf images, violations;
};

/* Prepare; nothing is opened. Close, and free. */
void store_init(struct store *store, const struct history_config *config);
void store_done(struct store *store);

/* Open the file, or make it; it is checked whole, once. Errors: INTERNAL, INPUT; store->loss tells
 * which. */
MUST status store_open(struct store *store, struct error *err);
void store_close(struct store *store);

/* Whether the path still leads to the file that is open. */
bool store_is_there(const struct store *store);

/* Write entries of the batch from *at on, as many as one transaction takes, after making room for
 * them; *at and *ret_n tell how far it came, only once that is committed.
 * Errors: INTERNAL; nothing of it is written then. */
MUST status store_write(struct store *store, const struct batch *batch, size_t *at, size_t *ret_n,
                        struct error *err);

/* Drop what is too old at wall time `now`, and some of what is too much: one small step.
 * *ret_more: there is more of it. Errors: INTERNAL. */
MUST status store_prune(struct store *store, int64_t now, bool *ret_more, struct error *err);

/* Put a damaged history, now closed, at PATH.corrupt, in the place of an older one. A file that
 * is none by its first bytes is left alone. Errors: INPUT (it is none), INTERNAL. */
MUST status store_move_aside(struct store *store, struct error *err);

#pragma once
/* The history read: page by page, by filters, also while it is written.
 *
 * A page is read in one transaction and kept no longer, so that whoever looks at the history for an
 * hour does not keep the log from being emptied. Each reader belongs to one thread at a time. */
#include "base/arena.h"
#include "base/status.h"
#include "history/entry.h"

struct history_reader;

/* What to look for. A text whose pointer is NULL asks for nothing. */
struct history_filter {
    struct str verdict;   /* allow, deny, error */
    struct str namespace; /* "" is that of objects without one */
    struct str kind, user;
    struct str policy; /* named by a violation */
    struct str image;  /* a part of an image's text as given, rewritten or normalised; the case
                          of ASCII letters is nothing */
    enum { HISTORY_DRY_TOO, HISTORY_DRY_ONLY, HISTORY_DRY_NOT } dry_run;
    int64_t from, until; /* wall time: not before `from`, before `until`; 0: no bound */
    bool oldest_first;
    int64_t cursor;   /* of the page before; 0: begin */
    size_t limit;     /* 1 to LIMIT_HISTORY_PAGE */
    int64_t deadline; /* monotonic: how long may be looked; 0: no bound. One row is looked at, at
                         least */
};

struct history_page {
    struct history_entry **entries;
    size_t n;
    int64_t cursor;  /* for the next page; 0: there is none */
    size_t looked;   /* decisions that were looked at */
    int64_t reached; /* the time of the last of them; 0: there was none */
};

struct history_span {
    int64_t first, last; /* ids of the oldest and the newest decision; 0: there is none */
};

/* True if the file at `path` begins as an SQLite database does. Not in a process that has it open:
 * closing a file takes away the locks that SQLite has on it. */
bool history_is_file(const char *path);

/* Open the history at `path`; it is only read. Errors: NOT_FOUND; INPUT (no history, or made by a
 * newer program); INTERNAL. */
MUST status history_reader_open(const char *path, struct history_reader **ret_reader,
                                struct error *err);
void history_reader_close(struct history_reader *reader); /* NULL is fine */

/* The next page; entries live in the arena. A page may have fewer than `limit` entries, or none,
 * while the cursor says that there are more. Errors: INPUT (a damaged row), INTERNAL (damage,
 * locked). Limits: LIMIT_HISTORY_PAGE_BYTES is the room that the arena must have,
 * LIMIT_HISTORY_SCAN the number of rows that are looked at, and the
 * filter's deadline the time. */
MUST status history_query(struct history_reader *reader, const struct history_filter *filter,
                          struct arena *arena, struct history_page *ret_page, struct error *err);

/* Which decisions there are. Ids rise, with few gaps. Errors: INTERNAL. */
MUST status history_span(struct history_reader *reader, struct history_span *ret_span,
                         struct error *err);

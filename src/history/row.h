#pragma once
/* Private to this folder: a decision as a row of the table, and back. */
#include "base/arena.h"
#include "base/buf.h"
#include "history/database.h"
#include "json/doc.h"

/* Memory for the lists of one row. */
#define ROW_ARENA (2u * MIB)

/* Bind a copied entry to a statement with HISTORY_N_COLUMNS parameters; `images` and `violations`
 * are room for their JSON, and have to stay until the statement is reset. The normalised
 * references are found with the arena. Returns bytes bound, or 0 if SQLite has no memory. */
size_t row_bind(sqlite3_stmt *statement, const struct history_entry *entry, struct arena *arena,
                struct buf *images, struct buf *violations);

struct row {
    struct json_doc images, violations; /* owned */
    struct history_entry entry;         /* borrows from these and from the statement */
};

/* Read a row of id and HISTORY_COLUMNS; lists live in the arena. To be ended with row_done, after a
 * failure too. Errors: INPUT (it is none that this program writes). */
MUST status row_read(sqlite3_stmt *statement, struct arena *arena, struct row *ret_row,
                     struct error *err);
void row_done(struct row *row);

#pragma once
/* Private to this folder: SQLite as both sides use it, the one that writes and those that read. */
#include <sqlite3.h>

#include "base/status.h"
#include "history/entry.h"
#include "history/history.h"

/* "prat", in the file's header: whose file it is. */
enum { HISTORY_APPLICATION_ID = 0x70726174, HISTORY_VERSION = 1 };

/* Columns of a decision behind its id, in the order of the table; the last two are JSON. */
#define HISTORY_COLUMNS                                                                            \
    "time, duration_ns, policy_hash, dry_run, uid, endpoint, api, operation, api_group, version, " \
    "kind, subresource, namespace, name, \"user\", verdict, cause, detail, image_count, "          \
    "violation_count, images, violations"
enum { HISTORY_N_COLUMNS = 22 };

/* What an SQLite result code means for what was to be kept. */
enum history_loss database_loss(int code);

/* Fill in *err with what SQLite says: "PATH: cannot WHAT: database is locked". */
MUST status database_fail(sqlite3 *db, const char *path, const char *what, struct error *err);

/* Settings for files that others may have written: no functions, triggers or views of theirs. */
void database_harden(sqlite3 *db);

/* Run one statement without results. Errors: INTERNAL. */
MUST status database_run(sqlite3 *db, const char *path, const char *sql, struct error *err);

/* The first number of the first row; 0 if there is none. Errors: INTERNAL. */
MUST status database_number(sqlite3 *db, const char *path, const char *sql, int64_t *ret_number,
                            struct error *err);

/* Whether the file is a history of this version. *ret_version is 0 if there is nothing in it yet.
 * Errors: INPUT (no history, or of a newer version; *ret_loss says which), INTERNAL. */
MUST status database_identify(sqlite3 *db, const char *path, int64_t *ret_version,
                              enum history_loss *ret_loss, struct error *err);

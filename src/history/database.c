#include "history/database.h"

#include "base/limits.h"

enum history_loss database_loss(int code)
{
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
        return HISTORY_LOST_LOCKED;
    case SQLITE_FULL:
    case SQLITE_IOERR:
        return HISTORY_LOST_DISK;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
        return HISTORY_LOST_CORRUPT;
    default:
        return HISTORY_LOST_FILE;
    }
}

status database_fail(sqlite3 *db, const char *path, const char *what, struct error *err)
{
    int code = sqlite3_extended_errcode(db);
    return error_set(err, ERROR_INTERNAL, "%s: cannot %s: %s (SQLite's code %d)", path, what,
                     sqlite3_errmsg(db), code);
}

void database_harden(sqlite3 *db)
{
    sqlite3_extended_result_codes(db, 1);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    sqlite3_limit(db, SQLITE_LIMIT_LENGTH, (int)LIMIT_HISTORY_ROW);
    sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
}

status database_run(sqlite3 *db, const char *path, const char *sql, struct error *err)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK
               ? OK
               : database_fail(db, path, "be written", err);
}

status database_number(sqlite3 *db, const char *path, const char *sql, int64_t *ret_number,
                       struct error *err)
{
    sqlite3_stmt *statement;
    *ret_number = 0;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) {
        return database_fail(db, path, "be read", err);
    }
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        *ret_number = sqlite3_column_int64(statement, 0);
    }
    status st =
        code == SQLITE_ROW || code == SQLITE_DONE ? OK : database_fail(db, path, "be read", err);
    sqlite3_finalize(statement);
    return st;
}

status database_identify(sqlite3 *db, const char *path, int64_t *ret_version,
                         enum history_loss *ret_loss, struct error *err)
{
    int64_t id, tables;
    TRY(database_number(db, path, "PRAGMA application_id", &id, err));
    TRY(database_number(db, path, "PRAGMA user_version", ret_version, err));
    TRY(database_number(db, path, "SELECT count(*) FROM sqlite_schema", &tables, err));
    bool empty = id == 0 && *ret_version == 0 && tables == 0;
    if (!empty && id != HISTORY_APPLICATION_ID) {
        *ret_loss = HISTORY_LOST_FOREIGN;
        return error_set(err, ERROR_INPUT, "%s: it is a database of another program, not a history",
                         path);
    }
    if (*ret_version < 0 || *ret_version > HISTORY_VERSION) {
        *ret_loss = HISTORY_LOST_VERSION;
        return error_set(
            err, ERROR_INPUT,
            "%s: the history has version %lld, made by a newer program; this one knows "
            "version %d",
            path, (long long)*ret_version, HISTORY_VERSION);
    }
    return OK;
}

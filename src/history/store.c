#include "history/store.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"

enum {
    MODE = 0640,
    BUSY_MS = 500,
    TRANSACTION_BYTES = 256 * KIB, /* begun with less, so that a batch is several small steps */
    PRUNE_ROWS = 64
};

/* What one transaction may add: its bytes and one entry more, as JSON at most six times as long. */
static const uint64_t STEP_MAX = TRANSACTION_BYTES + LIMIT_HISTORY_ROW + 128 * KIB;

_Static_assert(LIMIT_HISTORY_ROW > 6 * LIMIT_HISTORY_ENTRY, "an entry must fit a row");

/* By version, what makes the next of it. The first makes the table. */
static const char *const MIGRATIONS[HISTORY_VERSION] = {
    "CREATE TABLE decision (id INTEGER PRIMARY KEY, time INTEGER NOT NULL, duration_ns INTEGER NOT "
    "NULL, policy_hash TEXT NOT NULL, dry_run INTEGER NOT NULL, uid TEXT NOT NULL, endpoint TEXT "
    "NOT NULL, api TEXT NOT NULL, operation TEXT NOT NULL, api_group TEXT NOT NULL, version TEXT "
    "NOT NULL, kind TEXT NOT NULL, subresource TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT "
    "NOT NULL, \"user\" TEXT NOT NULL, verdict TEXT NOT NULL, cause TEXT NOT NULL, detail TEXT NOT "
    "NULL, image_count INTEGER NOT NULL, violation_count INTEGER NOT NULL, images TEXT NOT NULL, "
    "violations TEXT NOT NULL) STRICT",
};

/* -- open and close -- */

void store_init(struct store *store, const struct history_config *config)
{
    *store = (struct store){.config = config};
    uint64_t index = config->size / 256; /* of the log, which SQLite keeps in a third file */
    store->log_max = config->size / 4 - index;
    store->database_max = config->size - config->size / 4;
    arena_init(&store->arena, 64 * KIB);
    buf_init(&store->images, LIMIT_HISTORY_ROW);
    buf_init(&store->violations, LIMIT_HISTORY_ROW);
}

void store_done(struct store *store)
{
    store_close(store);
    arena_done(&store->arena);
    buf_done(&store->images);
    buf_done(&store->violations);
}

/* Fail as SQLite did. */
static status fail(struct store *store, const char *what, struct error *err)
{
    store->loss = database_loss(sqlite3_extended_errcode(store->db));
    return database_fail(store->db, store->config->path, what, err);
}

/* Fail as the last system call did. */
static status fail_system(struct store *store, const char *what, struct error *err)
{
    int number = errno;
    store->loss = number == ENOSPC || number == EDQUOT || number == EIO ? HISTORY_LOST_DISK
                                                                        : HISTORY_LOST_FILE;
    return error_set(err, ERROR_INTERNAL, "%s: cannot %s: %s", store->config->path, what,
                     strerrordesc_np(number));
}

/* Make the file, readable for owner and group alone, as the files beside it then are. One that is
 * there is never opened here: to close it would take away the locks of whoever reads it in this
 * process. */
static status make_file(struct store *store, struct error *err)
{
    const char *path = store->config->path;
    struct stat info;
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, MODE);
    if (fd >= 0) {
        close(fd);
    } else if (errno != EEXIST) {
        return fail_system(store, "make it", err);
    }
    if (stat(path, &info) != 0) {
        return fail_system(store, "find it", err);
    }
    if (!S_ISREG(info.st_mode) || info.st_size == 1) { /* SQLite takes one byte for none */
        store->loss = HISTORY_LOST_FOREIGN;
        return error_set(err, ERROR_INPUT, "%s: it is not a history; it is left as it is", path);
    }
    store->device = info.st_dev;
    store->inode = info.st_ino;
    return OK;
}

static status run(struct store *store, const char *sql, struct error *err)
{
    return sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK
               ? OK
               : fail(store, "be written", err);
}

static status number(struct store *store, const char *sql, int64_t *ret_number, struct error *err)
{
    status st = database_number(store->db, store->config->path, sql, ret_number, err);
    if (failed(st)) {
        store->loss = database_loss(sqlite3_extended_errcode(store->db));
    }
    return st;
}

static int on_commit(void *self, sqlite3 *db, const char *name, int frames)
{
    (void)db;
    (void)name;
    struct store *store = self;
    store->log_bytes = (uint64_t)frames * (HISTORY_PAGE + 24) + 32;
    return SQLITE_OK;
}

/* Step by step to this version. Another server may have done it since the file was opened. */
static status migrate(struct store *store, struct error *err)
{
    char sql[1200];
    int64_t version;
    do {
        TRY(run(store, "BEGIN IMMEDIATE", err));
        TRY(number(store, "PRAGMA user_version", &version, err));
        if (version < HISTORY_VERSION) {
            snprintf(sql, sizeof sql, "%s; PRAGMA application_id = %d; PRAGMA user_version = %d",
                     MIGRATIONS[version], HISTORY_APPLICATION_ID, (int)version + 1);
            TRY(run(store, sql, err));
        }
        TRY(run(store, "COMMIT", err));
    } while (version + 1 < HISTORY_VERSION);
    return OK;
}

/* NORMAL: a power cut may take the last moments, never the file; a killed process takes nothing
 * that was committed. */
static status configure(struct store *store, struct error *err)
{
    char sql[300];
    int64_t version, bad;
    enum history_loss loss = database_loss(SQLITE_OK);
    sqlite3_busy_timeout(store->db, BUSY_MS);
    if (failed(database_identify(store->db, store->config->path, &version, &loss, err))) {
        store->loss =
            err->kind == ERROR_INPUT ? loss : database_loss(sqlite3_extended_errcode(store->db));
        return FAILED;
    }
    if (version == 0) {
        snprintf(sql, sizeof sql, "PRAGMA page_size = %u; PRAGMA auto_vacuum = INCREMENTAL",
                 HISTORY_PAGE);
        TRY(run(store, sql, err));
    }
    snprintf(
        sql, sizeof sql,
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY; "
        "PRAGMA cache_size = -1024; PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = "
        "%llu; PRAGMA max_page_count = %llu",
        (unsigned long long)store->log_max,
        (unsigned long long)(store->database_max / HISTORY_PAGE));
    TRY(run(store, sql, err));
    TRY(migrate(store, err));
    TRY(number(store, "SELECT count(*) FROM pragma_quick_check(1) WHERE quick_check <> 'ok'", &bad,
               err));
    if (bad != 0) {
        store->loss = HISTORY_LOST_CORRUPT;
        return error_set(err, ERROR_INTERNAL, "%s: the file is damaged", store->config->path);
    }
    return OK;
}

static status prepare(struct store *store, const char *sql, sqlite3_stmt **ret_statement,
                      struct error *err)
{
    return sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, ret_statement, NULL) ==
                   SQLITE_OK
               ? OK
               : fail(store, "be written", err);
}

static status prepare_all(struct store *store, struct error *err)
{
    TRY(prepare(store,
                "INSERT INTO decision (" HISTORY_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                &store->insert, err));
    return prepare(store,
                   "DELETE FROM decision WHERE id IN (SELECT id FROM decision ORDER BY id LIMIT ?1)"
                   " AND (?2 OR time < ?3 OR time > ?4)",
                   &store->prune, err);
}

static status open_database(struct store *store, struct error *err)
{
    int code = sqlite3_open_v2(
        store->config->path, &store->db,
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, NULL);
    if (code != SQLITE_OK) {
        return fail(store, "open it", err);
    }
    database_harden(store->db);
    TRY(configure(store, err));
    sqlite3_wal_hook(store->db, on_commit,
                     store); /* behind wal_autocheckpoint, which sets its own */
    return prepare_all(store, err);
}

status store_open(struct store *store, struct error *err)
{
    TRY(make_file(store, err));
    if (failed(open_database(store, err))) {
        store_close(store);
        return FAILED;
    }
    return OK;
}

void store_close(struct store *store)
{
    sqlite3_finalize(store->insert);
    sqlite3_finalize(store->prune);
    sqlite3_close(store->db);
    store->db = NULL;
    store->insert = store->prune = NULL;
    store->log_bytes = 0;
}

bool store_is_there(const struct store *store)
{
    struct stat info;
    return stat(store->config->path, &info) == 0 && info.st_dev == store->device &&
           info.st_ino == store->inode;
}

/* -- bounds -- */

static status used_bytes(struct store *store, int64_t *ret_used, int64_t *ret_file,
                         struct error *err)
{
    int64_t pages, unused;
    TRY(number(store, "PRAGMA page_count", &pages, err));
    TRY(number(store, "PRAGMA freelist_count", &unused, err));
    *ret_used = (pages - unused) * HISTORY_PAGE;
    *ret_file = pages * HISTORY_PAGE;
    return OK;
}

/* Bring what is committed from the log into the file. The log then begins anew, unless somebody
 * still reads from it. */
static status checkpoint(struct store *store, struct error *err)
{
    if (store->log_bytes > store->log_max / 4) {
        sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    }
    if (store->log_bytes + 2 * STEP_MAX <= store->log_max) {
        return OK;
    }
    int code = sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    if (code != SQLITE_OK) {
        return fail(store, "empty its log", err);
    }
    store->log_bytes = 0;
    return OK;
}

/* Drop the oldest rows: all of them if `any`, else those that are too old, or from a future that a
 * clock once told. */
static status drop_oldest(struct store *store, bool any, int64_t now, int *ret_dropped,
                          struct error *err)
{
    int64_t age = store->config->age_ns;
    sqlite3_stmt *statement = store->prune;
    sqlite3_bind_int64(statement, 1, PRUNE_ROWS);
    sqlite3_bind_int64(statement, 2, any);
    sqlite3_bind_int64(statement, 3, now - age);
    sqlite3_bind_int64(statement, 4, age > INT64_MAX - now ? INT64_MAX : now + age);
    int code = sqlite3_step(statement);
    *ret_dropped = code == SQLITE_DONE ? sqlite3_changes(store->db) : 0;
    status st = code == SQLITE_DONE ? OK : fail(store, "drop the oldest", err);
    sqlite3_reset(statement);
    return st;
}

status store_prune(struct store *store, int64_t now, bool *ret_more, struct error *err)
{
    int64_t used, file;
    int dropped = 0;
    TRY(checkpoint(store, err));
    TRY(drop_oldest(store, false, now, &dropped, err));
    TRY(used_bytes(store, &used, &file, err));
    if (dropped == 0 && (uint64_t)used + STEP_MAX > store->database_max) {
        TRY(drop_oldest(store, true, now, &dropped, err));
    }
    bool large = (uint64_t)file > store->database_max && file > used;
    int64_t before = file;
    if (dropped == 0 && large) { /* the configured size was larger once */
        TRY(run(store, "PRAGMA incremental_vacuum(64)", err));
        TRY(used_bytes(store, &used, &file, err));
    }
    *ret_more = dropped > 0 || file < before;
    return OK;
}

/* -- writing -- */

static status insert(struct store *store, const struct history_entry *entry, size_t *bytes,
                     struct error *err)
{
    size_t bound =
        row_bind(store->insert, entry, &store->arena, &store->images, &store->violations);
    int code = bound == 0 ? SQLITE_NOMEM : sqlite3_step(store->insert);
    status st = code == SQLITE_DONE ? OK : fail(store, "be written", err);
    sqlite3_reset(store->insert);
    *bytes += bound;
    return st;
}

static status insert_some(struct store *store, const struct batch *batch, size_t *at, size_t *ret_n,
                          struct error *err)
{
    size_t bytes = 0;
    TRY(run(store, "BEGIN IMMEDIATE", err));
    while (*at < batch->used && bytes < TRANSACTION_BYTES) {
        TRY(insert(store, batch_next(batch, at), &bytes, err));
        ++*ret_n;
    }
    return run(store, "COMMIT", err);
}

status store_write(struct store *store, const struct batch *batch, size_t *at, size_t *ret_n,
                   struct error *err)
{
    size_t next = *at, n = 0;
    TRY(checkpoint(store, err));
    if (failed(insert_some(store, batch, &next, &n, err))) {
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
        return FAILED;
    }
    *at = next;
    *ret_n = n;
    return OK;
}

/* -- damage -- */

/* By its first bytes: SQLite's, or zeros, which a disk that lost a block gives back. */
static bool looks_like_ours(const char *path)
{
    static const char MAGIC[16] = "SQLite format 3";
    static const char ZEROS[16] = {0};
    char head[16] = {1};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool whole = fd >= 0 && read(fd, head, sizeof head) == (ssize_t)sizeof head;
    if (fd >= 0) {
        close(fd);
    }
    return whole && (memcmp(head, MAGIC, 16) == 0 || memcmp(head, ZEROS, 16) == 0);
}

static struct str beside(struct store *store, const char *end)
{
    return arena_printf(&store->arena, "%s%s", store->config->path, end);
}

status store_move_aside(struct store *store, struct error *err)
{
    const char *path = store->config->path;
    if (!looks_like_ours(path)) {
        store->loss = HISTORY_LOST_FOREIGN;
        return error_set(err, ERROR_INPUT, "%s: it is not a history; it is left as it is", path);
    }
    arena_reset(&store->arena);
    unlink(beside(store, "-shm").p);
    unlink(beside(store, ".corrupt-wal").p);
    rename(beside(store, "-wal").p, beside(store, ".corrupt-wal").p);
    return rename(path, beside(store, ".corrupt").p) == 0 ? OK : fail_system(store, "move it", err);
}

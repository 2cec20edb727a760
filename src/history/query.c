#include "history/query.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "history/database.h"
#include "history/row.h"

enum { BUSY_MS = 2000 };

struct history_reader {
    sqlite3 *db;
    char *path;
    sqlite3_stmt *down, *up; /* newest first, oldest first */
    struct arena arena;      /* of the row at hand */
};

bool history_is_file(const char *path)
{
    static const char MAGIC[16] = "SQLite format 3";
    char head[16];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool is = fd >= 0 && read(fd, head, sizeof head) == (ssize_t)sizeof head &&
              memcmp(head, MAGIC, sizeof head) == 0;
    if (fd >= 0) {
        close(fd);
    }
    return is;
}

/* -- opening -- */

/* The path as a URI: what has a meaning there is written by its number. */
static struct str uri_of(struct arena *arena, const char *path, const char *query)
{
    buf_auto uri;
    buf_init(&uri, 3 * strlen(path) + 64);
    buf_add_cstr(&uri, "file:");
    for (const char *p = path; *p != '\0'; p++) {
        if (strchr("?#%", *p) != NULL) {
            buf_printf(&uri, "%%%02x", (unsigned char)*p);
        } else {
            buf_add_char(&uri, *p);
        }
    }
    buf_add_cstr(&uri, query);
    return arena_dup(arena, buf_str(&uri));
}

static status open_as(struct history_reader *reader, const char *query, struct error *err)
{
    int64_t version = 0;
    enum history_loss loss;
    struct str uri = uri_of(&reader->arena, reader->path, query);
    int code = sqlite3_open_v2(uri.p, &reader->db,
                               SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX |
                                   SQLITE_OPEN_PRIVATECACHE,
                               NULL);
    if (code != SQLITE_OK) {
        return database_fail(reader->db, reader->path, "be opened", err);
    }
    database_harden(reader->db);
    sqlite3_busy_timeout(reader->db, BUSY_MS);
    TRY(database_identify(reader->db, reader->path, &version, &loss, err));
    return version > 0 ? OK
                       : error_set(err, ERROR_INPUT, "%s: there is no history in it", reader->path);
}

/* A copy in a folder that cannot be written has no log, and SQLite can make none: it is read as
 * what nobody changes. */
static bool is_a_copy(const struct history_reader *reader)
{
    char path[PATH_MAX];
    struct stat info;
    int n = snprintf(path, sizeof path, "%s-wal", reader->path);
    return n > 0 && (size_t)n < sizeof path && (stat(path, &info) != 0 || info.st_size == 0);
}

static status open_reader(struct history_reader *reader, struct error *err)
{
    status st = open_as(reader, "?mode=ro", err);
    int code = reader->db == NULL ? SQLITE_OK : sqlite3_errcode(reader->db) & 0xff;
    if (failed(st) && err->kind == ERROR_INTERNAL && is_a_copy(reader) &&
        (code == SQLITE_CANTOPEN || code == SQLITE_READONLY)) {
        sqlite3_close(reader->db);
        reader->db = NULL;
        st = open_as(reader, "?mode=ro&immutable=1", err);
    }
    return st;
}

static status prepare(struct history_reader *reader, const char *sql, sqlite3_stmt **ret_statement,
                      struct error *err)
{
    return sqlite3_prepare_v2(reader->db, sql, -1, ret_statement, NULL) == SQLITE_OK
               ? OK
               : database_fail(reader->db, reader->path, "be read", err);
}

#define SELECT "SELECT id, " HISTORY_COLUMNS " FROM decision WHERE id "

static status set_up(struct history_reader *reader, struct error *err)
{
    TRY(open_reader(reader, err));
    TRY(prepare(reader, SELECT "< ?1 ORDER BY id DESC LIMIT ?2", &reader->down, err));
    return prepare(reader, SELECT "> ?1 ORDER BY id LIMIT ?2", &reader->up, err);
}

status history_reader_open(const char *path, struct history_reader **ret_reader, struct error *err)
{
    struct stat info;
    if (stat(path, &info) != 0) {
        return error_set(err, errno == ENOENT ? ERROR_NOT_FOUND : ERROR_INTERNAL,
                         "%s: cannot open: %s", path, strerrordesc_np(errno));
    }
    struct history_reader *reader = calloc(1, sizeof *reader);
    char *copy = strdup(path);
    if (reader == NULL || copy == NULL) {
        fatal("out of memory");
    }
    reader->path = copy;
    arena_init(&reader->arena, ROW_ARENA);
    if (failed(set_up(reader, err))) {
        history_reader_close(reader);
        return FAILED;
    }
    *ret_reader = reader;
    return OK;
}

void history_reader_close(struct history_reader *reader)
{
    if (reader != NULL) {
        sqlite3_finalize(reader->down);
        sqlite3_finalize(reader->up);
        sqlite3_close(reader->db);
        arena_done(&reader->arena);
        free(reader->path);
        free(reader);
    }
}

/* -- filters -- */

static bool asks_not(struct str wanted, struct str text)
{
    return wanted.p == NULL || str_eq(wanted, text);
}

/* A copy with small letters; what is longer than any text of an image is cut. */
static size_t fold(struct str text, char ret[LIMIT_IMAGE_TEXT])
{
    size_t n = text.n < LIMIT_IMAGE_TEXT ? text.n : LIMIT_IMAGE_TEXT;
    for (size_t i = 0; i < n; i++) {
        char c = text.p[i];
        ret[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    return n;
}

/* Authors choose the texts, so a search that is quadratic would be theirs to slow: memmem is not.
 */
static bool holds(struct str text, struct str part)
{
    char haystack[LIMIT_IMAGE_TEXT], needle[LIMIT_IMAGE_TEXT];
    if (part.n > LIMIT_IMAGE_TEXT) {
        return false;
    }
    size_t n = fold(text, haystack);
    return memmem(haystack, n, needle, fold(part, needle)) != NULL;
}

static bool has_image(const struct history_entry *entry, struct str part)
{
    for (size_t i = 0; i < entry->n_images; i++) {
        const struct history_image *image = &entry->images[i];
        if (holds(image->text, part) || holds(image->normalised, part) ||
            holds(image->rewritten, part)) {
            return true;
        }
    }
    return false;
}

static bool has_policy(const struct history_entry *entry, struct str policy)
{
    for (size_t i = 0; i < entry->n_violations; i++) {
        if (str_eq(entry->violations[i].policy, policy)) {
            return true;
        }
    }
    return false;
}

static bool matches(const struct history_filter *filter, const struct history_entry *entry)
{
    return asks_not(filter->verdict, entry->verdict) &&
           asks_not(filter->namespace, entry->namespace) && asks_not(filter->kind, entry->kind) &&
           asks_not(filter->user, entry->user) &&
           (filter->dry_run == HISTORY_DRY_TOO ||
            entry->dry_run == (filter->dry_run == HISTORY_DRY_ONLY)) &&
           (filter->from == 0 || entry->time >= filter->from) &&
           (filter->until == 0 || entry->time < filter->until) &&
           (filter->policy.p == NULL || has_policy(entry, filter->policy)) &&
           (filter->image.p == NULL || has_image(entry, filter->image));
}

/* -- pages -- */

struct reading {
    struct history_reader *reader;
    const struct history_filter *filter;
    struct arena *arena;
    struct history_page *page;
    size_t bytes;
};

/* Take the row into the page if it matches. *ret_full: it does not fit any more. */
static status take_row(struct reading *reading, sqlite3_stmt *statement, bool *ret_full,
                       struct error *err)
{
    struct row row;
    struct history_page *page = reading->page;
    arena_reset(&reading->reader->arena);
    if (failed(row_read(statement, &reading->reader->arena, &row, err))) {
        row_done(&row);
        return error_wrap(err, "%s: decision %lld", reading->reader->path,
                          (long long)sqlite3_column_int64(statement, 0));
    }
    *ret_full = false;
    if (matches(reading->filter, &row.entry)) {
        size_t size = history_entry_size(&row.entry);
        *ret_full = reading->bytes + size > LIMIT_HISTORY_PAGE_BYTES - MIB / 4;
        if (!*ret_full) {
            reading->bytes += size;
            page->entries[page->n++] =
                history_entry_copy(&row.entry, arena_alloc(reading->arena, size));
        }
    }
    if (!*ret_full) {
        page->cursor = row.entry.id;
        page->reached = row.entry.time;
        page->looked++;
    }
    row_done(&row);
    return OK;
}

static bool is_late(const struct reading *reading)
{
    return reading->filter->deadline != 0 && reading->page->looked > 0 &&
           clock_monotonic() >= reading->filter->deadline;
}

static status read_rows(struct reading *reading, sqlite3_stmt *statement, struct error *err)
{
    bool full = false;
    int code = SQLITE_ROW;
    while (!full && reading->page->n < reading->filter->limit && !is_late(reading) &&
           (code = sqlite3_step(statement)) == SQLITE_ROW) {
        TRY(take_row(reading, statement, &full, err));
    }
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        return database_fail(reading->reader->db, reading->reader->path, "be read", err);
    }
    if (code == SQLITE_DONE && reading->page->looked < LIMIT_HISTORY_SCAN) {
        reading->page->cursor = 0;
    }
    return OK;
}

status history_query(struct history_reader *reader, const struct history_filter *filter,
                     struct arena *arena, struct history_page *ret_page, struct error *err)
{
    ENSURE(filter->limit >= 1 && filter->limit <= LIMIT_HISTORY_PAGE);
    struct reading reading = {reader, filter, arena, ret_page, 0};
    *ret_page = (struct history_page){.cursor = filter->cursor};
    ret_page->entries = ARENA_ARRAY(arena, struct history_entry *, filter->limit);
    sqlite3_stmt *statement = filter->oldest_first ? reader->up : reader->down;
    bool newest = !filter->oldest_first && filter->cursor == 0;
    sqlite3_bind_int64(statement, 1, newest ? INT64_MAX : filter->cursor);
    sqlite3_bind_int64(statement, 2, LIMIT_HISTORY_SCAN);
    status st = read_rows(&reading, statement, err);
    sqlite3_reset(statement);
    return st;
}

status history_span(struct history_reader *reader, struct history_span *ret_span, struct error *err)
{
    struct history_span span;
    TRY(database_number(reader->db, reader->path, "SELECT min(id) FROM decision", &span.first,
                        err));
    TRY(database_number(reader->db, reader->path, "SELECT max(id) FROM decision", &span.last, err));
    *ret_span = span;
    return OK;
}

/* What goes wrong is counted by its reason, told once, and mended where it can be. */
#include "test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static void write_file(const char *path, const char *text, size_t n)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, n, file), n);
    fclose(file);
}

static void overwrite(const char *path, long offset, size_t n)
{
    FILE *file = fopen(path, "r+");
    assert_non_null(file);
    assert_int_equal(fseek(file, offset, SEEK_SET), 0);
    for (size_t i = 0; i < n; i++) {
        fputc('x', file);
    }
    fclose(file);
}

static bool exists(const struct world *world, const char *end)
{
    char path[128];
    snprintf(path, sizeof path, "%s%s", world->path, end);
    return access(path, F_OK) == 0;
}

static void assert_lost(struct world *world, enum history_loss loss, uint64_t n)
{
    for (enum history_loss other = 0; other < HISTORY_LOSS_COUNT; other++) {
        assert_int_equal(world->lost[other], other == loss ? n : 0);
    }
    assert_int_equal(world->losing, n > 0);
}

/* Damage anywhere, found at the start: aside with it, and nothing of today is lost. */
static void test_damaged(void **state)
{
    static const struct {
        long offset;
        size_t n;
    } ROWS[] = {{100, 200}, {4096 * 2, 4096 * 4}, {30, 20}};
    struct world *world = *state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        open_history(world);
        add_many(world, 2000);
        close_history(world);
        overwrite(world->path, ROWS[i].offset, ROWS[i].n);
        world->moved = 0;
        open_history(world);
        add_many(world, 3);
        assert_int_equal(world->moved, 1);
        assert_true(exists(world, ".corrupt"));
        assert_int_equal(read_all(world).n, 3);
        assert_lost(world, 0, 0);
        close_history(world);
        remove(world->path);
    }
}

static void test_zeroed(void **state)
{
    struct world *world = *state;
    static const char zeros[8192];
    write_file(world->path, zeros, sizeof zeros);
    open_history(world);
    add_many(world, 1);
    assert_int_equal(world->moved, 1);
    assert_int_equal(read_all(world).n, 1);
}

/* A wrong path in the configuration: another's file stays as it is. */
static void test_foreign(void **state)
{
    static const char TEXT[] = "-----BEGIN PRIVATE KEY-----\n";
    struct world *world = *state;
    struct stat info;
    write_file(world->path, TEXT, sizeof TEXT - 1);
    open_history(world);
    add_many(world, 2);
    assert_lost(world, HISTORY_LOST_FOREIGN, 2);
    assert_non_null(strstr(world->error, "it is not a history; it is left as it is"));
    close_history(world);
    assert_true(stat(world->path, &info) == 0 && info.st_size == sizeof TEXT - 1);
    assert_false(exists(world, ".corrupt"));
}

static void test_foreign_database(void **state)
{
    struct world *world = *state;
    sql(world, "CREATE TABLE a (b)");
    open_history(world);
    add_many(world, 2);
    assert_lost(world, HISTORY_LOST_FOREIGN, 2);
    close_history(world);
    assert_int_equal(sql(world, "SELECT count(*) FROM sqlite_schema"), 1);
    assert_int_equal(sql(world, "SELECT journal_mode = 'delete' FROM pragma_journal_mode"), 1);
}

/* This version writes; one newer is refused and left alone. */
static void test_newer(void **state)
{
    struct world *world = *state;
    open_history(world);
    add_many(world, 1);
    close_history(world);
    sql(world, "PRAGMA user_version = 2");
    open_history(world);
    add_many(world, 5);
    assert_lost(world, HISTORY_LOST_VERSION, 5);
    assert_non_null(
        strstr(world->error, "version 2, made by a newer program; this one knows version 1"));
    close_history(world);
    assert_int_equal(sql(world, "SELECT count(*) FROM decision"), 1);
    assert_false(exists(world, ".corrupt"));
}

/* No folder; then there is one, and it is written. */
static void test_no_folder(void **state)
{
    struct world *world = *state;
    char folder[128];
    snprintf(folder, sizeof folder, "%s/not/history.db", world->folder);
    world->config.path = folder;
    open_history(world);
    add_many(world, 3);
    assert_lost(world, HISTORY_LOST_FILE, 3);
    assert_non_null(strstr(world->error, "No such file or directory"));
    snprintf(folder, sizeof folder, "%s/not", world->folder);
    assert_int_equal(mkdir(folder, 0700), 0);
    snprintf(folder, sizeof folder, "%s/not/history.db", world->folder);
    int64_t until = clock_monotonic() + 60 * NS_PER_S;
    while (world->recovered == 0) {
        add_many(world, 1);
        assert_true(clock_monotonic() < until);
    }
    assert_int_equal(world->losing, 1);
    close_history(world);
    remove(folder);
    snprintf(folder, sizeof folder, "%s/not", world->folder);
    rmdir(folder);
}

/* The file is taken away while it is written: what comes after is in a new one. */
static void test_removed(void **state)
{
    struct world *world = *state;
    open_history(world);
    add_many(world, 1);
    assert_int_equal(remove(world->path), 0);
    add_many(world, 2);
    close_history(world);
    assert_int_equal(sql(world, "SELECT count(*) FROM decision"), 2);
    assert_int_equal(world->losing, 0);
}

/* Files may not grow: lost, told once, and written again when they may. */
static void test_no_room(void **state)
{
    struct world *world = *state;
    struct rlimit limit, small;
    signal(SIGXFSZ, SIG_IGN);
    open_history(world);
    add_many(world, 10);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    small = limit;
    small.rlim_cur = 64 * KIB;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    add_many(world, 4000);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    uint64_t lost = world->lost[HISTORY_LOST_DISK];
    assert_true(lost > 0 && world->losing == 1);
    int64_t until = clock_monotonic() + 60 * NS_PER_S;
    while (world->recovered == 0) {
        add_many(world, 1);
        assert_true(clock_monotonic() < until);
    }
    assert_int_equal(world->lost[HISTORY_LOST_FILE] + world->lost[HISTORY_LOST_CORRUPT], 0);
    close_history(world);
    assert_int_equal(sql(world, "SELECT count(*) FROM decision"), world->written);
}

/* A lock that is let go in time costs nothing. */
static void test_locked_for_a_moment(void **state)
{
    struct world *world = *state;
    sqlite3 *other;
    open_history(world);
    add_many(world, 1);
    assert_int_equal(sqlite3_open(world->path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    for (int i = 0; i < 100; i++) {
        struct history_entry entry = sample(clock_wall());
        add(world, &entry);
    }
    usleep(1500 * 1000); /* longer than the writer waits at one go */
    assert_int_equal(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(other);
    close_history(world);
    assert_lost(world, 0, 0);
    assert_int_equal(world->written, 101);
}

/* Somebody who reads for ever keeps the log from being emptied: it stays bounded all the same. */
static void test_endless_reader(void **state)
{
    struct world *world = *state;
    sqlite3 *other;
    sqlite3_stmt *statement;
    open_history(world);
    add_many(world, 10);
    assert_int_equal(sqlite3_open(world->path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(other, "SELECT id FROM decision", -1, &statement, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    for (int i = 0; i < 30 && world->lost[HISTORY_LOST_LOCKED] == 0; i++) {
        add_many(world, 1000);
        assert_true(bytes_of(world) <= world->config.size);
    }
    assert_true(world->lost[HISTORY_LOST_LOCKED] > 0);
    sqlite3_finalize(statement);
    sqlite3_close(other);
    add_many(world, 1);
    assert_int_equal(world->recovered, 1);
}

/* A stop that cannot wait loses what is left, says so, and does not hang. */
static void test_stop_too_early(void **state)
{
    static struct history *left; /* with its thread, as at the end of a process */
    struct world *world = *state;
    sqlite3 *other;
    open_history(world);
    add_many(world, 1);
    assert_int_equal(sqlite3_open(world->path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    for (int i = 0; i < 7; i++) {
        struct history_entry entry = sample(clock_wall());
        add(world, &entry);
    }
    left = world->history;
    history_stop(world->history, clock_monotonic());
    world->history = NULL;
    assert_non_null(left);
    assert_lost(world, HISTORY_LOST_STOP, 7);
    assert_string_equal(world->error, "7 decisions were not written in time");
    assert_int_equal(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(other);
    int64_t until = clock_monotonic() + 60 * NS_PER_S;
    while (exists(world, "-wal")) { /* the thread ends by itself */
        assert_true(clock_monotonic() < until);
    }
    assert_int_equal(world->written, 1);
}

static void test_stop_is_quiet(void **state)
{
    struct world *world = *state;
    open_history(world);
    add_many(world, 1);
    close_history(world);
    close_history(world); /* and once more is nothing */
    assert_int_equal(world->written, 1);
    assert_lost(world, 0, 0);
    assert_false(exists(world, "-wal") || exists(world, "-shm"));
}

int faults_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_damaged, start, stop),
        cmocka_unit_test_setup_teardown(test_zeroed, start, stop),
        cmocka_unit_test_setup_teardown(test_foreign, start, stop),
        cmocka_unit_test_setup_teardown(test_foreign_database, start, stop),
        cmocka_unit_test_setup_teardown(test_newer, start, stop),
        cmocka_unit_test_setup_teardown(test_no_folder, start, stop),
        cmocka_unit_test_setup_teardown(test_removed, start, stop),
        cmocka_unit_test_setup_teardown(test_no_room, start, stop),
        cmocka_unit_test_setup_teardown(test_locked_for_a_moment, start, stop),
        cmocka_unit_test_setup_teardown(test_endless_reader, start, stop),
        cmocka_unit_test_setup_teardown(test_stop_too_early, start, stop),
        cmocka_unit_test_setup_teardown(test_stop_is_quiet, start, stop),
    };
    return cmocka_run_group_tests_name("history: faults", tests, NULL, NULL);
}

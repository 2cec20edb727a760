/* The audit sink in files: rotation, full disks, torn lines, threads. */
#include "test.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "observe/audit.h"

static char folder[] = "/tmp/pratique-audit-XXXXXX";

static const char *in_folder(const char *name)
{
    static char paths[2][256];
    static int turn;
    turn = !turn;
    snprintf(paths[turn], sizeof paths[turn], "%s/%s", folder, name);
    return paths[turn];
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

static void assert_content(const char *name, const char *wanted)
{
    char text[4096] = "";
    FILE *file = fopen(in_folder(name), "r");
    assert_non_null(file);
    (void)fread(text, 1, sizeof text - 1, file);
    fclose(file);
    assert_string_equal(text, wanted);
}

static void open_file(const char *name)
{
    struct error err;
    assert_false(failed(audit_open(in_folder(name), &err)));
}

static double lost(void)
{
    return scrape_value("pratique_audit_lines_lost_total");
}

/* -- opening -- */

static void nothing_is_written_without_a_sink(void **state)
{
    (void)state;
    struct error err;
    assert_false(audit_is_open());
    audit_write(STR("gone\n"));
    assert_false(failed(audit_open(NULL, &err)));
    assert_false(audit_is_open());
    assert_false(failed(audit_reopen(&err)));
    audit_write(STR("gone\n"));
    audit_close();
}

/* The counter is there before the first loss, so that this is seen as a rise. */
static void lines_are_appended(void **state)
{
    (void)state;
    mode_t mask = umask(0);
    open_file("log");
    umask(mask);
    assert_true(lost() == 0);
    assert_true(audit_is_open());
    audit_write(STR("one\n"));
    audit_write(STR("two\n"));
    audit_close();
    assert_false(audit_is_open());
    audit_write(STR("gone\n"));
    open_file("log");
    audit_write(STR("three\n"));
    audit_close();
    assert_content("log", "one\ntwo\nthree\n");
    struct stat info;
    assert_int_equal(stat(in_folder("log"), &info), 0);
    assert_int_equal(info.st_mode & 07777, 0640);
    unlink(in_folder("log"));
    assert_true(lost() == 0);
}

static int lowest_free(void)
{
    int fd = dup(STDIN_FILENO);
    assert_true(fd >= 0);
    close(fd);
    return fd;
}

/* Neither descriptors that nobody closes, nor any that a child would inherit. */
static void descriptors_are_kept_in_order(void **state)
{
    (void)state;
    struct error err;
    int first = lowest_free();
    open_file("log");
    assert_int_equal(fcntl(first, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    for (int i = 0; i < 3; i++) {
        assert_false(failed(audit_open("-", &err)));
        open_file("log");
        assert_false(failed(audit_reopen(&err)));
    }
    assert_false(failed(audit_open("-", &err)));
    audit_close();
    assert_int_equal(lowest_free(), first);
    assert_false(failed(audit_open("-", &err)));
    assert_int_equal(fcntl(first, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    audit_close();
    unlink(in_folder("log"));
}

static void failures_to_open_are_told(void **state)
{
    (void)state;
    struct error err;
    char wanted[512], path[8192];
    open_file("log");
    assert_true(failed(audit_open(in_folder("none/log"), &err)));
    snprintf(wanted, sizeof wanted, "%s: cannot open the audit log: No such file or directory",
             in_folder("none/log"));
    assert_string_equal(err.text, wanted);
    assert_int_equal(err.kind, ERROR_CONFIG);
    memset(path, 'x', sizeof path);
    path[sizeof path - 1] = '\0';
    assert_true(failed(audit_open(path, &err)));
    assert_string_equal(err.text, "the path of the audit log is too long");
    /* The sink is as it was. */
    assert_false(failed(audit_reopen(&err)));
    audit_write(STR("one\n"));
    audit_close();
    assert_content("log", "one\n");
    unlink(in_folder("log"));
}

/* -- rotation -- */

static void reopening_follows_a_rotation(void **state)
{
    (void)state;
    struct error err;
    open_file("log");
    audit_write(STR("one\n"));
    assert_int_equal(rename(in_folder("log"), in_folder("old")), 0);
    audit_write(STR("two\n"));
    assert_false(failed(audit_reopen(&err)));
    audit_write(STR("three\n"));
    audit_close();
    assert_content("old", "one\ntwo\n");
    assert_content("log", "three\n");
    unlink(in_folder("old"));
    unlink(in_folder("log"));
}

static void a_failed_reopening_keeps_the_old_file(void **state)
{
    (void)state;
    struct error err;
    char wanted[512];
    open_file("log");
    assert_int_equal(rename(in_folder("log"), in_folder("old")), 0);
    assert_int_equal(mkdir(in_folder("log"), 0700), 0);
    assert_true(failed(audit_reopen(&err)));
    snprintf(wanted, sizeof wanted, "%s: cannot open the audit log: Is a directory",
             in_folder("log"));
    assert_string_equal(err.text, wanted);
    audit_write(STR("one\n"));
    assert_content("old", "one\n");
    assert_int_equal(rmdir(in_folder("log")), 0);
    assert_false(failed(audit_reopen(&err)));
    audit_write(STR("two\n"));
    audit_close();
    assert_content("log", "two\n");
    unlink(in_folder("old"));
    unlink(in_folder("log"));
}

/* -- full disks -- */

static void lost_lines_are_counted(void **state)
{
    (void)state;
    struct error err;
    double before = lost();
    assert_false(failed(audit_open("/dev/full", &err)));
    audit_write(STR("one\n"));
    audit_write(STR("two\n"));
    audit_close();
    assert_true(lost() == before + 2);
}

static void allow_files_of(rlim_t bytes)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* The disk is full in the middle of a line, and has room again later: only that line is lost. */
static void a_torn_line_spoils_no_other(void **state)
{
    (void)state;
    struct error err;
    struct rlimit limit;
    double before = lost();
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    signal(SIGXFSZ, SIG_IGN);
    open_file("log");
    audit_write(STR("one\n"));
    allow_files_of(6);
    audit_write(STR("second\n"));
    audit_write(STR("third\n"));
    /* The end of the torn line fits, the next line does not, and leaves nothing. */
    allow_files_of(7);
    audit_write(STR("fourth\n"));
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    assert_true(lost() == before + 3);
    assert_false(failed(audit_reopen(&err)));
    audit_write(STR("fifth\n"));
    assert_content("log", "one\nse\nfifth\n");
    assert_true(lost() == before + 3);

    /* A new file begins with a line of its own. */
    allow_files_of(14);
    audit_write(STR("sixth\n"));
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    signal(SIGXFSZ, SIG_DFL);
    assert_int_equal(rename(in_folder("log"), in_folder("old")), 0);
    assert_false(failed(audit_reopen(&err)));
    audit_write(STR("seventh\n"));
    audit_close();
    assert_content("old", "one\nse\nfifth\ns");
    assert_content("log", "seventh\n");
    unlink(in_folder("old"));
    unlink(in_folder("log"));
}

/* -- threads -- */

enum { THREADS = 4, LINES = 2000, ROTATIONS = 50, TEXT = 300 };

static void *write_much(void *letter)
{
    char line[TEXT + 1];
    memset(line, *(char *)letter, TEXT);
    line[TEXT] = '\n';
    for (int i = 0; i < LINES; i++) {
        audit_write((struct str){line, sizeof line});
    }
    return NULL;
}

static int count_whole_lines(const char *name)
{
    char line[2 * TEXT];
    int n = 0;
    FILE *file = fopen(in_folder(name), "r");
    assert_non_null(file);
    for (; fgets(line, sizeof line, file) != NULL; n++) {
        char letter[2] = {line[0], '\0'};
        assert_int_equal(strspn(line, letter), TEXT);
        assert_string_equal(line + TEXT, "\n");
    }
    fclose(file);
    unlink(in_folder(name));
    return n;
}

static void rotation_loses_no_line(void **state)
{
    (void)state;
    struct error err;
    pthread_t threads[THREADS];
    char letters[THREADS] = {'a', 'b', 'c', 'd'}, old[32];
    double before = lost();
    open_file("log");
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, write_much, &letters[i]), 0);
    }
    for (int i = 0; i < ROTATIONS; i++) {
        snprintf(old, sizeof old, "log.%d", i);
        assert_int_equal(rename(in_folder("log"), in_folder(old)), 0);
        assert_false(failed(audit_reopen(&err)));
    }
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    audit_close();
    int n = count_whole_lines("log");
    for (int i = 0; i < ROTATIONS; i++) {
        snprintf(old, sizeof old, "log.%d", i);
        n += count_whole_lines(old);
    }
    assert_int_equal(n, THREADS * LINES);
    assert_true(lost() == before);
}

int audit_tests(void)
{
    static const struct CMUnitTest TESTS[] = {
        cmocka_unit_test(nothing_is_written_without_a_sink),
        cmocka_unit_test(lines_are_appended),
        cmocka_unit_test(descriptors_are_kept_in_order),
        cmocka_unit_test(failures_to_open_are_told),
        cmocka_unit_test(reopening_follows_a_rotation),
        cmocka_unit_test(a_failed_reopening_keeps_the_old_file),
        cmocka_unit_test(lost_lines_are_counted),
        cmocka_unit_test(a_torn_line_spoils_no_other),
        cmocka_unit_test(rotation_loses_no_line),
    };
    return cmocka_run_group_tests_name("audit", TESTS, make_folder, remove_folder);
}

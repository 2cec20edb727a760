/* The audit sink in pipes: of standard output, as in a container, and named ones. */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "observe/audit.h"

static double lost(void)
{
    return scrape_value("pratique_audit_lines_lost_total");
}

/* Open the sink on a pipe that stands for standard output. Returns the end to read from. */
static int open_pipe(void)
{
    struct error err;
    int ends[2];
    fflush(stdout);
    int old = dup(STDOUT_FILENO);
    assert_true(old >= 0 && pipe2(ends, O_CLOEXEC) == 0);
    assert_int_equal(dup2(ends[1], STDOUT_FILENO), STDOUT_FILENO);
    bool bad = failed(audit_open("-", &err));
    assert_int_equal(dup2(old, STDOUT_FILENO), STDOUT_FILENO);
    close(old);
    close(ends[1]);
    assert_false(bad);
    return ends[0];
}

static void assert_next_line(FILE *reader, const char *wanted)
{
    char line[64];
    assert_non_null(fgets(line, sizeof line, reader));
    assert_string_equal(line, wanted);
}

static void lines_go_to_standard_output(void **state)
{
    (void)state;
    struct error err;
    FILE *reader = fdopen(open_pipe(), "r");
    assert_non_null(reader);
    audit_write(STR("one\n"));
    assert_false(failed(audit_reopen(&err)));
    audit_write(STR("two\n"));
    audit_close();
    assert_next_line(reader, "one\n");
    assert_next_line(reader, "two\n");
    assert_int_equal(fgetc(reader), EOF);
    fclose(reader);
}

/* Who collects the log stands still: reviews must not. */
static void a_reader_that_stalls_costs_lines_alone(void **state)
{
    (void)state;
    enum { TEXT = 1000, MANY = 200 };
    char line[TEXT + 1], last[2 * TEXT];
    memset(line, 'x', TEXT);
    line[TEXT] = '\n';
    double before = lost();
    FILE *reader = fdopen(open_pipe(), "r");
    assert_non_null(reader);
    for (int i = 0; i < MANY; i++) {
        audit_write((struct str){line, sizeof line});
    }
    int missing = (int)(lost() - before);
    assert_in_range(missing, 1, MANY - 1);
    for (int i = 0; i < MANY - missing; i++) {
        assert_non_null(fgets(last, sizeof last, reader));
        assert_int_equal(strspn(last, "x"), TEXT);
    }
    audit_write(STR("again\n"));
    assert_next_line(reader, "again\n");
    audit_close();
    assert_int_equal(fgetc(reader), EOF);
    fclose(reader);
}

/* A line that is larger than what the pipe still takes ends in the middle: only that one is lost.
 */
static void a_torn_line_in_a_pipe_spoils_no_other(void **state)
{
    (void)state;
    int fd = open_pipe();
    int room = fcntl(fd, F_GETPIPE_SZ);
    assert_true(room > 0);
    size_t size = (size_t)room + 10000;
    char *line = malloc(size);
    assert_non_null(line);
    memset(line, 'x', size - 1);
    line[size - 1] = '\n';
    double before = lost();
    audit_write((struct str){line, size});
    audit_write(STR("gone\n"));
    assert_true(lost() == before + 2);
    FILE *reader = fdopen(fd, "r");
    assert_non_null(reader);
    for (int i = 0; i < room; i++) {
        assert_int_equal(fgetc(reader), 'x');
    }
    audit_write(STR("whole\n"));
    assert_int_equal(fgetc(reader), '\n');
    assert_next_line(reader, "whole\n");
    assert_true(lost() == before + 2);
    audit_close();
    fclose(reader);
    free(line);
}

enum { THREADS = 4, LINES = 50, LONG = 30000 };

static void *write_long_lines(void *letter)
{
    char *line = malloc(LONG + 1);
    if (line != NULL) {
        memset(line, *(char *)letter, LONG);
        line[LONG] = '\n';
        for (int i = 0; i < LINES; i++) {
            audit_write((struct str){line, LONG + 1});
        }
        free(line);
    }
    return NULL;
}

static void *read_lines(void *reader)
{
    static char line[2 * LONG];
    uintptr_t whole = 0;
    while (fgets(line, sizeof line, reader) != NULL) {
        char letter[2] = {line[0], '\0'};
        size_t n = strspn(line, letter);
        assert_true(line[n] == '\n' && n <= LONG);
        whole += n == LONG;
    }
    return (void *)whole; /* NOLINT */
}

/* Longer than PIPE_BUF: what is not lost is whole, and of one thread. */
static void long_lines_of_threads_do_not_mix(void **state)
{
    (void)state;
    pthread_t threads[THREADS], collector;
    char letters[THREADS] = {'a', 'b', 'c', 'd'};
    double before = lost();
    FILE *reader = fdopen(open_pipe(), "r");
    assert_non_null(reader);
    assert_int_equal(pthread_create(&collector, NULL, read_lines, reader), 0);
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, write_long_lines, &letters[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    audit_close();
    void *whole = NULL;
    assert_int_equal(pthread_join(collector, &whole), 0);
    assert_int_equal((double)(uintptr_t)whole + lost() - before, THREADS * LINES);
    fclose(reader);
}

static void a_reader_that_went_is_counted(void **state)
{
    (void)state;
    double before = lost();
    close(open_pipe());
    audit_write(STR("gone\n"));
    assert_true(lost() == before + 1);
    audit_close();
}

static void a_closed_standard_output_is_an_error(void **state)
{
    (void)state;
    struct error err;
    fflush(stdout);
    int old = dup(STDOUT_FILENO);
    assert_true(old >= 0);
    close(STDOUT_FILENO);
    bool bad = failed(audit_open("-", &err));
    assert_int_equal(dup2(old, STDOUT_FILENO), STDOUT_FILENO);
    close(old);
    assert_true(bad);
    assert_string_equal(err.text, "standard output cannot take the audit log: Bad file descriptor");
    assert_false(audit_is_open());
}

/* Opening one that nobody reads would wait for ever. */
static void a_named_pipe_needs_a_reader(void **state)
{
    (void)state;
    struct error err;
    char folder[] = "/tmp/pratique-pipe-XXXXXX", name[64], wanted[128];
    assert_non_null(mkdtemp(folder));
    snprintf(name, sizeof name, "%s/pipe", folder);
    assert_int_equal(mkfifo(name, 0600), 0);
    assert_true(failed(audit_open(name, &err)));
    snprintf(wanted, sizeof wanted, "%s: cannot open the audit log: No such device or address",
             name);
    assert_string_equal(err.text, wanted);
    int fd = open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_false(failed(audit_open(name, &err)));
    audit_write(STR("one\n"));
    char text[8] = "";
    assert_int_equal(read(fd, text, sizeof text - 1), 4);
    assert_string_equal(text, "one\n");
    audit_close();
    close(fd);
    unlink(name);
    rmdir(folder);
}

/* A test that waits for ever is one that failed. */
static int start(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    alarm(120);
    return 0;
}

static int end(void **state)
{
    (void)state;
    alarm(0);
    return 0;
}

int audit_pipe_tests(void)
{
    static const struct CMUnitTest TESTS[] = {
        cmocka_unit_test(lines_go_to_standard_output),
        cmocka_unit_test(a_reader_that_stalls_costs_lines_alone),
        cmocka_unit_test(a_torn_line_in_a_pipe_spoils_no_other),
        cmocka_unit_test(long_lines_of_threads_do_not_mix),
        cmocka_unit_test(a_reader_that_went_is_counted),
        cmocka_unit_test(a_closed_standard_output_is_an_error),
        cmocka_unit_test(a_named_pipe_needs_a_reader),
    };
    return cmocka_run_group_tests_name("audit in pipes", TESTS, start, end);
}

#include "test.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "observe/process.h"

static void open_files_are_counted(void **state)
{
    (void)state;
    int files[3];
    double before = scrape_value("process_open_fds");
    for (size_t i = 0; i < COUNT(files); i++) {
        files[i] = open("/dev/null", O_RDONLY);
        assert_true(files[i] >= 0);
    }
    assert_true(scrape_value("process_open_fds") == before + 3);
    for (size_t i = 0; i < COUNT(files); i++) {
        close(files[i]);
    }
    assert_true(scrape_value("process_open_fds") == before);
}

static void limit_of_files_is_the_one_in_force(void **state)
{
    (void)state;
    struct rlimit old, lower;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
    lower = old;
    lower.rlim_cur = 77;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &lower), 0);
    assert_true(scrape_value("process_max_fds") == 77);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
}

static void memory_is_in_bytes(void **state)
{
    (void)state;
    enum { MUCH = 64 * 1024 * 1024 };
    double before = scrape_value("process_resident_memory_bytes");
    volatile char *memory = malloc(MUCH);
    assert_non_null(memory);
    for (size_t i = 0; i < MUCH; i += 512) {
        memory[i] = 1;
    }
    double after = scrape_value("process_resident_memory_bytes");
    free((void *)(uintptr_t)memory);
    assert_true(before > 0 && after - before > MUCH * 0.9 && after - before < MUCH * 16.0);
}

static double cpu_used(void)
{
    struct rusage usage;
    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void cpu_time_is_user_and_system(void **state)
{
    (void)state;
    double before = cpu_used(), told = scrape_value("process_cpu_seconds_total"),
           after = cpu_used();
    assert_true(told >= before - 1e-6 && told <= after + 1e-6);
}

/* The word `n` (from 1) behind the name in /proc/self/stat. */
static unsigned long long stat_word(int n)
{
    char text[4096], *save = NULL;
    FILE *file = fopen("/proc/self/stat", "r");
    assert_non_null(file);
    assert_non_null(fgets(text, sizeof text, file));
    fclose(file);
    char *word = strtok_r(strrchr(text, ')') + 1, " ", &save);
    while (--n > 0) {
        word = strtok_r(NULL, " ", &save);
    }
    unsigned long long value = 0;
    assert_int_equal(sscanf(word, "%llu", &value), 1);
    return value;
}

static double boot_time(void)
{
    char line[65536];
    unsigned long long seconds = 0;
    FILE *file = fopen("/proc/stat", "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL && sscanf(line, "btime %llu", &seconds) != 1) {
    }
    fclose(file);
    assert_true(seconds > 0);
    return (double)seconds;
}

/* The date of /proc/self, say, is when someone first looked there. */
static void start_is_when_the_process_began(void **state)
{
    (void)state;
    double wanted = boot_time() + (double)stat_word(20) / (double)sysconf(_SC_CLK_TCK);
    double told = scrape_value("process_start_time_seconds");
    assert_true(told > wanted - 2 && told < wanted + 2);
    assert_true(told <= (double)time(NULL) + 1);
    assert_true(scrape_value("process_start_time_seconds") == told);
}

static void each_family_is_described(void **state)
{
    (void)state;
    static const char *const NAMES[] = {
        "process_cpu_seconds_total counter",
        "process_resident_memory_bytes gauge",
        "process_open_fds gauge",
        "process_max_fds gauge",
        "process_start_time_seconds gauge",
    };
    buf_auto buf;
    buf_init(&buf, 65536);
    process_metrics_write(&buf);
    buf_add_char(&buf, '\0');
    for (size_t i = 0; i < COUNT(NAMES); i++) {
        char type[128];
        snprintf(type, sizeof type, "\n# TYPE %s\n", NAMES[i]);
        assert_non_null(strstr(buf.p, type));
    }
}

/* Where no file can be opened, the rest is told all the same. */
static void what_is_not_known_is_left_out(void **state)
{
    (void)state;
    struct rlimit old, none;
    buf_auto buf;
    buf_init(&buf, 65536);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
    none = old;
    none.rlim_cur = 0;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    process_metrics_write(&buf);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
    buf_add_char(&buf, '\0');
    assert_null(strstr(buf.p, "process_open_fds"));
    assert_null(strstr(buf.p, "process_resident_memory_bytes"));
    assert_non_null(strstr(buf.p, "\nprocess_max_fds 0\n"));
    assert_non_null(strstr(buf.p, "\nprocess_cpu_seconds_total "));
}

int process_tests(void)
{
    static const struct CMUnitTest TESTS[] = {
        cmocka_unit_test(open_files_are_counted),
        cmocka_unit_test(limit_of_files_is_the_one_in_force),
        cmocka_unit_test(memory_is_in_bytes),
        cmocka_unit_test(cpu_time_is_user_and_system),
        cmocka_unit_test(start_is_when_the_process_began),
        cmocka_unit_test(each_family_is_described),
        cmocka_unit_test(what_is_not_known_is_left_out),
    };
    return cmocka_run_group_tests_name("process", TESTS, NULL, NULL);
}

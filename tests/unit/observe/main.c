#include "test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SCRAPE_MAX = 32 * 1024 * 1024 };

char *scrape(void)
{
    buf_auto buf;
    buf_init(&buf, SCRAPE_MAX);
    metrics_write(&buf);
    assert_false(buf_overflowed(&buf));
    char *text = strndup(buf.p, buf.n);
    assert_non_null(text);
    assert_int_equal(strlen(text), buf.n);
    return text;
}

char *scrape_family(const char *name)
{
    char wanted[128];
    snprintf(wanted, sizeof wanted, "# HELP %s ", name);
    char *all = scrape();
    const char *start = strstr(all, wanted);
    if (start == NULL) {
        fail_msg("there is no family %s", name);
    }
    const char *end = strstr(start, "\n# HELP ");
    char *part = strndup(start, end == NULL ? strlen(start) : (size_t)(end + 1 - start));
    assert_non_null(part);
    free(all);
    return part;
}

double scrape_value(const char *series)
{
    char wanted[256];
    snprintf(wanted, sizeof wanted, "\n%s ", series);
    char *all = scrape();
    const char *found = strstr(all, wanted);
    if (found == NULL) {
        fail_msg("there is no series %s", series);
    }
    double value = 0;
    assert_int_equal(sscanf(found + strlen(wanted), "%lf", &value), 1);
    free(all);
    return value;
}

bool aborts(void (*misuse)(void))
{
    fflush(stdout);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int nowhere = open("/dev/null", O_WRONLY);
        dup2(nowhere, STDERR_FILENO);
        signal(SIGABRT, SIG_DFL);
        misuse();
        _exit(0);
    }
    int end = 0;
    assert_int_equal(waitpid(child, &end, 0), child);
    return WIFSIGNALED(end) && WTERMSIG(end) == SIGABRT;
}

uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* Metrics first: what they count is then known. */
int main(void)
{
    return metrics_tests() + series_tests() + process_tests() + log_tests() + audit_tests() +
           audit_pipe_tests();
}

#include "test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ARENA_MAX = 64 * 1024 * 1024, TEXT_MAX = 1024 * 1024 };

static char *print(const struct diagnostics *list)
{
    buf_auto buf;
    buf_init(&buf, TEXT_MAX);
    diagnostics_print(list, &buf);
    char *text = strndup(buf.n == 0 ? "" : buf.p, buf.n);
    assert_non_null(text);
    return text;
}

/* The diagnostics' own memory goes before the configuration is looked at. */
void load_as(struct loaded *loaded, const char *name, struct str text)
{
    FILE *file = fopen(name, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text.p, 1, text.n, file), text.n);
    assert_int_equal(fclose(file), 0);
    *loaded = (struct loaded){.good = false};
    const struct server_config before = {.threads = 4711};
    loaded->config = before;
    arena_init(&loaded->arena, ARENA_MAX);
    arena_auto arena;
    arena_init(&arena, ARENA_MAX);
    struct diagnostics list;
    diagnostics_init(&list, &arena);
    loaded->good =
        !failed(server_config_load(&loaded->arena, name, &list, &loaded->config, &loaded->err));
    loaded->printed = print(&list);
    assert_true(!loaded->good || list.errors == 0);
    if (!loaded->good) {
        assert_memory_equal(&loaded->config, &before, sizeof before);
    }
}

void load(struct loaded *loaded, const char *text)
{
    load_as(loaded, "server.yaml", str_from(text));
}

void loaded_done(struct loaded *loaded)
{
    free(loaded->printed);
    arena_done(&loaded->arena);
}

static void assert_loads(const char *text, bool good, const char *wanted)
{
    struct loaded loaded;
    load(&loaded, text);
    assert_string_equal(loaded.printed, wanted);
    assert_int_equal(loaded.good, good);
    if (!good) {
        assert_int_equal(loaded.err.kind, ERROR_CONFIG);
    }
    loaded_done(&loaded);
}

void assert_refused(const char *text, const char *wanted)
{
    assert_loads(text, false, wanted);
}

void assert_warned(const char *text, const char *wanted)
{
    assert_loads(text, true, wanted);
}

void assert_accepted(const char *text)
{
    assert_loads(text, true, "");
}

char *text_of(const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    assert_true(vasprintf(&text, format, arguments) >= 0);
    va_end(arguments);
    return text;
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

int main(void)
{
    return config_tests() + config_bound_tests() + config_error_tests() + config_managed_tests() +
           config_ui_tests() + config_registries_tests() + request_tests() + budget_tests() +
           config_ui_tests() + config_reports_tests() + request_tests() + budget_tests() +
           caller_tests() + snapshot_tests() + record_tests() + record_sink_tests() +
           policy_review_tests() + eventing_tests() + hits_tests() + outcome_tests();
}

/* The help pages and the look-up, and that what the pages show would run. */
#include "cli/help.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "test.h"

static void find(const char *const *words, size_t n, const char *want_name, const char *want_error)
{
    const struct command *command = NULL;
    size_t taken = 0;
    struct error err = {0};
    status st = help_find(words, n, &command, &taken, &err);
    if (want_name != NULL) {
        assert_false(failed(st));
        assert_string_equal(command->name, want_name);
        assert_int_equal(taken, strchr(want_name, ' ') == NULL ? 1 : 2);
    } else {
        assert_true(failed(st));
        assert_int_equal(err.kind, ERROR_CONFIG);
        assert_string_equal(err.text, want_error);
    }
}

/* The error on a word that only begins commands: what is wrong, and the commands. */
static void group(char *error, size_t room, const char *wrong)
{
    int n = snprintf(error, room, "%s: there is ", wrong);
    const char *and = "";
    for (const struct command *const *command = commands; *command != NULL; command++) {
        if (strncmp((*command)->name, "policy ", 7) == 0) {
            assert_true(n > 0 && (size_t)n < room);
            n += snprintf(error + n, room - (size_t)n, "%s\"%s\"", and, (*command)->name);
            and = " and ";
        }
    }
    assert_true((size_t)n < room);
}

static void look_up(void **state)
{
    (void)state;
    find((const char *const[]){"check", "x"}, 2, "check", NULL);
    find((const char *const[]){"policy", "lint"}, 2, "policy lint", NULL);
    find((const char *const[]){"chekc"}, 1, NULL,
         "unknown command \"chekc\"; did you mean \"check\"?");
    find((const char *const[]){"frobnicate"}, 1, NULL,
         "unknown command \"frobnicate\"; 'pratique help' lists them");
    char error[512];
    group(error, sizeof error, "\"policy\" is not complete");
    find((const char *const[]){"policy"}, 1, NULL, error);
    find((const char *const[]){"policy", "--strict"}, 2, NULL, error);
    group(error, sizeof error, "unknown command \"policy lnt\"");
    find((const char *const[]){"policy", "lnt"}, 2, NULL, error);
    find((const char *const[]){"", "lint"}, 2, NULL,
         "unknown command \"\"; 'pratique help' lists them");
    char longest[1000];
    memset(longest, 'x', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    const char *const words[] = {longest, longest};
    const struct command *command;
    size_t taken;
    struct error err;
    assert_true(failed(help_find(words, 2, &command, &taken, &err)));
}

/* Split a line of a page at spaces; what stands behind a `<`, `>` or `|` is for the shell. */
static size_t split(char *line, const char **words, size_t most)
{
    size_t n = 0;
    char *rest = line;
    for (char *word = strsep(&rest, " "); word != NULL; word = strsep(&rest, " ")) {
        if (strchr("<>|", word[0]) != NULL && word[0] != '\0') {
            break;
        }
        if (word[0] != '\0') {
            assert_true(n < most);
            words[n++] = word;
        }
    }
    return n;
}

static void try_example(const struct command *owner, char *line)
{
    enum { MOST = 16 };
    const char *words[MOST];
    char *start = strstr(line, "pratique ");
    assert_non_null(start);
    size_t n = split(start, words, MOST);
    struct invocation invocation = {.command = NULL};
    size_t taken;
    struct error err;
    assert_false(failed(help_find(words + 1, n - 1, &invocation.command, &taken, &err)));
    assert_string_equal(invocation.command->name, owner->name);
    arena_init(&invocation.arena, MIB);
    if (failed(options_parse(&invocation, words + 1 + taken, n - 1 - taken, &err))) {
        fail_msg("%s: an example does not parse: %s", owner->name, err.text);
    }
    arena_done(&invocation.arena);
}

static void examples_parse(void **state)
{
    (void)state;
    for (const struct command *const *command = commands; *command != NULL; command++) {
        char *examples = strdup((*command)->examples);
        char *rest = examples;
        assert_true(*examples != '\0');
        for (char *c = strstr(examples, "\\\n"); c != NULL; c = strstr(c, "\\\n")) {
            c[0] = c[1] = ' '; /* goes on in the next line */
        }
        for (char *line = strsep(&rest, "\n"); line != NULL; line = strsep(&rest, "\n")) {
            if (line[0] != '#') {
                try_example(*command, line);
            }
        }
        free(examples);
    }
}

static char *page; /* of a test; its teardown frees it */

static int free_page(void **state)
{
    (void)state;
    free(page);
    page = NULL;
    return 0;
}

static void pages_fit_a_terminal(void **state)
{
    for (const struct command *const *command = commands; *command != NULL; command++) {
        size_t n = 0;
        FILE *file = open_memstream(&page, &n);
        assert_non_null(file);
        help_page(file, *command);
        help_overview(file);
        fclose(file);
        char *rest = page;
        for (char *line = strsep(&rest, "\n"); line != NULL; line = strsep(&rest, "\n")) {
            if (strlen(line) > 80) {
                fail_msg("%s: more than 80 columns: %s", (*command)->name, line);
            }
            assert_true(*line == '\0' || line[strlen(line) - 1] != ' ');
        }
        assert_int_equal(free_page(state), 0);
    }
}

static void tables_are_whole(void **state)
{
    (void)state;
    for (const struct command *const *command = commands; *command != NULL; command++) {
        assert_true((*command)->run != NULL && *(*command)->summary != '\0');
        assert_true(*(*command)->about != '\0' && *(*command)->exits != '\0');
        assert_true((*command)->min_operands <= (*command)->max_operands);
        for (const struct option *option = (*command)->options; option->name != NULL; option++) {
            assert_true(*option->help != '\0');
            assert_string_not_equal(option->name, "help");
            assert_int_not_equal(option->letter, 'h');
            for (const struct option *other = option + 1; other->name != NULL; other++) {
                assert_string_not_equal(option->name, other->name);
                assert_true(option->letter == '\0' || option->letter != other->letter);
            }
        }
    }
}

/* Run the command line and compare status and streams; NULL is not compared, "" is empty. */
static void run(char *const *words, int want, const char *want_out, const char *want_err)
{
    char *out = NULL, *err = NULL;
    size_t n_out, n_err;
    FILE *in_file = tmpfile();
    FILE *out_file = open_memstream(&out, &n_out);
    FILE *err_file = open_memstream(&err, &n_err);
    int argc = 0;
    char *argv[8] = {NULL};
    while (words[argc] != NULL) {
        argv[argc] = words[argc];
        argc++;
    }
    int got = cli_run(argc, argv, in_file, out_file, err_file);
    fclose(in_file);
    fclose(out_file);
    fclose(err_file);
    if (got != want || (want_out != NULL && strncmp(out, want_out, strlen(want_out)) != 0) ||
        (want_err != NULL && strncmp(err, want_err, strlen(want_err)) != 0) ||
        (want_out != NULL && *want_out == '\0' && *out != '\0') ||
        (want_err != NULL && *want_err == '\0' && *err != '\0')) {
        fail_msg("%s: %d\nout: %s\nerr: %s", words[1] != NULL ? words[1] : "", got, out, err);
    }
    free(out);
    free(err);
}

#define RUN(want, out, err, ...)                                                                   \
    run((char *const[]){(char[]){"pratique"}, __VA_ARGS__, NULL}, (want), (out), (err))
#define W(word)                                                                                    \
    (char[])                                                                                       \
    {                                                                                              \
        word                                                                                       \
    }

static void whole_runs(void **state)
{
    (void)state;
    run((char *const[]){(char[]){"pratique"}, NULL}, EXIT_CODE_USAGE, "", "pratique - ");
    run((char *const[]){NULL}, EXIT_CODE_USAGE, "", "pratique - ");
    RUN(EXIT_CODE_YES, "pratique - ", "", W("--help"));
    RUN(EXIT_CODE_YES, "pratique - ", "", W("help"));
    RUN(EXIT_CODE_YES, "pratique " PRATIQUE_VERSION "\n", "", W("--version"));
    RUN(EXIT_CODE_YES, "{\"name\":\"pratique\",\"version\":\"" PRATIQUE_VERSION "\"}\n", "",
        W("version"), W("-ojson"));
    RUN(EXIT_CODE_YES, "pratique check - ", "", W("check"), W("--help"));
    RUN(EXIT_CODE_YES, "pratique check - ", "", W("help"), W("check"));
    RUN(EXIT_CODE_YES, "usage: pratique policy COMMAND", "", W("policy"), W("-h"));
    RUN(EXIT_CODE_YES, "usage: pratique policy COMMAND", "", W("help"), W("policy"));
    RUN(EXIT_CODE_YES, "pratique policy lint - ", "", W("help"), W("policy"), W("lint"));
    RUN(EXIT_CODE_USAGE, "", "pratique help: unknown command \"x\"", W("help"), W("x"));
    RUN(EXIT_CODE_USAGE, "", "pratique: \"policy\" is not complete", W("policy"));
    RUN(EXIT_CODE_USAGE, "", "pratique: unknown command \"chec\"", W("chec"));
    RUN(EXIT_CODE_USAGE, "",
        "pratique version: unknown option --x\nusage: pratique version [options]\n", W("version"),
        W("--x"));
    RUN(EXIT_CODE_USAGE, "", "pratique check: FILE... is missing\n", W("check"));
    RUN(EXIT_CODE_USAGE, "", "pratique serve: --config is missing", W("serve"));
}

int help_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(look_up),
        cmocka_unit_test(examples_parse),
        cmocka_unit_test(tables_are_whole),
        cmocka_unit_test_teardown(pages_fit_a_terminal, free_page),
        cmocka_unit_test(whole_runs),
    };
    return cmocka_run_group_tests_name("help", tests, NULL, NULL);
}

#include "cli/cli.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "cli/command.h"
#include "cli/help.h"
#include "cli/options.h"
#include "cli/output.h"

const struct command *const commands[] = {
    &command_serve,
    &command_check,
    &command_review,
    &command_explain,
    &command_test,
    &command_replay,
    &command_policy_lint,
    &command_policy_show,
    &command_policy_diff,
    &command_policy_fmt,
    &command_policy_schema,
    &command_policy_crds,
    &command_policy_convert,
    &command_manifests_image_policy,
    &command_manifests_static_webhooks,
    &command_manifests_static_pod,
    &command_parse,
    &command_image_resolve,
    &command_image_inspect,
    &command_verify_bundle,
    &command_version,
    &command_completion,
    &command_manual,
    &command_help,
    NULL,
};

/* `pratique --help` and `pratique --version` are what people try first. */
static const char *first_word(const char *word)
{
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        return command_help.name;
    }
    if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) {
        return command_version.name;
    }
    return word;
}

static int usage_error(const struct invocation *invocation, const struct error *err)
{
    output_error(invocation, err);
    help_usage(invocation->err, invocation->command);
    fprintf(invocation->err, "'pratique help %s' tells more\n", invocation->command->name);
    return EXIT_CODE_USAGE;
}

static int run_command(struct invocation *invocation, const char *const *arguments, size_t n)
{
    struct error err;
    if (failed(options_parse(invocation, arguments, n, &err))) {
        return usage_error(invocation, &err);
    }
    int code = EXIT_CODE_YES;
    if (invocation->help) {
        help_page(invocation->out, invocation->command);
    } else {
        code = invocation->command->run(invocation);
    }
    if (failed(output_finish(invocation, &err))) {
        output_error(invocation, &err);
        return EXIT_CODE_UNDECIDED;
    }
    return code;
}

/* Take the places of standard streams that are closed, else the next file that is opened would be
 * one, and a log would go into a connection. Each is open for the wrong direction, so that using it
 * fails as before. */
static void hold_standard_streams(void)
{
    static const int MODES[] = {O_WRONLY, O_RDONLY, O_RDONLY};
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) == -1 && open("/dev/null", MODES[fd]) != fd) {
            fatal("descriptor %d is closed, and /dev/null cannot be opened", fd);
        }
    }
}

int cli_run(int argc, char **argv, FILE *in, FILE *out, FILE *err)
{
    hold_standard_streams();
    signal(SIGPIPE, SIG_IGN); /* a reader that goes is an error of output_finish */
    if (argc < 2) {
        help_overview(err);
        return EXIT_CODE_USAGE;
    }
    size_t n = (size_t)argc - 1;
    const char *words[] = {first_word(argv[1]), argc > 2 ? argv[2] : NULL};
    bool wants_help = n == 2 && (strcmp(words[1], "--help") == 0 || strcmp(words[1], "-h") == 0);
    if (wants_help && help_group(out, words[0])) {
        return EXIT_CODE_YES;
    }
    const struct command *command;
    size_t taken;
    struct error error;
    if (failed(help_find(words, n < 2 ? n : 2, &command, &taken, &error))) {
        fprintf(err, "pratique: %s\n", error.text);
        return EXIT_CODE_USAGE;
    }
    struct invocation invocation = {
        .command = command, .in = in, .out = out, .err = err, .colors = output_wants_colors(out)};
    arena_init(&invocation.arena, LIMIT_POLICY_ARENA);
    int code = run_command(&invocation, (const char *const *)argv + 1 + taken, n - taken);
    arena_done(&invocation.arena);
    return code;
}

/* `pratique completion`: scripts for shells. */
#include "cli/completion.h"

#include <string.h>

#include "cli/options.h"

const struct completion_group completion_groups[] = {
    {"policy", "work on policies"}, {"manifests", "write files for API servers"}, {NULL, NULL}};

const char *completion_second(const struct command *command, const char *group)
{
    size_t n = strlen(group);
    bool in = strncmp(command->name, group, n) == 0 && command->name[n] == ' ';
    return in ? command->name + n + 1 : NULL;
}

void completion_summary(char *text, size_t room, const char *help)
{
    size_t n = 0;
    for (const char *c = help; *c != '\0' && *c != '\n' && n + 1 < room; c++) {
        if (strchr("'\"`$\\[]:", *c) == NULL) {
            text[n++] = *c;
        }
    }
    while (n > 0 && strchr(" ,;.", text[n - 1]) != NULL) {
        n--;
    }
    text[n] = '\0';
}

bool completion_takes_file(const char *argument)
{
    return argument != NULL &&
           (strstr(argument, "FILE") != NULL || strstr(argument, "PATH") != NULL ||
            strstr(argument, "DIR") != NULL);
}

struct shell {
    const char *name;
    void (*write)(FILE *file);
};

static const struct shell SHELLS[] = {
    {"bash", completion_bash}, {"zsh", completion_zsh}, {"fish", completion_fish}};

static int run(struct invocation *invocation)
{
    for (size_t i = 0; i < sizeof SHELLS / sizeof *SHELLS; i++) {
        if (strcmp(invocation->operands[0], SHELLS[i].name) == 0) {
            SHELLS[i].write(invocation->out);
            return EXIT_CODE_YES;
        }
    }
    fprintf(invocation->err, "pratique completion: no script for this shell; there is bash, zsh "
                             "and fish\n");
    return EXIT_CODE_USAGE;
}

static const struct option OPTIONS[] = {
    OPTION_END,
};

const struct command command_completion = {
    .name = "completion",
    .summary = "print a completion script for bash, zsh or fish",
    .operands = "SHELL",
    .min_operands = 1,
    .max_operands = 1,
    .options = OPTIONS,
    .about = "Prints the script that completes commands, options and their choices in SHELL,\n"
             "one of bash, zsh and fish.",
    .exits = "0  printed\n2  there is no script for this shell",
    .examples = "source <(pratique completion bash)\n"
                "pratique completion bash > /etc/bash_completion.d/pratique\n"
                "pratique completion zsh > \"${fpath[1]}/_pratique\"\n"
                "pratique completion fish > ~/.config/fish/completions/pratique.fish",
    .run = run,
};

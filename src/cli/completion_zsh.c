#include <string.h>

#include "cli/completion.h"

enum { SUMMARY_MOST = 128 };

/* What completes an argument: `:PATH:_files` or `:FORMAT:(text json)`. */
static void write_argument(FILE *file, const struct option *option)
{
    if (option->argument == NULL) {
        return;
    }
    fprintf(file, ":%s:", option->argument);
    if (option->choices != NULL) {
        fputc('(', file);
        for (const char *const *choice = option->choices; *choice != NULL; choice++) {
            fprintf(file, "%s%s", *choice, choice[1] != NULL ? " " : "");
        }
        fputc(')', file);
    } else {
        fputs(completion_takes_file(option->argument) ? "_files" : " ", file);
    }
}

static void write_option(FILE *file, const struct option *option)
{
    char summary[SUMMARY_MOST];
    completion_summary(summary, sizeof summary, option->help);
    const char *once = option->repeated ? "*" : "";
    const char *equals = option->argument != NULL ? "=" : "";
    if (option->letter != '\0') {
        fprintf(file, " \\\n            '%s-%c[%s]", once, option->letter, summary);
        write_argument(file, option);
        fputc('\'', file);
    }
    fprintf(file, " \\\n            '%s--%s%s[%s]", once, option->name, equals, summary);
    write_argument(file, option);
    fputc('\'', file);
}

static void write_command(FILE *file, const struct command *command, const char *name)
{
    fprintf(file, "        %s)\n            _arguments '--help[show the page of the command]'",
            name);
    for (const struct option *option = command->options; option->name != NULL; option++) {
        write_option(file, option);
    }
    if (strcmp(command->name, "completion") == 0) {
        fputs(" \\\n            '1:SHELL:(bash zsh fish)'", file);
    } else if (completion_takes_file(command->operands)) {
        fputs(" \\\n            '*:FILE:_files'", file);
    }
    fputs(" ;;\n", file);
}

static void write_name(FILE *file, const struct command *command, const char *name)
{
    char summary[SUMMARY_MOST];
    completion_summary(summary, sizeof summary, command->summary);
    fprintf(file, "\n        '%s:%s'", name, summary);
}

/* The names of the commands and groups, and of the commands of each group, with summaries. */
static void write_names(FILE *file)
{
    fputs("    commands=(", file);
    for (const struct command *const *command = commands; *command != NULL; command++) {
        if (strchr((*command)->name, ' ') == NULL) {
            write_name(file, *command, (*command)->name);
        }
    }
    for (const struct completion_group *group = completion_groups; group->name != NULL; group++) {
        fprintf(file, "\n        '%s:%s'", group->name, group->summary);
    }
    fputs(")\n", file);
    for (const struct completion_group *group = completion_groups; group->name != NULL; group++) {
        fprintf(file, "    %s_commands=(", group->name);
        for (const struct command *const *command = commands; *command != NULL; command++) {
            const char *second = completion_second(*command, group->name);
            if (second != NULL) {
                write_name(file, *command, second);
            }
        }
        fputs(")\n", file);
    }
}

/* The function that completes what stands behind the first word of a group. */
static void write_group(FILE *file, const struct completion_group *group)
{
    fprintf(file,
            "_pratique_%s() {\n"
            "    local context state state_descr line\n"
            "    typeset -A opt_args\n"
            "    _arguments -C '1:command:->command' '*::argument:->argument'\n"
            "    case $state in\n"
            "    command) _describe command %s_commands ;;\n"
            "    argument)\n"
            "        case $words[1] in\n",
            group->name, group->name);
    for (const struct command *const *command = commands; *command != NULL; command++) {
        const char *second = completion_second(*command, group->name);
        if (second != NULL) {
            write_command(file, *command, second);
        }
    }
    fputs("        esac ;;\n"
          "    esac\n"
          "}\n",
          file);
}

void completion_zsh(FILE *file)
{
    fputs("#compdef pratique\n"
          "# zsh completion for pratique; made by 'pratique completion zsh'\n"
          "_pratique() {\n"
          "    local context state state_descr line\n"
          "    typeset -A opt_args\n"
          "    local -a commands",
          file);
    for (const struct completion_group *group = completion_groups; group->name != NULL; group++) {
        fprintf(file, " %s_commands", group->name);
    }
    fputc('\n', file);
    write_names(file);
    fputs("    _arguments -C '1:command:->command' '*::argument:->argument'\n"
          "    case $state in\n"
          "    command) _describe command commands ;;\n"
          "    argument)\n"
          "        case $words[1] in\n",
          file);
    for (const struct command *const *command = commands; *command != NULL; command++) {
        if (strchr((*command)->name, ' ') == NULL) {
            write_command(file, *command, (*command)->name);
        }
    }
    for (const struct completion_group *group = completion_groups; group->name != NULL; group++) {
        fprintf(file, "        %s) _pratique_%s ;;\n", group->name, group->name);
    }
    fputs("        esac ;;\n"
          "    esac\n"
          "}\n",
          file);
    for (const struct completion_group *group = completion_groups; group->name != NULL; group++) {
        write_group(file, group);
    }
    fputs("if [ \"$funcstack[1]\" = _pratique ]; then\n"
          "    _pratique \"$@\"\n"
          "else\n"
          "    compdef _pratique pratique\n"
          "fi\n",
          file);
}

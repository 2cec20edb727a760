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

/* The names of the commands with their summaries, of one group ("policy ") or of none (""). */
static void write_names(FILE *file, const char *list, const char *group)
{
    size_t n = strlen(group);
    fprintf(file, "    %s=(", list);
    bool grouped = false;
    for (const struct command *const *command = commands; *command != NULL; command++) {
        const char *name = (*command)->name;
        bool two = strchr(name, ' ') != NULL;
        if (n == 0 && two && !grouped) {
            fprintf(file, "\n        '%.*s:work on policies'", (int)strcspn(name, " "), name);
            grouped = true;
        }
        if (n == 0 ? !two : strncmp(name, group, n) == 0) {
            char summary[SUMMARY_MOST];
            completion_summary(summary, sizeof summary, (*command)->summary);
            fprintf(file, "\n        '%s:%s'", name + n, summary);
        }
    }
    fputs(")\n", file);
}

void completion_zsh(FILE *file)
{
    fputs("#compdef pratique\n"
          "# zsh completion for pratique; made by 'pratique completion zsh'\n"
          "_pratique() {\n"
          "    local context state state_descr line\n"
          "    typeset -A opt_args\n"
          "    local -a commands policy_commands\n",
          file);
    write_names(file, "commands", "");
    write_names(file, "policy_commands", "policy ");
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
    fputs("        policy) _pratique_policy ;;\n"
          "        esac ;;\n"
          "    esac\n"
          "}\n"
          "_pratique_policy() {\n"
          "    local context state state_descr line\n"
          "    typeset -A opt_args\n"
          "    _arguments -C '1:command:->command' '*::argument:->argument'\n"
          "    case $state in\n"
          "    command) _describe command policy_commands ;;\n"
          "    argument)\n"
          "        case $words[1] in\n",
          file);
    for (const struct command *const *command = commands; *command != NULL; command++) {
        if (strncmp((*command)->name, "policy ", 7) == 0) {
            write_command(file, *command, (*command)->name + 7);
        }
    }
    fputs("        esac ;;\n"
          "    esac\n"
          "}\n"
          "if [ \"$funcstack[1]\" = _pratique ]; then\n"
          "    _pratique \"$@\"\n"
          "else\n"
          "    compdef _pratique pratique\n"
          "fi\n",
          file);
}

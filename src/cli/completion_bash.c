#include <string.h>

#include "cli/completion.h"

static void write_choices(FILE *file, const char *const *choices)
{
    for (; *choices != NULL; choices++) {
        fprintf(file, "%s%s", *choices, choices[1] != NULL ? " " : "");
    }
}

/* `-o|--output`, for a case label. */
static void write_pattern(FILE *file, const struct command *command, const struct option *option)
{
    if (option->letter != '\0') {
        fprintf(file, "'%s -%c'|", command->name, option->letter);
    }
    fprintf(file, "'%s --%s'", command->name, option->name);
}

/* What an option that stands before the cursor takes: its choices, or files, which are what the
 * shell falls back to. */
static void write_arguments(FILE *file, const struct command *command)
{
    for (const struct option *option = command->options; option->name != NULL; option++) {
        if (option->argument == NULL) {
            continue;
        }
        fputs("    ", file);
        write_pattern(file, command, option);
        fputs(") ", file);
        if (option->choices != NULL) {
            fputs("words='", file);
            write_choices(file, option->choices);
            fputs("' ;;\n", file);
        } else {
            fputs("return ;;\n", file);
        }
    }
}

static void write_options(FILE *file, const struct command *command)
{
    fprintf(file, "    '%s') words='--help", command->name);
    for (const struct option *option = command->options; option->name != NULL; option++) {
        fprintf(file, " --%s", option->name);
    }
    fputs("' ;;\n", file);
}

/* The words that may stand behind the words so far: first words, or those of a group. */
static void write_words(FILE *file)
{
    fputs("    '') words='", file);
    const char *space = "";
    for (size_t i = 0; commands[i] != NULL; i++) {
        const char *name = commands[i]->name;
        size_t n = strcspn(name, " ");
        bool seen = i > 0 && strncmp(commands[i - 1]->name, name, n) == 0 &&
                    commands[i - 1]->name[n] == ' ' && name[n] == ' ';
        if (!seen) {
            fprintf(file, "%s%.*s", space, (int)n, name);
            space = " ";
        }
    }
    fputs(" --help --version' ;;\n    completion) words='bash zsh fish' ;;\n", file);
    for (const struct completion_group *group = completion_groups; group->name != NULL; group++) {
        fprintf(file, "    %s) words='", group->name);
        space = "";
        for (size_t i = 0; commands[i] != NULL; i++) {
            const char *second = completion_second(commands[i], group->name);
            fprintf(file, "%s%s", second != NULL ? space : "", second != NULL ? second : "");
            space = second != NULL ? " " : space;
        }
        fputs("' ;;\n", file);
    }
}

void completion_bash(FILE *file)
{
    fputs("# bash completion for pratique; made by 'pratique completion bash'\n"
          "_pratique() {\n"
          "    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
          "    local command='' words='' i\n"
          "    COMPREPLY=()\n"
          "    [ \"$before\" = '=' ] && before=${COMP_WORDS[COMP_CWORD-2]}\n"
          "    [ \"$current\" = '=' ] && current=''\n"
          "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
          "        case $command:${COMP_WORDS[i]} in\n"
          "        :-*) ;;\n"
          "        :*) command=${COMP_WORDS[i]} ;;\n",
          file);
    for (const struct completion_group *group = completion_groups; group->name != NULL; group++) {
        fprintf(file, "        %s:[a-z]*) command=\"%s ${COMP_WORDS[i]}\" ;;\n", group->name,
                group->name);
    }
    fputs("        *) break ;;\n"
          "        esac\n"
          "    done\n"
          "    case \"$command $before\" in\n",
          file);
    for (const struct command *const *command = commands; *command != NULL; command++) {
        write_arguments(file, *command);
    }
    fputs("    esac\n"
          "    if [ -z \"$words\" ]; then\n"
          "        case $current in\n"
          "        -*)\n"
          "    case $command in\n",
          file);
    for (const struct command *const *command = commands; *command != NULL; command++) {
        write_options(file, *command);
    }
    fputs("    '') words='--help --version' ;;\n"
          "    esac ;;\n"
          "        *)\n"
          "    case $command in\n",
          file);
    write_words(file);
    fputs("    esac ;;\n"
          "        esac\n"
          "    fi\n"
          "    [ -n \"$words\" ] && COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
          "}\n"
          "complete -o bashdefault -o default -F _pratique pratique\n",
          file);
}

#include <string.h>

#include "cli/completion.h"

enum { SUMMARY_MOST = 128 };

static void write_option(FILE *file, const struct command *command, const struct option *option)
{
    char summary[SUMMARY_MOST];
    completion_summary(summary, sizeof summary, option->help);
    fprintf(file, "complete -c pratique -n '__pratique_at %s' -l %s", command->name, option->name);
    if (option->letter != '\0') {
        fprintf(file, " -s %c", option->letter);
    }
    if (option->choices != NULL) {
        fputs(" -x -a '", file);
        for (const char *const *choice = option->choices; *choice != NULL; choice++) {
            fprintf(file, "%s%s", *choice, choice[1] != NULL ? " " : "");
        }
        fputc('\'', file);
    } else if (option->argument != NULL) {
        fputs(completion_takes_file(option->argument) ? " -r -F" : " -x", file);
    }
    fprintf(file, " -d '%s'\n", summary);
}

static void write_command(FILE *file, const struct command *command)
{
    char summary[SUMMARY_MOST];
    completion_summary(summary, sizeof summary, command->summary);
    const char *space = strchr(command->name, ' ');
    if (space == NULL) {
        fprintf(file, "complete -c pratique -n '__pratique_at' -a %s -d '%s'\n", command->name,
                summary);
    } else {
        fprintf(file, "complete -c pratique -n '__pratique_at %.*s' -a %s -d '%s'\n",
                (int)(space - command->name), command->name, space + 1, summary);
    }
    for (const struct option *option = command->options; option->name != NULL; option++) {
        write_option(file, command, option);
    }
    fprintf(file,
            "complete -c pratique -n '__pratique_at %s' -l help -s h -d 'show the page of "
            "the command'\n",
            command->name);
    if (completion_takes_file(command->operands)) {
        fprintf(file, "complete -c pratique -n '__pratique_at %s' -F\n", command->name);
    }
}

void completion_fish(FILE *file)
{
    fputs("# fish completion for pratique; made by 'pratique completion fish'\n"
          "function __pratique_at --description 'whether the words so far name this command'\n"
          "    set -l words\n"
          "    for word in (commandline -opc)[2..-1]\n"
          "        string match -q -- '-*' $word; or set -a words $word\n"
          "    end\n"
          "    set -l n (count $argv)\n"
          "    if test $n -eq 0\n"
          "        test (count $words) -eq 0\n"
          "        return\n"
          "    end\n"
          "    test (count $words) -ge $n; or return 1\n"
          "    if contains -- \"$argv\"",
          file);
    for (const struct completion_group *group = completion_groups; group->name != NULL; group++) {
        fprintf(file, " %s", group->name);
    }
    fputs("\n"
          "        test \"$words\" = \"$argv\"\n"
          "        return\n"
          "    end\n"
          "    test \"$words[1..$n]\" = \"$argv\"\n"
          "end\n"
          "complete -c pratique -f\n"
          "complete -c pratique -n '__pratique_at completion' -a 'bash zsh fish'\n",
          file);
    for (const struct completion_group *group = completion_groups; group->name != NULL; group++) {
        fprintf(file, "complete -c pratique -n '__pratique_at' -a %s -d '%s'\n", group->name,
                group->summary);
    }
    for (const struct command *const *command = commands; *command != NULL; command++) {
        write_command(file, *command);
    }
}

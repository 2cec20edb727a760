#pragma once
/* Completion scripts, made from the commands' tables. Each completes commands, options, the choices
 * of options, and files elsewhere. */
#include "cli/command.h"

/* Write the script of each shell. */
void completion_bash(FILE *file);
void completion_zsh(FILE *file);
void completion_fish(FILE *file);

/* The first line of an option's help, without a full stop or what needs quoting in a shell. Writes
 * at most `room` bytes, NUL included. */
void completion_summary(char *text, size_t room, const char *help);

/* A first word that only begins commands, such as "policy". */
struct completion_group {
    const char *name, *summary;
};

/* The groups; ends with a NULL name. */
extern const struct completion_group completion_groups[];

/* The second word of a command of this group; NULL if it is of another or of none. */
const char *completion_second(const struct command *command, const char *group);

/* True if the option's argument, or the command's operand, is a file. */
bool completion_takes_file(const char *argument);

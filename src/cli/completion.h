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

/* True if the option's argument, or the command's operand, is a file. */
bool completion_takes_file(const char *argument);

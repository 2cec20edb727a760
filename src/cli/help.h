#pragma once
/* Usage and help pages, made from the commands' tables. */
#include "cli/command.h"

/* Write "usage: pratique check [options] FILE..." with a newline. */
void help_usage(FILE *file, const struct command *command);

/* Write the whole page of one command. */
void help_page(FILE *file, const struct command *command);

/* What the exit statuses of all commands mean, one a line. */
extern const char *const help_exit_codes;

/* Write the page of the program: what it is, its commands, its exit statuses. */
void help_overview(FILE *file);

/* Write the commands that begin with the word `group`, such as "policy". Returns false, with
 * nothing written, if none does. */
bool help_group(FILE *file, const char *group);

/* The command that the first words name ("check", "policy lint"); *ret_words says how many words
 * its name took. Errors: CONFIG (unknown; says the near name, or the commands of a group). */
MUST status help_find(const char *const *words, size_t n, const struct command **ret_command,
                      size_t *ret_words, struct error *err);

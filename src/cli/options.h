#pragma once
/* Options and operands of one command, by its table. Pure.
 *
 * `--name value` and `--name=value`, `-n value` and `-nvalue`; operands and options may mix; behind
 * `--` everything is an operand; `-` is an operand. An unknown name is an error that says the near
 * one, and so is an option that stands twice without being made for it. */
#include "cli/command.h"

/* Read arguments into `invocation`, whose command is set. Stops at --help or -h, which every
 * command has, with invocation->help set. Lives in the invocation's arena and borrows `arguments`.
 * Errors: CONFIG. */
MUST status options_parse(struct invocation *invocation, const char *const *arguments, size_t n,
                          struct error *err);

/* The argument of option `name`, which is of the command's table; NULL if it was not given. */
const char *option_argument(const struct invocation *invocation, const char *name);

/* True if option `name`, which is of the command's table, was given. */
bool option_given(const struct invocation *invocation, const char *name);

/* All arguments of a repeated option, in the order given. Lives in the invocation's arena. */
const char **option_arguments(struct invocation *invocation, const char *name, size_t *ret_n);

/* True if `--output json` was given. */
bool option_json(const struct invocation *invocation);

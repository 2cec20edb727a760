#pragma once
/* Showing what is wrong with the files that a person wrote. */
#include "cli/command.h"
#include "json/diagnostic.h"

/* Sort the list and write it to stderr as compilers do, with nothing in it that could steer a
 * terminal. */
void diagnose(const struct invocation *invocation, struct diagnostics *list);

/* Write the list, which is sorted, to `file`: one line each. */
void diagnose_text(FILE *file, const struct diagnostics *list);

/* Write the list, which is sorted, as a JSON list of {level, file, line, column, path, message,
 * suggestion}. */
void diagnose_json(FILE *file, const struct diagnostics *list);

#pragma once
/* The command line: looks up the command, reads its options, runs it. */
#include <stdio.h>

/* Run the command line `argv`, whose first word is the program's own name. Reads `in`, writes `out`
 * and `err`. Returns the exit status, an enum exit_code. */
int cli_run(int argc, char **argv, FILE *in, FILE *out, FILE *err);

#pragma once
/* Functions that this program does not call, each with what to use instead. Included everywhere by
 * the build. A name is poisoned, so that a call is a compile error that says its name. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* With _FORTIFY_SOURCE some C libraries make macros of these, which cannot be poisoned. */
#undef sprintf
#undef vsprintf

/* unbounded or unterminated: struct str, struct buf, snprintf */
#pragma GCC poison strcpy strcat strncpy strncat strtok sprintf vsprintf gets
/* no error, or errors by errno and locale: str_parse_u64, clock_parse_* */
#pragma GCC poison atoi atol atof strtol strtoul strtoll strtoull strtod
/* shared static state: clock_format */
#pragma GCC poison gmtime localtime ctime asctime
/* a shell; alloca and variable-length arrays are refused by warnings of the compiler */
#pragma GCC poison system popen

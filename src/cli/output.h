#pragma once
/* Printing: for people, with nothing in it that could steer a terminal, and for programs. */
#include "base/str.h"
#include "cli/command.h"

enum style { STYLE_PLAIN, STYLE_GOOD, STYLE_BAD, STYLE_WARNING, STYLE_FAINT, STYLE_STRONG };

/* True if `file` is a terminal and its user did not switch colours off.
 * Spec: no-color.org; TERM=dumb. */
bool output_wants_colors(FILE *file);

/* Write text from outside as one line for people: control characters, invalid UTF-8, and characters
 * that have no width or turn the direction of writing, become '?'. */
void output_text(FILE *file, struct str text);

/* The same in a style, if the invocation has colours. */
void output_styled(const struct invocation *invocation, enum style style, struct str text);

/* Write a JSON string, quotes included. */
void output_json(FILE *file, struct str text);

/* Write `,"name":"text"`, or without the comma if `first`. */
void output_member(FILE *file, bool first, const char *name, struct str text);

/* Say on stderr what failed: "pratique check: TEXT". Returns the exit status of its kind. */
int output_error(const struct invocation *invocation, const struct error *err);

/* Make sure that all was written. Errors: INTERNAL (a full disk, a closed pipe). */
MUST status output_finish(const struct invocation *invocation, struct error *err);

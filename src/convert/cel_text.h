#pragma once
/* Texts and regular expressions that stand in an expression in CEL, as globs. Inside convert/. */
#include "convert/lists.h"

/* What a text is to a reference. */
enum cel_text { CEL_TEXT_WHOLE, CEL_TEXT_START, CEL_TEXT_END, CEL_TEXT_PART, CEL_TEXT_REGEX };

/* Read the text that begins at *at, and add the globs of which one must match: one, or several for
 * a regular expression with alternatives. Of regular expressions, only what is made of plain
 * characters, `.`, `.*`, `.+` and one group of plain alternatives is known. Returns false for
 * everything else. */
bool cel_text_read(struct arena *arena, struct str text, size_t *at, enum cel_text kind,
                   struct texts *globs);

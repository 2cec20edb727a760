#pragma once
/* What is wrong with a file that a person wrote: all of it at once, each with its place.
 *
 * A list of diagnostics is filled by decoding, checking and compiling, and printed at the top.
 * Ownership: texts live in the arena that the list was started with. */
#include "base/arena.h"
#include "base/buf.h"
#include "json/doc.h"

enum diagnostic_level { DIAGNOSTIC_ERROR, DIAGNOSTIC_WARNING };

struct diagnostic {
    enum diagnostic_level level;
    struct str file;       /* as the person named it */
    struct mark mark;      /* line 0: the file as a whole */
    struct str path;       /* "spec.rules[0].allow[1]"; empty: the document as a whole */
    struct str message;    /* what is wrong, and what would be right */
    struct str suggestion; /* the name or value that was probably meant; empty if none */
};

struct diagnostics {
    struct arena *arena;      /* borrowed */
    struct str file;          /* given to what is added next */
    struct diagnostic *items; /* in the arena; room for LIMIT_DIAGNOSTICS */
    size_t n;
    size_t errors;   /* all that were added, kept or not */
    size_t warnings; /* the same */
};

/* Start an empty list whose texts live in `arena`. */
void diagnostics_init(struct diagnostics *list, struct arena *arena);

/* Add one, with list->file as its file. Beyond LIMIT_DIAGNOSTICS it is counted only. `path` and
 * `suggestion` are copied; either may be empty. Bytes from outside are welcome: control characters
 * and what is not UTF-8 become '?', and texts are cut to LIMIT_MESSAGE and LIMIT_FIELD_PATH. */
void diagnostics_add(struct diagnostics *list, enum diagnostic_level level, struct mark mark,
                     struct str path, struct str suggestion, const char *format, ...) PRINTF(6, 7);

/* Add the error of a text that json_parse or yaml_parse refused: its place becomes the mark. */
void diagnostics_add_error(struct diagnostics *list, const struct error *err);

/* Sort by file, line and column. */
void diagnostics_sort(struct diagnostics *list);

/* Append `PATH: MESSAGE (did you mean "X"?)`, or without the path. */
void diagnostic_phrase(const struct diagnostic *one, bool path, struct buf *buf);

/* Append one line per diagnostic, as compilers write them:
 * `FILE:LINE:COLUMN: error: PATH: MESSAGE (did you mean "X"?)`, and one for those not kept. */
void diagnostics_print(const struct diagnostics *list, struct buf *buf);

#pragma once
/* JSON documents of a stream, one after the other: one a line (NDJSON), pretty-printed or simply
 * concatenated, read as they come.
 *
 * Only the borders are found here; whether a document is sound is for the parser to say. A broken
 * document does not take the next one with it: a line that begins with `{"` in its first column
 * always begins a document. */
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/status.h"

struct documents {
    FILE *file;       /* borrowed */
    const char *name; /* borrowed; for errors: "standard input" */
    struct buf text;  /* owned; the document being read */
    uint64_t line;    /* being read, from 1 */
    bool restarted;   /* the two bytes `{"` of the next document are already taken */
};

/* Start reading `file`, which errors call `name`. Allocates nothing yet. */
void documents_init(struct documents *documents, FILE *file, const char *name);

/* Frees the text; a zeroed structure is fine. The file stays open. */
void documents_done(struct documents *documents);

/* The next document and the line that it begins in; its text borrows until the next call. A line
 * that begins neither with `{` nor with `[` is a document by itself. *ret_more is false at the end.
 * Errors: INPUT (not finished), LIMIT (longer than LIMIT_BODY): the next call goes on behind it;
 * INTERNAL (reading failed: calling again is of no use). */
MUST status documents_next(struct documents *documents, struct str *ret_text, uint64_t *ret_line,
                           bool *ret_more, struct error *err);

#define documents_auto __attribute__((cleanup(documents_done))) struct documents

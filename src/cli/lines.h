#pragma once
/* Lines of a stream, bounded, read as they come: a filter answers before its input ends. */
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/status.h"

struct lines {
    FILE *file;       /* borrowed */
    const char *name; /* borrowed; for errors: "standard input" */
    struct buf line;  /* owned */
    uint64_t number;  /* of the line read last, from 1 */
};

/* Start reading `file`, which errors call `name`. Allocates nothing yet. */
void lines_init(struct lines *lines, FILE *file, const char *name);

/* Frees the line; a zeroed structure is fine. The file stays open. */
void lines_done(struct lines *lines);

/* The next line, without its LF or CRLF; borrows until the next call. *ret_more is false at the
 * end of the input. A line that is too long is passed over, so that the next call goes on behind
 * it. Errors: LIMIT (longer than LIMIT_BODY); INTERNAL (reading failed: calling again is of no
 * use). */
MUST status lines_next(struct lines *lines, struct str *ret_line, bool *ret_more,
                       struct error *err);

#define lines_auto __attribute__((cleanup(lines_done))) struct lines

#pragma once
/* Inside json/: reading JSON that is a part of a larger text. */
#include "json/doc.h"

/* As json_parse, for a text that begins at `start` of a larger one. */
MUST status json_read(struct str text, struct mark start, enum json_marks marks,
                      struct json_doc *ret_doc, struct error *err);

/* The place of byte `at` of a text that begins at `start`. */
struct mark json_place(struct str text, struct mark start, size_t at);

/* Bytes from the beginning of `text` to the end of the first object or list in it; all of it if
 * that does not end. Says nothing of whether it is valid. */
size_t json_extent(struct str text);

#pragma once
/* Scalars in the canonical form of YAML: plain where that is the same, else in double quotes or as
 * a literal block. Private to the formatting in json/. */
#include "base/buf.h"
#include "json/doc.h"

enum { FORMAT_WIDTH = 100 };

/* Append a string, number, truth value or null; an empty object or list. */
void format_scalar(struct buf *buf, yyjson_val *value);

/* Append the key of a member. */
void format_key(struct buf *buf, struct str key);

/* Append a string in double quotes, with escapes for what is not seen or ends a line. */
void format_quoted(struct buf *buf, struct str text);

/* Whether a text of several lines is the same as a literal block. */
bool format_is_literal(struct str text);

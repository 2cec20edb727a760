#pragma once
/* YAML in one canonical form, for people who review changes: two spaces a level, members in the
 * order of the table, lists of short scalars on one line, strings plain where they may be, comments
 * kept with what they stand before or behind. Pure. */
#include "base/buf.h"
#include "base/status.h"
#include "json/comments.h"
#include "json/fields.h"

/* The table of a document, which says the order of its members; NULL: the order in which they
 * stand. */
typedef const struct fields *format_table(yyjson_val *root);

/* Put the documents of `text` in canonical form into `buf`, which is empty. What they say is the
 * same afterwards, and it is checked to be. A comment inside a list that fits on a line has the
 * list in lines; an empty line before a member or its comment stays, one of several. Errors: INPUT
 * (no YAML; anchors and aliases, which would be expanded), LIMIT. */
MUST status format_yaml(struct str text, format_table *table, struct buf *buf, struct error *err);

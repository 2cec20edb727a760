#pragma once
/* Images on disk as a source of evidence, so that `check` can judge what images are where there is
 * no registry. What a layout says of its names is believed: a person chose it. */
#include "evaluate/source.h"

struct offline;

/* An empty set of layouts. Never NULL; returns owned. */
struct offline *offline_new(void);

/* Add the layout `text`, "PATH" or "NAME=PATH". Of a path alone the images have the names that they
 * have there. With NAME, which is a reference, it is the image that has this name there; or this
 * tag; or the only one. What stands before "=" and is no reference is a part of the path.
 * Errors: those of layout_open and layout_find; LIMIT (LIMIT_LAYOUTS). */
MUST status offline_add(struct offline *offline, struct str text, struct error *err);

/* A source that answers by the layouts: a reference with a digest by it, wherever it is; another
 * one by its name. It borrows the set. Problems: NOT_FOUND (in none), EVIDENCE (two of them have
 * another image of the name; malformed), LIMIT, INTERNAL. */
struct evidence_source offline_source(struct offline *offline);

/* Close all, and free. NULL is fine. */
void offline_free(struct offline *offline);

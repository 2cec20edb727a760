#pragma once
/* Policy files as documents, for commands that look at what is written rather than at what it
 * means. */
#include "base/arena.h"
#include "base/status.h"
#include "json/doc.h"

/* One document of one file. */
struct source {
    struct str file; /* lives in the arena */
    const struct json_doc *doc;
    struct str kind, namespace, name; /* borrow from the document */
    struct mark mark;                 /* of metadata.name */
};

struct sources {
    struct json_stream *streams; /* in the arena; each owns its documents */
    size_t n_streams, room_streams;
    struct source *items; /* in the arena, in the order of files and documents */
    size_t n, room;
};

/* Read the files at `paths` (files, directories, "-") without checking what they say: load them as
 * policies for that. Call sources_done after it, also if it failed.
 * Errors: INPUT, NOT_FOUND, LIMIT, INTERNAL; name the file. */
MUST status sources_read(struct arena *arena, const char *const *paths, size_t n,
                         struct sources *ret_sources, struct error *err);

/* Add the documents of a text, as if it were the file `file`, whose name has to stay. */
MUST status sources_parse(struct arena *arena, struct sources *sources, struct str file,
                          struct str text, struct error *err);

/* Free the documents. A zeroed structure is fine. */
void sources_done(struct sources *sources);

#define sources_auto __attribute__((cleanup(sources_done))) struct sources

#pragma once
/* Manifests as they lie on a laptop: files, directories, standard input; YAML streams and JSON;
 * Lists. Everything is visited object by object, one file in memory at a time, and what is broken
 * is told without hiding what is not. */
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "base/str.h"
#include "json/doc.h"

struct manifest_file {
    const char *path;            /* as given, or below a directory that was given */
    const struct error *problem; /* not NULL: why there is nothing to read */
    bool held;                   /* `text` is here already: standard input, or what a tool made */
    struct str text;
};

struct manifests {
    struct arena *arena; /* borrowed */
    struct manifest_file *files;
    size_t n, room;
};

/* Where an object stands. */
struct manifest_place {
    struct str file;
    size_t document; /* index in the file, from 0, of the documents that are not empty */
    uint32_t line;   /* that the document begins in, or that its error is in, from 1; 0: the file */
    uint32_t column; /* in that line, from 1; 0: not known */
    const struct json_doc *doc; /* of the object at hand; NULL with a problem */
    uint32_t before;            /* lines of the file before the text of `doc` */
};

struct manifest_visitor {
    /* One object, valid during the call. */
    void (*object)(void *context, const struct manifest_place *place, yyjson_val *object);
    /* A file or document that cannot be read. */
    void (*problem)(void *context, const struct manifest_place *place, const struct error *err);
    void *context;
    /* Each file that is done; NULL: not asked for. */
    void (*done)(void *context);
    /* Documents without this text are passed over; empty: none is. */
    struct str needed;
};

/* Whether kustomizations and charts are made into manifests, or are directories like others. */
enum manifests_render { MANIFESTS_RENDER, MANIFESTS_AS_FILES };

/* Find the files at `paths`: a directory that is a kustomization or a chart is rendered now, others
 * are searched for *.yaml, *.yml and *.json at any depth; "-" is standard input, read now. What is
 * missing or cannot be rendered is kept as a file with a problem. Lives in the arena.
 * Errors: LIMIT (more than LIMIT_MANIFEST_FILES). */
MUST status manifests_find(struct arena *arena, const char *const *paths, size_t n,
                           enum manifests_render render, struct manifests *ret_manifests,
                           struct error *err);

/* Visit all objects of all files in order, the items of Lists one by one. */
void manifests_visit(const struct manifests *manifests, const struct manifest_visitor *visitor);

/* The line of the file in which the value at the JSON pointer `pointer` of the object stands, from
 * 1; that of the document if there is none. */
uint32_t manifest_line(const struct manifest_place *place, yyjson_val *object, struct str pointer);

/* Cut the next document off a YAML stream: *ret_document is all up to the next line that begins
 * with `---`, with the comments, directives and `---` before it; *ret_rest is what follows. Returns
 * false if nothing is left. A line that begins with `---` ends a document wherever it stands. Spec:
 * YAML 1.2 section 9.1.2 (document markers), rule c-forbidden. */
bool manifests_cut(struct str stream, struct str *ret_document, struct str *ret_rest);

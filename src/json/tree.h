#pragma once
/* Inside json/: what JSON and YAML need alike to make a checked `struct json_doc`.
 *
 * A yyjson tree is one array of values in the order in which a reader meets them: a container,
 * then its contents; a key, then its value. Marks lie in a second array, parallel to it. Only this
 * folder relies on that. */
#include "base/buf.h"
#include "json/doc.h"

/* `value` without const, for yyjson's reading functions, which lack it. */
static inline yyjson_val *tree_value(const yyjson_val *value)
{
    return (yyjson_val *)(uintptr_t)value;
}

/* What is left of a tree's memory while it is read. */
struct tree_memory {
    size_t left;
};

/* An allocator that refuses what is over memory->left; out of memory aborts. It may free when
 * `memory` is long gone, so a document that it made can outlive it; NULL if it shall only free. */
yyjson_alc tree_allocator(struct tree_memory *memory);

/* The same for a tree of secrets: it overwrites what it frees. */
yyjson_alc tree_secret_allocator(struct tree_memory *memory);

enum tree_fault { TREE_SOUND, TREE_TOO_DEEP, TREE_DUPLICATE_KEY };

struct tree_problem {
    enum tree_fault fault;
    const yyjson_val *value; /* the container that is too deep; the key that stands twice */
    const yyjson_val *first; /* where that key stood first */
};

/* The first problem of a tree that was just read: a container deeper than LIMIT_JSON_DEPTH, or a
 * key that stands twice in one object. Linear in time but for objects of many members, whose keys
 * are sorted; never quadratic. */
struct tree_problem tree_check(const yyjson_doc *tree);

/* Describe `problem`, found at `mark`, in *err. `first` is the mark of problem->first.
 * Errors: LIMIT (too deep), INPUT (duplicate key); always fails. */
MUST status tree_refuse(const yyjson_doc *tree, const struct tree_problem *problem,
                        struct mark mark, struct mark first, struct error *err);

/* The key's place becomes the place of its value, in every object of the tree. */
void tree_mark_members(const yyjson_doc *tree, struct mark *marks);

/* Append the way from the root to `value` as a field path: "spec.containers[0].image". Nothing for
 * the root itself. */
void tree_path(const yyjson_doc *tree, const yyjson_val *value, struct buf *path);

/* Append one step of a field path: `.name`, or `["a.b/c"]` where a name is not a plain one. The
 * first step has no dot. */
void tree_path_member(struct buf *path, struct str name);

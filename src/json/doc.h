#pragma once
/* A parsed document: JSON by yyjson, YAML by libyaml, both as the same immutable yyjson tree, so
 * that whatever walks a tree need not know how it was written.
 *
 * Strict everywhere: duplicate keys, invalid UTF-8, trailing text, nesting deeper than
 * LIMIT_JSON_DEPTH and trees larger than LIMIT_JSON_MEMORY are errors, each with its place.
 * Other folders may call yyjson's reading functions on `root` and below.
 *
 * Ownership: a document owns its tree and its text; values and strs borrow from it until
 * `json_doc_done`. Threading: a document belongs to one thread, or is shared read-only. */
#include <stdint.h>
#include <yyjson.h>

#include "base/arena.h"
#include "base/status.h"
#include "base/str.h"

/* A place in a text, counted from 1; line 0 means unknown. Columns count characters. */
struct mark {
    uint32_t line;
    uint32_t column;
};

struct json_doc {
    yyjson_val *root;
    yyjson_doc *tree;   /* owned */
    struct mark *marks; /* owned; one per value in the order of the tree; NULL if not asked for */
    struct mark start;  /* where the document begins in its text */
};

enum json_marks { JSON_WITHOUT_MARKS, JSON_WITH_MARKS };

/* Parse one JSON document. Takes nothing: `text` is copied and may go.
 * Errors: INPUT (with line and column), LIMIT (depth, memory). Spec: RFC 8259. */
MUST status json_parse(struct str text, enum json_marks marks, struct json_doc *ret_doc,
                       struct error *err);

/* As json_parse without marks, for a tree that takes `memory` bytes at most while it is read. */
MUST status json_parse_within(struct str text, size_t memory, struct json_doc *ret_doc,
                              struct error *err);

/* The same for a text that holds secrets: all memory that it takes is overwritten when it is freed,
 * and no message shows more of the text than the name of a key that stands twice. No marks. */
MUST status json_parse_secret(struct str text, struct json_doc *ret_doc, struct error *err);

/* Free the tree and all that borrows from it. A zeroed document is fine. */
void json_doc_done(struct json_doc *doc);

/* Where `value`, which is of this document, stands; {0,0} without marks. The place of an object's
 * member is that of its key. */
struct mark json_mark(const struct json_doc *doc, const yyjson_val *value);

struct json_stream {
    struct json_doc *docs; /* owned */
    size_t n;
};

/* Parse a YAML stream: each document that is not empty becomes one of *ret_stream, with marks.
 * JSON text is YAML too; a text that starts with '{' or '[' is read as JSON documents, one after
 * the other, with or without lines "---" between them. Aliases are expanded and `<<` merges, as
 * kubectl does (the explicit key wins); plain scalars resolve by YAML 1.1 as in kubectl (yes, on,
 * 0o17, 1_000, .inf is an error). A key that stands twice, a key that is not a scalar, a tag other
 * than the core ones: an error. Errors: INPUT (with line and column), LIMIT (depth,
 * LIMIT_YAML_NODES, LIMIT_JSON_MEMORY). */
MUST status yaml_parse(struct str text, struct json_stream *ret_stream, struct error *err);

/* Free the documents and all that borrows from them. A zeroed stream is fine. */
void json_stream_done(struct json_stream *stream);

#define json_doc_auto    __attribute__((cleanup(json_doc_done))) struct json_doc
#define json_stream_auto __attribute__((cleanup(json_stream_done))) struct json_stream

/* -- small helpers on values; all accept NULL, which is what a missing member is -- */

/* The member `key` of an object; NULL if `value` is not an object or has no such member. */
yyjson_val *json_get(const yyjson_val *value, const char *key);

/* The bytes of a string value; the empty str for anything else. Borrows from the document. */
struct str json_str(const yyjson_val *value);

/* "null", "a string", "a list", "an object", "a number", "true or false", "nothing": for messages.
 */
const char *json_type_name(const yyjson_val *value);

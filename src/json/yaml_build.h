#pragma once
/* Inside json/: from the nodes of a YAML document to the tree of a `struct json_doc`.
 *
 * Values are laid down in the order in which they are met, which is the order of a yyjson tree; an
 * alias lays down a copy of what it names. While a document is being built, the strings among the
 * values hold offsets into `strings`, which may move.
 *
 * Limits: LIMIT_YAML_NODES for all documents of a builder together, copies included;
 * LIMIT_JSON_DEPTH; LIMIT_JSON_MEMORY for each document. */
#include "base/buf.h"
#include "base/limits.h"
#include "json/doc.h"
#include "json/yaml_scalar.h"

/* Values, each with its mark. */
struct yaml_piece {
    yyjson_val *values;
    struct mark *marks;
    size_t n;
    size_t room;
};

struct yaml_anchor;

/* A container that is not complete. */
struct yaml_frame {
    size_t at; /* of the container in the piece */
    size_t n;  /* items or members so far */
    bool object;
    bool has_key;      /* a key was laid down, its value is next */
    bool merging;      /* the key was `<<` */
    size_t merge_from; /* what `<<` merges stands at [from, to), without a key; 0: there is none */
    size_t merge_to;
    struct yaml_anchor *anchor; /* of the container; NULL: none */
};

struct yaml_builder {
    struct yaml_piece piece;
    struct buf strings;
    struct yaml_frame frames[LIMIT_JSON_DEPTH];
    size_t depth;
    bool empty;    /* nothing but an empty root so far */
    void *anchors; /* a tree of tsearch(3) */
    size_t nodes;
};

/* Begin a stream; free what is left of one. */
void yaml_builder_init(struct yaml_builder *builder);
void yaml_builder_done(struct yaml_builder *builder);

/* Lay down a scalar, or a copy of what was anchored as `node->anchor`.
 * Errors: INPUT (what yaml_scalar and yaml_key refuse; an anchor that is not known or not yet
 * complete), LIMIT. */
MUST status yaml_add_scalar(struct yaml_builder *builder, const struct yaml_node *node,
                            struct error *err);
MUST status yaml_add_alias(struct yaml_builder *builder, const struct yaml_node *node,
                           struct error *err);

/* Begin and end an object or a list. Errors: INPUT (it stands where a key must be, its tag is of
 * something else, `<<` cannot be merged), LIMIT. */
MUST status yaml_begin(struct yaml_builder *builder, bool object, const struct yaml_node *node,
                       struct error *err);
MUST status yaml_end(struct yaml_builder *builder, struct error *err);

/* Make a document of what was laid down, if it is not empty, and begin anew.
 * Errors: INPUT (a key stands twice), LIMIT (depth). */
MUST status yaml_finish(struct yaml_builder *builder, bool *ret_empty, struct json_doc *ret_doc,
                        struct error *err);

/* The bytes of a string that was laid down. */
static inline struct str yaml_text(const struct buf *strings, const yyjson_val *value)
{
    return (struct str){strings->p + value->uni.ofs, (size_t)(value->tag >> YYJSON_TAG_BIT)};
}

/* Append `n` values with their marks; there is no limit here. */
void yaml_piece_append(struct yaml_piece *piece, const yyjson_val *values, const struct mark *marks,
                       size_t n);
void yaml_piece_done(struct yaml_piece *piece);

/* Replace what `<<` merges into the object of `frame`, which is complete, by members.
 * Errors: INPUT (it is neither an object nor a list of objects; a key stands twice in one of them;
 * a key of it stands in the object before `<<`, where readers of YAML disagree which of the two
 * wins). */
MUST status yaml_merge(struct yaml_piece *piece, const struct buf *strings,
                       struct yaml_frame *frame, struct error *err);

#include "json/yaml_build.h"

#include <search.h>
#include <stdlib.h>

#include "json/tree.h"

/* What one value takes. */
enum { NODE_BYTES = sizeof(yyjson_val) + sizeof(struct mark), FIRST_ROOM = 64 };

/* -- pieces -- */

static void *resize(void *block, size_t count, size_t size)
{
    block = reallocarray(block, count, size);
    if (block == NULL) {
        fatal("out of memory");
    }
    return block;
}

void yaml_piece_append(struct yaml_piece *piece, const yyjson_val *values, const struct mark *marks,
                       size_t n)
{
    if (n > piece->room - piece->n) {
        size_t room = piece->room == 0 ? FIRST_ROOM : piece->room * 2;
        piece->room = room < piece->n + n ? piece->n + n : room;
        piece->values = resize(piece->values, piece->room, sizeof *piece->values);
        piece->marks = resize(piece->marks, piece->room, sizeof *piece->marks);
    }
    memcpy(piece->values + piece->n, values, n * sizeof *values);
    memcpy(piece->marks + piece->n, marks, n * sizeof *marks);
    piece->n += n;
}

void yaml_piece_done(struct yaml_piece *piece)
{
    free(piece->values);
    free(piece->marks);
    *piece = (struct yaml_piece){0};
}

/* -- anchors -- */

struct yaml_anchor {
    char *name;
    bool open;               /* its node is not complete */
    size_t at;               /* where that node stands */
    struct yaml_piece piece; /* a copy of it: merging moves what lies in the document */
};

static int compare_anchors(const void *left, const void *right)
{
    return strcmp(((const struct yaml_anchor *)left)->name,
                  ((const struct yaml_anchor *)right)->name);
}

static void free_anchor(void *item)
{
    struct yaml_anchor *anchor = item;
    yaml_piece_done(&anchor->piece);
    free(anchor->name);
    free(anchor);
}

static struct yaml_anchor *find_anchor(const struct yaml_builder *builder, const char *name)
{
    const struct yaml_anchor key = {.name = (char *)(uintptr_t)name};
    void *found = tfind(&key, &builder->anchors, compare_anchors);
    return found == NULL ? NULL : *(struct yaml_anchor **)found;
}

/* The anchor of the node that begins where the builder stands; NULL if it has none. A name may be
 * given again: then it names the later node. */
static struct yaml_anchor *open_anchor(struct yaml_builder *builder, const struct yaml_node *node)
{
    if (node->anchor == NULL) {
        return NULL;
    }
    struct yaml_anchor *anchor = find_anchor(builder, node->anchor);
    if (anchor == NULL) {
        anchor = calloc(1, sizeof *anchor);
        char *copy = strdup(node->anchor);
        if (anchor == NULL || copy == NULL) {
            fatal("out of memory");
        }
        anchor->name = copy;
        if (tsearch(anchor, &builder->anchors, compare_anchors) == NULL) {
            fatal("out of memory");
        }
    }
    yaml_piece_done(&anchor->piece);
    anchor->open = true;
    anchor->at = builder->piece.n;
    return anchor;
}

/* -- laying down -- */

void yaml_builder_init(struct yaml_builder *builder)
{
    *builder = (struct yaml_builder){.empty = true};
    buf_init(&builder->strings, LIMIT_JSON_MEMORY);
}

static void begin_anew(struct yaml_builder *builder)
{
    size_t nodes = builder->nodes;
    yaml_piece_done(&builder->piece);
    buf_done(&builder->strings);
    tdestroy(builder->anchors, free_anchor);
    yaml_builder_init(builder);
    builder->nodes = nodes;
}

void yaml_builder_done(struct yaml_builder *builder)
{
    begin_anew(builder);
}

/* Refuse what would take more nodes or memory than there may be. */
static status claim(struct yaml_builder *builder, size_t nodes, size_t bytes, struct mark mark,
                    struct error *err)
{
    if (nodes > LIMIT_YAML_NODES - builder->nodes) {
        return error_set(err, ERROR_LIMIT,
                         "line %u, column %u: more than %u values, those that aliases repeat "
                         "included",
                         mark.line, mark.column, LIMIT_YAML_NODES);
    }
    size_t used = (builder->piece.n + nodes) * NODE_BYTES + builder->strings.n;
    if (used > LIMIT_JSON_MEMORY || bytes > LIMIT_JSON_MEMORY - used) {
        return error_set(err, ERROR_LIMIT,
                         "line %u, column %u: the document takes more than %u MiB of memory",
                         mark.line, mark.column, LIMIT_JSON_MEMORY / MIB);
    }
    builder->nodes += nodes;
    return OK;
}

/* The container that is being filled; there must be one. */
static struct yaml_frame *top_frame(struct yaml_builder *builder)
{
    ENSURE(builder->depth > 0);
    return &builder->frames[builder->depth - 1];
}

static bool wants_key(struct yaml_builder *builder)
{
    if (builder->depth == 0) {
        return false;
    }
    const struct yaml_frame *frame = top_frame(builder);
    return frame->object && !frame->has_key;
}

/* The scalar or container at `at` is complete: close its anchor, and count it where it belongs. */
static status complete(struct yaml_builder *builder, size_t at, struct yaml_anchor *anchor,
                       struct error *err)
{
    struct yaml_piece *piece = &builder->piece;
    if (anchor != NULL && anchor->open && anchor->at == at) {
        TRY(claim(builder, piece->n - at, 0, piece->marks[at], err));
        yaml_piece_append(&anchor->piece, piece->values + at, piece->marks + at, piece->n - at);
        anchor->open = false;
    }
    if (builder->depth == 0) {
        return OK;
    }
    struct yaml_frame *frame = top_frame(builder);
    if (wants_key(builder)) {
        frame->has_key = true;
    } else if (frame->merging) {
        frame->merge_to = piece->n;
        frame->merging = frame->has_key = false;
    } else {
        frame->has_key = false;
        frame->n++;
    }
    return OK;
}

static status lay_down(struct yaml_builder *builder, yyjson_val value, struct mark mark,
                       struct error *err)
{
    bool string = unsafe_yyjson_is_str(&value);
    size_t length = string ? unsafe_yyjson_get_len(&value) : 0;
    TRY(claim(builder, 1, length + string, mark, err));
    if (string) {
        struct str text = {value.uni.str, length};
        value.uni.ofs = builder->strings.n;
        buf_add(&builder->strings, text);
        buf_add_char(&builder->strings, '\0');
    }
    yaml_piece_append(&builder->piece, &value, &mark, 1);
    return OK;
}

static bool is_merge_key(const struct yaml_node *node)
{
    bool merges = node->tag == NULL ? node->plain : yaml_tag_is(node->tag, "merge");
    return merges && str_eq(node->text, STR("<<"));
}

static status begin_merge(struct yaml_builder *builder, struct mark mark, struct error *err)
{
    struct yaml_frame *frame = top_frame(builder);
    if (frame->merge_from > 0) {
        return error_set(err, ERROR_INPUT,
                         "line %u, column %u: the key \"<<\" stands twice; "
                         "to merge several, write one list: <<: [*a, *b]",
                         mark.line, mark.column);
    }
    frame->merge_from = builder->piece.n;
    frame->merging = frame->has_key = true;
    return OK;
}

status yaml_add_scalar(struct yaml_builder *builder, const struct yaml_node *node,
                       struct error *err)
{
    if (wants_key(builder) && is_merge_key(node)) {
        return begin_merge(builder, node->mark, err);
    }
    char room[YAML_KEY_MAX];
    yyjson_val value;
    TRY(yaml_scalar(node, &value, err));
    if (wants_key(builder)) {
        TRY(yaml_key(node, &value, room, err));
    } else {
        yaml_value(&value);
    }
    struct yaml_anchor *anchor = open_anchor(builder, node);
    bool nothing = node->plain && node->text.n == 0 && node->tag == NULL && node->anchor == NULL;
    builder->empty = builder->empty && nothing && builder->depth == 0;
    size_t at = builder->piece.n;
    TRY(lay_down(builder, value, node->mark, err));
    return complete(builder, at, anchor, err);
}

/* A key that is an alias: of a scalar, which becomes a string. */
static status add_alias_key(struct yaml_builder *builder, const struct yaml_node *node,
                            const struct yaml_anchor *anchor, struct error *err)
{
    yyjson_val value = anchor->piece.values[0];
    char room[YAML_KEY_MAX];
    if (unsafe_yyjson_is_ctn(&value)) {
        return error_set(err, ERROR_INPUT, "line %u, column %u: a key must be a scalar",
                         node->mark.line, node->mark.column);
    }
    if (!unsafe_yyjson_is_str(&value)) {
        TRY(yaml_key(node, &value, room, err));
        TRY(lay_down(builder, value, node->mark, err));
    } else {
        TRY(claim(builder, 1, 0, node->mark, err));
        yaml_piece_append(&builder->piece, &value, &node->mark, 1);
    }
    return complete(builder, builder->piece.n - 1, NULL, err);
}

status yaml_add_alias(struct yaml_builder *builder, const struct yaml_node *node, struct error *err)
{
    const struct yaml_anchor *anchor = find_anchor(builder, node->anchor);
    if (anchor == NULL || anchor->open) {
        return error_set(err, ERROR_INPUT,
                         anchor == NULL
                             ? "line %u, column %u: there is no anchor \"&%.*s\" before this"
                             : "line %u, column %u: the anchor \"&%.*s\" contains itself",
                         node->mark.line, node->mark.column, 40, node->anchor);
    }
    builder->empty = false;
    if (wants_key(builder)) {
        return add_alias_key(builder, node, anchor, err);
    }
    size_t at = builder->piece.n;
    TRY(claim(builder, anchor->piece.n, 0, node->mark, err));
    yaml_piece_append(&builder->piece, anchor->piece.values, anchor->piece.marks, anchor->piece.n);
    return complete(builder, at, NULL, err);
}

status yaml_begin(struct yaml_builder *builder, bool object, const struct yaml_node *node,
                  struct error *err)
{
    struct mark mark = node->mark;
    if (wants_key(builder)) {
        return error_set(err, ERROR_INPUT, "line %u, column %u: a key must be a scalar", mark.line,
                         mark.column);
    }
    if (node->tag != NULL && !yaml_tag_is(node->tag, object ? "map" : "seq")) {
        return error_set(err, ERROR_INPUT,
                         "line %u, column %u: the tag \"%.*s\" is not allowed on a %s", mark.line,
                         mark.column, 40, node->tag, object ? "mapping" : "list");
    }
    if (builder->depth == LIMIT_JSON_DEPTH) {
        return error_set(err, ERROR_LIMIT, "line %u, column %u: nested deeper than %u levels",
                         mark.line, mark.column, LIMIT_JSON_DEPTH);
    }
    builder->empty = false;
    builder->frames[builder->depth++] = (struct yaml_frame){
        .at = builder->piece.n,
        .object = object,
        .anchor = open_anchor(builder, node),
    };
    const yyjson_val value = {.tag = object ? YYJSON_TYPE_OBJ : YYJSON_TYPE_ARR};
    return lay_down(builder, value, mark, err);
}

status yaml_end(struct yaml_builder *builder, struct error *err)
{
    struct yaml_frame frame = *top_frame(builder);
    struct yaml_piece *piece = &builder->piece;
    if (frame.merge_from > 0) {
        TRY(yaml_merge(piece, &builder->strings, &frame, err));
    }
    yyjson_val *container = piece->values + frame.at;
    unsafe_yyjson_set_len(container, frame.n);
    container->uni.ofs = (piece->n - frame.at) * sizeof *container;
    builder->depth--;
    return complete(builder, frame.at, frame.anchor, err);
}

/* -- the document -- */

/* A tree as yyjson's reader makes it: the document's head and all values in one block. */
static yyjson_doc *make_tree(struct yaml_builder *builder)
{
    const struct yaml_piece *piece = &builder->piece;
    const size_t head = (sizeof(yyjson_doc) + sizeof(yyjson_val) - 1) / sizeof(yyjson_val);
    yyjson_val *block = resize(NULL, head + piece->n, sizeof *block);
    yyjson_val *root = block + head;
    memcpy(root, piece->values, piece->n * sizeof *root);
    for (size_t i = 0; i < piece->n; i++) {
        if (unsafe_yyjson_is_str(root + i)) {
            root[i].uni.str = yaml_text(&builder->strings, root + i).p;
        }
    }
    yyjson_doc *tree = (void *)block;
    *tree = (yyjson_doc){
        .root = root,
        .alc = tree_allocator(NULL),
        .dat_read = piece->n,
        .val_read = piece->n,
        .str_pool = builder->strings.p, /* taken over */
    };
    buf_init(&builder->strings, LIMIT_JSON_MEMORY);
    return tree;
}

status yaml_finish(struct yaml_builder *builder, bool *ret_empty, struct json_doc *ret_doc,
                   struct error *err)
{
    *ret_empty = builder->empty;
    if (builder->empty) {
        begin_anew(builder);
        return OK;
    }
    json_doc_auto doc = {.tree = make_tree(builder), .marks = builder->piece.marks};
    doc.root = doc.tree->root;
    doc.start = doc.marks[0];
    builder->piece.marks = NULL;
    begin_anew(builder);
    struct tree_problem fault = tree_check(doc.tree);
    if (fault.fault != TREE_SOUND) {
        return tree_refuse(doc.tree, &fault, json_mark(&doc, fault.value),
                           json_mark(&doc, fault.first), err);
    }
    tree_mark_members(doc.tree, doc.marks);
    *ret_doc = doc;
    doc = (struct json_doc){0};
    return OK;
}

#include "json/doc.h"

#include <stdlib.h>

#include "base/limits.h"
#include "json/json.h"
#include "json/tree.h"

/* -- places: the values of a text stand in it in the order of the tree -- */

struct cursor {
    const char *p;
    const char *end;
    struct mark mark; /* of p */
};

static void step_over(struct cursor *cursor, size_t n)
{
    for (; n > 0 && cursor->p < cursor->end; n--, cursor->p++) {
        if (*cursor->p == '\n') {
            cursor->mark.line++;
            cursor->mark.column = 1;
        } else {
            /* Columns count characters: the further bytes of one do not count. */
            cursor->mark.column += ((unsigned char)*cursor->p & 0xc0) != 0x80;
        }
    }
}

struct mark json_place(struct str text, struct mark start, size_t at)
{
    struct cursor cursor = {text.p, text.p + text.n, start};
    step_over(&cursor, at);
    return cursor.mark;
}

/* Bytes of the string that starts at `p`, quotes included. */
static size_t string_length(const char *p, const char *end)
{
    const char *at = p + 1;
    while (at < end && *at != '"') {
        at += *at == '\\' ? 2 : 1;
    }
    return (size_t)((at < end ? at + 1 : end) - p);
}

/* Bytes of the value, or of the beginning of the container, that starts at `p`. */
static size_t token_length(const char *p, const char *end)
{
    if (*p == '"') {
        return string_length(p, end);
    }
    size_t n = 1;
    if (*p != '{' && *p != '[') {
        while (p + n < end && memchr(" \t\r\n,]}", p[n], 7) == NULL) {
            n++;
        }
    }
    return n;
}

/* The place of the next value in a text that was parsed; steps over it or into it. */
static struct mark next_value(struct cursor *cursor)
{
    while (cursor->p < cursor->end && memchr(" \t\r\n,:]}", *cursor->p, 8) != NULL) {
        step_over(cursor, 1);
    }
    struct mark mark = cursor->mark;
    if (cursor->p < cursor->end) {
        step_over(cursor, token_length(cursor->p, cursor->end));
    }
    return mark;
}

static struct mark mark_of(struct str text, struct mark start, size_t index)
{
    struct cursor cursor = {text.p, text.p + text.n, start};
    for (; index > 0; index--) {
        next_value(&cursor);
    }
    return next_value(&cursor);
}

static struct mark *make_marks(struct str text, struct mark start, const yyjson_doc *tree)
{
    struct mark *marks = calloc(tree->val_read, sizeof *marks);
    if (marks == NULL) {
        fatal("out of memory");
    }
    struct cursor cursor = {text.p, text.p + text.n, start};
    for (size_t i = 0; i < tree->val_read; i++) {
        marks[i] = next_value(&cursor);
    }
    tree_mark_members(tree, marks);
    return marks;
}

size_t json_extent(struct str text)
{
    const char *end = text.p + text.n;
    size_t depth = 0;
    for (const char *p = text.p; p < end;) {
        char c = *p;
        p += c == '"' ? string_length(p, end) : 1;
        depth += c == '{' || c == '[';
        depth -= (c == '}' || c == ']') && depth > 0;
        if (depth == 0 && (c == '}' || c == ']')) {
            return (size_t)(p - text.p);
        }
    }
    return text.n;
}

/* -- reading -- */

static status refuse_size(size_t memory, struct error *err)
{
    return error_set(err, ERROR_LIMIT, "the document takes more than %zu MiB of memory",
                     memory / MIB);
}

static status refuse_text(struct str text, struct mark start, const yyjson_read_err *problem,
                          struct error *err)
{
    if (problem->code == YYJSON_READ_ERROR_EMPTY_CONTENT) {
        return error_set(err, ERROR_INPUT, "the text is empty");
    }
    struct mark mark = json_place(text, start, problem->pos);
    return error_set(err, ERROR_INPUT, "line %u, column %u: %s", mark.line, mark.column,
                     problem->msg);
}

static status read_tree(struct str text, struct mark start, enum json_marks marks,
                        const yyjson_alc *allocator, struct json_doc *ret_doc, struct error *err)
{
    const struct tree_memory *memory = allocator->ctx;
    const size_t all = memory->left;
    if (text.n == 0) {
        return error_set(err, ERROR_INPUT, "the text is empty");
    }
    yyjson_read_err problem;
    /* Without the INSITU flag yyjson reads a copy and does not write to the text. */
    char *unwritten = (char *)(uintptr_t)text.p;
    yyjson_doc *tree = yyjson_read_opts(unwritten, text.n, YYJSON_READ_NOFLAG, allocator, &problem);
    if (tree == NULL) {
        return problem.code == YYJSON_READ_ERROR_MEMORY_ALLOCATION
                   ? refuse_size(all, err)
                   : refuse_text(text, start, &problem, err);
    }
    json_doc_auto doc = {.root = tree->root, .tree = tree, .start = start};
    struct tree_problem fault = tree_check(tree);
    if (fault.fault != TREE_SOUND) {
        struct mark first = {0};
        if (fault.first != NULL) {
            first = mark_of(text, start, (size_t)(fault.first - tree->root));
        }
        struct mark mark = mark_of(text, start, (size_t)(fault.value - tree->root));
        return tree_refuse(tree, &fault, mark, first, err);
    }
    if (marks == JSON_WITH_MARKS) {
        if (tree->val_read > memory->left / sizeof *doc.marks) {
            return refuse_size(all, err);
        }
        doc.marks = make_marks(text, start, tree);
        doc.start = doc.marks[0];
    }
    *ret_doc = doc;
    doc = (struct json_doc){0};
    return OK;
}

status json_read(struct str text, struct mark start, enum json_marks marks,
                 struct json_doc *ret_doc, struct error *err)
{
    struct tree_memory memory = {LIMIT_JSON_MEMORY};
    const yyjson_alc allocator = tree_allocator(&memory);
    return read_tree(text, start, marks, &allocator, ret_doc, err);
}

status json_parse_secret(struct str text, struct json_doc *ret_doc, struct error *err)
{
    struct tree_memory memory = {LIMIT_JSON_MEMORY};
    const yyjson_alc allocator = tree_secret_allocator(&memory);
    return read_tree(text, (struct mark){1, 1}, JSON_WITHOUT_MARKS, &allocator, ret_doc, err);
}

status json_parse_within(struct str text, size_t memory, struct json_doc *ret_doc,
                         struct error *err)
{
    struct tree_memory left = {memory};
    const yyjson_alc allocator = tree_allocator(&left);
    return read_tree(text, (struct mark){1, 1}, JSON_WITHOUT_MARKS, &allocator, ret_doc, err);
}

status json_parse(struct str text, enum json_marks marks, struct json_doc *ret_doc,
                  struct error *err)
{
    return json_read(text, (struct mark){1, 1}, marks, ret_doc, err);
}

void json_doc_done(struct json_doc *doc)
{
    yyjson_doc_free(doc->tree);
    free(doc->marks);
    *doc = (struct json_doc){0};
}

struct mark json_mark(const struct json_doc *doc, const yyjson_val *value)
{
    if (doc->marks == NULL || value == NULL) {
        return (struct mark){0};
    }
    size_t index =
        (size_t)(value - yyjson_doc_get_root(doc->tree)); /* `root` may be a part of it */
    ENSURE(index < doc->tree->val_read);
    return doc->marks[index];
}

/* -- helpers on values -- */

yyjson_val *json_get(const yyjson_val *value, const char *key)
{
    return yyjson_obj_get(tree_value(value), key);
}

struct str json_str(const yyjson_val *value)
{
    if (!yyjson_is_str(tree_value(value))) {
        return STR_EMPTY;
    }
    return (struct str){value->uni.str, yyjson_get_len(tree_value(value))};
}

const char *json_type_name(const yyjson_val *value)
{
    switch (yyjson_get_type(tree_value(value))) {
    case YYJSON_TYPE_NULL:
        return "null";
    case YYJSON_TYPE_BOOL:
        return "true or false";
    case YYJSON_TYPE_NUM:
        return "a number";
    case YYJSON_TYPE_STR:
        return "a string";
    case YYJSON_TYPE_ARR:
        return "a list";
    case YYJSON_TYPE_OBJ:
        return "an object";
    default:
        return "nothing";
    }
}

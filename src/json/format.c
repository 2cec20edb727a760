#include "json/format.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "json/format_bind.h"
#include "json/format_scalar.h"

enum { INDENT = 2 };

struct format {
    struct arena *arena;
    struct str text;
    const struct json_doc *doc;
    struct buf *buf;
    struct bounds heads, trails;
    bool *blank; /* by number of the line, from 1: it is empty, and not yet kept */
    size_t n_lines;
    bool begun; /* a line of the block is written */
};

static bool same_mark(struct mark a, struct mark b)
{
    return a.line == b.line && a.column == b.column;
}

/* Keep the empty line above line `line`, if there is one: once, and not at the top of a block. */
static void keep_blank(struct format *format, uint32_t line)
{
    if (line < 2 || line > format->n_lines || !format->blank[line - 1]) {
        return;
    }
    format->blank[line - 1] = false;
    if (format->begun) {
        buf_add_char(format->buf, '\n');
    }
}

/* -- comments in the text -- */

static void write_comment(struct format *format, struct bound *bound, size_t depth)
{
    if (bound->written) {
        return;
    }
    bound->written = true;
    keep_blank(format, bound->line);
    buf_printf(format->buf, "%*s%.*s\n", (int)depth, "", STR_ARG(bound->text));
    format->begun = true;
}

static void write_comments(struct format *format, struct mark owner, size_t depth)
{
    struct bound *head = format_bound(&format->heads, owner);
    for (; head != NULL; head = format_bound_next(&format->heads, head)) {
        write_comment(format, head, depth);
    }
}

/* The comments above a place, and the empty line below them. */
static void write_heads(struct format *format, struct mark owner, size_t depth)
{
    write_comments(format, owner, depth);
    keep_blank(format, owner.line);
}

/* Whether a comment of that owner is still to be written. */
static bool has_comment(const struct bounds *bounds, struct mark owner)
{
    const struct bound *bound = format_bound(bounds, owner);
    return bound != NULL && !bound->written;
}

static void write_trail(struct format *format, struct mark owner)
{
    struct bound *trail = format_bound(&format->trails, owner);
    if (trail != NULL && !trail->written) {
        trail->written = true;
        buf_printf(format->buf, "  %.*s", STR_ARG(trail->text));
    }
}

/* -- the tree -- */

static void write_literal(struct format *format, struct str text, struct mark mark, size_t depth)
{
    bool ends = str_ends(text, STR("\n"));
    struct buf *buf = format->buf;
    buf_add_cstr(buf, ends ? "|" : "|-");
    write_trail(format, mark);
    struct str line, rest = ends ? str_sub(text, 0, text.n - 1) : text;
    bool more = true;
    while (more) {
        more = str_cut(rest, '\n', &line, &rest);
        buf_add_char(buf, '\n');
        if (line.n > 0) {
            buf_printf(buf, "%*s%.*s", (int)depth, "", STR_ARG(line));
        }
    }
}

static void write_value(struct format *format, const struct fields *fields, yyjson_val *value,
                        struct mark mark, size_t depth);

/* Whether a list must stand in lines: it holds more than scalars, or a comment that would not stand
 * behind it alone. */
static bool needs_lines(const struct format *format, yyjson_val *list, struct mark mark)
{
    size_t i, n, trails = has_comment(&format->trails, mark);
    yyjson_val *item;
    yyjson_arr_foreach(list, i, n, item)
    {
        struct mark place = json_mark(format->doc, item);
        if (yyjson_is_ctn(item) || has_comment(&format->heads, place)) {
            return true;
        }
        trails += !same_mark(place, mark) && has_comment(&format->trails, place);
    }
    return trails > 1;
}

/* Write a list of scalars as `[a, b]` if it fits behind what the line holds so far. */
static bool write_flow(struct format *format, yyjson_val *list, struct mark mark)
{
    if (needs_lines(format, list, mark)) {
        return false;
    }
    buf_auto flow;
    buf_init(&flow, LIMIT_POLICY_FILE);
    size_t i, n;
    yyjson_val *item;
    yyjson_arr_foreach(list, i, n, item)
    {
        buf_add_cstr(&flow, i == 0 ? "[" : ", ");
        format_scalar(&flow, item);
    }
    buf_add_cstr(&flow, n == 0 ? "[]" : "]");
    struct str before = buf_str(format->buf);
    size_t newline = str_rfind(before, '\n');
    size_t column = newline < before.n ? before.n - 1 - newline : before.n;
    if (column + 1 + flow.n > FORMAT_WIDTH) {
        return false;
    }
    buf_printf(format->buf, " %.*s", STR_ARG(buf_str(&flow)));
    write_trail(format, mark);
    yyjson_arr_foreach(list, i, n, item)
    {
        write_trail(format, json_mark(format->doc, item));
    }
    buf_add_char(format->buf, '\n');
    return true;
}

static const struct field *find_field(const struct fields *fields, struct str name)
{
    for (size_t i = 0; fields != NULL && i < fields->n; i++) {
        if (str_eq(str_from(fields->members[i].name), name)) {
            return &fields->members[i];
        }
    }
    return NULL;
}

static void write_member(struct format *format, const struct fields *fields, yyjson_val *key,
                         yyjson_val *value, size_t depth)
{
    struct mark mark = json_mark(format->doc, value);
    bool behind_dash = str_ends(buf_str(format->buf), STR("- "));
    if (!behind_dash) {
        write_heads(format, mark, depth);
        buf_printf(format->buf, "%*s", (int)depth, "");
    }
    format_key(format->buf, json_str(key));
    buf_add_char(format->buf, ':');
    format->begun = true;
    const struct field *field = find_field(fields, json_str(key));
    write_value(format, field != NULL ? field->object : NULL, value, mark, depth);
}

/* Members that the table names, in its order; then the others, as they stand. */
static void write_object(struct format *format, const struct fields *fields, yyjson_val *object,
                         size_t depth)
{
    size_t i, n;
    yyjson_val *key, *value;
    for (size_t j = 0; fields != NULL && j < fields->n; j++) {
        yyjson_obj_foreach(object, i, n, key, value)
        {
            if (str_eq(json_str(key), str_from(fields->members[j].name))) {
                write_member(format, fields, key, value, depth);
            }
        }
    }
    yyjson_obj_foreach(object, i, n, key, value)
    {
        if (find_field(fields, json_str(key)) == NULL) {
            write_member(format, fields, key, value, depth);
        }
    }
}

/* The value of the member that is written first; NULL if there is none. */
static yyjson_val *first_member(const struct fields *fields, yyjson_val *object)
{
    for (size_t i = 0; fields != NULL && i < fields->n; i++) {
        yyjson_val *value = json_get(object, fields->members[i].name);
        if (value != NULL) {
            return value;
        }
    }
    yyjson_obj_iter iterator;
    if (!yyjson_obj_iter_init(object, &iterator)) {
        return NULL;
    }
    yyjson_val *key = yyjson_obj_iter_next(&iterator);
    return key != NULL ? yyjson_obj_iter_get_val(key) : NULL;
}

/* The first value inside an item as it is written; NULL if there is none. */
static yyjson_val *first_inside(const struct fields *fields, yyjson_val *item)
{
    return yyjson_is_arr(item)   ? yyjson_arr_get_first(item)
           : yyjson_is_obj(item) ? first_member(fields, item)
                                 : NULL;
}

/* Comments of what stands behind the dash of an item, which must stand above the dash: of the first
 * value, and of the brace or bracket that begins the item, since that goes. */
static void write_inner_heads(struct format *format, const struct fields *fields, yyjson_val *item,
                              size_t depth)
{
    struct mark mark = json_mark(format->doc, item);
    yyjson_val *first = first_inside(fields, item);
    if (first == NULL) {
        return;
    }
    struct bound *trail = format_bound(&format->trails, mark);
    if (trail != NULL && !same_mark(json_mark(format->doc, first_inside(NULL, item)), mark)) {
        write_comment(format, trail, depth);
    }
    write_comments(format, json_mark(format->doc, first), depth);
    if (yyjson_is_arr(item)) {
        write_inner_heads(format, fields, first, depth);
    }
}

static void write_items(struct format *format, const struct fields *fields, yyjson_val *list,
                        size_t depth);

/* Write an item; its comments and what stands before the dash are written. */
static void write_dash(struct format *format, const struct fields *fields, yyjson_val *item,
                       size_t depth)
{
    struct mark mark = json_mark(format->doc, item);
    bool filled = yyjson_is_ctn(item) && yyjson_get_len(item) > 0;
    buf_add_char(format->buf, '-');
    format->begun = true;
    if (!filled) {
        write_value(format, fields, item, mark, depth);
    } else if (yyjson_is_obj(item)) {
        buf_add_char(format->buf, ' ');
        write_object(format, fields, item, depth + INDENT);
    } else if (!write_flow(format, item, mark)) {
        buf_add_char(format->buf, ' ');
        write_items(format, fields, item, depth + INDENT);
    }
}

/* The first item of a list in a list stands behind the dash of that. */
static void write_items(struct format *format, const struct fields *fields, yyjson_val *list,
                        size_t depth)
{
    bool behind_dash = str_ends(buf_str(format->buf), STR("- "));
    size_t i, n;
    yyjson_val *item;
    yyjson_arr_foreach(list, i, n, item)
    {
        if (!behind_dash) {
            write_heads(format, json_mark(format->doc, item), depth);
            write_inner_heads(format, fields, item, depth);
            buf_printf(format->buf, "%*s", (int)depth, "");
        }
        behind_dash = false;
        write_dash(format, fields, item, depth);
    }
}

static void write_container(struct format *format, const struct fields *fields, yyjson_val *value,
                            struct mark mark, size_t depth)
{
    write_trail(format, mark);
    buf_add_char(format->buf, '\n');
    format->begun = false; /* no empty line at the top of a block */
    if (yyjson_is_obj(value)) {
        write_object(format, fields, value, depth + INDENT);
    } else {
        write_items(format, fields, value, depth + INDENT);
    }
}

/* Write what stands behind `key:` or `-`, and end the line. */
static void write_value(struct format *format, const struct fields *fields, yyjson_val *value,
                        struct mark mark, size_t depth)
{
    if (yyjson_is_arr(value) && write_flow(format, value, mark)) {
        return;
    }
    if (yyjson_is_ctn(value) && yyjson_get_len(value) > 0) {
        write_container(format, fields, value, mark, depth);
        return;
    }
    buf_add_char(format->buf, ' ');
    if (yyjson_is_str(value) && format_is_literal(json_str(value))) {
        write_literal(format, json_str(value), mark, depth + INDENT);
    } else {
        format_scalar(format->buf, value);
        write_trail(format, mark);
    }
    buf_add_char(format->buf, '\n');
}

/* -- documents -- */

/* Lines of the text, and, unless `blank` is NULL, which of them are empty, from 1. */
static size_t count_lines(struct str text, bool *blank)
{
    size_t n = 1, start = 0;
    for (size_t at = 0; at <= text.n;) {
        size_t length = comments_break(text, at);
        if (blank != NULL && (length > 0 || at == text.n)) {
            blank[n] = str_trim(str_sub(text, start, at)).n == 0;
        }
        n += length > 0;
        at += length > 0 ? length : 1;
        start = length > 0 ? at : start;
    }
    return n;
}

static void index_lines(struct format *format)
{
    format->n_lines = count_lines(format->text, NULL);
    bool *blank = ARENA_ARRAY(format->arena, bool, format->n_lines + 1);
    count_lines(format->text, blank);
    format->blank = blank;
}

static uint32_t last_line(const struct json_doc *doc, yyjson_val *value)
{
    uint32_t last = json_mark(doc, value).line;
    size_t i, n;
    yyjson_val *key, *item;
    if (yyjson_is_obj(value)) {
        yyjson_obj_foreach(value, i, n, key, item)
        {
            uint32_t line = last_line(doc, item);
            last = line > last ? line : last;
        }
    } else if (yyjson_is_arr(value)) {
        yyjson_arr_foreach(value, i, n, item)
        {
            uint32_t line = last_line(doc, item);
            last = line > last ? line : last;
        }
    }
    return last;
}

/* Comments and starts of documents that are not used up yet. */
struct rest {
    size_t comment, start;
};

/* Use up what belongs to `doc`: all before the next `---` behind it, or all. */
static void take_comments(const struct comments *comments, const struct json_doc *doc, bool last,
                          struct rest *rest)
{
    uint32_t below = last_line(doc, doc->root);
    while (rest->start < comments->n_starts && comments->starts[rest->start] <= below) {
        rest->start++;
    }
    bool open = last || rest->start == comments->n_starts;
    uint32_t end = open ? UINT32_MAX : comments->starts[rest->start];
    while (rest->comment < comments->n && comments->items[rest->comment].line < end) {
        rest->comment++;
    }
}

static void write_document(struct format *format, const struct fields *fields)
{
    yyjson_val *root = format->doc->root;
    if (yyjson_is_obj(root) && yyjson_obj_size(root) > 0) {
        /* what stands above the first member is about the document */
        write_comments(format, json_mark(format->doc, first_member(NULL, root)), 0);
        write_object(format, fields, root, 0);
    } else if (yyjson_is_arr(root) && yyjson_arr_size(root) > 0) {
        write_items(format, NULL, root, 0);
    } else {
        if (yyjson_is_str(root)) {
            format_quoted(format->buf, json_str(root));
        } else {
            format_scalar(format->buf, root);
        }
        buf_add_char(format->buf, '\n');
        format->begun = true;
    }
    write_comments(format, format_end, 0);
}

static int compare_texts(const void *a, const void *b)
{
    return str_cmp(((const struct comment *)a)->text, ((const struct comment *)b)->text);
}

static bool same_comments(struct comments *a, struct comments *b)
{
    if (a->n != b->n) {
        return false;
    }
    if (a->n > 0) {
        qsort(a->items, a->n, sizeof *a->items, compare_texts);
        qsort(b->items, b->n, sizeof *b->items, compare_texts);
    }
    for (size_t i = 0; i < a->n; i++) {
        if (!str_eq(a->items[i].text, b->items[i].text)) {
            return false;
        }
    }
    return true;
}

/* Whether the formatted text says the same, with the same comments. */
static bool is_same(struct arena *arena, const struct json_stream *stream,
                    struct comments *comments, struct str text)
{
    json_stream_auto again = {0};
    struct comments kept;
    struct error err;
    if (failed(yaml_parse(text, &again, &err)) || failed(comments_find(arena, text, &kept, &err))) {
        return false;
    }
    bool same = again.n == stream->n && same_comments(&kept, comments);
    for (size_t i = 0; same && i < stream->n; i++) {
        same = yyjson_equals(again.docs[i].root, stream->docs[i].root);
    }
    return same;
}

/* Whether the text would begin with a brace or bracket, and then all of it be read as JSON. */
static bool begins_like_json(const struct json_stream *stream, const struct comments *comments)
{
    return (stream->n > 1 || comments->n > 0) && yyjson_is_ctn(stream->docs[0].root) &&
           yyjson_get_len(stream->docs[0].root) == 0;
}

static void write_stream(struct format *format, format_table *table,
                         const struct json_stream *stream, const struct comments *comments)
{
    struct rest rest = {0, 0};
    for (size_t i = 0; i < stream->n; i++) {
        size_t from = rest.comment;
        format->doc = &stream->docs[i];
        format->begun = false;
        take_comments(comments, format->doc, i + 1 == stream->n, &rest);
        format_bind(format->arena, format->doc, comments, from, rest.comment, &format->heads,
                    &format->trails);
        buf_add_cstr(format->buf, i > 0 || begins_like_json(stream, comments) ? "---\n" : "");
        write_document(format, table(format->doc->root));
    }
    for (; stream->n == 0 && rest.comment < comments->n; rest.comment++) {
        buf_printf(format->buf, "%.*s\n", STR_ARG(comments->items[rest.comment].text));
    }
}

static status format_stream(struct arena *arena, struct str text, format_table *table,
                            const struct json_stream *stream, struct buf *buf, struct error *err)
{
    struct comments comments;
    TRY(comments_find(arena, text, &comments, err));
    if (comments.anchor > 0) {
        return error_set(err, ERROR_INPUT,
                         "line %" PRIu32
                         ": anchors and aliases cannot be kept; write out what they mean",
                         comments.anchor);
    }
    struct format format = {.arena = arena, .text = text, .buf = buf};
    index_lines(&format);
    write_stream(&format, table, stream, &comments);
    if (buf_overflowed(buf)) {
        return error_set(err, ERROR_LIMIT, "the formatted text is larger than the limit");
    }
    if (!is_same(arena, stream, &comments, buf_str(buf))) {
        return error_set(err, ERROR_INTERNAL,
                         "formatting would change what it says, so it is left as it is");
    }
    return OK;
}

status format_yaml(struct str text, format_table *table, struct buf *buf, struct error *err)
{
    arena_auto arena;
    arena_init(&arena, LIMIT_POLICY_ARENA);
    json_stream_auto stream = {0};
    TRY(yaml_parse(text, &stream, err));
    return format_stream(&arena, text, table, &stream, buf, err);
}

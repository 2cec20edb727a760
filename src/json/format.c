#include "json/format.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

enum { FLOW_WIDTH = 100, INDENT = 2 };

/* What a comment stands before or behind: the place of a member's key or of a list's item. */
struct bound {
    struct mark owner; /* line 0: the end of the document */
    struct str text;
    bool blank_before; /* an empty line stands above it */
    bool written;      /* an item and its first member stand in one place */
};

struct format {
    struct arena *arena;
    struct str text;
    const struct json_doc *doc;
    struct buf *buf;
    struct bound *heads, *trails; /* in the order of their owners */
    size_t n_heads, n_trails;
    const uint32_t *line_starts; /* byte of each line, from 0 */
    size_t n_lines;
    bool begun; /* a line of the document is written */
};

/* -- binding comments to what they are about -- */

static bool is_blank_line(const struct format *format, uint32_t line)
{
    if (line == 0 || line > format->n_lines) {
        return false;
    }
    struct str rest = str_sub(format->text, format->line_starts[line - 1], format->text.n);
    return str_trim(str_sub(rest, 0, str_find(rest, '\n'))).n == 0;
}

struct places {
    struct mark *items; /* of all members and items, in order */
    size_t n, room;
};

static void add_place(struct format *format, struct places *places, yyjson_val *value)
{
    if (places->n == places->room) {
        size_t room = places->room == 0 ? 64 : places->room * 2;
        struct mark *larger = ARENA_ARRAY(format->arena, struct mark, room);
        if (places->n > 0) {
            memcpy(larger, places->items, places->n * sizeof *larger);
        }
        places->items = larger;
        places->room = room;
    }
    places->items[places->n++] = json_mark(format->doc, value);
}

static void collect(struct format *format, struct places *places, yyjson_val *value)
{
    size_t i, n;
    yyjson_val *key, *item;
    if (yyjson_is_obj(value)) {
        yyjson_obj_foreach(value, i, n, key, item)
        {
            add_place(format, places, item);
            collect(format, places, item);
        }
    } else if (yyjson_is_arr(value)) {
        yyjson_arr_foreach(value, i, n, item)
        {
            add_place(format, places, item);
            collect(format, places, item);
        }
    }
}

/* The first place below `line`, or the end. */
static struct mark place_after(const struct places *places, uint32_t line)
{
    for (size_t i = 0; i < places->n; i++) {
        if (places->items[i].line > line) {
            return places->items[i];
        }
    }
    return (struct mark){0, 0};
}

/* The last place that begins at or above `line`; the end if there is none. */
static struct mark place_before(const struct places *places, uint32_t line)
{
    struct mark found = {0, 0};
    for (size_t i = 0; i < places->n && places->items[i].line <= line; i++) {
        found = places->items[i];
    }
    return found;
}

static void bind(struct format *format, const struct comments *comments, size_t from, size_t to)
{
    struct places places = {.n = 0};
    collect(format, &places, format->doc->root);
    format->heads = ARENA_ARRAY(format->arena, struct bound, to - from);
    format->trails = ARENA_ARRAY(format->arena, struct bound, to - from);
    for (size_t i = from; i < to; i++) {
        const struct comment *comment = &comments->items[i];
        struct bound bound = {.text = comment->text,
                              .blank_before = is_blank_line(format, comment->line - 1)};
        if (comment->own_line) {
            bound.owner = place_after(&places, comment->line);
            format->heads[format->n_heads++] = bound;
        } else {
            bound.owner = place_before(&places, comment->line);
            format->trails[format->n_trails++] = bound;
        }
    }
}

static bool same_mark(struct mark a, struct mark b)
{
    return a.line == b.line && a.column == b.column;
}

/* -- scalars -- */

static bool reads_back(const char *before, struct str text, const char *after, struct str value)
{
    buf_auto buf;
    buf_init(&buf, LIMIT_POLICY_FILE);
    buf_add_cstr(&buf, before);
    buf_add(&buf, text);
    buf_add_cstr(&buf, after);
    json_stream_auto stream = {0};
    struct error err;
    if (failed(yaml_parse(buf_str(&buf), &stream, &err)) || stream.n != 1) {
        return false;
    }
    yyjson_val *list = json_get(stream.docs[0].root, "k");
    yyjson_val *item = yyjson_arr_size(list) == 1 ? yyjson_arr_get_first(list) : NULL;
    return yyjson_is_str(item) && str_eq(json_str(item), value);
}

/* Whether the text may stand without quotes, alone and inside a list on one line. */
static bool may_be_plain(struct str text)
{
    if (text.n == 0 || text.n > FLOW_WIDTH || str_find(text, '\n') < text.n ||
        str_find(text, '#') < text.n) {
        return false;
    }
    return reads_back("k: [", text, "]\n", text) && reads_back("k:\n- ", text, "\n", text);
}

/* Whether a text of several lines is the same as a literal block. */
static bool may_be_literal(struct str text)
{
    if (str_find(text, '\n') == text.n || text.p[0] == ' ' || text.p[0] == '\n' ||
        str_ends(text, STR("\n\n")) || str_ends(text, STR(" "))) {
        return false;
    }
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        bool space_at_end = (c == ' ' || c == '\t') && i + 1 < text.n && text.p[i + 1] == '\n';
        if ((c < ' ' && c != '\n') || c == 0x7f || c >= 0x80 || space_at_end) {
            return false;
        }
    }
    return true;
}

static void write_scalar(struct buf *buf, yyjson_val *value)
{
    if (yyjson_is_str(value)) {
        struct str text = json_str(value);
        if (may_be_plain(text)) {
            buf_add(buf, text);
        } else {
            buf_add_json(buf, text);
        }
        return;
    }
    char *text = yyjson_val_write(value, YYJSON_WRITE_NOFLAG, NULL);
    ENSURE(text != NULL);
    buf_add_cstr(buf, text);
    free(text);
}

/* -- comments in the text -- */

static void write_comments(struct format *format, struct mark owner, size_t depth)
{
    for (size_t i = 0; i < format->n_heads; i++) {
        struct bound *head = &format->heads[i];
        if (head->written || !same_mark(head->owner, owner)) {
            continue;
        }
        head->written = true;
        if (format->begun && head->blank_before) {
            buf_add_char(format->buf, '\n');
        }
        buf_printf(format->buf, "%*s%.*s\n", (int)depth, "", STR_ARG(head->text));
        format->begun = true;
    }
}

/* The comments above a place, and the empty line below them. */
static void write_heads(struct format *format, struct mark owner, size_t depth)
{
    write_comments(format, owner, depth);
    if (format->begun && owner.line > 0 && is_blank_line(format, owner.line - 1)) {
        buf_add_char(format->buf, '\n');
    }
}

static void write_trails(struct format *format, struct mark owner)
{
    for (size_t i = 0; i < format->n_trails; i++) {
        if (!format->trails[i].written && same_mark(format->trails[i].owner, owner)) {
            format->trails[i].written = true;
            buf_printf(format->buf, "  %.*s", STR_ARG(format->trails[i].text));
        }
    }
}

/* -- the tree -- */

static void write_literal(struct format *format, struct str text, struct mark mark, size_t depth)
{
    bool ends = str_ends(text, STR("\n"));
    struct buf *buf = format->buf;
    buf_add_cstr(buf, ends ? "|" : "|-");
    write_trails(format, mark);
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

/* Whether a comment of its own line stands in the list. */
static bool has_heads(const struct format *format, yyjson_val *list)
{
    size_t i, n;
    yyjson_val *item;
    yyjson_arr_foreach(list, i, n, item)
    {
        for (size_t j = 0; j < format->n_heads; j++) {
            if (same_mark(format->heads[j].owner, json_mark(format->doc, item))) {
                return true;
            }
        }
        if (yyjson_is_ctn(item)) {
            return true;
        }
    }
    return false;
}

/* Write a list of scalars as `[a, b]` if it fits behind what the line holds so far. */
static bool write_flow(struct format *format, yyjson_val *list, struct mark mark)
{
    if (has_heads(format, list)) {
        return false;
    }
    buf_auto flow;
    buf_init(&flow, LIMIT_POLICY_FILE);
    size_t i, n;
    yyjson_val *item;
    yyjson_arr_foreach(list, i, n, item)
    {
        buf_add_cstr(&flow, i == 0 ? "[" : ", ");
        write_scalar(&flow, item);
    }
    buf_add_cstr(&flow, n == 0 ? "[]" : "]");
    struct str before = buf_str(format->buf);
    size_t column = before.n - 1 - str_rfind(before, '\n');
    if (column + 1 + flow.n > FLOW_WIDTH) {
        return false;
    }
    buf_printf(format->buf, " %.*s", STR_ARG(buf_str(&flow)));
    write_trails(format, mark);
    yyjson_arr_foreach(list, i, n, item)
    {
        write_trails(format, json_mark(format->doc, item));
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
    write_scalar(format->buf, key);
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

static void write_item(struct format *format, const struct fields *fields, yyjson_val *item,
                       size_t depth)
{
    struct mark mark = json_mark(format->doc, item);
    write_heads(format, mark, depth);
    yyjson_val *first = first_member(fields, item);
    if (first != NULL && !same_mark(json_mark(format->doc, first), mark)) {
        write_heads(format, json_mark(format->doc, first), depth); /* none can follow the dash */
    }
    buf_printf(format->buf, "%*s-", (int)depth, "");
    format->begun = true;
    if (yyjson_is_obj(item) && yyjson_obj_size(item) > 0) {
        buf_add_char(format->buf, ' ');
        write_object(format, fields, item, depth + INDENT);
    } else {
        write_value(format, fields, item, mark, depth);
    }
}

static void write_container(struct format *format, const struct fields *fields, yyjson_val *value,
                            struct mark mark, size_t depth)
{
    write_trails(format, mark);
    buf_add_char(format->buf, '\n');
    format->begun = false; /* no empty line at the top of a block */
    if (yyjson_is_obj(value)) {
        write_object(format, fields, value, depth + INDENT);
        return;
    }
    size_t i, n;
    yyjson_val *item;
    yyjson_arr_foreach(value, i, n, item)
    {
        write_item(format, fields, item, depth + INDENT);
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
    if (yyjson_is_str(value) && may_be_literal(json_str(value))) {
        write_literal(format, json_str(value), mark, depth + INDENT);
    } else {
        write_scalar(format->buf, value);
        write_trails(format, mark);
    }
    buf_add_char(format->buf, '\n');
}

/* -- documents -- */

/* Bytes at which the lines of the text begin. */
static void index_lines(struct format *format)
{
    size_t n = 1;
    for (size_t i = 0; i < format->text.n; i++) {
        n += format->text.p[i] == '\n';
    }
    uint32_t *starts = ARENA_ARRAY(format->arena, uint32_t, n);
    size_t line = 1;
    for (size_t i = 0; i < format->text.n; i++) {
        if (format->text.p[i] == '\n') {
            starts[line++] = (uint32_t)i + 1;
        }
    }
    format->line_starts = starts;
    format->n_lines = n;
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

/* The first comment that belongs to the document behind `doc`. */
static size_t comments_end(const struct comments *comments, const struct json_doc *doc, bool last)
{
    uint32_t below = last_line(doc, doc->root), end = UINT32_MAX;
    for (size_t i = 0; !last && i < comments->n_starts; i++) {
        if (comments->starts[i] > below && comments->starts[i] < end) {
            end = comments->starts[i];
        }
    }
    size_t n = 0;
    while (n < comments->n && comments->items[n].line < end) {
        n++;
    }
    return n;
}

static void write_document(struct format *format, const struct fields *fields)
{
    yyjson_val *root = format->doc->root;
    if (yyjson_is_obj(root) && yyjson_obj_size(root) > 0) {
        /* what stands above the first member is about the document */
        write_comments(format, json_mark(format->doc, first_member(NULL, root)), 0);
        write_object(format, fields, root, 0);
    } else {
        char *text = yyjson_val_write(root, YYJSON_WRITE_NOFLAG, NULL);
        ENSURE(text != NULL);
        buf_printf(format->buf, "%s\n", text);
        free(text);
    }
    write_heads(format, (struct mark){0, 0}, 0);
}

/* Formatting must not change what is said, nor lose a comment. */
static status check(struct arena *arena, const struct json_stream *stream,
                    const struct comments *comments, struct str text, struct error *err)
{
    json_stream_auto again = {0};
    struct comments kept;
    TRY(yaml_parse(text, &again, err));
    TRY(comments_find(arena, text, &kept, err));
    bool same = again.n == stream->n && kept.n == comments->n;
    for (size_t i = 0; same && i < stream->n; i++) {
        same = yyjson_equals(again.docs[i].root, stream->docs[i].root);
    }
    if (!same) {
        return error_set(err, ERROR_INTERNAL,
                         "formatting would change what it says, so it is left as it is");
    }
    return OK;
}

static status format_stream(struct arena *arena, struct str text, format_table *table,
                            const struct json_stream *stream, struct buf *buf, struct error *err)
{
    struct comments comments;
    TRY(comments_find(arena, text, &comments, err));
    struct format format = {.arena = arena, .text = text, .buf = buf};
    index_lines(&format);
    size_t from = 0;
    for (size_t i = 0; i < stream->n; i++) {
        format.doc = &stream->docs[i];
        format.n_heads = format.n_trails = 0;
        format.begun = false;
        size_t to = comments_end(&comments, format.doc, i + 1 == stream->n);
        bind(&format, &comments, from, to);
        buf_add_cstr(buf, i > 0 ? "---\n" : "");
        write_document(&format, table(format.doc->root));
        from = to;
    }
    if (buf_overflowed(buf)) {
        return error_set(err, ERROR_LIMIT, "the formatted text is larger than the limit");
    }
    return check(arena, stream, &comments, buf_str(buf), err);
}

status format_yaml(struct str text, format_table *table, struct buf *buf, struct error *err)
{
    arena_auto arena;
    arena_init(&arena, LIMIT_POLICY_ARENA);
    json_stream_auto stream = {0};
    TRY(yaml_parse(text, &stream, err));
    return format_stream(&arena, text, table, &stream, buf, err);
}

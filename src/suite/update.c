#include "base/limits.h"
#include "suite/suite.h"

/* A file that is being written anew, line by line. */
struct updating {
    const struct suite_file *file;
    struct str rest; /* of the old text */
    uint32_t line;   /* of the first line of `rest`, from 1 */
    struct buf *buf;
};

static struct str next_line(struct updating *updating)
{
    size_t end = str_find(updating->rest, '\n');
    end = end < updating->rest.n ? end + 1 : end;
    struct str line = str_sub(updating->rest, 0, end);
    updating->rest = str_sub(updating->rest, end, updating->rest.n);
    updating->line++;
    return line;
}

static void copy_lines_to(struct updating *updating, uint32_t line)
{
    while (updating->line < line && updating->rest.n > 0) {
        buf_add(updating->buf, next_line(updating));
    }
}

static bool is_blank(struct str line)
{
    return str_trim(line).n == 0;
}

static size_t indentation(struct str line)
{
    size_t n = 0;
    while (n < line.n && line.p[n] == ' ') {
        n++;
    }
    return n;
}

/* Bytes at the beginning of `text` that belong to a block whose parent is indented by `indent`:
 * lines that are indented further, without the blank ones behind the last of them. A list may
 * stand as far left as its key. */
static size_t block_extent(struct str text, size_t indent)
{
    size_t extent = 0, at = 0;
    while (at < text.n) {
        struct str rest = str_sub(text, at, text.n);
        size_t end = str_find(rest, '\n');
        struct str line = str_sub(rest, 0, end);
        at += end < rest.n ? end + 1 : end;
        if (!is_blank(line)) {
            if (indentation(line) < indent) {
                break;
            }
            extent = at;
        }
    }
    return extent;
}

static void skip_bytes(struct updating *updating, size_t n)
{
    size_t end = updating->rest.n - n;
    while (updating->rest.n > end) {
        next_line(updating);
    }
}

static void indent(struct buf *buf, size_t n)
{
    buf_printf(buf, "%*s", (int)n, "");
}

static void write_field(struct buf *buf, enum suite_field field,
                        const struct suite_entries *entries, size_t depth)
{
    indent(buf, depth);
    if (field == SUITE_VERDICT) {
        buf_printf(buf, "verdict: %.*s\n", STR_ARG(entries->items[0]));
        return;
    }
    buf_printf(buf, "%s:%s\n", suite_field_name(field), entries->n == 0 ? " []" : "");
    for (size_t i = 0; i < entries->n; i++) {
        indent(buf, depth + 2);
        buf_add_cstr(buf, "- ");
        if (field == SUITE_PATCH) {
            buf_add(buf, entries->items[i]);
        } else {
            buf_add_json(buf, entries->items[i]);
        }
        buf_add_char(buf, '\n');
    }
}

/* The block behind `expect:`. Without an expectation so far, all that says something. */
static void write_expectation(struct buf *buf, const struct suite_result *result, size_t depth)
{
    bool all = true;
    for (enum suite_field field = 0; field < SUITE_FIELDS; field++) {
        all = all && !result->test->expected.fields[field].set;
    }
    for (enum suite_field field = 0; field < SUITE_FIELDS; field++) {
        const struct suite_entries *got = &result->got.fields[field];
        if (all ? got->n > 0 : result->test->expected.fields[field].set) {
            write_field(buf, field, got, depth);
        }
    }
}

/* Whether nothing but spaces and "- " stands before the key in column `column` of `line`. */
static bool begins_line(struct str line, uint32_t column)
{
    for (size_t i = 0; i + 1 < column && i < line.n; i++) {
        if (line.p[i] != ' ' && line.p[i] != '-') {
            return false;
        }
    }
    return true;
}

static status refuse_flow(const struct updating *updating, struct mark mark, struct error *err)
{
    return error_set(err, ERROR_CONFIG,
                     "%s:%u:%u: cannot be updated where it stands on one line with others; write "
                     "the case as lines",
                     updating->file->path, mark.line, mark.column);
}

static status replace(struct updating *updating, const struct suite_result *result,
                      struct error *err)
{
    struct mark mark = result->test->expect_mark;
    copy_lines_to(updating, mark.line);
    struct str line = next_line(updating);
    if (!begins_line(line, mark.column)) {
        return refuse_flow(updating, mark, err);
    }
    size_t depth = mark.column - 1;
    struct str key = str_sub(line, depth, line.n);
    struct str value = str_trim(str_sub(key, str_find(key, ':') + 1, key.n));
    bool flow = value.n > 0 && *value.p != '#' && !str_eq(value, STR("{}"));
    if (flow && !(*value.p == '{' && value.p[value.n - 1] == '}')) {
        return refuse_flow(updating, mark, err);
    }
    buf_add(updating->buf, str_sub(line, 0, depth));
    buf_add_cstr(updating->buf, "expect:\n");
    write_expectation(updating->buf, result, depth + 2);
    skip_bytes(updating, block_extent(updating->rest, depth + 1));
    return OK;
}

/* Put an expectation behind the last line of a case that has none. */
static status append(struct updating *updating, const struct suite_result *result,
                     struct error *err)
{
    struct mark mark = result->test->mark;
    copy_lines_to(updating, mark.line);
    struct str line = next_line(updating);
    if (!begins_line(line, mark.column)) {
        return refuse_flow(updating, mark, err);
    }
    buf_add(updating->buf, line);
    if (line.n > 0 && line.p[line.n - 1] != '\n') {
        buf_add_char(updating->buf, '\n');
    }
    size_t depth = mark.column - 1;
    size_t extent = block_extent(updating->rest, depth);
    size_t end = updating->rest.n - extent;
    while (updating->rest.n > end) {
        line = next_line(updating);
        buf_add(updating->buf, line);
    }
    if (line.n > 0 && line.p[line.n - 1] != '\n') {
        buf_add_char(updating->buf, '\n');
    }
    indent(updating->buf, depth);
    buf_add_cstr(updating->buf, "expect:\n");
    write_expectation(updating->buf, result, depth + 2);
    return OK;
}

status suite_update(const struct suite_file *file, const struct suite_result *results, size_t n,
                    struct buf *buf, struct error *err)
{
    struct updating updating = {.file = file, .rest = file->text, .line = 1, .buf = buf};
    for (size_t i = 0; i < n; i++) {
        if (results[i].test->expect_mark.line > 0) {
            TRY(replace(&updating, &results[i], err));
        } else {
            TRY(append(&updating, &results[i], err));
        }
    }
    buf_add(buf, updating.rest);
    return OK;
}

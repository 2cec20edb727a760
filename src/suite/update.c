#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "suite/suite.h"
#include "json/comments.h"

/* A file that is being written anew, line by line. */
struct updating {
    const struct suite_file *file;
    struct comments comments;
    size_t comment;     /* the first one at or below `line` */
    struct str rest;    /* of the old text */
    uint32_t line;      /* of the first line of `rest`, from 1 */
    const char *ending; /* of the file's lines */
    struct buf *buf;
};

static struct str line_of(struct str text)
{
    size_t end = str_find(text, '\n');
    return str_sub(text, 0, end < text.n ? end + 1 : end);
}

static struct str next_line(struct updating *updating)
{
    struct str line = line_of(updating->rest);
    updating->rest = str_sub(updating->rest, line.n, updating->rest.n);
    updating->line++;
    return line;
}

static void copy_lines_to(struct updating *updating, uint32_t line)
{
    while (updating->line < line && updating->rest.n > 0) {
        buf_add(updating->buf, next_line(updating));
    }
}

/* The comment in line `line`; NULL if there is none. Lines are asked for in order. */
static const struct comment *comment_in(struct updating *updating, uint32_t line)
{
    const struct comments *comments = &updating->comments;
    while (updating->comment < comments->n && comments->items[updating->comment].line < line) {
        updating->comment++;
    }
    bool found = updating->comment < comments->n && comments->items[updating->comment].line == line;
    return found ? &comments->items[updating->comment] : NULL;
}

static size_t indentation(struct str line)
{
    size_t n = 0;
    while (n < line.n && line.p[n] == ' ') {
        n++;
    }
    return n;
}

/* Lines from here on that belong to a block whose lines are indented by `indent` at least: without
 * the blank lines and comments behind the last of them. */
static uint32_t block_lines(struct updating *updating, size_t indent)
{
    uint32_t lines = 0, at = 0;
    size_t first = updating->comment;
    for (struct str rest = updating->rest, line; rest.n > 0; at++) {
        line = line_of(rest);
        rest = str_sub(rest, line.n, rest.n);
        const struct comment *comment = comment_in(updating, updating->line + at);
        if (str_trim(line).n == 0 || (comment != NULL && comment->own_line)) {
            continue;
        }
        if (indentation(line) < indent) {
            break;
        }
        lines = at + 1;
    }
    updating->comment = first;
    return lines;
}

/* -- writing -- */

static void end_line(struct updating *updating)
{
    buf_add_cstr(updating->buf, updating->ending);
}

static void indent(struct buf *buf, size_t n)
{
    buf_printf(buf, "%*s", (int)n, "");
}

static void write_field(struct updating *updating, enum suite_field field,
                        const struct suite_entries *entries, size_t depth)
{
    struct buf *buf = updating->buf;
    indent(buf, depth);
    buf_printf(buf, "%s:", suite_field_name(field));
    if (field == SUITE_VERDICT) {
        buf_printf(buf, " %.*s", STR_ARG(entries->items[0]));
        end_line(updating);
        return;
    }
    buf_add_cstr(buf, entries->n == 0 ? " []" : "");
    end_line(updating);
    for (size_t i = 0; i < entries->n; i++) {
        indent(buf, depth + 2);
        buf_add_cstr(buf, "- ");
        if (field == SUITE_PATCH) {
            buf_add(buf, entries->items[i]);
        } else {
            buf_add_json(buf, entries->items[i]);
        }
        end_line(updating);
    }
}

/* The block behind `expect:`. Without an expectation so far, all that says something. */
static void write_expectation(struct updating *updating, const struct suite_result *result,
                              size_t depth)
{
    bool all = true;
    for (enum suite_field field = 0; field < SUITE_FIELDS; field++) {
        all = all && !result->test->expected.fields[field].set;
    }
    for (enum suite_field field = 0; field < SUITE_FIELDS; field++) {
        const struct suite_entries *got = &result->got.fields[field];
        if (all ? got->n > 0 : result->test->expected.fields[field].set) {
            write_field(updating, field, got, depth);
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

static status refuse(const struct updating *updating, struct mark mark, struct error *err)
{
    return error_set(err, ERROR_CONFIG,
                     "%s:%u:%u: cannot be updated where it is not made of lines; write the case "
                     "and its expect as a block, without {} and anchors",
                     updating->file->path, mark.line, mark.column);
}

/* Whether `value`, what stands behind `expect:`, may go: nothing, or braces that close. */
static bool may_go(struct str value)
{
    return value.n == 0 || (*value.p == '{' && value.p[value.n - 1] == '}');
}

/* Pass over the old expectation but for its comments, which stand above the new one. */
static void replace_block(struct updating *updating, uint32_t lines, size_t depth)
{
    for (uint32_t end = updating->line + lines; updating->line < end; next_line(updating)) {
        const struct comment *comment = comment_in(updating, updating->line);
        if (comment != NULL) {
            indent(updating->buf, depth);
            buf_add(updating->buf, comment->text);
            end_line(updating);
        }
    }
}

static status replace(struct updating *updating, const struct suite_result *result,
                      struct error *err)
{
    struct mark mark = result->test->expect_mark;
    copy_lines_to(updating, mark.line);
    struct str line = line_of(updating->rest);
    size_t depth = mark.column - 1;
    struct str key = str_sub(line, depth, line.n);
    struct str value = str_sub(key, str_find(key, ':') + 1, key.n);
    const struct comment *comment = comment_in(updating, mark.line);
    struct str remark = comment == NULL ? STR_EMPTY : comment->text;
    if (remark.n > 0) {
        value = str_sub(value, 0, (size_t)(remark.p - value.p));
    }
    if (!begins_line(line, mark.column) || !may_go(str_trim(value))) {
        return refuse(updating, mark, err);
    }
    next_line(updating);
    buf_add(updating->buf, str_sub(line, 0, depth));
    buf_printf(updating->buf, "expect:%s%.*s", remark.n > 0 ? "  " : "", STR_ARG(remark));
    end_line(updating);
    replace_block(updating, block_lines(updating, depth + 1), depth + 2);
    write_expectation(updating, result, depth + 2);
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
        return refuse(updating, mark, err);
    }
    buf_add(updating->buf, line);
    size_t depth = mark.column - 1;
    for (uint32_t end = updating->line + block_lines(updating, depth); updating->line < end;) {
        line = next_line(updating);
        buf_add(updating->buf, line);
    }
    if (!str_ends(line, STR("\n"))) {
        end_line(updating);
    }
    indent(updating->buf, depth);
    buf_add_cstr(updating->buf, "expect:");
    end_line(updating);
    write_expectation(updating, result, depth + 2);
    return OK;
}

/* -- whether it says what it should -- */

static bool same_strings(yyjson_val *list, const struct suite_entries *entries)
{
    bool same = yyjson_is_arr(list) && yyjson_arr_size(list) == entries->n;
    for (size_t i = 0; same && i < entries->n; i++) {
        same = str_eq(json_str(yyjson_arr_get(list, i)), entries->items[i]);
    }
    return same;
}

static bool expects_result(yyjson_val *expect, const struct suite_result *result)
{
    const struct suite_entries *got = result->got.fields;
    for (enum suite_field field = 0; field < SUITE_FIELDS; field++) {
        yyjson_val *value = json_get(expect, suite_field_name(field));
        bool same = field == SUITE_VERDICT ? str_eq(json_str(value), got[field].items[0])
                    : field == SUITE_PATCH ? yyjson_arr_size(value) == got[field].n
                                           : same_strings(value, &got[field]);
        if (value != NULL && !same) {
            return false;
        }
    }
    return yyjson_obj_size(expect) > 0;
}

static bool same_without(yyjson_val *a, yyjson_val *b, const char *left_out)
{
    size_t i, n, here = 0;
    yyjson_val *key, *value;
    yyjson_obj_foreach(a, i, n, key, value)
    {
        if (yyjson_equals_str(key, left_out)) {
            continue;
        }
        here++;
        yyjson_val *other = yyjson_obj_getn(b, yyjson_get_str(key), yyjson_get_len(key));
        if (other == NULL || !yyjson_equals(value, other)) {
            return false;
        }
    }
    return yyjson_obj_size(b) == here + (json_get(b, left_out) != NULL);
}

/* Compare the cases of two documents. `*result` is the next one that was written; it moves on. */
static bool same_cases(const struct suite *suite, yyjson_val *old, yyjson_val *new,
                       const struct suite_result **result, const struct suite_result *end)
{
    if (yyjson_arr_size(old) != yyjson_arr_size(new)) {
        return false;
    }
    for (size_t i = 0; i < suite->n_cases; i++) {
        yyjson_val *a = yyjson_arr_get(old, i), *b = yyjson_arr_get(new, i);
        bool written = *result < end && (*result)->test == &suite->cases[i];
        if (written
                ? !same_without(a, b, "expect") || !expects_result(json_get(b, "expect"), *result)
                : !yyjson_equals(a, b)) {
            return false;
        }
        *result += written ? 1 : 0;
    }
    return true;
}

/* Nothing but the expectations may have changed, whatever the style of the file. */
static status check(const struct suite_file *file, const struct suite_result *results, size_t n,
                    struct str text, struct error *err)
{
    json_stream_auto again = {0};
    struct error ignored;
    bool same = !failed(yaml_parse(text, &again, &ignored)) && again.n == file->n_suites;
    const struct suite_result *result = results;
    for (size_t i = 0; same && i < file->n_suites; i++) {
        yyjson_val *old = file->stream.docs[i].root, *new = again.docs[i].root;
        same = same_without(old, new, "cases") &&
               same_cases(&file->suites[i], json_get(old, "cases"), json_get(new, "cases"), &result,
                          results + n);
    }
    if (!same || result != results + n) {
        return error_set(err, ERROR_CONFIG,
                         "%s: cannot be updated in its style; write cases as blocks, without {} "
                         "and anchors",
                         file->path);
    }
    return OK;
}

status suite_update(const struct suite_file *file, const struct suite_result *results, size_t n,
                    struct buf *buf, struct error *err)
{
    arena_auto arena;
    arena_init(&arena, LIMIT_POLICY_ARENA);
    struct updating updating = {.file = file, .rest = file->text, .line = 1, .buf = buf};
    updating.ending = str_ends(line_of(file->text), STR("\r\n")) ? "\r\n" : "\n";
    if (failed(comments_find(&arena, file->text, &updating.comments, err))) {
        return error_wrap(err, "%s: cannot be updated", file->path);
    }
    for (size_t i = 0; i < n; i++) {
        if (results[i].test->expect_mark.line > 0) {
            TRY(replace(&updating, &results[i], err));
        } else {
            TRY(append(&updating, &results[i], err));
        }
    }
    buf_add(buf, updating.rest);
    return buf_overflowed(buf)
               ? error_set(err, ERROR_LIMIT, "%s: would be larger than the limit", file->path)
               : check(file, results, n, buf_str(buf), err);
}

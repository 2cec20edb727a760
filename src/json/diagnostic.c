#include "json/diagnostic.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/limits.h"
#include "base/utf8.h"

void diagnostics_init(struct diagnostics *list, struct arena *arena)
{
    *list = (struct diagnostics){.arena = arena};
    list->items = ARENA_ARRAY(arena, struct diagnostic, LIMIT_DIAGNOSTICS);
}

/* A copy of at most `max` bytes of `text`, with '?' for what a terminal should not be sent. */
static struct str printable(struct arena *arena, struct str text, size_t max)
{
    struct str rest = str_sub(text, 0, utf8_cut(text.p, text.n, max));
    char *copy = arena_alloc(arena, rest.n + 1);
    size_t n = 0;
    while (rest.n > 0) {
        size_t length = utf8_length(rest.p, rest.n);
        if (length == 0 || utf8_acts(rest.p, length)) {
            copy[n++] = '?';
            length = length == 0 ? 1 : length;
        } else {
            memcpy(copy + n, rest.p, length);
            n += length;
        }
        rest = str_sub(rest, length, rest.n);
    }
    return (struct str){copy, n};
}

/* Count one more; the place to keep it, or NULL if there is none left. */
static struct diagnostic *count_one(struct diagnostics *list, enum diagnostic_level level)
{
    list->errors += level == DIAGNOSTIC_ERROR;
    list->warnings += level == DIAGNOSTIC_WARNING;
    return list->n < LIMIT_DIAGNOSTICS ? &list->items[list->n++] : NULL;
}

void diagnostics_add(struct diagnostics *list, enum diagnostic_level level, struct mark mark,
                     struct str path, struct str suggestion, const char *format, ...)
{
    struct diagnostic *item = count_one(list, level);
    if (item == NULL) {
        return;
    }
    char message[LIMIT_MESSAGE];
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    ENSURE(n >= 0);
    *item = (struct diagnostic){
        .level = level,
        .file = printable(list->arena, list->file, LIMIT_MESSAGE),
        .mark = mark,
        .path = printable(list->arena, path, LIMIT_FIELD_PATH),
        .message = printable(list->arena, str_from(message), LIMIT_MESSAGE),
        .suggestion = printable(list->arena, suggestion, LIMIT_FIELD_PATH),
    };
}

/* Read `word`, digits and `end` from the beginning of *text. Returns false, and leaves *text as it
 * was, if it does not begin so. */
static bool take_number(struct str *text, struct str word, char end, uint32_t *ret_number)
{
    struct str digits, rest;
    uint64_t number = 0;
    if (!str_starts(*text, word) ||
        !str_cut(str_sub(*text, word.n, text->n), end, &digits, &rest) ||
        !str_parse_u64(digits, UINT32_MAX, &number)) {
        return false;
    }
    *ret_number = (uint32_t)number;
    *text = rest;
    return true;
}

void diagnostics_add_error(struct diagnostics *list, const struct error *err)
{
    struct mark mark = {0};
    struct str message = str_from(err->text);
    struct str rest = message;
    /* As json_parse and yaml_parse begin what they say of a place. */
    if (take_number(&rest, STR("line "), ',', &mark.line) &&
        take_number(&rest, STR(" column "), ':', &mark.column)) {
        message = str_trim(rest);
    } else {
        mark = (struct mark){0};
    }
    diagnostics_add(list, DIAGNOSTIC_ERROR, mark, STR_EMPTY, STR_EMPTY, "%.*s", STR_ARG(message));
}

static bool is_before(const struct diagnostic *a, const struct diagnostic *b)
{
    int order = str_cmp(a->file, b->file);
    if (order != 0) {
        return order < 0;
    }
    return a->mark.line != b->mark.line ? a->mark.line < b->mark.line
                                        : a->mark.column < b->mark.column;
}

void diagnostics_sort(struct diagnostics *list)
{
    /* By insertion: few, nearly sorted, and what stands in one place stays in its order. */
    for (size_t i = 1; i < list->n; i++) {
        struct diagnostic item = list->items[i];
        size_t at = i;
        for (; at > 0 && is_before(&item, &list->items[at - 1]); at--) {
            list->items[at] = list->items[at - 1];
        }
        list->items[at] = item;
    }
}

void diagnostic_phrase(const struct diagnostic *one, bool path, struct buf *buf)
{
    if (path && one->path.n > 0) {
        buf_add(buf, one->path);
        buf_add_cstr(buf, ": ");
    }
    buf_add(buf, one->message);
    if (one->suggestion.n > 0) {
        buf_add_cstr(buf, " (did you mean \"");
        buf_add(buf, one->suggestion);
        buf_add_cstr(buf, "\"?)");
    }
}

static void print_one(const struct diagnostic *item, struct buf *buf)
{
    if (item->file.n > 0) {
        buf_add(buf, item->file);
        buf_add_char(buf, ':');
    }
    if (item->mark.line > 0) {
        buf_printf(buf, "%u:%u:", item->mark.line, item->mark.column);
    }
    if (item->file.n > 0 || item->mark.line > 0) {
        buf_add_char(buf, ' ');
    }
    buf_add_cstr(buf, item->level == DIAGNOSTIC_ERROR ? "error: " : "warning: ");
    diagnostic_phrase(item, true, buf);
    buf_add_char(buf, '\n');
}

void diagnostics_print(const struct diagnostics *list, struct buf *buf)
{
    for (size_t i = 0; i < list->n; i++) {
        print_one(&list->items[i], buf);
    }
    size_t total = list->errors + list->warnings;
    if (total > list->n) {
        buf_printf(buf, "%zu more, of %zu errors and %zu warnings in all, are not shown\n",
                   total - list->n, list->errors, list->warnings);
    }
}

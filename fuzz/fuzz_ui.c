/* The target of a request line. What it asks for is what a naive reading of the same bytes says; a
 * link made of it asks for the same again; and whatever is shown of it acts on nothing. */
#include <stdlib.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "ui/html.h"
#include "ui/query.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* -- the naive reading of a value -- */

static int digit(char c)
{
    static const char DIGITS[] = "0123456789abcdef0123456789ABCDEF";
    for (int i = 0; i < 32; i++) {
        if (DIGITS[i] == c) {
            return i % 16;
        }
    }
    return -1;
}

/* The value behind "NAME=" in the query, decoded, into `ret`; false if it does not stand there. */
static bool naive_value(struct str target, const char *name, char ret[LIMIT_UI_TARGET],
                        size_t *ret_n)
{
    struct str path, query, one, key, value;
    (void)str_cut(target, '?', &path, &query);
    while (query.n > 0) {
        (void)str_cut(query, '&', &one, &query);
        (void)str_cut(one, '=', &key, &value);
        if (!str_eq(key, str_from(name))) {
            continue; /* a name may be written by numbers too; then nothing is claimed */
        }
        size_t n = 0;
        for (size_t i = 0; i < value.n; i++) {
            bool coded = value.p[i] == '%' && i + 2 < value.n;
            ret[n++] = coded ? (char)(digit(value.p[i + 1]) * 16 + digit(value.p[i + 2]))
                       : value.p[i] == '+' ? ' '
                                           : value.p[i];
            i += coded ? 2 : 0;
        }
        *ret_n = n;
        return true;
    }
    return false;
}

/* -- the properties -- */

static void check_values(struct str target, const struct ui_request *request)
{
    static char text[LIMIT_UI_TARGET];
    for (enum ui_parameter i = 0; i < UI_PARAMETER_COUNT; i++) {
        struct str value = request->values[i];
        size_t n = 0;
        ENSURE(value.p == NULL || (ui_can_ask(value) && utf8_valid(value)));
        if (naive_value(target, ui_parameter_name(i), text, &n)) {
            ENSURE(str_eq(value.p == NULL ? STR_EMPTY : value, (struct str){text, n}));
        }
    }
    ENSURE(request->before >= 0 && request->since_ns >= 0 && request->id >= 0);
    ENSURE((request->id > 0) == (request->page == UI_DECISION));
}

/* As an HTML reader has the link: "&amp;" is "&". */
static struct str link_of(struct arena *arena, const struct ui_request *request)
{
    static const struct str AND = {"&amp;", 5};
    buf_auto html;
    buf_init(&html, 8 * LIMIT_UI_TARGET);
    ui_path(&html, request->page, request->id);
    ui_query(&html, request, UI_PARAMETER_COUNT, STR_EMPTY);
    char *link = arena_alloc(arena, html.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < html.n; i++) {
        link[n++] = html.p[i];
        i += str_starts(str_sub(buf_str(&html), i, html.n), AND) ? AND.n - 1 : 0;
    }
    return (struct str){link, n};
}

static void check_back(struct arena *arena, const struct ui_request *request)
{
    struct ui_request again;
    struct error err;
    ENSURE(!failed(ui_request_parse(link_of(arena, request), arena, &again, &err)));
    ENSURE(again.page == request->page && again.id == request->id);
    for (enum ui_parameter i = 0; i < UI_PARAMETER_COUNT; i++) {
        if (ui_filters(request->page, i)) {
            ENSURE((again.values[i].p == NULL) == (request->values[i].p == NULL));
            ENSURE(again.values[i].p == NULL || str_eq(again.values[i], request->values[i]));
        }
    }
}

static void check_text(struct str text)
{
    buf_auto html;
    buf_init(&html, 16 * LIMIT_UI_TARGET);
    text = str_sub(text, 0, LIMIT_UI_TARGET);
    html_text(&html, text);
    ENSURE(!buf_overflowed(&html) && html.n <= 13 * text.n && utf8_valid(buf_str(&html)));
    for (size_t i = 0; i < html.n;) {
        size_t n = utf8_length(html.p + i, html.n - i);
        ENSURE(!utf8_acts(html.p + i, n));
        ENSURE(html.p[i] != '<' && html.p[i] != '>' && html.p[i] != '"' && html.p[i] != '\'');
        i += n;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    arena_auto arena;
    arena_init(&arena, MIB);
    char *copy = malloc(size == 0 ? 1 : size);
    ENSURE(copy != NULL);
    for (size_t i = 0; i < size; i++) {
        copy[i] = (char)data[i];
    }
    struct str target = {copy, size};
    struct ui_request request;
    struct error err;
    if (!failed(ui_request_parse(target, &arena, &request, &err))) {
        check_values(target, &request);
        check_back(&arena, &request);
    }
    check_text(target);
    free(copy);
    return 0;
}

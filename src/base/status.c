#include "base/status.h"

#include <stdarg.h>
#include <stdint.h>

#include "base/utf8.h"

/* clang-format off */
static const struct error_kind_info KINDS[ERROR_KIND_COUNT] = {
    /*                      label          http exit retryable cacheable silent */
    [ERROR_NONE]         = {"none",         200, 0,  false,    false,    false},
    [ERROR_INPUT]        = {"input",        400, 3,  false,    true,     false},
    [ERROR_EVIDENCE]     = {"evidence",     502, 3,  false,    true,     false},
    [ERROR_NOT_FOUND]    = {"not_found",    404, 3,  true,     true,     false},
    [ERROR_UNAUTHORIZED] = {"unauthorized", 502, 3,  true,     true,     false},
    [ERROR_UPSTREAM]     = {"upstream",     502, 3,  true,     true,     true},
    [ERROR_TIMEOUT]      = {"timeout",      504, 3,  true,     false,    true},
    [ERROR_LIMIT]        = {"limit",        413, 3,  false,    true,     false},
    [ERROR_CONFIG]       = {"config",       500, 2,  false,    false,    false},
    [ERROR_INTERNAL]     = {"internal",     500, 3,  true,     false,    false},
};
/* clang-format on */

const struct error_kind_info *error_kind_info(enum error_kind kind)
{
    ENSURE((unsigned)kind < ERROR_KIND_COUNT);
    return &KINDS[kind];
}

/* Make the text fit for one line of a log or a terminal, in place. */
static void make_printable(char *text)
{
    char *out = text;
    const char *in = text;
    size_t left = strlen(text);
    while (left > 0) {
        size_t n = utf8_length(in, left);
        if (n == 0 || utf8_acts(in, n)) {
            *out++ = '?';
            n = n == 0 ? 1 : n;
        } else {
            memmove(out, in, n);
            out += n;
        }
        in += n;
        left -= n;
    }
    *out = '\0';
}

/* Format into `text`, cut at a character's border. Returns nothing: a cut text is still an error.
 */
PRINTF(3, 0)
static void format_text(char *text, size_t room, const char *format, va_list arguments)
{
    int n = vsnprintf(text, room, format, arguments);
    if (n < 0) {
        snprintf(text, room, "(an error that could not be formatted)");
    } else if ((size_t)n >= room) {
        text[utf8_cut(text, room - 1, room - 1)] = '\0';
    }
    make_printable(text);
}

status error_set(struct error *err, enum error_kind kind, const char *format, ...)
{
    ENSURE(kind > ERROR_NONE && kind < ERROR_KIND_COUNT);
    va_list arguments;
    va_start(arguments, format);
    format_text(err->text, sizeof err->text, format, arguments);
    va_end(arguments);
    err->kind = kind;
    return FAILED;
}

void error_fill(struct error *err, enum error_kind kind, const char *format, ...)
{
    ENSURE(kind > ERROR_NONE && kind < ERROR_KIND_COUNT);
    va_list arguments;
    va_start(arguments, format);
    format_text(err->text, sizeof err->text, format, arguments);
    va_end(arguments);
    err->kind = kind;
}

status error_wrap(struct error *err, const char *format, ...)
{
    char context[ERROR_TEXT_MAX];
    va_list arguments;
    va_start(arguments, format);
    format_text(context, sizeof context, format, arguments);
    va_end(arguments);

    char old[ERROR_TEXT_MAX];
    memcpy(old, err->text, sizeof old);
    int n = snprintf(err->text, sizeof err->text, "%s: %s", context, old);
    if (n >= (int)sizeof err->text) {
        err->text[utf8_cut(err->text, sizeof err->text - 1, sizeof err->text - 1)] = '\0';
    }
    return FAILED;
}

void fatal(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("pratique: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    abort();
}

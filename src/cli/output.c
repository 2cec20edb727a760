#include "cli/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/utf8.h"

bool output_wants_colors(FILE *file)
{
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    int fd = fileno(file);
    return (no_color == NULL || *no_color == '\0') && term != NULL && strcmp(term, "dumb") != 0 &&
           fd >= 0 && isatty(fd) == 1;
}

/* Bytes at the beginning that can be shown as they are. */
static size_t harmless_length(struct str text)
{
    size_t at = 0;
    while (at < text.n) {
        size_t n = utf8_length(text.p + at, text.n - at);
        if (n == 0 || utf8_acts(text.p + at, n)) {
            break;
        }
        at += n;
    }
    return at;
}

void output_text(FILE *file, struct str text)
{
    while (text.n > 0) {
        size_t n = harmless_length(text);
        fwrite(text.p, 1, n, file);
        text = str_sub(text, n, text.n);
        if (text.n > 0) {
            size_t harmful = utf8_length(text.p, text.n);
            fputc('?', file);
            text = str_sub(text, harmful > 0 ? harmful : 1, text.n);
        }
    }
}

void output_styled(const struct invocation *invocation, enum style style, struct str text)
{
    static const char *const CODES[] = {
        [STYLE_PLAIN] = "0",    [STYLE_GOOD] = "32", [STYLE_BAD] = "31",
        [STYLE_WARNING] = "33", [STYLE_FAINT] = "2", [STYLE_STRONG] = "1",
    };
    bool colored = invocation->colors && style != STYLE_PLAIN;
    if (colored) {
        fprintf(invocation->out, "\033[%sm", CODES[style]);
    }
    output_text(invocation->out, text);
    if (colored) {
        fputs("\033[0m", invocation->out);
    }
}

void output_json(FILE *file, struct str text)
{
    enum { CHUNK = 4096 };
    fputc('"', file);
    while (text.n > 0) {
        size_t n = text.n <= CHUNK ? text.n : utf8_cut(text.p, text.n, CHUNK);
        buf_auto buf;
        buf_init(&buf, 6 * CHUNK + 2);
        buf_add_json(&buf, str_sub(text, 0, n));
        struct str quoted = buf_str(&buf);
        ENSURE(n > 0 && !buf_overflowed(&buf) && quoted.n >= 2);
        fwrite(quoted.p + 1, 1, quoted.n - 2, file);
        text = str_sub(text, n, text.n);
    }
    fputc('"', file);
}

void output_member(FILE *file, bool first, const char *name, struct str text)
{
    fprintf(file, "%s\"%s\":", first ? "" : ",", name);
    output_json(file, text);
}

int output_error(const struct invocation *invocation, const struct error *err)
{
    fflush(invocation->out);
    fprintf(invocation->err, "pratique %s: %s\n", invocation->command->name, err->text);
    return error_kind_info(err->kind)->exit_code;
}

status output_finish(const struct invocation *invocation, struct error *err)
{
    errno = 0;
    if (fflush(invocation->out) == 0 && !ferror(invocation->out)) {
        return OK;
    }
    if (errno == 0) { /* it failed before: once more, for the reason */
        fputc('\n', invocation->out);
        fflush(invocation->out);
    }
    return error_set(err, ERROR_INTERNAL, "cannot write the output%s%s", errno != 0 ? ": " : "",
                     errno != 0 ? strerrordesc_np(errno) : "");
}

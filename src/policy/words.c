#include "policy/words.h"

#include <stdarg.h>
#include <string.h>

#include "base/utf8.h"

static const struct str ELLIPSIS = {"…", sizeof("…") - 1};

/* Append bytes that hold whole characters. */
static void add(struct policy_words *words, struct str text)
{
    if (words->full) {
        return;
    }
    size_t room = sizeof words->text - ELLIPSIS.n - words->n;
    size_t n = utf8_cut(text.p, text.n, room);
    memcpy(words->text + words->n, text.p, n);
    words->n += n;
    if (n < text.n) {
        memcpy(words->text + words->n, ELLIPSIS.p, ELLIPSIS.n);
        words->n += ELLIPSIS.n;
        words->full = true;
    }
}

void policy_words_text(struct policy_words *words, struct str text)
{
    add(words, text);
}

void policy_words_add(struct policy_words *words, const char *format, ...)
{
    if (words->full) {
        return;
    }
    char *at = words->text + words->n;
    size_t room = sizeof words->text - ELLIPSIS.n - words->n;
    va_list arguments;
    va_start(arguments, format);
    /* The NUL, for which there is no use, falls at most where an ellipsis would begin. */
    int n = vsnprintf(at, room + 1, format, arguments);
    va_end(arguments);
    ENSURE(n >= 0);
    if ((size_t)n <= room) {
        words->n += (size_t)n;
        return;
    }
    words->n += utf8_cut(at, room, room);
    memcpy(words->text + words->n, ELLIPSIS.p, ELLIPSIS.n);
    words->n += ELLIPSIS.n;
    words->full = true;
}

/* How many bytes at the beginning are ASCII that stands as it is; nearly all text is nothing else.
 */
static size_t plain_run(struct str text, size_t max)
{
    size_t n = 0;
    while (n < text.n && n < max && text.p[n] >= 0x20 && text.p[n] < 0x7f && text.p[n] != '"' &&
           text.p[n] != '\\') {
        n++;
    }
    return n;
}

void policy_words_safe(struct policy_words *words, struct str text, size_t max)
{
    size_t left = max;
    while (text.n > 0 && !words->full) {
        size_t plain = plain_run(text, left);
        if (plain > 0) {
            add(words, str_sub(text, 0, plain));
            left -= plain;
            text = str_sub(text, plain, text.n);
            continue;
        }
        size_t n = utf8_length(text.p, text.n);
        size_t used = n == 0 ? 1 : n;
        if (used > left) {
            add(words, ELLIPSIS);
            return;
        }
        left -= used;
        if (n == 0 || utf8_acts(text.p, n)) {
            add(words, STR("?"));
        } else {
            add(words, *text.p == '"' || *text.p == '\\' ? STR("\\") : STR_EMPTY);
            add(words, str_sub(text, 0, n));
        }
        text = str_sub(text, used, text.n);
    }
}

struct str policy_words_done(const struct policy_words *words, struct arena *arena)
{
    return arena_dup(arena, (struct str){words->text, words->n});
}

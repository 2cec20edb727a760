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

void policy_words_add(struct policy_words *words, const char *format, ...)
{
    char text[sizeof words->text + 1];
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    ENSURE(n >= 0);
    add(words, str_from(text));
}

/* True for characters that a terminal obeys or that change the order of what is shown: controls
 * (C0, DEL, C1), line and paragraph separators, and the bidirectional marks. */
static bool is_unsafe(const char *p, size_t n)
{
    unsigned char a = (unsigned char)p[0];
    unsigned char b = n > 1 ? (unsigned char)p[1] : 0;
    unsigned char c = n > 2 ? (unsigned char)p[2] : 0;
    if (n == 1) {
        return a < 0x20 || a == 0x7f;
    }
    if (n == 2) {
        return (a == 0xc2 && b < 0xa0) || (a == 0xd8 && b == 0x9c); /* U+0080–9F, U+061C */
    }
    if (n == 3 && a == 0xe2 && b == 0x80) {
        return (c >= 0x8b && c <= 0x8f) || (c >= 0xa8 && c <= 0xae); /* U+200B–F, U+2028–E */
    }
    return n == 3 && ((a == 0xe2 && b == 0x81 && c >= 0xa0 && c <= 0xaf) || /* U+2060–6F */
                      (a == 0xef && b == 0xbb && c == 0xbf));               /* U+FEFF */
}

void policy_words_safe(struct policy_words *words, struct str text, size_t max)
{
    size_t left = max;
    while (text.n > 0 && !words->full) {
        size_t n = utf8_length(text.p, text.n);
        size_t used = n == 0 ? 1 : n;
        if (used > left) {
            add(words, ELLIPSIS);
            return;
        }
        left -= used;
        if (n == 0 || is_unsafe(text.p, n)) {
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

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

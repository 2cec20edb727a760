#pragma once
/* Words for people: text of bounded length into which anything from outside can be put safely.
 * Private to policy/. */
#include "base/arena.h"
#include "base/limits.h"
#include "base/str.h"

/* Text being written. What does not fit is left out, and "…" is put at the end instead. */
struct policy_words {
    size_t n;
    bool full;
    char text[LIMIT_MESSAGE]; /* only the first n bytes mean anything */
};

/* Room for words on the stack, of which nothing is cleared but the count. */
#define POLICY_WORDS(name)                                                                         \
    struct policy_words name __attribute__((uninitialized));                                       \
    name.n = 0;                                                                                    \
    name.full = false

/* Append formatted text, which must come from the program itself or be known to be safe. */
void policy_words_add(struct policy_words *words, const char *format, ...) PRINTF(2, 3);

/* Append text from the program itself or known to be safe, as it is. */
void policy_words_text(struct policy_words *words, struct str text);

/* Append text from outside, at most `max` bytes of it: control characters, marks that reorder text
 * and invalid UTF-8 become "?", quotes and backslashes get a backslash. */
void policy_words_safe(struct policy_words *words, struct str text, size_t max);

/* The text so far, copied into the arena. */
struct str policy_words_done(const struct policy_words *words, struct arena *arena);

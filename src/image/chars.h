#pragma once
/* Classes of ASCII characters, without regard to the locale. Internal to image/. */
#include "base/str.h"

static inline bool char_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool char_is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static inline bool char_is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static inline bool char_is_letter(char c)
{
    return char_is_lower(c) || char_is_upper(c);
}

static inline bool char_is_alnum(char c)
{
    return char_is_letter(c) || char_is_digit(c);
}

static inline bool char_is_lower_hex(char c)
{
    return char_is_digit(c) || (c >= 'a' && c <= 'f');
}

static inline char char_lower(char c)
{
    return (char)(char_is_upper(c) ? c + ('a' - 'A') : c);
}

/* Without a branch for each, so that eight and more are looked at together. */
static inline bool chars_are_lower_hex(struct str s)
{
    unsigned other = 0;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        bool digit = (unsigned char)(c - '0') < 10, letter = (unsigned char)(c - 'a') < 6;
        other |= !(digit | letter);
    }
    return other == 0;
}

#pragma once
/* Classes of ASCII characters, without regard to the locale. Internal to image/. */
#include <stdbool.h>

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

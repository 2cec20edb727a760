#include "base/base64.h"

#include <string.h>

enum { NO_DIGIT = 64 };

static unsigned digit(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return (unsigned)(c - 'A');
    }
    if (c >= 'a' && c <= 'z') {
        return (unsigned)(c - 'a') + 26;
    }
    if (c >= '0' && c <= '9') {
        return (unsigned)(c - '0') + 52;
    }
    return c == '+' ? 62 : c == '/' ? 63 : NO_DIGIT;
}

static size_t padding(struct str text)
{
    return str_ends(text, STR("==")) ? 2 : str_ends(text, STR("=")) ? 1 : 0;
}

status base64_decode(struct arena *arena, struct str text, struct str *ret_bytes, struct error *err)
{
    size_t pad = padding(text);
    size_t digits = text.n - pad;
    if (text.n % 4 != 0) {
        return error_set(err, ERROR_INPUT, "not base64: %zu characters", text.n);
    }
    char *bytes = arena_alloc(arena, text.n / 4 * 3 + 1);
    size_t n = 0;
    uint32_t group = 0;
    for (size_t i = 0; i < text.n; i++) {
        unsigned value = i < digits ? digit(text.p[i]) : 0;
        if (value == NO_DIGIT) {
            return error_set(err, ERROR_INPUT, "not base64: character %zu", i + 1);
        }
        group = group << 6 | value;
        if (i % 4 == 3) {
            bytes[n++] = (char)(group >> 16 & 255);
            bytes[n++] = (char)(group >> 8 & 255);
            bytes[n++] = (char)(group & 255);
        }
    }
    if (pad > 0 && (group & ((1u << (8 * pad)) - 1)) != 0) {
        return error_set(err, ERROR_INPUT, "not base64: bits behind the last byte");
    }
    n -= pad;
    memset(bytes + n, 0, pad);
    *ret_bytes = (struct str){bytes, n};
    return OK;
}

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

/* Decode `text`, whose length is a multiple of four. */
static status decode(struct arena *arena, struct str text, bool strict, struct str *ret_bytes,
                     struct error *err)
{
    size_t pad = padding(text);
    size_t digits = text.n - pad;
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
    if (strict && pad > 0 && (group & ((1u << (8 * pad)) - 1)) != 0) {
        return error_set(err, ERROR_INPUT, "not base64: bits behind the last byte");
    }
    n -= pad;
    memset(bytes + n, 0, pad);
    *ret_bytes = (struct str){bytes, n};
    return OK;
}

status base64_decode(struct arena *arena, struct str text, struct str *ret_bytes, struct error *err)
{
    if (text.n % 4 != 0) {
        return error_set(err, ERROR_INPUT, "not base64: %zu characters", text.n);
    }
    return decode(arena, text, true, ret_bytes, err);
}

status base64_decode_lenient(struct arena *arena, struct str text, struct str *ret_bytes,
                             struct error *err)
{
    char *plain = arena_alloc(arena, text.n + 3);
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] != '\r' && text.p[i] != '\n') {
            plain[n++] = text.p[i];
        }
    }
    bool padded = n > 0 && plain[n - 1] == '=';
    if (padded ? n % 4 != 0 : n % 4 == 1) {
        return error_set(err, ERROR_INPUT, "not base64: %zu characters", n);
    }
    for (; n % 4 != 0; n++) {
        plain[n] = '=';
    }
    return decode(arena, (struct str){plain, n}, false, ret_bytes, err);
}

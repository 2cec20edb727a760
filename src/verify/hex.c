#include "verify/hex.h"

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

struct str hex_encode(struct arena *arena, struct str bytes)
{
    static const char DIGITS[] = "0123456789abcdef";
    char *text = arena_alloc(arena, 2 * bytes.n + 1);
    for (size_t i = 0; i < bytes.n; i++) {
        unsigned char byte = (unsigned char)bytes.p[i];
        text[2 * i] = DIGITS[byte >> 4];
        text[2 * i + 1] = DIGITS[byte & 15];
    }
    return (struct str){text, 2 * bytes.n};
}

bool hex_decode(struct arena *arena, struct str text, struct str *ret_bytes)
{
    if (text.n % 2 != 0) {
        return false;
    }
    char *bytes = arena_alloc(arena, text.n / 2 + 1);
    for (size_t i = 0; i < text.n; i += 2) {
        int high = digit(text.p[i]);
        int low = digit(text.p[i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        bytes[i / 2] = (char)(high * 16 + low);
    }
    *ret_bytes = (struct str){bytes, text.n / 2};
    return true;
}

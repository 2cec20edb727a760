#include "base/hex.h"

struct str hex_write(struct str bytes, char *room)
{
    static const char DIGITS[] = "0123456789abcdef";
    for (size_t i = 0; i < bytes.n; i++) {
        unsigned char c = (unsigned char)bytes.p[i];
        room[2 * i] = DIGITS[c >> 4];
        room[2 * i + 1] = DIGITS[c & 15];
    }
    return (struct str){room, 2 * bytes.n};
}

struct str hex_encode(struct arena *arena, struct str bytes)
{
    return hex_write(bytes, arena_alloc(arena, 2 * bytes.n + 1));
}

static int digit(char c, enum hex_case wanted)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (wanted == HEX_EITHER) {
        c = (char)(c | 0x20);
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool hex_read(struct str digits, enum hex_case wanted, char *room, size_t max,
              struct str *ret_bytes)
{
    if (digits.n % 2 != 0 || digits.n / 2 > max) {
        return false;
    }
    for (size_t i = 0; i < digits.n; i += 2) {
        int high = digit(digits.p[i], wanted), low = digit(digits.p[i + 1], wanted);
        if (high < 0 || low < 0) {
            return false;
        }
        room[i / 2] = (char)(high << 4 | low);
    }
    *ret_bytes = (struct str){room, digits.n / 2};
    return true;
}

bool hex_decode(struct arena *arena, struct str digits, struct str *ret_bytes)
{
    size_t max = digits.n / 2;
    return hex_read(digits, HEX_LOWER, arena_alloc(arena, max + 1), max, ret_bytes);
}

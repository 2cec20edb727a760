#include "tuf/name.h"

#include <string.h>

#include "base/limits.h"

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("-._~", c) != NULL);
}

struct str tuf_quoted(struct arena *arena, struct str name, bool slashes)
{
    static const char DIGITS[] = "0123456789ABCDEF";
    char *text = arena_alloc(arena, 3 * name.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < name.n; i++) {
        unsigned char c = (unsigned char)name.p[i];
        if (is_plain(name.p[i]) || (slashes && c == '/')) {
            text[n++] = name.p[i];
        } else {
            text[n++] = '%';
            text[n++] = DIGITS[c >> 4];
            text[n++] = DIGITS[c & 15];
        }
    }
    return (struct str){text, n};
}

bool tuf_is_path(struct str path)
{
    struct str part;
    bool more = true;
    if (path.n > LIMIT_TUF_NAME) {
        return false;
    }
    while (more) {
        more = str_cut(path, '/', &part, &path);
        if (part.n == 0 || str_eq(part, STR(".")) || str_eq(part, STR(".."))) {
            return false;
        }
    }
    return true;
}

static int digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool tuf_unhex(struct str digits, char *room, size_t max, struct str *ret_bytes)
{
    if (digits.n % 2 != 0 || digits.n / 2 > max) {
        return false;
    }
    for (size_t i = 0; i < digits.n; i += 2) {
        int high = digit(digits.p[i]), low = digit(digits.p[i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        room[i / 2] = (char)(high << 4 | low);
    }
    *ret_bytes = (struct str){room, digits.n / 2};
    return true;
}

struct str tuf_hex(struct str bytes, char *room)
{
    static const char DIGITS[] = "0123456789abcdef";
    for (size_t i = 0; i < bytes.n; i++) {
        unsigned char c = (unsigned char)bytes.p[i];
        room[2 * i] = DIGITS[c >> 4];
        room[2 * i + 1] = DIGITS[c & 15];
    }
    return (struct str){room, 2 * bytes.n};
}

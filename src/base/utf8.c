#include "base/utf8.h"

static bool continues(const char *p, size_t n, size_t at)
{
    return at < n && ((unsigned char)p[at] & 0xc0) == 0x80;
}

size_t utf8_length(const char *p, size_t n)
{
    if (n == 0) {
        return 0;
    }
    unsigned char c = (unsigned char)p[0];
    if (c < 0x80) {
        return 1;
    }
    if (c < 0xc2) {
        return 0; /* a continuation, or an overlong form of ASCII */
    }
    if (c < 0xe0) {
        return continues(p, n, 1) ? 2 : 0;
    }
    if (!continues(p, n, 1)) {
        return 0;
    }
    unsigned char d = (unsigned char)p[1];
    if (c < 0xf0) {
        bool overlong = c == 0xe0 && d < 0xa0;
        bool surrogate = c == 0xed && d >= 0xa0;
        return !overlong && !surrogate && continues(p, n, 2) ? 3 : 0;
    }
    bool overlong = c == 0xf0 && d < 0x90;
    bool above = c > 0xf4 || (c == 0xf4 && d >= 0x90);
    return !overlong && !above && continues(p, n, 2) && continues(p, n, 3) ? 4 : 0;
}

size_t utf8_cut(const char *p, size_t n, size_t max)
{
    size_t cut = max < n ? max : n;
    /* Step back over at most three continuation bytes to the character that would be split. */
    for (size_t back = 0; back < 4 && back < cut; back++) {
        size_t start = cut - 1 - back;
        if (((unsigned char)p[start] & 0xc0) == 0x80) {
            continue;
        }
        unsigned char c = (unsigned char)p[start];
        size_t wants = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
        return start + wants <= cut ? cut : start;
    }
    return cut;
}

bool utf8_valid(struct str s)
{
    while (s.n > 0) {
        size_t n = utf8_length(s.p, s.n);
        if (n == 0) {
            return false;
        }
        s = str_sub(s, n, s.n);
    }
    return true;
}

bool utf8_acts(const char *p, size_t n)
{
    unsigned char a = (unsigned char)p[0];
    unsigned char b = n > 1 ? (unsigned char)p[1] : 0;
    unsigned char c = n > 2 ? (unsigned char)p[2] : 0;
    if (n == 1) {
        return a < 0x20 || a == 0x7f;
    }
    if (n == 2) {
        return (a == 0xc2 && b < 0xa0) || (a == 0xd8 && b == 0x9c); /* U+0080-9F, U+061C */
    }
    if (n == 3 && a == 0xe2 && b == 0x80) {
        return (c >= 0x8b && c <= 0x8f) || (c >= 0xa8 && c <= 0xae); /* U+200B-0F, U+2028-2E */
    }
    return n == 3 && ((a == 0xe2 && b == 0x81 && c >= 0xa0 && c <= 0xaf) || /* U+2060-6F */
                      (a == 0xef && b == 0xbb && c == 0xbf));               /* U+FEFF */
}

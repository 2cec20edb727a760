#include "cli/xml.h"

#include "base/utf8.h"

/* What stands for an ASCII character that may not stand for itself; NULL: it may. */
static const char *reference_of(unsigned char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\n':
        return "&#10;";
    case '\t':
        return "&#9;";
    case '\r':
        return "&#13;";
    default:
        return c < ' ' || c == 0x7f ? "\xef\xbf\xbd" : NULL;
    }
}

/* U+FFFE and U+FFFF are no characters of XML. */
static bool is_character(struct str text)
{
    return !(text.n == 3 &&
             (str_eq(text, STR("\xef\xbf\xbe")) || str_eq(text, STR("\xef\xbf\xbf"))));
}

void xml_add(struct buf *buf, struct str text)
{
    while (text.n > 0) {
        size_t n = utf8_length(text.p, text.n);
        struct str one = str_sub(text, 0, n > 0 ? n : 1);
        const char *reference = n == 1 ? reference_of((unsigned char)*text.p) : NULL;
        if (n == 0 || !is_character(one)) {
            reference = "\xef\xbf\xbd";
        }
        if (reference != NULL) {
            buf_add_cstr(buf, reference);
        } else {
            buf_add(buf, one);
        }
        text = str_sub(text, one.n, text.n);
    }
}

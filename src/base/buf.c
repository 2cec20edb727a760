#include "base/buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

enum { FIRST_ROOM = 256 };

void buf_init(struct buf *buf, size_t max)
{
    *buf = (struct buf){.max = max};
}

void buf_done(struct buf *buf)
{
    free(buf->p);
    buf_init(buf, buf->max);
}

void buf_clear(struct buf *buf)
{
    buf->n = 0;
    buf->overflowed = false;
}

bool buf_overflowed(const struct buf *buf)
{
    return buf->overflowed;
}

/* Make room for `more` bytes. Returns false, and remembers it, if the maximum does not allow it. */
static bool make_room(struct buf *buf, size_t more)
{
    if (buf->overflowed || more > buf->max - buf->n) {
        buf->overflowed = true;
        return false;
    }
    if (buf->room - buf->n >= more) {
        return true;
    }
    size_t room = buf->room == 0 ? FIRST_ROOM : buf->room * 2;
    room = room < buf->n + more ? buf->n + more : room;
    room = room > buf->max ? buf->max : room;
    char *p = realloc(buf->p, room);
    if (p == NULL) {
        fatal("out of memory");
    }
    buf->p = p;
    buf->room = room;
    return true;
}

void buf_add(struct buf *buf, struct str s)
{
    if (s.n > 0 && make_room(buf, s.n)) {
        memcpy(buf->p + buf->n, s.p, s.n);
        buf->n += s.n;
    }
}

void buf_add_char(struct buf *buf, char c)
{
    if (make_room(buf, 1)) {
        buf->p[buf->n++] = c;
    }
}

void buf_add_cstr(struct buf *buf, const char *text)
{
    buf_add(buf, str_from(text));
}

void buf_printf(struct buf *buf, const char *format, ...)
{
    char short_text[256];
    va_list arguments;
    va_start(arguments, format);
    va_list again;
    va_copy(again, arguments);
    int n = vsnprintf(short_text, sizeof short_text, format, arguments);
    va_end(arguments);
    ENSURE(n >= 0);
    if ((size_t)n < sizeof short_text) {
        buf_add(buf, (struct str){short_text, (size_t)n});
    } else if (make_room(buf, (size_t)n)) {
        char *text = malloc((size_t)n + 1);
        if (text == NULL) {
            fatal("out of memory");
        }
        vsnprintf(text, (size_t)n + 1, format, again);
        buf_add(buf, (struct str){text, (size_t)n});
        free(text);
    }
    va_end(again);
}

struct str buf_str(const struct buf *buf)
{
    return (struct str){buf->p == NULL ? "" : buf->p, buf->n};
}

static void add_escaped(struct buf *buf, unsigned char c)
{
    static const char SHORT[] = {
        ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r', ['"'] = '"'};
    char escape = c == '\\' ? '\\' : c < sizeof SHORT ? SHORT[c] : '\0';
    if (escape != '\0') {
        buf_add(buf, (struct str){(char[]){'\\', escape}, 2});
    } else {
        buf_printf(buf, "\\u%04x", c);
    }
}

static bool is_plain_ascii(char c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

/* Bytes at the start of `s` that may stand as they are: a run of ASCII, or one character; 0: the
 * character there may not. */
static size_t plain_length(struct str s)
{
    size_t ascii = 0;
    while (ascii < s.n && is_plain_ascii(s.p[ascii])) {
        ascii++;
    }
    if (ascii > 0 || (unsigned char)*s.p < 0x80) {
        return ascii;
    }
    size_t n = utf8_length(s.p, s.n);
    return n > 0 && !utf8_acts(s.p, n) ? n : 0;
}

/* Append the character at the start of `s`, which may not stand as it is; returns its bytes. */
static size_t add_special(struct buf *buf, struct str s)
{
    size_t n = utf8_length(s.p, s.n);
    unsigned char a = (unsigned char)s.p[0];
    if (n == 0) {
        buf_add(buf, STR("\xef\xbf\xbd"));
        return 1;
    }
    if (n == 1) {
        add_escaped(buf, a);
        return 1;
    }
    unsigned char b = (unsigned char)s.p[1];
    unsigned code = n == 2 ? (a & 0x1fu) << 6 | (b & 0x3fu)
                           : (a & 0x0fu) << 12 | (b & 0x3fu) << 6 | ((unsigned char)s.p[2] & 0x3fu);
    buf_printf(buf, "\\u%04x", code);
    return n;
}

void buf_add_json(struct buf *buf, struct str s)
{
    buf_add_char(buf, '"');
    size_t plain = 0; /* start of the run that needs no escape */
    for (size_t i = 0; i < s.n;) {
        size_t n = plain_length(str_sub(s, i, s.n));
        if (n == 0) {
            buf_add(buf, str_sub(s, plain, i));
            i += add_special(buf, str_sub(s, i, s.n));
            plain = i;
        }
        i += n;
    }
    buf_add(buf, str_sub(s, plain, s.n));
    buf_add_char(buf, '"');
}

void buf_add_member(struct buf *buf, const char *name, struct str value)
{
    buf_add_cstr(buf, ",\"");
    buf_add_cstr(buf, name);
    buf_add_cstr(buf, "\":");
    buf_add_json(buf, value);
}

void buf_add_base64(struct buf *buf, struct str s)
{
    static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if (s.n > buf->max || !make_room(buf, (s.n + 2) / 3 * 4)) {
        buf->overflowed = true;
        return;
    }
    char *out = buf->p + buf->n;
    for (size_t i = 0; i < s.n; i += 3) {
        size_t left = s.n - i;
        uint32_t group = (uint32_t)(unsigned char)s.p[i] << 16;
        group |= left > 1 ? (uint32_t)(unsigned char)s.p[i + 1] << 8 : 0;
        group |= left > 2 ? (uint32_t)(unsigned char)s.p[i + 2] : 0;
        *out++ = DIGITS[group >> 18];
        *out++ = DIGITS[group >> 12 & 63];
        *out++ = left > 1 ? DIGITS[group >> 6 & 63] : '=';
        *out++ = left > 2 ? DIGITS[group & 63] : '=';
    }
    buf->n += (s.n + 2) / 3 * 4;
}

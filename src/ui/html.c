#include "ui/html.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/utf8.h"

/* Marks over one letter; more would reach into the lines above and below. */
enum { MARKS_MAX = 3 };

static uint32_t decode(const char *p, size_t n)
{
    static const unsigned char FIRST[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t c = (unsigned char)p[0] & FIRST[n];
    for (size_t i = 1; i < n; i++) {
        c = c << 6 | ((unsigned char)p[i] & 0x3f);
    }
    return c;
}

struct range {
    uint32_t from, to;
};

static bool is_in(uint32_t c, const struct range *ranges, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (c >= ranges[i].from && c <= ranges[i].to) {
            return true;
        }
    }
    return false;
}

#define IS_IN(c, ranges) is_in(c, ranges, sizeof(ranges) / sizeof *(ranges))

/* Without a shape of their own, beside what utf8_acts knows: soft hyphen, joiners, fillers,
 * separators, spaces that are no space, selectors, annotations, tags, noncharacters, and what each
 * machine draws as it likes. */
static bool is_unseen(uint32_t c)
{
    static const struct range UNSEEN[] = {
        {0x00a0, 0x00a0},    {0x00ad, 0x00ad},   {0x034f, 0x034f},   {0x115f, 0x1160},
        {0x17b4, 0x17b5},    {0x180b, 0x180f},   {0x2000, 0x200a},   {0x202f, 0x202f},
        {0x205f, 0x205f},    {0x2800, 0x2800},   {0x3000, 0x3000},   {0x3164, 0x3164},
        {0xe000, 0xf8ff},    {0xfdd0, 0xfdef},   {0xfe00, 0xfe0f},   {0xffa0, 0xffa0},
        {0xfff0, 0xfffb},    {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
        {0xf0000, 0x10ffff},
    };
    return IS_IN(c, UNSEEN) || (c & 0xfffe) == 0xfffe;
}

static bool is_mark(uint32_t c)
{
    static const struct range MARKS[] = {
        {0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd}, {0x0610, 0x061a},
        {0x064b, 0x065f}, {0x0e34, 0x0e3a}, {0x0e47, 0x0e4e}, {0x1ab0, 0x1aff},
        {0x1dc0, 0x1dff}, {0x20d0, 0x20ff}, {0xfe20, 0xfe2f},
    };
    return IS_IN(c, MARKS);
}

static void add_one(struct buf *html, char c)
{
    switch (c) {
    case '<':
        buf_add_cstr(html, "&lt;");
        return;
    case '>':
        buf_add_cstr(html, "&gt;");
        return;
    case '&':
        buf_add_cstr(html, "&amp;");
        return;
    case '"':
        buf_add_cstr(html, "&#34;");
        return;
    case '\'':
        buf_add_cstr(html, "&#39;");
        return;
    default:
        buf_add_char(html, c);
    }
}

/* U+2400 and on: a picture for each control. */
static void add_picture(struct buf *html, unsigned char c)
{
    unsigned picture = c == 0x7f ? 0x21u : c;
    const char text[] = {(char)0xe2, (char)0x90, (char)(0x80 + picture)};
    buf_add(html, (struct str){text, sizeof text});
}

/* Append the character of `n` bytes; *marks counts those over one letter. */
static void add_character(struct buf *html, const char *p, size_t n, unsigned *marks)
{
    uint32_t c = decode(p, n);
    *marks = is_mark(c) ? *marks + 1 : 0;
    if (n == 1 && utf8_acts(p, n)) {
        add_picture(html, (unsigned char)*p);
    } else if (n == 1) {
        add_one(html, *p);
    } else if (utf8_acts(p, n) || is_unseen(c) || *marks > MARKS_MAX) {
        buf_printf(html, "\xe2\x9f\xa8U+%04X\xe2\x9f\xa9", c);
    } else {
        buf_add(html, (struct str){p, n});
    }
}

void html_text(struct buf *html, struct str text)
{
    unsigned marks = 0;
    for (size_t i = 0; i < text.n;) {
        size_t n = utf8_length(text.p + i, text.n - i);
        if (n == 0) {
            buf_printf(html, "\xe2\x9f\xa8x%02X\xe2\x9f\xa9", (unsigned char)text.p[i]);
            n = 1;
            marks = 0;
        } else {
            add_character(html, text.p + i, n, &marks);
        }
        i += n;
    }
}

void html_cut(struct buf *html, struct str text, size_t max)
{
    size_t n = utf8_cut(text.p, text.n, max);
    html_text(html, str_sub(text, 0, n));
    if (n < text.n) {
        buf_add_cstr(html, "\xe2\x80\xa6");
    }
}

void html_foreign(struct buf *html, struct str text, size_t max)
{
    buf_add_cstr(html, "<bdi>");
    html_cut(html, text, max);
    buf_add_cstr(html, "</bdi>");
}

void html_parts(struct buf *html, struct str text, size_t max)
{
    static const struct str SEPARATORS = {"/:@,", 4};
    size_t n = utf8_cut(text.p, text.n, max), from = 0;
    buf_add_cstr(html, "<bdi>");
    for (size_t i = 0; i < n; i++) {
        if (str_find(SEPARATORS, text.p[i]) < SEPARATORS.n && i + 1 < n) {
            html_text(html, str_sub(text, from, i + 1));
            buf_add_cstr(html, "<wbr>");
            from = i + 1;
        }
    }
    html_text(html, str_sub(text, from, n));
    buf_add_cstr(html, n < text.n ? "\xe2\x80\xa6</bdi>" : "</bdi>");
}

void html_percent(struct buf *html, struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '-' || c == '.' || c == '_' || c == '~';
        if (plain) {
            buf_add_char(html, (char)c);
        } else {
            buf_printf(html, "%%%02X", c);
        }
    }
}

/* -- times and numbers -- */

static const struct unit {
    int64_t ns;
    const char *name;
} UNITS[] = {{86400 * NS_PER_S, "d"}, {3600 * NS_PER_S, "h"}, {60 * NS_PER_S, "min"},
             {NS_PER_S, "s"},         {NS_PER_MS, "ms"},      {NS_PER_US, "\xc2\xb5s"}};

enum { SECONDS_AT = 3, N_UNITS = sizeof UNITS / sizeof *UNITS };

static const struct unit *unit_of(int64_t ns, size_t last)
{
    size_t i = 0;
    while (i < last && ns < UNITS[i].ns) {
        i++;
    }
    return &UNITS[i];
}

void html_duration(struct buf *html, int64_t ns)
{
    ns = ns < 0 ? 0 : ns;
    const struct unit *unit = unit_of(ns, N_UNITS - 1);
    int64_t tenths = ns / (unit->ns / 10);
    if (tenths < 100 && tenths % 10 != 0) {
        buf_printf(html, "%lld.%lld %s", (long long)(tenths / 10), (long long)(tenths % 10),
                   unit->name);
    } else {
        buf_printf(html, "%lld %s", (long long)(tenths / 10), unit->name);
    }
}

static void add_relative(struct buf *html, int64_t ago)
{
    int64_t n = ago < 0 ? -ago : ago;
    const struct unit *unit = unit_of(n, SECONDS_AT);
    if (n < NS_PER_S) {
        buf_add_cstr(html, "now");
    } else {
        buf_printf(html, ago < 0 ? "in %lld %s" : "%lld %s ago", (long long)(n / unit->ns),
                   unit->name);
    }
}

void html_time(struct buf *html, int64_t now, int64_t time)
{
    char text[CLOCK_TEXT_MAX];
    time = time < 0 ? 0 : time;
    clock_format(time, text);
    buf_printf(html, "<time datetime=\"%s\" title=\"%.10s %.12s UTC\">", text, text, text + 11);
    add_relative(html, now - time);
    buf_add_cstr(html, "</time>");
}

static void add_thousands(struct buf *html, uint64_t n)
{
    if (n >= 1000) {
        add_thousands(html, n / 1000);
        buf_printf(html, ",%03u", (unsigned)(n % 1000));
    } else {
        buf_printf(html, "%u", (unsigned)n);
    }
}

void html_count(struct buf *html, uint64_t n, const char *word)
{
    add_thousands(html, n);
    if (word[0] != '\0') {
        buf_printf(html, " %s%s", word, n == 1 ? "" : "s");
    }
}

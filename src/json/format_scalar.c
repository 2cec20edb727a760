#include "json/format_scalar.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/utf8.h"

/* The code point of a well-formed character of `n` bytes. */
static uint32_t code_point(const char *p, size_t n)
{
    static const unsigned char MASKS[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t code = (unsigned char)p[0] & MASKS[n];
    for (size_t i = 1; i < n; i++) {
        code = code << 6 | ((unsigned char)p[i] & 0x3f);
    }
    return code;
}

/* Whether a character is written by its number: libyaml refuses it or takes it for the end of a
 * line, or nobody would see that it is there. Spec: YAML 1.1 section 4.1 (printable characters). */
static bool is_escaped(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code <= 0xa0) || code == 0xad || code == 0x61c ||
           (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
           (code >= 0x2060 && code <= 0x206f) || code == 0xfeff ||
           (code >= 0xfff9 && code <= 0xffff);
}

/* Whether a character in the text but for those of `except` is written by its number. */
static bool has_escaped(struct str text, char except)
{
    while (text.n > 0) {
        size_t n = utf8_length(text.p, text.n);
        if (n == 0 || (*text.p != except && is_escaped(code_point(text.p, n)))) {
            return true;
        }
        text = str_sub(text, n, text.n);
    }
    return false;
}

static void add_escape(struct buf *buf, uint32_t code)
{
    switch (code) {
    case '\n':
        buf_add_cstr(buf, "\\n");
        break;
    case '\t':
        buf_add_cstr(buf, "\\t");
        break;
    default:
        buf_printf(buf, code < 0x100 ? "\\x%02x" : "\\u%04x", code);
    }
}

void format_quoted(struct buf *buf, struct str text)
{
    buf_add_char(buf, '"');
    while (text.n > 0) {
        size_t n = utf8_length(text.p, text.n);
        ENSURE(n > 0); /* trees hold UTF-8 alone */
        uint32_t code = code_point(text.p, n);
        if (is_escaped(code)) {
            add_escape(buf, code);
        } else {
            buf_add_cstr(buf, code == '"' || code == '\\' ? "\\" : "");
            buf_add(buf, str_sub(text, 0, n));
        }
        text = str_sub(text, n, text.n);
    }
    buf_add_char(buf, '"');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A name like `registry.example.com/app`, which means nothing else in any YAML. */
static bool is_name(struct str text)
{
    static const char *const WORDS[] = {"y",   "n",    "yes",   "no",  "on",
                                        "off", "true", "false", "null"};
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool later = is_digit(c) || c == '.' || c == '-' || c == '_' || c == '/';
        if (!letter && (i == 0 || !later)) {
            return false;
        }
    }
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
        if (str_eq_nocase(text, str_from(WORDS[i]))) {
            return false;
        }
    }
    return true;
}

/* Whether other readers of YAML 1.1 may take the text for a number to the base of 60, a time or a
 * default (`=`), though ours does not. Spec: yaml.org/type (int, float, timestamp, value). */
static bool is_strange(struct str text)
{
    bool all = true, colon = false;
    for (size_t i = 0; i < text.n; i++) {
        colon = colon || text.p[i] == ':';
        all = all && (is_digit(text.p[i]) || str_find(STR(":._+-"), text.p[i]) < 5);
    }
    bool date = text.n >= 8 && text.p[4] == '-' && is_digit(text.p[0]) && is_digit(text.p[1]) &&
                is_digit(text.p[2]) && is_digit(text.p[3]) && is_digit(text.p[5]);
    return (all && colon) || date || str_eq(text, STR("="));
}

static bool reads_back(const char *before, struct str text, const char *after, struct str value)
{
    buf_auto buf;
    buf_init(&buf, 4 * FORMAT_WIDTH);
    buf_add_cstr(&buf, before);
    buf_add(&buf, text);
    buf_add_cstr(&buf, after);
    json_stream_auto stream = {0};
    struct error err;
    if (failed(yaml_parse(buf_str(&buf), &stream, &err)) || stream.n != 1) {
        return false;
    }
    yyjson_val *list = json_get(stream.docs[0].root, "k");
    yyjson_val *item = yyjson_arr_size(list) == 1 ? yyjson_arr_get_first(list) : NULL;
    return yyjson_is_str(item) && str_eq(json_str(item), value);
}

/* Whether the text may stand without quotes, alone and inside a list on one line. */
static bool may_be_plain(struct str text)
{
    if (text.n == 0 || text.n > FORMAT_WIDTH) {
        return false;
    }
    if (is_name(text)) {
        return true;
    }
    if (str_find(text, '#') < text.n || str_eq(text, STR("<<")) || str_starts(text, STR("---")) ||
        str_starts(text, STR("...")) || is_strange(text) || has_escaped(text, '\0')) {
        return false;
    }
    return reads_back("k: [", text, "]\n", text) && reads_back("k:\n- ", text, "\n", text);
}

static void add_string(struct buf *buf, struct str text)
{
    if (may_be_plain(text)) {
        buf_add(buf, text);
    } else {
        format_quoted(buf, text);
    }
}

void format_scalar(struct buf *buf, yyjson_val *value)
{
    if (yyjson_is_str(value)) {
        add_string(buf, json_str(value));
        return;
    }
    char *text = yyjson_val_write(value, YYJSON_WRITE_NOFLAG, NULL);
    ENSURE(text != NULL);
    buf_add_cstr(buf, text);
    free(text);
}

void format_key(struct buf *buf, struct str key)
{
    add_string(buf, key);
}

bool format_is_literal(struct str text)
{
    struct str first = str_sub(text, 0, 1);
    if (str_find(text, '\n') == text.n || str_find(STR(" \t\n"), *first.p) < 3 ||
        str_ends(text, STR("\n\n")) || has_escaped(text, '\n')) {
        return false;
    }
    struct str line;
    for (bool more = true; more;) {
        more = str_cut(text, '\n', &line, &text);
        if (str_ends(line, STR(" "))) {
            return false;
        }
    }
    return true;
}

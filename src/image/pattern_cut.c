#include "image/chars.h"
#include "image/grammar.h"
#include "image/pattern_parts.h"

#define ONE STR("*")

static bool has(struct str s, char c)
{
    return str_find(s, c) < s.n;
}

static bool is_digits(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (!char_is_digit(s.p[i])) {
            return false;
        }
    }
    return s.n > 0;
}

static status check_character(char c, bool first, struct error *err)
{
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        return error_set(err, ERROR_INPUT, "white space cannot match");
    }
    if (c <= 0x20 || c >= 0x7f) {
        return error_set(err, ERROR_INPUT, "byte 0x%02x cannot match: references are ASCII",
                         (unsigned char)c);
    }
    if (c == '?' || (c == '[' && !first)) {
        return error_set(err, ERROR_INPUT,
                         "\"%c\" is no wildcard here: \"*\" is any run of characters inside one "
                         "segment, \"**\" any number of segments",
                         c);
    }
    if (has(STR("^$()|\\+{}"), c)) {
        return error_set(err, ERROR_INPUT,
                         "\"%c\" cannot match (this is no regular expression): \"*\" is any run of "
                         "characters inside one segment, \"**\" any number of segments",
                         c);
    }
    return OK;
}

static status check_text(struct str text, struct error *err)
{
    if (text.n == 0) {
        return error_set(err, ERROR_INPUT, "empty: write \"**\" for every image");
    }
    if (text.p[0] == '!') {
        return error_set(err, ERROR_INPUT,
                         "\"!\" excludes a pattern from a list and is no part of the pattern");
    }
    for (size_t i = 0; i < text.n; i++) {
        TRY(check_character(text.p[i], i == 0, err));
        if (str_starts(str_sub(text, i, text.n), STR("://"))) {
            return error_set(err, ERROR_INPUT, "`%.*s://` is not part of a reference",
                             STR_ARG(str_sub(text, 0, i)));
        }
    }
    if (str_starts(text, STR("*/"))) {
        return error_set(
            err, ERROR_INPUT,
            "\"*\" before the first \"/\" could be a registry or a name on Docker Hub: "
            "write \"*%.*s\" for any registry, or \"docker.io/%.*s\"",
            STR_ARG(text), STR_ARG(text));
    }
    if (text.p[0] == '*' &&
        (text.n == 1 || text.p[1] == '@' || (text.p[1] == ':' && !has(text, '/')))) {
        return error_set(err, ERROR_INPUT,
                         "\"*\" stays inside one segment: write \"*%.*s\" for any image",
                         STR_ARG(text));
    }
    return OK;
}

static bool is_host_like(struct str s)
{
    return s.n > 0 && (has(s, '.') || s.p[0] == '[' || str_eq_nocase(s, STR("localhost")));
}

/* A text without "/": "**", a registry, or a repository on Docker Hub. */
static status cut_word(struct str word, struct pattern_parts *parts, struct error *err)
{
    struct str before, after;
    bool colon = grammar_cut_port(word, &before, &after);
    if (is_host_like(before)) {
        if (parts->has_digest || (colon && !is_digits(after) && !str_eq(after, ONE))) {
            return error_set(err, ERROR_INPUT,
                             "\"%.*s\" is a registry, which has no tag or digest: write "
                             "\"%.*s/**\" and the tag or digest behind it",
                             STR_ARG(before), STR_ARG(before));
        }
        parts->everything = true;
        parts->host = word;
        return OK;
    }
    if (before.n == 0) {
        return error_set(err, ERROR_INPUT,
                         "a tag or digest without a name: write \"**\" before it for any image");
    }
    parts->any_host = parts->everything = pattern_is_many(before);
    parts->path = before;
    parts->has_tag = colon;
    parts->tag = after;
    return OK;
}

static status cut(struct str text, struct pattern_parts *parts, struct error *err)
{
    struct str name, first, rest;
    parts->has_digest = str_cut(text, '@', &name, &parts->digest);
    if (!str_cut(name, '/', &first, &rest)) {
        return cut_word(name, parts, err);
    }
    if (pattern_is_many(first)) {
        parts->any_host = true;
    } else if (is_host_like(first) || has(first, ':')) {
        parts->host = first;
    } else {
        rest = name;
    }
    parts->has_tag = str_cut(rest, ':', &parts->path, &parts->tag);
    if (parts->path.n == 0) {
        return error_set(err, ERROR_INPUT, "nothing behind \"%.*s/\": write \"%.*s/**\"",
                         STR_ARG(first), STR_ARG(first));
    }
    return OK;
}

status pattern_cut(struct str text, struct pattern_parts *ret_parts, struct error *err)
{
    struct pattern_parts parts = {.host = STR_EMPTY, .path = STR_EMPTY};
    TRY(check_text(text, err));
    TRY(cut(text, &parts, err));
    *ret_parts = parts;
    return OK;
}

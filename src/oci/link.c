#include "oci/link.h"

#include "base/limits.h"
#include "oci/chars.h"

struct cursor {
    struct str text;
    size_t at;
};

static bool at_char(const struct cursor *cursor, char c)
{
    return cursor->at < cursor->text.n && cursor->text.p[cursor->at] == c;
}

static void skip_spaces(struct cursor *cursor)
{
    while (at_char(cursor, ' ') || at_char(cursor, '\t')) {
        cursor->at++;
    }
}

static status malformed(const struct cursor *cursor, struct error *err)
{
    return error_set(err, ERROR_UPSTREAM, "Link is malformed at byte %zu", cursor->at + 1);
}

static struct str take_token(struct cursor *cursor)
{
    size_t from = cursor->at;
    while (cursor->at < cursor->text.n && http_is_token(cursor->text.p[cursor->at])) {
        cursor->at++;
    }
    return str_sub(cursor->text, from, cursor->at);
}

/* A quoted string with its escapes, which no relation of ours has. */
static status take_value(struct cursor *cursor, struct str *ret_value, struct error *err)
{
    if (!at_char(cursor, '"')) {
        *ret_value = take_token(cursor);
        return ret_value->n > 0 ? OK : malformed(cursor, err);
    }
    size_t from = ++cursor->at;
    while (!at_char(cursor, '"')) {
        cursor->at += at_char(cursor, '\\');
        if (cursor->at == cursor->text.n || !http_is_quotable(cursor->text.p[cursor->at])) {
            return malformed(cursor, err);
        }
        cursor->at++;
    }
    *ret_value = str_sub(cursor->text, from, cursor->at++);
    return OK;
}

/* Whether `next` is among the relations, which spaces part. */
static bool has_next(struct str relations)
{
    struct str word;
    while (relations.n > 0) {
        str_cut(relations, ' ', &word, &relations);
        if (str_eq_nocase(word, STR("next"))) {
            return true;
        }
    }
    return false;
}

/* Of several `rel` the first counts. */
static status take_parameters(struct cursor *cursor, bool *ret_next, struct error *err)
{
    bool known = false;
    skip_spaces(cursor);
    while (at_char(cursor, ';')) {
        cursor->at++;
        skip_spaces(cursor);
        struct str name = take_token(cursor), value = STR_EMPTY;
        if (name.n == 0) {
            return malformed(cursor, err);
        }
        skip_spaces(cursor);
        if (at_char(cursor, '=')) {
            cursor->at++;
            skip_spaces(cursor);
            TRY(take_value(cursor, &value, err));
        }
        if (!known && str_eq_nocase(name, STR("rel"))) {
            known = true;
            *ret_next = has_next(value);
        }
        skip_spaces(cursor);
    }
    return OK;
}

static status take_target(struct cursor *cursor, struct str *ret_target, struct error *err)
{
    if (!at_char(cursor, '<')) {
        return malformed(cursor, err);
    }
    size_t from = ++cursor->at;
    while (cursor->at < cursor->text.n && cursor->text.p[cursor->at] != '>') {
        if (!http_is_visible(cursor->text.p[cursor->at])) {
            return malformed(cursor, err);
        }
        cursor->at++;
    }
    if (!at_char(cursor, '>')) {
        return malformed(cursor, err);
    }
    *ret_target = str_sub(cursor->text, from, cursor->at++);
    return OK;
}

static void skip_commas(struct cursor *cursor)
{
    skip_spaces(cursor);
    while (at_char(cursor, ',')) {
        cursor->at++;
        skip_spaces(cursor);
    }
}

status link_next(struct str value, struct str *ret_target, struct error *err)
{
    struct cursor cursor = {.text = value};
    struct str found = STR_EMPTY;
    if (value.n > LIMIT_LINK_TEXT) {
        return error_set(err, ERROR_LIMIT, "Link is longer than %u bytes", LIMIT_LINK_TEXT);
    }
    skip_commas(&cursor);
    while (cursor.at < value.n) {
        struct str target;
        bool next = false;
        TRY(take_target(&cursor, &target, err));
        TRY(take_parameters(&cursor, &next, err));
        if (next && found.n == 0) {
            found = target;
        }
        if (cursor.at < value.n && !at_char(&cursor, ',')) {
            return malformed(&cursor, err);
        }
        skip_commas(&cursor);
    }
    *ret_target = found;
    return OK;
}

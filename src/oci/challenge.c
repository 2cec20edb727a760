#include "oci/challenge.h"

#include "oci/chars.h"

/* Where reading stands in one header. */
struct cursor {
    struct arena *arena;
    struct str text;
    size_t at;
};

static bool at_end(const struct cursor *cursor)
{
    return cursor->at == cursor->text.n;
}

static bool at_char(const struct cursor *cursor, char c)
{
    return !at_end(cursor) && cursor->text.p[cursor->at] == c;
}

static void skip_spaces(struct cursor *cursor)
{
    while (at_char(cursor, ' ') || at_char(cursor, '\t')) {
        cursor->at++;
    }
}

static status malformed(const struct cursor *cursor, struct error *err)
{
    return error_set(err, ERROR_UPSTREAM, "WWW-Authenticate is malformed at byte %zu",
                     cursor->at + 1);
}

static struct str take_token(struct cursor *cursor)
{
    size_t from = cursor->at;
    while (!at_end(cursor) && http_is_token(cursor->text.p[cursor->at])) {
        cursor->at++;
    }
    return str_sub(cursor->text, from, cursor->at);
}

/* What stands behind an opening quote, up to and with the closing one. */
static status take_quoted(struct cursor *cursor, struct str *ret_text, struct error *err)
{
    char *text = arena_alloc(cursor->arena, cursor->text.n - cursor->at + 1);
    size_t n = 0;
    cursor->at++;
    while (!at_char(cursor, '"')) {
        cursor->at += at_char(cursor, '\\');
        if (at_end(cursor) || !http_is_quotable(cursor->text.p[cursor->at])) {
            return malformed(cursor, err);
        }
        text[n++] = cursor->text.p[cursor->at++];
    }
    cursor->at++;
    *ret_text = (struct str){text, n};
    return OK;
}

/* token68: what schemes carry that have no parameters. */
static void skip_token68(struct cursor *cursor)
{
    while (!at_end(cursor) && (http_is_alnum(cursor->text.p[cursor->at]) ||
                               memchr("-._~+/", cursor->text.p[cursor->at], 6) != NULL)) {
        cursor->at++;
    }
    while (at_char(cursor, '=')) {
        cursor->at++;
    }
}

/* Whether `name = value` stands here rather than the next scheme; a token68 that ends in '=' is
 * none. */
static bool at_parameter(const struct cursor *cursor)
{
    struct cursor ahead = *cursor;
    if (take_token(&ahead).n == 0) {
        return false;
    }
    skip_spaces(&ahead);
    if (!at_char(&ahead, '=')) {
        return false;
    }
    ahead.at++;
    skip_spaces(&ahead);
    return at_char(&ahead, '"') || take_token(&ahead).n > 0;
}

/* Where the value of a parameter is kept; NULL: it is not. */
static struct str *place_of(struct challenge *challenge, struct str name)
{
    const struct {
        const char *name;
        struct str *place;
    } places[] = {{"realm", &challenge->realm},
                  {"service", &challenge->service},
                  {"scope", &challenge->scope},
                  {"error", &challenge->error}};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (str_eq_nocase(name, str_from(places[i].name))) {
            return places[i].place;
        }
    }
    return NULL;
}

static status take_parameter(struct cursor *cursor, struct str *names, size_t n,
                             struct challenge *challenge, struct error *err)
{
    struct str name = take_token(cursor), value;
    if (n == LIMIT_CHALLENGE_PARAMETERS) {
        return error_set(err, ERROR_LIMIT, "WWW-Authenticate has more than %u parameters",
                         LIMIT_CHALLENGE_PARAMETERS);
    }
    for (size_t i = 0; i < n; i++) {
        if (str_eq_nocase(names[i], name)) {
            return error_set(err, ERROR_UPSTREAM, "WWW-Authenticate has a parameter twice");
        }
    }
    names[n] = name;
    skip_spaces(cursor);
    cursor->at++; /* the '=' */
    skip_spaces(cursor);
    if (at_char(cursor, '"')) {
        TRY(take_quoted(cursor, &value, err));
    } else {
        value = take_token(cursor);
    }
    struct str *place = place_of(challenge, name);
    if (place != NULL) {
        *place = value;
    }
    return OK;
}

/* To the next element of the list: past the comma that must stand here, and those behind it. */
static status take_comma(struct cursor *cursor, struct error *err)
{
    skip_spaces(cursor);
    if (!at_end(cursor) && !at_char(cursor, ',')) {
        return malformed(cursor, err);
    }
    while (at_char(cursor, ',')) {
        cursor->at++;
        skip_spaces(cursor);
    }
    return OK;
}

static status take_parameters(struct cursor *cursor, struct challenge *challenge, struct error *err)
{
    struct str names[LIMIT_CHALLENGE_PARAMETERS];
    size_t n = 0;
    if (at_char(cursor, ' ')) {
        skip_spaces(cursor);
        if (!at_parameter(cursor)) {
            skip_token68(cursor);
        }
    }
    if (!at_parameter(cursor)) {
        return take_comma(cursor, err);
    }
    while (at_parameter(cursor)) {
        TRY(take_parameter(cursor, names, n++, challenge, err));
        TRY(take_comma(cursor, err));
    }
    return OK;
}

static enum challenge_scheme scheme_of(struct str name)
{
    if (str_eq_nocase(name, STR("Bearer"))) {
        return CHALLENGE_BEARER;
    }
    return str_eq_nocase(name, STR("Basic")) ? CHALLENGE_BASIC : CHALLENGE_OTHER;
}

static status take_challenge(struct cursor *cursor, struct challenges *list, struct error *err)
{
    struct challenge challenge = {.name = take_token(cursor)};
    if (challenge.name.n == 0 || (!at_end(cursor) && !at_char(cursor, ' ') &&
                                  !at_char(cursor, '\t') && !at_char(cursor, ','))) {
        return malformed(cursor, err);
    }
    if (list->n == LIMIT_CHALLENGES) {
        return error_set(err, ERROR_LIMIT, "WWW-Authenticate has more than %u challenges",
                         LIMIT_CHALLENGES);
    }
    challenge.scheme = scheme_of(challenge.name);
    TRY(take_parameters(cursor, &challenge, err));
    if (challenge.scheme == CHALLENGE_BEARER && challenge.realm.n == 0) {
        return error_set(err, ERROR_UPSTREAM, "WWW-Authenticate: Bearer without a realm");
    }
    list->items[list->n++] = challenge;
    return OK;
}

status challenge_parse(struct arena *arena, struct str value, struct challenges *list,
                       struct error *err)
{
    struct cursor cursor = {.arena = arena, .text = value};
    if (value.n > LIMIT_CHALLENGE_TEXT) {
        return error_set(err, ERROR_LIMIT, "WWW-Authenticate is longer than %u bytes",
                         LIMIT_CHALLENGE_TEXT);
    }
    skip_spaces(&cursor);
    if (at_char(&cursor, ',')) { /* a list may begin with empty elements */
        TRY(take_comma(&cursor, err));
    }
    if (at_end(&cursor)) {
        return malformed(&cursor, err);
    }
    while (!at_end(&cursor)) {
        TRY(take_challenge(&cursor, list, err));
    }
    return OK;
}

const struct challenge *challenge_of(const struct challenges *list, enum challenge_scheme scheme)
{
    for (size_t i = 0; i < list->n; i++) {
        if (list->items[i].scheme == scheme) {
            return &list->items[i];
        }
    }
    return NULL;
}

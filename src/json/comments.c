#include "json/comments.h"

#include <string.h>
#include <yaml.h>

#include "base/limits.h"

/* A walk over the stream, in bytes and characters, as tokens come. */
struct walk {
    struct arena *arena;
    struct str text;
    size_t at;        /* byte */
    size_t character; /* libyaml counts these */
    uint32_t line;    /* of `at`, from 1 */
    struct comments *comments;
    size_t room, room_starts;
};

size_t comments_break(struct str text, size_t at)
{
    struct str rest = str_sub(text, at, text.n);
    switch (rest.n > 0 ? (unsigned char)*rest.p : 0) {
    case '\n':
        return 1;
    case '\r':
        return str_starts(rest, STR("\r\n")) ? 2 : 1;
    case 0xc2:
        return str_starts(rest, STR("\xc2\x85")) ? 2 : 0;
    case 0xe2:
        return str_starts(rest, STR("\xe2\x80\xa8")) || str_starts(rest, STR("\xe2\x80\xa9")) ? 3
                                                                                              : 0;
    default:
        return 0;
    }
}

static bool begins_line(struct str text, size_t at)
{
    static const char *const ENDS[] = {"\n",           "\r",           "\xc2\x85",
                                       "\xe2\x80\xa8", "\xe2\x80\xa9", "\xef\xbb\xbf"};
    struct str before = str_sub(text, 0, at);
    bool begins = at == 0;
    for (size_t i = 0; i < sizeof ENDS / sizeof *ENDS; i++) {
        begins = begins || str_ends(before, str_from(ENDS[i]));
    }
    return begins;
}

static void add_comment(struct walk *walk, size_t from, size_t to)
{
    size_t start = from;
    while (start > 0 && memchr(" \t-", walk->text.p[start - 1], 3) != NULL) {
        start--;
    }
    struct comments *comments = walk->comments;
    comments->items =
        arena_grow(walk->arena, comments->items, comments->n, &walk->room, sizeof *comments->items);
    comments->items[comments->n++] = (struct comment){
        .line = walk->line,
        .own_line = begins_line(walk->text, start),
        .text = str_trim(str_sub(walk->text, from, to)),
    };
}

/* Go on by one character. The line ends with the last character of its break. */
static void step(struct walk *walk)
{
    size_t length = comments_break(walk->text, walk->at);
    bool crlf = length == 2 && walk->text.p[walk->at] == '\r';
    walk->line += length > 0 && !crlf;
    walk->at++;
    while (walk->at < walk->text.n && ((unsigned char)walk->text.p[walk->at] & 0xc0) == 0x80) {
        walk->at++;
    }
    walk->character++;
}

/* The byte at which the line at hand ends. */
static size_t end_of_line(const struct walk *walk)
{
    size_t end = walk->at;
    while (end < walk->text.n && comments_break(walk->text, end) == 0) {
        end++;
    }
    return end;
}

/* Go to character `to`; if it is a gap between tokens that is walked, take its comments. */
static void walk_to(struct walk *walk, size_t to, bool gap)
{
    while (walk->character < to && walk->at < walk->text.n) {
        if (gap && walk->text.p[walk->at] == '#') {
            size_t end = end_of_line(walk);
            add_comment(walk, walk->at, end);
            while (walk->at < end) {
                step(walk);
            }
        } else {
            step(walk);
        }
    }
}

static bool is_block_scalar(const yaml_token_t *token)
{
    return token->type == YAML_SCALAR_TOKEN &&
           (token->data.scalar.style == YAML_LITERAL_SCALAR_STYLE ||
            token->data.scalar.style == YAML_FOLDED_SCALAR_STYLE);
}

/* Take the comment behind `|` or `>`, which is a part of the token. */
static void take_header(struct walk *walk)
{
    size_t end = end_of_line(walk);
    size_t characters = 0;
    for (size_t i = walk->at; i < end; i++) {
        characters += ((unsigned char)walk->text.p[i] & 0xc0) != 0x80;
    }
    walk_to(walk, walk->character + characters, true);
}

static void take_token(struct walk *walk, const yaml_token_t *token)
{
    struct comments *comments = walk->comments;
    uint32_t line = (uint32_t)token->start_mark.line + 1;
    bool anchor = token->type == YAML_ANCHOR_TOKEN || token->type == YAML_ALIAS_TOKEN;
    if (anchor && comments->anchor == 0) {
        comments->anchor = line;
    }
    if (token->type == YAML_DOCUMENT_START_TOKEN) {
        comments->starts = arena_grow(walk->arena, comments->starts, comments->n_starts,
                                      &walk->room_starts, sizeof *comments->starts);
        comments->starts[comments->n_starts++] = line;
    }
    if (token->end_mark.index > token->start_mark.index) {
        walk_to(walk, token->start_mark.index, true);
        if (is_block_scalar(token)) {
            take_header(walk);
        }
        walk_to(walk, token->end_mark.index, false);
    }
}

static status scan(struct walk *walk, yaml_parser_t *parser, struct error *err)
{
    for (bool more = true; more;) {
        yaml_token_t token;
        if (yaml_parser_scan(parser, &token) == 0) {
            return error_set(err, ERROR_INPUT, "line %zu: %s", parser->problem_mark.line + 1,
                             parser->problem != NULL ? parser->problem : "no YAML");
        }
        more = token.type != YAML_STREAM_END_TOKEN && token.type != YAML_NO_TOKEN;
        if (more) {
            take_token(walk, &token);
        }
        yaml_token_delete(&token);
    }
    walk_to(walk, SIZE_MAX, true);
    return OK;
}

status comments_find(struct arena *arena, struct str text, struct comments *ret_comments,
                     struct error *err)
{
    *ret_comments = (struct comments){.n = 0};
    struct walk walk = {.arena = arena, .text = text, .line = 1, .comments = ret_comments};
    walk.at = str_starts(text, STR("\xef\xbb\xbf")) ? 3 : 0; /* libyaml does not count it */
    yaml_parser_t parser;
    if (yaml_parser_initialize(&parser) == 0) {
        fatal("out of memory");
    }
    yaml_parser_set_input_string(&parser, (const unsigned char *)text.p, text.n);
    status st = scan(&walk, &parser, err);
    yaml_parser_delete(&parser);
    return st;
}

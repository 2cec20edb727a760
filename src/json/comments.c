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

/* Room for one item more in a list of `n` that has *room. */
static void *grown(struct arena *arena, void *items, size_t n, size_t *room, size_t size)
{
    if (n < *room) {
        return items;
    }
    *room = *room == 0 ? 16 : *room * 2;
    char *larger = arena_array(arena, *room, size);
    if (n > 0) {
        memcpy(larger, items, n * size);
    }
    return larger;
}

static void add_comment(struct walk *walk, size_t from, size_t to)
{
    size_t start = from;
    while (start > 0 && memchr(" \t", walk->text.p[start - 1], 2) != NULL) {
        start--;
    }
    struct comments *comments = walk->comments;
    comments->items =
        grown(walk->arena, comments->items, comments->n, &walk->room, sizeof *comments->items);
    comments->items[comments->n++] = (struct comment){
        .line = walk->line,
        .own_line = start == 0 || walk->text.p[start - 1] == '\n',
        .text = str_trim(str_sub(walk->text, from, to)),
    };
}

static void step(struct walk *walk)
{
    walk->line += walk->text.p[walk->at] == '\n';
    walk->at++;
    while (walk->at < walk->text.n && ((unsigned char)walk->text.p[walk->at] & 0xc0) == 0x80) {
        walk->at++;
    }
    walk->character++;
}

/* Go to character `to`; if it is a gap between tokens that is walked, take its comments. */
static void walk_to(struct walk *walk, size_t to, bool gap)
{
    while (walk->character < to && walk->at < walk->text.n) {
        if (gap && walk->text.p[walk->at] == '#') {
            struct str rest = str_sub(walk->text, walk->at, walk->text.n);
            size_t end = walk->at + str_find(rest, '\n');
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

/* The character at which the line at hand ends, counted as libyaml does. */
static size_t end_of_line(const struct walk *walk)
{
    size_t character = walk->character;
    for (size_t i = walk->at; i < walk->text.n && walk->text.p[i] != '\n'; i++) {
        character += ((unsigned char)walk->text.p[i] & 0xc0) != 0x80;
    }
    return character;
}

static status take_token(struct walk *walk, const yaml_token_t *token, struct error *err)
{
    if (token->type == YAML_ANCHOR_TOKEN || token->type == YAML_ALIAS_TOKEN) {
        return error_set(err, ERROR_INPUT,
                         "line %zu: anchors and aliases cannot be kept; write out what they mean",
                         token->start_mark.line + 1);
    }
    struct comments *comments = walk->comments;
    if (token->type == YAML_DOCUMENT_START_TOKEN) {
        comments->starts = grown(walk->arena, comments->starts, comments->n_starts,
                                 &walk->room_starts, sizeof *comments->starts);
        comments->starts[comments->n_starts++] = (uint32_t)token->start_mark.line + 1;
    }
    if (token->end_mark.index > token->start_mark.index) {
        walk_to(walk, token->start_mark.index, true);
        if (is_block_scalar(token)) {
            walk_to(walk, end_of_line(walk), true); /* a comment may stand behind `|` */
        }
        walk_to(walk, token->end_mark.index, false);
    }
    return OK;
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
        status st = more ? take_token(walk, &token, err) : OK;
        yaml_token_delete(&token);
        TRY(st);
    }
    walk_to(walk, SIZE_MAX, true);
    return OK;
}

status comments_find(struct arena *arena, struct str text, struct comments *ret_comments,
                     struct error *err)
{
    *ret_comments = (struct comments){.n = 0};
    struct walk walk = {.arena = arena, .text = text, .line = 1, .comments = ret_comments};
    yaml_parser_t parser;
    if (yaml_parser_initialize(&parser) == 0) {
        fatal("out of memory");
    }
    yaml_parser_set_input_string(&parser, (const unsigned char *)text.p, text.n);
    status st = scan(&walk, &parser, err);
    yaml_parser_delete(&parser);
    return st;
}

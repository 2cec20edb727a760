#include <stdlib.h>
#include <yaml.h>

#include "base/limits.h"
#include "json/doc.h"
#include "json/json.h"
#include "json/yaml_build.h"

enum { FIRST_DOCS = 4 };

/* -- the stream -- */

void json_stream_done(struct json_stream *stream)
{
    for (size_t i = 0; i < stream->n; i++) {
        json_doc_done(&stream->docs[i]);
    }
    free(stream->docs);
    *stream = (struct json_stream){0};
}

/* Add a document, which the stream then owns. There may be as many as there may be policies. */
static status add_doc(struct json_stream *stream, const struct json_doc *doc, struct error *err)
{
    if (stream->n == LIMIT_POLICIES) {
        return error_set(err, ERROR_LIMIT, "line %u, column %u: more than %u documents",
                         doc->start.line, doc->start.column, LIMIT_POLICIES);
    }
    bool full = stream->n >= FIRST_DOCS && (stream->n & (stream->n - 1)) == 0;
    if (stream->docs == NULL || full) {
        size_t room = stream->docs == NULL ? FIRST_DOCS : stream->n * 2;
        stream->docs = reallocarray(stream->docs, room, sizeof *stream->docs);
        if (stream->docs == NULL) {
            fatal("out of memory");
        }
    }
    stream->docs[stream->n++] = *doc;
    return OK;
}

/* -- JSON documents, one after the other -- */

static struct str without_space(struct str text)
{
    size_t n = 0;
    while (n < text.n && memchr(" \t\r\n", text.p[n], 4) != NULL) {
        n++;
    }
    return str_sub(text, n, text.n);
}

static bool is_json(struct str text)
{
    struct str rest = without_space(text);
    return rest.n > 0 && (rest.p[0] == '{' || rest.p[0] == '[');
}

/* Bytes of the line "---" at the beginning of `text`, without its end; 0 if it is none. */
static size_t separator_length(struct str text, struct mark mark)
{
    const struct str dashes = STR("---");
    bool ends = text.n == dashes.n || (text.n > dashes.n && memchr(" \t\r\n", text.p[dashes.n], 4));
    return mark.column == 1 && str_starts(text, dashes) && ends ? dashes.n : 0;
}

/* What is between two documents: space, and the lines that part those of YAML. */
static struct str skip_to_document(struct str text, struct mark *mark)
{
    for (size_t n = text.n; n > 0;) {
        struct str rest = without_space(text);
        *mark = json_place(text, *mark, text.n - rest.n);
        n = separator_length(rest, *mark);
        *mark = json_place(rest, *mark, n);
        text = str_sub(rest, n, rest.n);
    }
    return text;
}

static status parse_json(struct str text, struct json_stream *stream, struct error *err)
{
    struct mark mark = {1, 1};
    for (;;) {
        struct str rest = skip_to_document(text, &mark);
        if (rest.n == 0) {
            return OK;
        }
        struct str one = str_sub(rest, 0, json_extent(rest));
        json_doc_auto doc = {0};
        TRY(json_read(one, mark, JSON_WITH_MARKS, &doc, err));
        TRY(add_doc(stream, &doc, err));
        doc = (struct json_doc){0};
        mark = json_place(one, mark, one.n);
        text = str_sub(rest, one.n, rest.n);
    }
}

/* -- YAML -- */

static struct mark mark_of(yaml_mark_t mark)
{
    return (struct mark){(uint32_t)mark.line + 1, (uint32_t)mark.column + 1};
}

/* Whether the character at `mark` is a tab, which libyaml's message does not say. */
static bool is_tab(struct str text, yaml_mark_t mark)
{
    size_t at = 0;
    for (size_t left = mark.index; at < text.n && left > 0; left--) {
        at++;
        while (at < text.n && ((unsigned char)text.p[at] & 0xc0) == 0x80) {
            at++;
        }
    }
    return at < text.n && text.p[at] == '\t';
}

/* Say what libyaml found wrong. */
static status refuse_yaml(const yaml_parser_t *parser, struct str text, struct error *err)
{
    struct mark mark = mark_of(parser->problem_mark);
    switch (parser->error) {
    case YAML_MEMORY_ERROR:
        fatal("out of memory");
    case YAML_READER_ERROR:
        mark = json_place(text, (struct mark){1, 1}, parser->problem_offset);
        return error_set(err, ERROR_INPUT, "line %u, column %u: %s", mark.line, mark.column,
                         parser->problem);
    case YAML_SCANNER_ERROR:
    case YAML_PARSER_ERROR:
        break;
    case YAML_NO_ERROR:
    case YAML_COMPOSER_ERROR:
    case YAML_WRITER_ERROR:
    case YAML_EMITTER_ERROR:
        fatal("libyaml failed without an error of its parser");
    }
    if (is_tab(text, parser->problem_mark)) {
        return error_set(err, ERROR_INPUT,
                         "line %u, column %u: a tab stands where YAML wants spaces", mark.line,
                         mark.column);
    }
    if (parser->context == NULL || parser->context_mark.line == parser->problem_mark.line) {
        return error_set(err, ERROR_INPUT, "line %u, column %u: %s", mark.line, mark.column,
                         parser->problem);
    }
    return error_set(err, ERROR_INPUT, "line %u, column %u: %s (%s that begins in line %zu)",
                     mark.line, mark.column, parser->problem, parser->context,
                     parser->context_mark.line + 1);
}

/* What an event tells of a node; borrows from it. */
static struct yaml_node node_of(const yaml_event_t *event)
{
    struct yaml_node node = {.mark = mark_of(event->start_mark)};
    const yaml_char_t *tag = NULL, *anchor = NULL;
    if (event->type == YAML_SCALAR_EVENT) {
        node.text = (struct str){(const char *)event->data.scalar.value, event->data.scalar.length};
        node.plain = event->data.scalar.plain_implicit != 0;
        tag = event->data.scalar.tag;
        anchor = event->data.scalar.anchor;
    } else if (event->type == YAML_SEQUENCE_START_EVENT) {
        tag = event->data.sequence_start.tag;
        anchor = event->data.sequence_start.anchor;
    } else if (event->type == YAML_MAPPING_START_EVENT) {
        tag = event->data.mapping_start.tag;
        anchor = event->data.mapping_start.anchor;
    } else if (event->type == YAML_ALIAS_EVENT) {
        anchor = event->data.alias.anchor;
    }
    node.tag = (const char *)tag;
    node.anchor = (const char *)anchor;
    return node;
}

static status end_document(struct yaml_builder *builder, struct json_stream *stream,
                           struct error *err)
{
    json_doc_auto doc = {0};
    bool empty = false;
    TRY(yaml_finish(builder, &empty, &doc, err));
    if (!empty) {
        TRY(add_doc(stream, &doc, err));
        doc = (struct json_doc){0};
    }
    return OK;
}

static status take_event(const yaml_event_t *event, struct yaml_builder *builder,
                         struct json_stream *stream, struct error *err)
{
    const struct yaml_node node = node_of(event);
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return yaml_add_scalar(builder, &node, err);
    case YAML_ALIAS_EVENT:
        return yaml_add_alias(builder, &node, err);
    case YAML_SEQUENCE_START_EVENT:
    case YAML_MAPPING_START_EVENT:
        return yaml_begin(builder, event->type == YAML_MAPPING_START_EVENT, &node, err);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return yaml_end(builder, err);
    case YAML_DOCUMENT_END_EVENT:
        return end_document(builder, stream, err);
    case YAML_DOCUMENT_START_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_NO_EVENT:
        break;
    }
    return OK;
}

static status take_events(yaml_parser_t *parser, struct str text, struct yaml_builder *builder,
                          struct json_stream *stream, struct error *err)
{
    for (bool ended = false; !ended;) {
        yaml_event_t event;
        if (yaml_parser_parse(parser, &event) == 0) {
            return refuse_yaml(parser, text, err);
        }
        ended = event.type == YAML_STREAM_END_EVENT;
        status result = take_event(&event, builder, stream, err);
        yaml_event_delete(&event);
        TRY(result);
    }
    return OK;
}

/* Whether a line begins at `at`: behind any of the line breaks of YAML 1.1, or first of all. */
static bool begins_line(struct str text, size_t at)
{
    static const char *const BREAKS[] = {"\n",           "\r",           "\xc2\x85",
                                         "\xe2\x80\xa8", "\xe2\x80\xa9", NULL};
    struct str before = str_sub(text, 0, at);
    for (const char *const *line_break = BREAKS; *line_break != NULL; line_break++) {
        if (str_ends(before, str_from(*line_break))) {
            return true;
        }
    }
    return at == 0;
}

/* Refuse %TAG, whose only use is tags that are refused anyway: libyaml compares each of them with
 * all before it, and a file full of them would keep it busy for hours. */
static status check_directives(struct str text, struct error *err)
{
    const struct str needle = STR("%TAG");
    for (size_t at = 0; at < text.n; at += needle.n) {
        const char *found = memmem(text.p + at, text.n - at, needle.p, needle.n);
        if (found == NULL) {
            break;
        }
        at = (size_t)(found - text.p);
        if (begins_line(text, at)) {
            struct mark mark = json_place(text, (struct mark){1, 1}, at);
            return error_set(err, ERROR_INPUT, "line %u, column %u: %%TAG is not supported",
                             mark.line, mark.column);
        }
    }
    return OK;
}

static status parse_yaml(struct str text, struct json_stream *stream, struct error *err)
{
    TRY(check_directives(text, err));
    yaml_parser_t parser;
    if (yaml_parser_initialize(&parser) == 0) {
        fatal("out of memory");
    }
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    const char *input = text.n == 0 ? "" : text.p;
    yaml_parser_set_input_string(&parser, (const unsigned char *)input, text.n);
    struct yaml_builder builder;
    yaml_builder_init(&builder);
    status result = take_events(&parser, text, &builder, stream, err);
    yaml_builder_done(&builder);
    yaml_parser_delete(&parser);
    return result;
}

status yaml_parse(struct str text, struct json_stream *ret_stream, struct error *err)
{
    json_stream_auto stream = {0};
    TRY(is_json(text) ? parse_json(text, &stream, err) : parse_yaml(text, &stream, err));
    *ret_stream = stream;
    stream = (struct json_stream){0};
    return OK;
}

/* A text as YAML. What parses is within its limits, and written as JSON it parses to the same tree;
 * an object or a list of JSON is one YAML document and the same tree; and where libyaml reads that
 * JSON too, it reads the same. */
#include <math.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/limits.h"
#include "json/doc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_document(const struct json_doc *doc, struct mark *last)
{
    ENSURE(doc->root != NULL && doc->marks != NULL);
    ENSURE(doc->start.line > last->line ||
           (doc->start.line == last->line && doc->start.column > last->column));
    *last = doc->start;
    for (size_t i = 0; i < doc->tree->val_read; i++) {
        ENSURE(doc->marks[i].line > 0 && doc->marks[i].column > 0);
    }
    size_t n = 0;
    char *text = yyjson_val_write(doc->root, YYJSON_WRITE_NOFLAG, &n);
    ENSURE(text != NULL); /* so all strings are UTF-8 and all numbers finite */
    json_doc_auto again = {0};
    struct error err;
    ENSURE(!failed(json_parse((struct str){text, n}, JSON_WITHOUT_MARKS, &again, &err)));
    ENSURE(yyjson_equals(doc->root, again.root));
    ENSURE(doc->tree->val_read == again.tree->val_read);
    free(text);
}

static void check_stream(const struct json_stream *stream)
{
    struct mark last = {0};
    size_t values = 0;
    ENSURE(stream->n <= LIMIT_POLICIES);
    for (size_t i = 0; i < stream->n; i++) {
        check_document(&stream->docs[i], &last);
        values += stream->docs[i].tree->val_read;
    }
    ENSURE(values <= LIMIT_YAML_NODES);
}

/* Equal but for the type of numbers: 1.0 in YAML becomes 1. */
static bool same_value(yyjson_val *a, yyjson_val *b)
{
    if (yyjson_is_num(a) && yyjson_is_num(b)) {
        return fabs(yyjson_get_num(a) - yyjson_get_num(b)) <= 0;
    }
    return yyjson_get_type(a) == yyjson_get_type(b) && yyjson_is_true(a) == yyjson_is_true(b) &&
           str_eq(json_str(a), json_str(b)) &&
           (!yyjson_is_ctn(a) || unsafe_yyjson_get_len(a) == unsafe_yyjson_get_len(b));
}

/* Both trees are arrays of values in the order of the text. */
static void check_same(const struct json_doc *a, const struct json_doc *b)
{
    ENSURE(a->tree->val_read == b->tree->val_read);
    for (size_t i = 0; i < a->tree->val_read; i++) {
        ENSURE(same_value(a->root + i, b->root + i));
    }
}

/* YAML 1.1 takes NEL, LS and PS for ends of lines, also within quotes; in JSON they are text. */
static bool has_other_breaks(struct str text)
{
    static const char *const BREAKS[] = {"\xc2\x85", "\xe2\x80\xa8", "\xe2\x80\xa9"};
    for (size_t i = 0; i < sizeof BREAKS / sizeof BREAKS[0]; i++) {
        if (memmem(text.p, text.n, BREAKS[i], strlen(BREAKS[i])) != NULL) {
            return true;
        }
    }
    return false;
}

static void check_json(struct str text, const struct json_stream *stream, bool refused)
{
    json_doc_auto doc = {0};
    struct error err;
    if (failed(json_parse(text, JSON_WITHOUT_MARKS, &doc, &err)) || !yyjson_is_ctn(doc.root)) {
        return;
    }
    ENSURE(!refused && stream->n == 1);
    ENSURE(yyjson_equals(doc.root, stream->docs[0].root));
    if (has_other_breaks(text)) {
        return;
    }
    buf_auto block;
    buf_init(&block, text.n + 4);
    buf_add_cstr(&block, "--- ");
    buf_add(&block, text);
    json_stream_auto by_libyaml = {0};
    if (!failed(yaml_parse(buf_str(&block), &by_libyaml, &err))) {
        ENSURE(by_libyaml.n == 1);
        check_same(&doc, &by_libyaml.docs[0]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size};
    json_stream_auto stream = {0};
    struct error err = {0};
    bool refused = failed(yaml_parse(text, &stream, &err));
    if (refused) {
        ENSURE(stream.n == 0 && stream.docs == NULL);
        ENSURE(err.kind == ERROR_INPUT || err.kind == ERROR_LIMIT);
    } else {
        check_stream(&stream);
    }
    check_json(text, &stream, refused);
    return 0;
}

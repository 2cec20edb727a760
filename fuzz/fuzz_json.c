/* A text as JSON. What parses has no key twice and is not too deep, by a naive count; written back
 * and parsed again it is the same; marks change nothing, and each shows where its value begins. */
#include <stdlib.h>

#include "base/limits.h"
#include "json/doc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t count_key(yyjson_val *object, struct str wanted)
{
    size_t i, max, n = 0;
    yyjson_val *key, *value;
    yyjson_obj_foreach(object, i, max, key, value)
    {
        n += str_eq(json_str(key), wanted);
    }
    return n;
}

static void check_keys(yyjson_val *object)
{
    size_t i, max;
    yyjson_val *key, *value;
    yyjson_obj_foreach(object, i, max, key, value)
    {
        ENSURE(count_key(object, json_str(key)) == 1);
    }
}

static void check_tree(yyjson_val *value, size_t depth)
{
    ENSURE(depth <= LIMIT_JSON_DEPTH || !yyjson_is_ctn(value));
    check_keys(value);
    size_t i, max;
    yyjson_val *key, *inner;
    yyjson_arr_foreach(value, i, max, inner)
    {
        check_tree(inner, depth + 1);
    }
    yyjson_obj_foreach(value, i, max, key, inner)
    {
        check_tree(inner, depth + 1);
    }
}

/* Index of the byte at a mark, found by counting from the beginning. */
static size_t index_of(struct str text, struct mark mark)
{
    struct mark at = {1, 1};
    for (size_t i = 0; i < text.n; i++) {
        bool begins = ((unsigned char)text.p[i] & 0xc0) != 0x80;
        if (begins && at.line == mark.line && at.column == mark.column) {
            return i;
        }
        at.column += begins;
        if (text.p[i] == '\n') {
            at = (struct mark){at.line + 1, 1};
        }
    }
    return text.n;
}

static bool may_begin(yyjson_val *value, char c)
{
    switch (yyjson_get_type(value)) {
    case YYJSON_TYPE_NULL:
        return c == 'n';
    case YYJSON_TYPE_BOOL:
        return c == (yyjson_get_bool(value) ? 't' : 'f');
    case YYJSON_TYPE_NUM:
        return c == '-' || (c >= '0' && c <= '9');
    case YYJSON_TYPE_STR:
        return c == '"';
    case YYJSON_TYPE_ARR:
        return c == '[';
    case YYJSON_TYPE_OBJ:
        return c == '{';
    default:
        return false;
    }
}

/* `before` is the index of the value before this one: marks go forward. */
static size_t check_marks(const struct json_doc *doc, struct str text, yyjson_val *value,
                          bool member, size_t before)
{
    size_t at = index_of(text, json_mark(doc, value));
    ENSURE(at < text.n && (value == doc->root || at > before));
    ENSURE(member ? text.p[at] == '"' : may_begin(value, text.p[at]));
    size_t i, max;
    yyjson_val *key, *inner;
    yyjson_arr_foreach(value, i, max, inner)
    {
        at = check_marks(doc, text, inner, false, at);
    }
    yyjson_obj_foreach(value, i, max, key, inner)
    {
        ENSURE(memcmp(&doc->marks[key - doc->root], &doc->marks[inner - doc->root],
                      sizeof(struct mark)) == 0);
        at = check_marks(doc, text, inner, true, at);
    }
    return at;
}

static void check_written(const struct json_doc *doc)
{
    size_t n = 0;
    char *text = yyjson_val_write(doc->root, YYJSON_WRITE_NOFLAG, &n);
    ENSURE(text != NULL);
    json_doc_auto again = {0};
    struct error err;
    ENSURE(!failed(json_parse((struct str){text, n}, JSON_WITHOUT_MARKS, &again, &err)));
    ENSURE(yyjson_equals(doc->root, again.root));
    char *text_again = yyjson_val_write(again.root, YYJSON_WRITE_NOFLAG, NULL);
    ENSURE(text_again != NULL && str_eq(str_from(text_again), (struct str){text, n}));
    free(text_again);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size};
    json_doc_auto plain = {0};
    json_doc_auto marked = {0};
    struct error err = {0}, marked_err = {0};
    bool refused = failed(json_parse(text, JSON_WITHOUT_MARKS, &plain, &err));
    ENSURE(refused == failed(json_parse(text, JSON_WITH_MARKS, &marked, &marked_err)));
    ENSURE(err.kind == marked_err.kind && strcmp(err.text, marked_err.text) == 0);
    if (refused) {
        ENSURE(err.kind == ERROR_INPUT || err.kind == ERROR_LIMIT);
        return 0;
    }
    ENSURE(yyjson_equals(plain.root, marked.root));
    check_tree(plain.root, 1);
    check_marks(&marked, text, marked.root, false, 0);
    check_written(&plain);
    return 0;
}

#include "oci/decoding.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "image/digest.h"
#include "oci/media.h"

enum { PLACE_DEPTH = 8, SHOWN = 64 };

/* -- what is wrong -- */

static struct str shown(struct str text)
{
    return str_sub(text, 0, utf8_cut(text.p, text.n, SHOWN));
}

static bool is_plain(struct str name)
{
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && !(i > 0 && c >= '0' && c <= '9')) {
            return false;
        }
    }
    return name.n > 0;
}

static void write_step(struct buf *path, const struct oci_place *at)
{
    if (at->name.p == NULL) {
        buf_printf(path, "[%zu]", at->index);
    } else if (is_plain(at->name)) {
        buf_printf(path, "%s%.*s", path->n == 0 ? "" : ".", STR_ARG(shown(at->name)));
    } else {
        buf_add_char(path, '[');
        buf_add_json(path, shown(at->name));
        buf_add_char(path, ']');
    }
}

static void write_path(struct buf *path, const struct oci_place *at)
{
    const struct oci_place *steps[PLACE_DEPTH];
    size_t n = 0;
    for (; at != NULL && at->up != NULL; at = at->up) {
        ENSURE(n < PLACE_DEPTH);
        steps[n++] = at;
    }
    while (n > 0) {
        write_step(path, steps[--n]);
    }
}

status oci_wrong(struct oci_decoding *d, const struct oci_place *at, enum error_kind kind,
                 const char *format, ...)
{
    char text[LIMIT_FIELD_PATH];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    buf_auto path;
    buf_init(&path, LIMIT_FIELD_PATH);
    write_path(&path, at);
    return error_set(d->err, kind, "%.*s%s%s", STR_ARG(buf_str(&path)), path.n > 0 ? ": " : "",
                     text);
}

status oci_wrong_type(struct oci_decoding *d, const struct oci_place *at, const char *wanted)
{
    return oci_wrong(d, at, ERROR_EVIDENCE, "must be %s, found %s", wanted,
                     json_type_name(at->value));
}

status oci_read(struct str text, size_t max, const char *what, struct json_doc *ret_doc,
                struct error *err)
{
    if (text.n > max) {
        return error_set(err, ERROR_LIMIT, "the %s is larger than %zu bytes", what, max);
    }
    json_doc_auto doc = {0};
    if (failed(json_parse_within(text, LIMIT_OCI_MEMORY, &doc, err))) {
        err->kind = err->kind == ERROR_INPUT ? ERROR_EVIDENCE : err->kind;
        return error_wrap(err, "the %s", what);
    }
    if (!yyjson_is_obj(doc.root)) {
        return error_set(err, ERROR_EVIDENCE, "the %s must be an object, found %s", what,
                         json_type_name(doc.root));
    }
    *ret_doc = doc;
    doc = (struct json_doc){0};
    return OK;
}

/* -- objects -- */

/* The next character of a key as Go's reader compares it, without regard to case: beside ASCII,
 * two letters are taken for an s and a k. 0: another, or none. */
static char next_folded(struct str key, size_t *at)
{
    struct str rest = str_sub(key, *at, key.n);
    if (str_starts(rest, STR("\xc5\xbf"))) {
        *at += 2;
        return 's';
    }
    if (str_starts(rest, STR("\xe2\x84\xaa"))) {
        *at += 3;
        return 'k';
    }
    char c = rest.n == 0 ? '\0' : rest.p[0];
    *at += rest.n > 0;
    return (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

static bool folds_to(struct str key, struct str name)
{
    size_t at = 0, name_at = 0;
    while (name_at < name.n) {
        if (next_folded(key, &at) != next_folded(name, &name_at)) {
            return false;
        }
    }
    return at == key.n;
}

static const char *mistaken_for(struct str key, const struct oci_fields *fields)
{
    const char *found = NULL;
    for (size_t i = 0; i < fields->n; i++) {
        struct str name = str_from(fields->members[i].name);
        if (str_eq(key, name)) {
            return NULL;
        }
        found = folds_to(key, name) ? fields->members[i].name : found;
    }
    return found;
}

static status check_keys(struct oci_decoding *d, const struct oci_fields *fields,
                         const struct oci_place *at)
{
    size_t index, n;
    yyjson_val *key, *value;
    yyjson_obj_foreach(at->value, index, n, key, value)
    {
        const char *name = mistaken_for(json_str(key), fields);
        if (name != NULL) {
            return oci_wrong(d, at, ERROR_EVIDENCE,
                             "the key \"%.*s\" is taken for \"%s\" by programs that pass over case",
                             STR_ARG(shown(json_str(key))), name);
        }
    }
    return OK;
}

status oci_decode_object(struct oci_decoding *d, const struct oci_fields *fields,
                         const struct oci_place *at, void *ret)
{
    if (!yyjson_is_obj(at->value)) {
        return oci_wrong_type(d, at, "an object");
    }
    TRY(check_keys(d, fields, at));
    for (size_t i = 0; i < fields->n; i++) {
        const struct oci_field *field = &fields->members[i];
        const struct oci_place member = {at, str_from(field->name), 0,
                                         json_get(at->value, field->name)};
        bool absent = member.value == NULL || yyjson_is_null(member.value);
        if (absent && field->required) {
            return member.value == NULL ? oci_wrong(d, &member, ERROR_EVIDENCE, "is missing")
                                        : oci_wrong(d, &member, ERROR_EVIDENCE, "is null");
        }
        if (!absent) {
            TRY(field->decode(d, field, &member, ret));
        }
    }
    return OK;
}

status oci_decode_nested(struct oci_decoding *d, const struct oci_field *field,
                         const struct oci_place *at, void *ret)
{
    return oci_decode_object(d, field->object, at, ret);
}

status oci_decode_nothing(struct oci_decoding *d, const struct oci_field *field,
                          const struct oci_place *at, void *ret)
{
    (void)d, (void)field, (void)at, (void)ret;
    return OK;
}

/* -- scalars -- */

status oci_decode_text(struct oci_decoding *d, const struct oci_field *field,
                       const struct oci_place *at, void *ret)
{
    if (!yyjson_is_str(at->value)) {
        return oci_wrong_type(d, at, "a string");
    }
    struct str *text = (struct str *)(void *)((char *)ret + field->offset);
    *text = arena_dup(d->arena, json_str(at->value));
    return OK;
}

status oci_decode_media_type(struct oci_decoding *d, const struct oci_field *field,
                             const struct oci_place *at, void *ret)
{
    struct str text = json_str(at->value);
    if (yyjson_is_str(at->value) && !oci_media_valid(text)) {
        return oci_wrong(d, at, ERROR_EVIDENCE, "\"%.*s\" is no media type", STR_ARG(shown(text)));
    }
    return oci_decode_text(d, field, at, ret);
}

status oci_decode_digest(struct oci_decoding *d, const struct oci_field *field,
                         const struct oci_place *at, void *ret)
{
    struct str text = json_str(at->value);
    struct digest digest;
    enum digest_error problem = digest_parse(text, &digest);
    if (yyjson_is_str(at->value) && problem != DIGEST_OK) {
        return oci_wrong(d, at, ERROR_EVIDENCE, "\"%.*s\" %s", STR_ARG(shown(text)),
                         digest_error_text(problem));
    }
    return oci_decode_text(d, field, at, ret);
}

status oci_decode_size(struct oci_decoding *d, const struct oci_field *field,
                       const struct oci_place *at, void *ret)
{
    if (!yyjson_is_int(at->value)) {
        return oci_wrong_type(d, at, "a whole number of bytes");
    }
    if (yyjson_is_sint(at->value)) {
        return oci_wrong(d, at, ERROR_EVIDENCE, "must not be negative");
    }
    uint64_t size = yyjson_get_uint(at->value);
    if (size > LIMIT_BLOB_SIZE) {
        return oci_wrong(d, at, ERROR_LIMIT, "is larger than %ju bytes",
                         (uintmax_t)LIMIT_BLOB_SIZE);
    }
    *(uint64_t *)(void *)((char *)ret + field->offset) = size;
    return OK;
}

/* -- lists and maps -- */

struct oci_place oci_item(const struct oci_place *at, yyjson_val *value, size_t index)
{
    return (struct oci_place){.up = at, .index = index, .value = value};
}

/* The room of a list that is bounded together with others. */
static status take_room(struct oci_decoding *d, const struct oci_place *at, size_t n, size_t *left,
                        const char *what)
{
    if (n > *left) {
        return oci_wrong(d, at, ERROR_LIMIT, "with %zu more the document has too many %s", n, what);
    }
    *left -= n;
    return OK;
}

void oci_keep_list(const struct oci_field *field, void *ret, void *items, size_t n)
{
    *(void **)(void *)((char *)ret + field->offset) = items;
    *(size_t *)(void *)((char *)ret + field->n_offset) = n;
}

status oci_decode_pairs(struct oci_decoding *d, const struct oci_field *field,
                        const struct oci_place *at, void *ret)
{
    if (!yyjson_is_obj(at->value)) {
        return oci_wrong_type(d, at, "an object of strings");
    }
    TRY(take_room(d, at, yyjson_obj_size(at->value), &d->pairs_left, "annotations or labels"));
    struct oci_pair *pairs = ARENA_ARRAY(d->arena, struct oci_pair, yyjson_obj_size(at->value));
    size_t index, n;
    yyjson_val *key, *value;
    yyjson_obj_foreach(at->value, index, n, key, value)
    {
        const struct oci_place member = {at, json_str(key), 0, value};
        if (!yyjson_is_str(value)) {
            return oci_wrong_type(d, &member, "a string");
        }
        pairs[index].key = arena_dup(d->arena, json_str(key));
        pairs[index].value = arena_dup(d->arena, json_str(value));
    }
    oci_keep_list(field, ret, pairs, yyjson_obj_size(at->value));
    return OK;
}

status oci_take_texts(struct oci_decoding *d, const struct oci_place *at, size_t n)
{
    return take_room(d, at, n, &d->texts_left, "items in its lists");
}

status oci_decode_list(struct oci_decoding *d, const struct oci_field *field,
                       const struct oci_place *at, oci_keep *keep, void *ret)
{
    if (!yyjson_is_arr(at->value)) {
        return oci_wrong_type(d, at, "a list of strings");
    }
    TRY(oci_take_texts(d, at, yyjson_arr_size(at->value)));
    struct str *texts = ARENA_ARRAY(d->arena, struct str, yyjson_arr_size(at->value));
    size_t index, n;
    yyjson_val *value;
    yyjson_arr_foreach(at->value, index, n, value)
    {
        const struct oci_place item = oci_item(at, value, index);
        if (!yyjson_is_str(value)) {
            return oci_wrong_type(d, &item, "a string");
        }
        TRY(keep(d, &item, &texts[index]));
    }
    oci_keep_list(field, ret, texts, yyjson_arr_size(at->value));
    return OK;
}

static status keep_text(struct oci_decoding *d, const struct oci_place *at, struct str *ret_text)
{
    *ret_text = arena_dup(d->arena, json_str(at->value));
    return OK;
}

status oci_decode_texts(struct oci_decoding *d, const struct oci_field *field,
                        const struct oci_place *at, void *ret)
{
    return oci_decode_list(d, field, at, keep_text, ret);
}

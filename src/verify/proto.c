#include "verify/proto.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/hex.h"
#include "base/limits.h"
#include "base/utf8.h"

enum { DEPTH = 12, SHOWN = 64 };

static void write_path(struct buf *path, const struct proto_place *at)
{
    const struct proto_place *steps[DEPTH];
    size_t n = 0;
    for (; at != NULL && at->up != NULL; at = at->up) {
        ENSURE(n < DEPTH);
        steps[n++] = at;
    }
    while (n > 0) {
        at = steps[--n];
        if (at->name == NULL) {
            buf_printf(path, "[%zu]", at->index);
        } else {
            buf_printf(path, "%s%s", path->n == 0 ? "" : ".", at->name);
        }
    }
}

status proto_wrong(const struct proto *p, const struct proto_place *at, enum error_kind kind,
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
    return error_set(p->err, kind, "%.*s%s%s", STR_ARG(buf_str(&path)), path.n > 0 ? ": " : "",
                     text);
}

static status wrong_type(const struct proto *p, const struct proto_place *at, const char *wanted)
{
    return proto_wrong(p, at, ERROR_INPUT, "must be %s, found %s", wanted,
                       json_type_name(at->value));
}

status proto_parse(struct str text, size_t max, const char *what, struct json_doc *ret_doc,
                   struct error *err)
{
    if (text.n > max) {
        return error_set(err, ERROR_LIMIT, "the %s is larger than %zu bytes", what, max);
    }
    json_doc_auto doc = {0};
    if (failed(json_parse_within(text, LIMIT_SIGSTORE_MEMORY, &doc, err))) {
        return error_wrap(err, "the %s", what);
    }
    if (!yyjson_is_obj(doc.root)) {
        return error_set(err, ERROR_INPUT, "the %s must be an object, found %s", what,
                         json_type_name(doc.root));
    }
    *ret_doc = doc;
    doc = (struct json_doc){0};
    return OK;
}

/* -- objects and lists -- */

static bool is_known(struct str key, const char *const *names)
{
    for (; *names != NULL; names++) {
        if (str_eq(key, str_from(*names))) {
            return true;
        }
    }
    return false;
}

status proto_object(const struct proto *p, const struct proto_place *at, const char *const *names)
{
    if (!yyjson_is_obj(at->value)) {
        return wrong_type(p, at, "an object");
    }
    size_t index, n;
    yyjson_val *key, *value;
    yyjson_obj_foreach(at->value, index, n, key, value)
    {
        (void)value;
        struct str name = json_str(key);
        if (p->strict && !is_known(name, names)) {
            return proto_wrong(p, at, ERROR_INPUT, "has an unknown member \"%.*s\"",
                               STR_ARG(str_sub(name, 0, utf8_cut(name.p, name.n, SHOWN))));
        }
    }
    return OK;
}

bool proto_member(const struct proto_place *at, const char *name, struct proto_place *ret)
{
    *ret = (struct proto_place){.up = at, .name = name, .value = json_get(at->value, name)};
    return ret->value != NULL && !yyjson_is_null(ret->value);
}

status proto_need(const struct proto *p, const struct proto_place *at, const char *name,
                  struct proto_place *ret)
{
    return proto_member(at, name, ret) ? OK : proto_wrong(p, ret, ERROR_INPUT, "is missing");
}

status proto_list(const struct proto *p, const struct proto_place *at, size_t max, size_t *ret_n)
{
    if (!yyjson_is_arr(at->value)) {
        return wrong_type(p, at, "a list");
    }
    if (yyjson_arr_size(at->value) > max) {
        return proto_wrong(p, at, ERROR_LIMIT, "has more than %zu items", max);
    }
    *ret_n = yyjson_arr_size(at->value);
    return OK;
}

struct proto_place proto_item(const struct proto_place *at, size_t index)
{
    return (struct proto_place){
        .up = at, .index = index, .value = yyjson_arr_get(at->value, index)};
}

/* -- scalars -- */

status proto_text(const struct proto *p, const struct proto_place *at, size_t max,
                  struct str *ret_text)
{
    if (!yyjson_is_str(at->value)) {
        return wrong_type(p, at, "a string");
    }
    if (json_str(at->value).n > max) {
        return proto_wrong(p, at, ERROR_LIMIT, "is longer than %zu bytes", max);
    }
    *ret_text = arena_dup(p->arena, json_str(at->value));
    return OK;
}

status proto_bytes(const struct proto *p, const struct proto_place *at, size_t max,
                   struct str *ret_bytes)
{
    struct error err;
    struct str bytes;
    if (!yyjson_is_str(at->value)) {
        return wrong_type(p, at, "a string of base64");
    }
    struct str text = json_str(at->value);
    if (text.n / 4 * 3 > max + 2) {
        return proto_wrong(p, at, ERROR_LIMIT, "is longer than %zu bytes", max);
    }
    if (failed(base64_decode(p->arena, text, &bytes, &err))) {
        return proto_wrong(p, at, ERROR_INPUT, "is %s", err.text);
    }
    if (bytes.n > max) {
        return proto_wrong(p, at, ERROR_LIMIT, "is longer than %zu bytes", max);
    }
    *ret_bytes = bytes;
    return OK;
}

status proto_hex(const struct proto *p, const struct proto_place *at, size_t max,
                 struct str *ret_bytes)
{
    if (!yyjson_is_str(at->value)) {
        return wrong_type(p, at, "a string of hexadecimal digits");
    }
    if (json_str(at->value).n > 2 * max) {
        return proto_wrong(p, at, ERROR_LIMIT, "is longer than %zu bytes", max);
    }
    return hex_decode(p->arena, json_str(at->value), ret_bytes)
               ? OK
               : proto_wrong(p, at, ERROR_INPUT, "is not hexadecimal in lower case");
}

status proto_number(const struct proto *p, const struct proto_place *at, int64_t *ret_number)
{
    uint64_t number = 0;
    struct str text = json_str(at->value);
    bool whole = yyjson_is_str(at->value) || yyjson_is_int(at->value);
    if (!whole) {
        return wrong_type(p, at, "a whole number");
    }
    if (yyjson_is_sint(at->value) || str_starts(text, STR("-"))) {
        return proto_wrong(p, at, ERROR_INPUT, "must not be negative");
    }
    if (yyjson_is_str(at->value)) {
        whole =
            (text.n == 1 || !str_starts(text, STR("0"))) && str_parse_u64(text, INT64_MAX, &number);
    } else {
        number = yyjson_get_uint(at->value);
        whole = number <= INT64_MAX;
    }
    if (!whole) {
        return proto_wrong(p, at, ERROR_INPUT, "is no whole number of 64 bits");
    }
    *ret_number = (int64_t)number;
    return OK;
}

status proto_time(const struct proto *p, const struct proto_place *at, int64_t *ret_time)
{
    struct error err;
    if (!yyjson_is_str(at->value)) {
        return wrong_type(p, at, "a time");
    }
    if (failed(clock_parse_time(json_str(at->value), ret_time, &err))) {
        return proto_wrong(p, at, ERROR_INPUT, "%s", err.text);
    }
    return OK;
}

/* -- members that must be there -- */

status proto_need_text(const struct proto *p, const struct proto_place *at, const char *name,
                       struct str *ret_text)
{
    struct proto_place member;
    TRY(proto_need(p, at, name, &member));
    return proto_text(p, &member, LIMIT_SIGSTORE_TEXT, ret_text);
}

status proto_need_bytes(const struct proto *p, const struct proto_place *at, const char *name,
                        size_t max, struct str *ret_bytes)
{
    struct proto_place member;
    TRY(proto_need(p, at, name, &member));
    return proto_bytes(p, &member, max, ret_bytes);
}

status proto_need_number(const struct proto *p, const struct proto_place *at, const char *name,
                         int64_t *ret_number)
{
    struct proto_place member;
    TRY(proto_need(p, at, name, &member));
    return proto_number(p, &member, ret_number);
}

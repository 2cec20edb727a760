#include "tuf/canonical.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/limits.h"

struct writing {
    struct buf *buf;
    struct arena arena; /* lists of members */
    struct error *err;
};

static void write_string(struct buf *buf, yyjson_val *value)
{
    struct str text = json_str(value);
    buf_add_char(buf, '"');
    for (size_t i = 0, from = 0; i <= text.n; i++) {
        bool end = i == text.n;
        if (end || text.p[i] == '"' || text.p[i] == '\\') {
            buf_add(buf, str_sub(text, from, i));
            from = i;
            if (!end) {
                buf_add_char(buf, '\\');
            }
        }
    }
    buf_add_char(buf, '"');
}

static status write_number(struct writing *w, yyjson_val *value)
{
    if (yyjson_is_uint(value)) {
        buf_printf(w->buf, "%" PRIu64, yyjson_get_uint(value));
        return OK;
    }
    if (yyjson_is_sint(value) && yyjson_get_sint(value) < 0) {
        buf_printf(w->buf, "%" PRId64, yyjson_get_sint(value));
        return OK;
    }
    return error_set(w->err, ERROR_INPUT,
                     "it holds a number that is not whole, minus zero, or beyond 64 bits, of which "
                     "there is no canonical form");
}

static int by_key(const void *a, const void *b)
{
    return str_cmp(json_str(*(yyjson_val *const *)a), json_str(*(yyjson_val *const *)b));
}

static status write_value(struct writing *w, yyjson_val *value);

static status write_object(struct writing *w, yyjson_val *object)
{
    size_t n = yyjson_obj_size(object), i, max;
    yyjson_val **keys = ARENA_ARRAY(&w->arena, yyjson_val *, n + 1), *key, *value;
    yyjson_obj_foreach(object, i, max, key, value)
    {
        keys[i] = key;
    }
    qsort(keys, n, sizeof *keys, by_key);
    buf_add_char(w->buf, '{');
    for (i = 0; i < n; i++) {
        if (i > 0) {
            buf_add_char(w->buf, ',');
        }
        write_string(w->buf, keys[i]);
        buf_add_char(w->buf, ':');
        TRY(write_value(w, yyjson_obj_iter_get_val(keys[i])));
    }
    buf_add_char(w->buf, '}');
    return OK;
}

static status write_list(struct writing *w, yyjson_val *list)
{
    size_t i, max;
    yyjson_val *item;
    buf_add_char(w->buf, '[');
    yyjson_arr_foreach(list, i, max, item)
    {
        if (i > 0) {
            buf_add_char(w->buf, ',');
        }
        TRY(write_value(w, item));
    }
    buf_add_char(w->buf, ']');
    return OK;
}

static status write_value(struct writing *w, yyjson_val *value)
{
    switch (yyjson_get_type(value)) {
    case YYJSON_TYPE_OBJ:
        return write_object(w, value);
    case YYJSON_TYPE_ARR:
        return write_list(w, value);
    case YYJSON_TYPE_STR:
        write_string(w->buf, value);
        return OK;
    case YYJSON_TYPE_NUM:
        return write_number(w, value);
    case YYJSON_TYPE_BOOL:
        buf_add_cstr(w->buf, yyjson_get_bool(value) ? "true" : "false");
        return OK;
    default:
        buf_add_cstr(w->buf, "null");
        return OK;
    }
}

status tuf_canonical(yyjson_val *value, struct buf *buf, struct error *err)
{
    struct writing w = {.buf = buf, .err = err};
    arena_init(&w.arena, LIMIT_TUF_MEMORY);
    status st = write_value(&w, value);
    arena_done(&w.arena);
    return st;
}

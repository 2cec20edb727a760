#include <stdio.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "json/decoding.h"

enum { SHOWN_VALUE = 64 };

struct str decode_shown(struct str text)
{
    return str_sub(text, 0, utf8_cut(text.p, text.n, SHOWN_VALUE));
}

void decode_wrong_type(const struct decoding *decoding, const struct place *place,
                       const char *wanted, const char *hint)
{
    if (yyjson_is_null(place->value)) {
        hint = "; give it a value or leave it out";
    }
    WRONG(decoding, place, "must be %s, found %s%s", wanted, json_type_name(place->value), hint);
}

/* How to make a string of a value that YAML takes for something else. */
static const char *quoting_hint(yyjson_val *value)
{
    return yyjson_is_num(value)    ? "; quote it, as in \"1.10\""
           : yyjson_is_bool(value) ? "; quote it, as in \"yes\""
                                   : "";
}

/* The string at a place. Returns false if there is none, having said so. */
static bool want_string(const struct decoding *decoding, const struct place *place,
                        const char *wanted, struct str *ret_text)
{
    if (yyjson_is_str(place->value)) {
        *ret_text = json_str(place->value);
        return true;
    }
    decode_wrong_type(decoding, place, wanted, "");
    return false;
}

static bool is_choice(const char *const *choices, struct str text)
{
    for (; *choices != NULL; choices++) {
        if (str_eq(text, str_from(*choices))) {
            return true;
        }
    }
    return false;
}

static void refuse_choice(const struct decoding *decoding, const struct place *place,
                          const char *const *choices, struct str text)
{
    buf_auto wanted;
    buf_init(&wanted, LIMIT_MESSAGE);
    buf_add_cstr(&wanted, choices[1] == NULL ? "must be " : "must be one of ");
    for (size_t i = 0; choices[i] != NULL; i++) {
        buf_printf(&wanted, "%s\"%s\"", i == 0 ? "" : ", ", choices[i]);
    }
    diagnostics_add(decoding->list, DIAGNOSTIC_ERROR, place->mark, place->path,
                    str_from(str_nearest(text, choices)), "%.*s, found \"%.*s\"",
                    STR_ARG(buf_str(&wanted)), STR_ARG(decode_shown(text)));
}

bool decode_string(const struct decoding *decoding, const struct place *place,
                   const char *const *choices, struct text *ret_text)
{
    if (!yyjson_is_str(place->value)) {
        decode_wrong_type(decoding, place, "a string", quoting_hint(place->value));
        return false;
    }
    struct str text = json_str(place->value);
    if (choices != NULL && !is_choice(choices, text)) {
        refuse_choice(decoding, place, choices, text);
        return false;
    }
    if (text.n > *decoding->text_left) {
        WRONG(decoding, place,
              "the strings up to here, those that aliases repeat included, take more than %u MiB",
              LIMIT_JSON_MEMORY / MIB);
        return false;
    }
    *decoding->text_left -= text.n;
    *ret_text = (struct text){
        .text = arena_dup(decoding->list->arena, text),
        .mark = place->mark,
        .path = place->path,
    };
    return true;
}

bool decode_bounds(const struct decoding *decoding, const struct field *field,
                   const struct place *place, size_t n, const char *unit)
{
    uint64_t max = fields_max(field);
    if (n == 0 && (field->flags & FIELD_NONEMPTY) != 0) {
        WRONG(decoding, place, "must not be empty");
    } else if (n < field->min) {
        WRONG(decoding, place, "must have at least %ju %s, has %zu", (uintmax_t)field->min, unit,
              n);
    } else if (n > max) {
        WRONG(decoding, place, "must have at most %ju %s, has %zu", (uintmax_t)max, unit, n);
    } else {
        return true;
    }
    return false;
}

void decode_text(const struct decoding *decoding, const struct field *field,
                 const struct place *place, void *ret)
{
    if (!yyjson_is_str(place->value) ||
        decode_bounds(decoding, field, place, yyjson_get_len(place->value), "bytes")) {
        decode_string(decoding, place, field->choices, ret);
    }
}

void decode_duration(const struct decoding *decoding, const struct field *field,
                     const struct place *place, void *ret)
{
    (void)field;
    struct str text;
    struct error err;
    if (want_string(decoding, place, "a duration such as \"10s\"", &text) &&
        failed(clock_parse_duration(text, ret, &err))) {
        WRONG(decoding, place, "%s", err.text);
    }
}

void decode_time(const struct decoding *decoding, const struct field *field,
                 const struct place *place, void *ret)
{
    (void)field;
    struct str text;
    struct error err;
    if (want_string(decoding, place, "a date and time such as \"2030-12-31T00:00:00Z\"", &text) &&
        failed(clock_parse_time(text, ret, &err))) {
        WRONG(decoding, place, "%s", err.text);
    }
}

void decode_size(const struct decoding *decoding, const struct field *field,
                 const struct place *place, void *ret)
{
    uint64_t max = fields_max(field);
    uint64_t size = yyjson_get_uint(place->value);
    if (yyjson_is_uint(place->value) && size >= field->min && size <= max) {
        *(uint64_t *)ret = size;
        return;
    }
    char wanted[SHOWN_VALUE + 1];
    if (max == UINT64_MAX) {
        snprintf(wanted, sizeof wanted, "a whole number, %ju or more", (uintmax_t)field->min);
    } else {
        snprintf(wanted, sizeof wanted, "a whole number from %ju to %ju", (uintmax_t)field->min,
                 (uintmax_t)max);
    }
    if (yyjson_is_int(place->value)) {
        bool negative = yyjson_is_sint(place->value);
        WRONG(decoding, place, "must be %s, found %s%ju", wanted, negative ? "-" : "",
              (uintmax_t)(negative ? 0 - size : size));
    } else {
        decode_wrong_type(decoding, place, wanted,
                          yyjson_is_str(place->value)    ? "; write it without quotes"
                          : yyjson_is_real(place->value) ? " with a fraction or an exponent"
                                                         : "");
    }
}

void decode_bool(const struct decoding *decoding, const struct field *field,
                 const struct place *place, void *ret)
{
    (void)field;
    if (yyjson_is_bool(place->value)) {
        *(bool *)ret = yyjson_get_bool(place->value);
        return;
    }
    decode_wrong_type(decoding, place, "true or false",
                      yyjson_is_str(place->value) ? "; write it without quotes" : "");
}

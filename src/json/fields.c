#include "json/fields.h"

#include "base/limits.h"
#include "json/decoding.h"
#include "json/tree.h"

enum { CANDIDATES_MAX = 64 };

uint64_t fields_min(const struct field *field)
{
    bool text = field->type == FIELD_TEXT;
    uint64_t min = text ? field->min / 4 + (field->min % 4 > 0) : field->min;
    return min == 0 && (field->flags & FIELD_NONEMPTY) != 0 ? 1 : min;
}

uint64_t fields_max(const struct field *field)
{
    if (field->max > 0) {
        return field->max;
    }
    bool list = field->type == FIELD_TEXTS || field->type == FIELD_OBJECTS;
    return list || field->type == FIELD_MAP ? LIMIT_LIST_ITEMS : UINT64_MAX;
}

/* -- places -- */

/* Where the member of `key` stands; its path is in `path`, until that is written to again. */
static struct place member_of(const struct decoding *decoding, const struct place *parent,
                              yyjson_val *key, struct buf *path)
{
    buf_clear(path);
    buf_add(path, parent->path);
    tree_path_member(path, json_str(key));
    return (struct place){
        .value = yyjson_obj_iter_get_val(key),
        .mark = json_mark(decoding->doc, key),
        .path = buf_str(path),
    };
}

static struct place item_of(const struct decoding *decoding, const struct place *parent,
                            yyjson_val *item, size_t index)
{
    return (struct place){
        .value = item,
        .mark = json_mark(decoding->doc, item),
        .path = arena_printf(decoding->list->arena, "%.*s[%zu]", STR_ARG(parent->path), index),
    };
}

/* -- lists and maps -- */

/* A string where a list of strings belongs: show how it is written. */
static void refuse_lone_string(const struct decoding *decoding, const struct place *place)
{
    buf_auto text;
    buf_init(&text, LIMIT_MESSAGE);
    buf_add_json(&text, decode_shown(json_str(place->value)));
    WRONG(decoding, place, "must be a list of strings, found a string; write [%.*s]",
          STR_ARG(buf_str(&text)));
}

static void decode_texts(const struct decoding *decoding, const struct field *field,
                         const struct place *place, void *ret)
{
    struct texts *texts = ret;
    texts->set = true;
    texts->mark = place->mark;
    if (yyjson_is_str(place->value)) {
        refuse_lone_string(decoding, place);
        return;
    }
    if (!yyjson_is_arr(place->value)) {
        decode_wrong_type(decoding, place, "a list of strings", "");
        return;
    }
    size_t n = yyjson_arr_size(place->value);
    if (!decode_bounds(decoding, field, place, n, "items")) {
        return;
    }
    texts->items = ARENA_ARRAY(decoding->list->arena, struct text, n);
    size_t index, max;
    yyjson_val *value;
    yyjson_arr_foreach(place->value, index, max, value)
    {
        struct place item = item_of(decoding, place, value, index);
        texts->n += decode_string(decoding, &item, field->choices, &texts->items[texts->n]);
    }
}

static void decode_map(const struct decoding *decoding, const struct field *field,
                       const struct place *place, void *ret)
{
    struct text_map *map = ret;
    map->set = true;
    if (!yyjson_is_obj(place->value)) {
        decode_wrong_type(decoding, place, "an object whose values are strings", "");
        return;
    }
    size_t n = yyjson_obj_size(place->value);
    if (!decode_bounds(decoding, field, place, n, "members")) {
        return;
    }
    buf_auto path;
    buf_init(&path, LIMIT_FIELD_PATH);
    map->items = ARENA_ARRAY(decoding->list->arena, struct text_pair, n);
    size_t index, max;
    yyjson_val *key, *value;
    yyjson_obj_foreach(place->value, index, max, key, value)
    {
        struct place member = member_of(decoding, place, key, &path);
        member.path = arena_dup(decoding->list->arena, member.path);
        struct text_pair *pair = &map->items[map->n];
        if (decode_string(decoding, &member, NULL, &pair->value)) {
            pair->key = pair->value;
            pair->key.text = arena_dup(decoding->list->arena, json_str(key));
            map->n++;
        }
    }
}

/* -- objects -- */

static void decode_members(const struct decoding *decoding, const struct fields *fields,
                           const struct place *place, void *ret);

static void decode_object(const struct decoding *decoding, const struct field *field,
                          const struct place *place, void *ret)
{
    decode_members(decoding, field->object, place, ret);
}

static void decode_objects(const struct decoding *decoding, const struct field *field,
                           const struct place *place, void *ret)
{
    struct field_list *list = ret;
    list->set = true;
    list->mark = place->mark;
    if (!yyjson_is_arr(place->value)) {
        decode_wrong_type(decoding, place, "a list of objects",
                          yyjson_is_obj(place->value) ? "; begin each object with \"- \"" : "");
        return;
    }
    size_t n = yyjson_arr_size(place->value);
    if (!decode_bounds(decoding, field, place, n, "items")) {
        return;
    }
    /* Objects that are wrong keep their place in the list, so that indices are those of the text.
     */
    list->items = arena_array(decoding->list->arena, n, field->object->size);
    list->n = n;
    size_t index, max;
    yyjson_val *value;
    yyjson_arr_foreach(place->value, index, max, value)
    {
        struct place item = item_of(decoding, place, value, index);
        decode_members(decoding, field->object, &item,
                       (char *)list->items + index * field->object->size);
    }
}

static void decode_any(const struct decoding *decoding, const struct field *field,
                       const struct place *place, void *ret)
{
    (void)decoding, (void)field, (void)place, (void)ret;
}

static decode_function *const DECODERS[] = {
    [FIELD_TEXT] = decode_text,         [FIELD_CHOICE] = decode_text,
    [FIELD_DURATION] = decode_duration, [FIELD_TIME] = decode_time,
    [FIELD_SIZE] = decode_size,         [FIELD_BOOL] = decode_bool,
    [FIELD_TEXTS] = decode_texts,       [FIELD_MAP] = decode_map,
    [FIELD_OBJECT] = decode_object,     [FIELD_OBJECTS] = decode_objects,
    [FIELD_ANY] = decode_any,
};

static bool is_required(const struct field *field)
{
    return (field->flags & FIELD_REQUIRED) != 0;
}

static const struct field *find_field(const struct fields *fields, struct str name)
{
    for (size_t i = 0; i < fields->n; i++) {
        if (str_eq(name, str_from(fields->members[i].name))) {
            return &fields->members[i];
        }
    }
    return NULL;
}

static void refuse_unknown(const struct decoding *decoding, const struct fields *fields,
                           const struct place *place, struct str name)
{
    const char *candidates[CANDIDATES_MAX + 1] = {NULL};
    /* Looking for what was meant takes time; only for what will be shown. */
    if (decoding->list->n < LIMIT_DIAGNOSTICS) {
        for (size_t i = 0; i < fields->n && i < CANDIDATES_MAX; i++) {
            candidates[i] = fields->members[i].name;
        }
    }
    diagnostics_add(decoding->list, DIAGNOSTIC_ERROR, place->mark, place->path,
                    str_from(str_nearest(name, candidates)), "unknown field \"%.*s\"",
                    STR_ARG(decode_shown(name)));
}

static void decode_member(const struct decoding *decoding, const struct fields *fields,
                          struct place *place, struct str name, char *ret)
{
    const struct field *field = find_field(fields, name);
    if (field == NULL) {
        refuse_unknown(decoding, fields, place, name);
        return;
    }
    if ((field->flags & FIELD_RESERVED) != 0) {
        WRONG(decoding, place, "\"%s\" is not part of this version of pratique", field->name);
        return;
    }
    if (is_required(field) && yyjson_is_null(place->value)) {
        return; /* counts as missing, which decode_members will say */
    }
    if (field->set_offset > 0) {
        *(bool *)(ret + field->set_offset) = true;
    }
    place->path = arena_dup(decoding->list->arena, place->path);
    DECODERS[field->type](decoding, field, place, ret + field->offset);
}

static void check_required(const struct decoding *decoding, const struct fields *fields,
                           const struct place *place)
{
    for (size_t i = 0; i < fields->n; i++) {
        const struct field *field = &fields->members[i];
        if (!is_required(field)) {
            continue;
        }
        yyjson_val *member = json_get(place->value, field->name);
        if (member == NULL) {
            WRONG(decoding, place, "\"%s\" is required", field->name);
        } else if (yyjson_is_null(member)) {
            WRONG(decoding, place, "\"%s\" is required, found null", field->name);
        }
    }
}

static void decode_members(const struct decoding *decoding, const struct fields *fields,
                           const struct place *place, void *ret)
{
    if (!yyjson_is_obj(place->value)) {
        decode_wrong_type(decoding, place, "an object", "");
        return;
    }
    buf_auto path;
    buf_init(&path, LIMIT_FIELD_PATH);
    size_t index, max;
    yyjson_val *key, *value;
    yyjson_obj_foreach(place->value, index, max, key, value)
    {
        struct place member = member_of(decoding, place, key, &path);
        decode_member(decoding, fields, &member, json_str(key), ret);
    }
    check_required(decoding, fields, place);
}

bool fields_decode(const struct fields *fields, const struct json_doc *doc, yyjson_val *value,
                   struct str path, struct diagnostics *list, void *ret_struct)
{
    size_t text_left = LIMIT_JSON_MEMORY;
    const struct decoding decoding = {doc, list, &text_left};
    const struct place place = {value, json_mark(doc, value), path};
    size_t errors = list->errors;
    decode_members(&decoding, fields, &place, ret_struct);
    return list->errors == errors;
}

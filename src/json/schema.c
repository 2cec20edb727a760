#include "base/limits.h"
#include "json/fields.h"
#include "json/tree.h"

/* As clock_parse_duration reads it. */
#define DURATION_PATTERN                                                                           \
    "^(0|(([0-9]+\\.?[0-9]*|\\.[0-9]+)(ns|us|\xc2\xb5s|\xce\xbcs|ms|s|m|h|d))+)$"

/* A schema that is being built. Its texts borrow from the tables. */
struct schema {
    yyjson_mut_doc *doc;
    yyjson_mut_val *definitions; /* by the name of the object */
};

static void fill_object(struct schema *schema, yyjson_mut_val *to, const struct fields *fields);

static void add_choices(struct schema *schema, yyjson_mut_val *to, const char *const *choices)
{
    if (choices[1] == NULL) {
        yyjson_mut_obj_add_str(schema->doc, to, "const", choices[0]);
        return;
    }
    yyjson_mut_val *list = yyjson_mut_obj_add_arr(schema->doc, to, "enum");
    for (; *choices != NULL; choices++) {
        yyjson_mut_arr_add_str(schema->doc, list, *choices);
    }
}

/* Bounds under the names that the type has for them. */
static void add_bounds(struct schema *schema, yyjson_mut_val *to, const struct field *field,
                       const char *min_name, const char *max_name)
{
    uint64_t min = fields_min(field);
    if (min > 0 || field->type == FIELD_SIZE) {
        yyjson_mut_obj_add_uint(schema->doc, to, min_name, min);
    }
    if (fields_max(field) != UINT64_MAX) {
        yyjson_mut_obj_add_uint(schema->doc, to, max_name, fields_max(field));
    }
}

static void fill_text(struct schema *schema, yyjson_mut_val *to, const struct field *field)
{
    yyjson_mut_obj_add_str(schema->doc, to, "type", "string");
    if (field->choices != NULL) {
        add_choices(schema, to, field->choices);
    }
    add_bounds(schema, to, field, "minLength", "maxLength");
    if (field->pattern != NULL) {
        yyjson_mut_obj_add_str(schema->doc, to, "pattern", field->pattern);
    }
}

/* Refer to the definition of an object, which is made when it is first referred to. */
static void fill_reference(struct schema *schema, yyjson_mut_val *to, const struct fields *fields)
{
    if (yyjson_mut_obj_get(schema->definitions, fields->name) == NULL) {
        /* Put in before it is filled: outer objects stand before inner ones, and one that contains
         * itself is found. */
        yyjson_mut_val *definition =
            yyjson_mut_obj_add_obj(schema->doc, schema->definitions, fields->name);
        fill_object(schema, definition, fields);
    }
    buf_auto path;
    buf_init(&path, LIMIT_FIELD_PATH);
    buf_printf(&path, "#/$defs/%s", fields->name);
    yyjson_mut_obj_add_strncpy(schema->doc, to, "$ref", path.p, path.n);
}

static void fill_list(struct schema *schema, yyjson_mut_val *to, const struct field *field)
{
    yyjson_mut_obj_add_str(schema->doc, to, "type", "array");
    add_bounds(schema, to, field, "minItems", "maxItems");
    yyjson_mut_val *items = yyjson_mut_obj_add_obj(schema->doc, to, "items");
    if (field->type == FIELD_OBJECTS) {
        fill_reference(schema, items, field->object);
        return;
    }
    yyjson_mut_obj_add_str(schema->doc, items, "type", "string");
    if (field->choices != NULL) {
        add_choices(schema, items, field->choices);
    }
}

static void fill_map(struct schema *schema, yyjson_mut_val *to, const struct field *field)
{
    yyjson_mut_obj_add_str(schema->doc, to, "type", "object");
    add_bounds(schema, to, field, "minProperties", "maxProperties");
    yyjson_mut_val *values = yyjson_mut_obj_add_obj(schema->doc, to, "additionalProperties");
    yyjson_mut_obj_add_str(schema->doc, values, "type", "string");
}

static void fill_type(struct schema *schema, yyjson_mut_val *to, const struct field *field)
{
    switch (field->type) {
    case FIELD_TEXT:
    case FIELD_CHOICE:
        fill_text(schema, to, field);
        break;
    case FIELD_DURATION:
        yyjson_mut_obj_add_str(schema->doc, to, "type", "string");
        yyjson_mut_obj_add_str(schema->doc, to, "pattern", DURATION_PATTERN);
        break;
    case FIELD_TIME:
        yyjson_mut_obj_add_str(schema->doc, to, "type", "string");
        yyjson_mut_obj_add_str(schema->doc, to, "format", "date-time");
        break;
    case FIELD_SIZE:
        yyjson_mut_obj_add_str(schema->doc, to, "type", "integer");
        add_bounds(schema, to, field, "minimum", "maximum");
        break;
    case FIELD_BOOL:
        yyjson_mut_obj_add_str(schema->doc, to, "type", "boolean");
        break;
    case FIELD_TEXTS:
    case FIELD_OBJECTS:
        fill_list(schema, to, field);
        break;
    case FIELD_MAP:
        fill_map(schema, to, field);
        break;
    case FIELD_OBJECT:
        fill_reference(schema, to, field->object);
        break;
    case FIELD_ANY:
        break;
    }
}

/* A field's example, which the tables hold as YAML, as a value. */
static void add_example(struct schema *schema, yyjson_mut_val *to, const char *example)
{
    buf_auto text;
    buf_init(&text, LIMIT_MESSAGE);
    buf_printf(&text, "example: %s\n", example);
    json_stream_auto stream = {0};
    struct error err;
    ENSURE(!buf_overflowed(&text) && !failed(yaml_parse(buf_str(&text), &stream, &err)));
    yyjson_mut_val *list = yyjson_mut_obj_add_arr(schema->doc, to, "examples");
    yyjson_val *value = json_get(stream.docs[0].root, "example");
    yyjson_mut_arr_append(list, yyjson_val_mut_copy(schema->doc, value));
}

static void add_description(struct schema *schema, yyjson_mut_val *to, const struct field *field)
{
    buf_auto text;
    buf_init(&text, LIMIT_MESSAGE);
    buf_add_cstr(&text, field->doc);
    if (field->default_text != NULL) {
        buf_printf(&text, " Default: %s.", field->default_text);
    }
    ENSURE(!buf_overflowed(&text));
    yyjson_mut_obj_add_strncpy(schema->doc, to, "description", text.p, text.n);
}

static void fill_field(struct schema *schema, yyjson_mut_val *to, const struct field *field)
{
    fill_type(schema, to, field);
    add_description(schema, to, field);
    if (field->example != NULL) {
        add_example(schema, to, field->example);
    }
}

static void fill_object(struct schema *schema, yyjson_mut_val *to, const struct fields *fields)
{
    yyjson_mut_obj_add_str(schema->doc, to, "type", "object");
    yyjson_mut_obj_add_str(schema->doc, to, "description", fields->doc);
    yyjson_mut_val *properties = yyjson_mut_obj_add_obj(schema->doc, to, "properties");
    yyjson_mut_val *required = yyjson_mut_arr(schema->doc);
    for (size_t i = 0; i < fields->n; i++) {
        const struct field *field = &fields->members[i];
        /* A reserved name is an error: it is as little a property as one that is not known. */
        if ((field->flags & FIELD_RESERVED) != 0) {
            continue;
        }
        fill_field(schema, yyjson_mut_obj_add_obj(schema->doc, properties, field->name), field);
        if ((field->flags & FIELD_REQUIRED) != 0) {
            yyjson_mut_arr_add_str(schema->doc, required, field->name);
        }
    }
    if (yyjson_mut_arr_size(required) > 0) {
        yyjson_mut_obj_add_val(schema->doc, to, "required", required);
    }
    yyjson_mut_obj_add_bool(schema->doc, to, "additionalProperties", false);
}

static void fill_schema(struct schema *schema, const struct fields *const *fields, size_t n,
                        const char *id)
{
    yyjson_mut_val *root = yyjson_mut_obj(schema->doc);
    yyjson_mut_doc_set_root(schema->doc, root);
    yyjson_mut_obj_add_str(schema->doc, root, "$schema",
                           "https://json-schema.org/draft/2020-12/schema");
    yyjson_mut_obj_add_str(schema->doc, root, "$id", id);
    schema->definitions = yyjson_mut_obj(schema->doc);
    if (n == 1) {
        fill_reference(schema, root, fields[0]);
    } else {
        /* Each has another constant as its kind, so at most one of them holds. */
        yyjson_mut_val *list = yyjson_mut_obj_add_arr(schema->doc, root, "oneOf");
        for (size_t i = 0; i < n; i++) {
            fill_reference(schema, yyjson_mut_arr_add_obj(schema->doc, list), fields[i]);
        }
    }
    yyjson_mut_obj_add_val(schema->doc, root, "$defs", schema->definitions);
}

void fields_schema(const struct fields *const *fields, size_t n, const char *id, struct buf *buf)
{
    /* This allocator aborts when the machine has no more, so nothing is left out in silence. */
    struct tree_memory memory = {LIMIT_JSON_MEMORY};
    const yyjson_alc allocator = tree_allocator(&memory);
    struct schema schema = {.doc = yyjson_mut_doc_new(&allocator)};
    ENSURE(schema.doc != NULL);
    fill_schema(&schema, fields, n, id);
    size_t size = 0;
    char *text =
        yyjson_mut_write_opts(schema.doc, YYJSON_WRITE_PRETTY_TWO_SPACES, &allocator, &size, NULL);
    ENSURE(text != NULL);
    buf_add(buf, (struct str){text, size});
    buf_add_char(buf, '\n');
    allocator.free(allocator.ctx, text);
    yyjson_mut_doc_free(schema.doc);
}

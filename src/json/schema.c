#include <stdlib.h>

#include "base/limits.h"
#include "json/fields.h"

/* As clock_parse_duration reads it. */
#define DURATION_PATTERN                                                                           \
    "^(0|(([0-9]+\\.?[0-9]*|\\.[0-9]+)(ns|us|\xc2\xb5s|\xce\xbcs|ms|s|m|h|d))+)$"

/* A schema that is being built: trees of yyjson, whose texts borrow from the tables. */
struct schema {
    yyjson_mut_doc *doc;
    yyjson_mut_val *definitions; /* by the name of the object */
};

static yyjson_mut_val *object_schema(struct schema *schema, const struct fields *fields);

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
    uint64_t min = field->min;
    if (min == 0 && (field->flags & FIELD_NONEMPTY) != 0) {
        min = 1;
    }
    if (min > 0 || field->type == FIELD_SIZE) {
        yyjson_mut_obj_add_uint(schema->doc, to, min_name, min);
    }
    if (fields_max(field) != UINT64_MAX) {
        yyjson_mut_obj_add_uint(schema->doc, to, max_name, fields_max(field));
    }
}

/* A text has bounds in bytes, and JSON Schema counts characters: the schema allows all that the
 * decoder does, and a little more. */
static void add_text_bounds(struct schema *schema, yyjson_mut_val *to, const struct field *field)
{
    struct field in_characters = *field;
    in_characters.min = (field->min + 3) / 4;
    add_bounds(schema, to, &in_characters, "minLength", "maxLength");
}

static yyjson_mut_val *reference_to(struct schema *schema, const struct fields *fields)
{
    yyjson_mut_val *known = yyjson_mut_obj_get(schema->definitions, fields->name);
    if (known == NULL) {
        /* Put in before it is filled, so that the outer object stands before the inner ones. */
        yyjson_mut_val *definition = yyjson_mut_obj(schema->doc);
        yyjson_mut_obj_add_val(schema->doc, schema->definitions, fields->name, definition);
        *definition = *object_schema(schema, fields);
    }
    return NULL;
}

#include <inttypes.h>

#include "base/limits.h"
#include "json/fields.h"

/* YAML that is being written. */
struct schema {
    struct buf *buf;
    bool ours; /* this program writes what is described here, and nobody else */
};

static void add_key(const struct schema *schema, unsigned depth, const char *key)
{
    buf_printf(schema->buf, "%*s%s:", (int)(2 * depth), "", key);
}

static void open_key(const struct schema *schema, unsigned depth, const char *key)
{
    add_key(schema, depth, key);
    buf_add_char(schema->buf, '\n');
}

/* A name of the schema language or a truth value, which needs no quotes. */
static void add_word(const struct schema *schema, unsigned depth, const char *key, const char *word)
{
    add_key(schema, depth, key);
    buf_printf(schema->buf, " %s\n", word);
}

static void add_number(const struct schema *schema, unsigned depth, const char *key,
                       uint64_t number)
{
    add_key(schema, depth, key);
    buf_printf(schema->buf, " %" PRIu64 "\n", number);
}

static void add_text(const struct schema *schema, unsigned depth, const char *key, const char *text)
{
    add_key(schema, depth, key);
    buf_add_char(schema->buf, ' ');
    buf_add_json(schema->buf, str_from(text));
    buf_add_char(schema->buf, '\n');
}

/* -- parts of the schema of a value -- */

static void add_choices(const struct schema *schema, unsigned depth, const char *const *choices)
{
    open_key(schema, depth, "enum");
    for (; *choices != NULL; choices++) {
        buf_printf(schema->buf, "%*s- \"%s\"\n", (int)(2 * depth), "", *choices);
    }
}

static void add_bounds(const struct schema *schema, unsigned depth, const struct field *field,
                       const char *min_name, const char *max_name)
{
    uint64_t min = fields_min(field);
    if (min > 0 || field->type == FIELD_SIZE) {
        add_number(schema, depth, min_name, min);
    }
    if (fields_max(field) != UINT64_MAX) {
        add_number(schema, depth, max_name, fields_max(field));
    }
}

static void add_check(const struct schema *schema, unsigned depth, const struct field_check *check)
{
    buf_printf(schema->buf, "%*s- rule: ", (int)(2 * depth), "");
    buf_add_json(schema->buf, str_from(check->cel));
    buf_add_char(schema->buf, '\n');
    add_text(schema, depth + 1, "message", check->message);
    if (check->message_cel != NULL) {
        add_text(schema, depth + 1, "messageExpression", check->message_cel);
    }
    if (check->path != NULL) {
        add_text(schema, depth + 1, "fieldPath", check->path);
    }
}

static void add_checks(const struct schema *schema, unsigned depth,
                       const struct field_check *checks)
{
    if (checks == NULL) {
        return;
    }
    open_key(schema, depth, "x-kubernetes-validations");
    for (; checks->cel != NULL; checks++) {
        add_check(schema, depth, checks);
    }
}

static void add_description(const struct schema *schema, unsigned depth, const struct field *field)
{
    buf_auto text;
    buf_init(&text, LIMIT_MESSAGE);
    buf_add_cstr(&text, field->doc);
    if (field->default_text != NULL) {
        buf_printf(&text, " Default: %s.", field->default_text);
    }
    if (field->example != NULL) {
        buf_printf(&text, " Example: %s", field->example);
    }
    ENSURE(!buf_overflowed(&text));
    add_key(schema, depth, "description");
    buf_add_char(schema->buf, ' ');
    buf_add_json(schema->buf, buf_str(&text));
    buf_add_char(schema->buf, '\n');
}

/* -- values -- */

static void add_object(const struct schema *schema, unsigned depth, const struct fields *fields);

static void add_string(const struct schema *schema, unsigned depth, const struct field *field)
{
    add_word(schema, depth, "type", "string");
    if (field->choices != NULL) {
        add_choices(schema, depth, field->choices);
    }
    if (field->type == FIELD_TEXT) {
        add_bounds(schema, depth, field, "minLength", "maxLength");
    }
    if (field->type == FIELD_TIME) {
        add_word(schema, depth, "format", "date-time");
    }
    if (field->pattern != NULL) {
        add_text(schema, depth, "pattern", field->pattern);
    }
    if (field->preset != NULL) {
        add_text(schema, depth, "default", field->preset);
    }
}

static void add_list(const struct schema *schema, unsigned depth, const struct field *field)
{
    add_word(schema, depth, "type", "array");
    add_bounds(schema, depth, field, "minItems", "maxItems");
    add_checks(schema, depth, field->checks);
    if (field->item_key != NULL) {
        add_word(schema, depth, "x-kubernetes-list-type", "map");
        open_key(schema, depth, "x-kubernetes-list-map-keys");
        buf_printf(schema->buf, "%*s- %s\n", (int)(2 * depth), "", field->item_key);
    }
    open_key(schema, depth, "items");
    if (field->type == FIELD_OBJECTS) {
        add_text(schema, depth + 1, "description", field->object->doc);
        add_object(schema, depth + 1, field->object);
        return;
    }
    add_word(schema, depth + 1, "type", "string");
    if (field->choices != NULL) {
        add_choices(schema, depth + 1, field->choices);
    }
}

static void add_map(const struct schema *schema, unsigned depth, const struct field *field)
{
    add_word(schema, depth, "type", "object");
    add_bounds(schema, depth, field, "minProperties", "maxProperties");
    open_key(schema, depth, "additionalProperties");
    add_word(schema, depth + 1, "type", "string");
    add_word(schema, depth + 1, "nullable", "true");
}

/* What the program does not decode; its own words about itself, or anything. */
static void add_any(const struct schema *schema, unsigned depth, const struct field *field)
{
    if (field->object == NULL) {
        add_word(schema, depth, "type", "object");
        return;
    }
    const struct schema inner = {schema->buf, true};
    add_object(&inner, depth, field->object);
}

static void add_value(const struct schema *schema, unsigned depth, const struct field *field)
{
    switch (field->type) {
    case FIELD_TEXT:
    case FIELD_CHOICE:
    case FIELD_DURATION:
    case FIELD_TIME:
        add_string(schema, depth, field);
        break;
    case FIELD_SIZE:
        add_word(schema, depth, "type", "integer");
        add_word(schema, depth, "format", "int64");
        add_bounds(schema, depth, field, "minimum", "maximum");
        break;
    case FIELD_BOOL:
        add_word(schema, depth, "type", "boolean");
        break;
    case FIELD_TEXTS:
    case FIELD_OBJECTS:
        add_list(schema, depth, field);
        break;
    case FIELD_MAP:
        add_map(schema, depth, field);
        break;
    case FIELD_OBJECT:
        add_object(schema, depth, field->object);
        break;
    case FIELD_ANY:
        add_any(schema, depth, field);
        break;
    }
}

static void add_field(const struct schema *schema, unsigned depth, const struct field *field)
{
    open_key(schema, depth, field->name);
    add_description(schema, depth + 1, field);
    add_value(schema, depth + 1, field);
    /* A null that stands for nothing is dropped by the server, and its absence may mean "all". */
    bool required = (field->flags & FIELD_REQUIRED) != 0;
    if (!required && !schema->ours && field->preset == NULL && field->type != FIELD_ANY) {
        add_word(schema, depth + 1, "nullable", "true");
    }
}

static void add_required(const struct schema *schema, unsigned depth, const struct fields *fields)
{
    bool any = false;
    for (size_t i = 0; i < fields->n; i++) {
        if ((fields->members[i].flags & FIELD_REQUIRED) == 0) {
            continue;
        }
        if (!any) {
            open_key(schema, depth, "required");
        }
        buf_printf(schema->buf, "%*s- %s\n", (int)(2 * depth), "", fields->members[i].name);
        any = true;
    }
}

/* What every object has, and the server checks itself; a schema may say no more of it. */
static bool is_of_every_object(struct str name)
{
    return str_eq(name, STR("apiVersion")) || str_eq(name, STR("kind")) ||
           str_eq(name, STR("metadata"));
}

static void add_member(const struct schema *schema, unsigned depth, const struct field *field,
                       bool of_document)
{
    if ((field->flags & FIELD_RESERVED) != 0) {
        return;
    }
    if (!of_document || !is_of_every_object(str_from(field->name))) {
        add_field(schema, depth, field);
        return;
    }
    open_key(schema, depth, field->name);
    add_word(schema, depth + 1, "type", field->type == FIELD_OBJECT ? "object" : "string");
}

/* All of an object but its description. */
static void add_members(const struct schema *schema, unsigned depth, const struct fields *fields,
                        bool document)
{
    add_word(schema, depth, "type", "object");
    add_required(schema, depth, fields);
    if (!schema->ours) {
        add_word(schema, depth, "x-kubernetes-preserve-unknown-fields", "true");
    }
    add_checks(schema, depth, fields->checks);
    open_key(schema, depth, "properties");
    for (size_t i = 0; i < fields->n; i++) {
        add_member(schema, depth + 1, &fields->members[i], document);
    }
}

static void add_object(const struct schema *schema, unsigned depth, const struct fields *fields)
{
    add_members(schema, depth, fields, false);
}

void fields_structural(const struct fields *fields, unsigned depth, struct buf *buf)
{
    const struct schema schema = {buf, false};
    add_text(&schema, depth, "description", fields->doc);
    add_members(&schema, depth, fields, true);
}

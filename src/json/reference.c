#include <inttypes.h>

#include "base/limits.h"
#include "json/fields.h"

enum { OBJECTS_MAX = 128 };

/* The objects that have a section, each once, outer ones first. */
struct sections {
    const struct fields *items[OBJECTS_MAX];
    size_t n;
};

static bool is_reserved(const struct field *field)
{
    return (field->flags & FIELD_RESERVED) != 0;
}

static void collect(struct sections *sections, const struct fields *fields)
{
    for (size_t i = 0; i < sections->n; i++) {
        if (sections->items[i] == fields) {
            return;
        }
    }
    ENSURE(sections->n < OBJECTS_MAX);
    sections->items[sections->n++] = fields;
    for (size_t i = 0; i < fields->n; i++) {
        if (fields->members[i].object != NULL) {
            collect(sections, fields->members[i].object);
        }
    }
}

/* -- one row -- */

/* Text for a cell of a table, where '|' would end it, in a code span too. */
static void add_cell_text(struct buf *buf, const char *text)
{
    for (; *text != '\0'; text++) {
        buf_add_cstr(buf, *text == '|' ? "\\" : "");
        buf_add_char(buf, *text == '\n' ? ' ' : *text);
    }
}

/* A link to the section of an object, whose anchor is its name in lower case. */
static void add_link(struct buf *buf, const struct fields *fields)
{
    buf_printf(buf, "[%s](#", fields->name);
    for (const char *c = fields->name; *c != '\0'; c++) {
        buf_add_char(buf, *c >= 'A' && *c <= 'Z' ? (char)(*c | 0x20) : *c);
    }
    buf_add_char(buf, ')');
}

static void add_choices(struct buf *buf, const char *const *choices)
{
    for (size_t i = 0; choices[i] != NULL; i++) {
        buf_add_cstr(buf, i == 0 ? "`" : ", `");
        add_cell_text(buf, choices[i]);
        buf_add_char(buf, '`');
    }
}

static void add_bounds(struct buf *buf, const struct field *field, const char *unit)
{
    uint64_t min = field->min;
    if (min == 0 && (field->flags & FIELD_NONEMPTY) != 0) {
        min = 1;
    }
    uint64_t max = fields_max(field);
    if (min > 0 && max != UINT64_MAX) {
        buf_printf(buf, ", %" PRIu64 " to %" PRIu64 "%s", min, max, unit);
    } else if (min > 0) {
        buf_printf(buf, ", at least %" PRIu64 "%s", min, unit);
    } else if (max != UINT64_MAX) {
        buf_printf(buf, ", at most %" PRIu64 "%s", max, unit);
    }
}

static void add_list_type(struct buf *buf, const struct field *field)
{
    buf_add_cstr(buf, "list of ");
    if (field->type == FIELD_OBJECTS) {
        add_link(buf, field->object);
    } else if (field->choices != NULL) {
        add_choices(buf, field->choices);
    } else {
        buf_add_cstr(buf, "strings");
    }
    add_bounds(buf, field, "");
}

static void add_type(struct buf *buf, const struct field *field)
{
    switch (field->type) {
    case FIELD_TEXT:
    case FIELD_CHOICE:
        if (field->choices != NULL) {
            add_choices(buf, field->choices);
            break;
        }
        buf_add_cstr(buf, "string");
        add_bounds(buf, field, " bytes");
        break;
    case FIELD_DURATION:
        buf_add_cstr(buf, "duration");
        break;
    case FIELD_TIME:
        buf_add_cstr(buf, "date and time");
        break;
    case FIELD_SIZE:
        buf_add_cstr(buf, "whole number");
        add_bounds(buf, field, "");
        break;
    case FIELD_BOOL:
        buf_add_cstr(buf, "true or false");
        break;
    case FIELD_TEXTS:
    case FIELD_OBJECTS:
        add_list_type(buf, field);
        break;
    case FIELD_MAP:
        buf_add_cstr(buf, "map of strings");
        add_bounds(buf, field, "");
        break;
    case FIELD_OBJECT:
        add_link(buf, field->object);
        break;
    case FIELD_ANY:
        if (field->object != NULL) {
            add_link(buf, field->object);
        } else {
            buf_add_cstr(buf, "anything");
        }
        break;
    }
}

static void add_row(struct buf *buf, const struct field *field)
{
    buf_printf(buf, "| `%s` | ", field->name);
    add_type(buf, field);
    buf_add_cstr(buf, (field->flags & FIELD_REQUIRED) != 0 ? " | yes | " : " | no | ");
    add_cell_text(buf, field->default_text == NULL ? "" : field->default_text);
    buf_add_cstr(buf, " | ");
    add_cell_text(buf, field->doc);
    buf_add_cstr(buf, " |\n");
}

/* -- one section -- */

static void add_examples(struct buf *buf, const struct fields *fields)
{
    bool any = false;
    for (size_t i = 0; i < fields->n; i++) {
        const struct field *field = &fields->members[i];
        if (is_reserved(field) || field->example == NULL) {
            continue;
        }
        buf_add_cstr(buf, any ? "" : "\n```yaml\n");
        buf_printf(buf, "%s: %s\n", field->name, field->example);
        any = true;
    }
    buf_add_cstr(buf, any ? "```\n" : "");
}

static void add_reserved(struct buf *buf, const struct fields *fields)
{
    bool any = false;
    for (size_t i = 0; i < fields->n; i++) {
        const struct field *field = &fields->members[i];
        if (!is_reserved(field)) {
            continue;
        }
        buf_add_cstr(buf,
                     any ? ", " : "\nReserved for a later version, and an error in this one: ");
        buf_printf(buf, "`%s`", field->name);
        any = true;
    }
    buf_add_cstr(buf, any ? ".\n" : "");
}

static void add_section(struct buf *buf, const struct fields *fields)
{
    buf_printf(buf, "## %s\n\n%s\n\n", fields->name, fields->doc);
    buf_add_cstr(buf, "| Field | Type | Required | Default | Meaning |\n"
                      "|---|---|---|---|---|\n");
    for (size_t i = 0; i < fields->n; i++) {
        if (!is_reserved(&fields->members[i])) {
            add_row(buf, &fields->members[i]);
        }
    }
    add_reserved(buf, fields);
    add_examples(buf, fields);
}

void fields_reference(const struct fields *const *fields, size_t n, struct buf *buf)
{
    struct sections sections = {.n = 0};
    for (size_t i = 0; i < n; i++) {
        collect(&sections, fields[i]);
    }
    for (size_t i = 0; i < sections.n; i++) {
        buf_add_cstr(buf, i == 0 ? "" : "\n");
        add_section(buf, sections.items[i]);
    }
}

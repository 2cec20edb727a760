/* What converters use: notes, comments, drafts, names, members. */
#include <stdarg.h>
#include <string.h>

#include "base/limits.h"
#include "convert/conversion.h"

/* Put a step before a path. */
static void prepend(struct arena *arena, struct str step, struct str *path)
{
    bool dot = path->n > 0 && path->p[0] != '[';
    *path = arena_printf(arena, "%.*s%s%.*s", STR_ARG(step), dot ? "." : "", STR_ARG(*path));
}

/* Find the way to `wanted` in the tree below `value`; it is written on the way back. */
static bool find_path(yyjson_val *value, const yyjson_val *wanted, struct arena *arena,
                      struct str *path)
{
    size_t i, n;
    yyjson_val *key, *item;
    if (value == wanted) {
        return true;
    }
    yyjson_arr_foreach(value, i, n, item)
    {
        if (find_path(item, wanted, arena, path)) {
            prepend(arena, arena_printf(arena, "[%zu]", i), path);
            return true;
        }
    }
    yyjson_obj_foreach(value, i, n, key, item)
    {
        if (find_path(item, wanted, arena, path)) {
            prepend(arena, json_str(key), path);
            return true;
        }
    }
    return false;
}

/* A pattern may be looked at several times; what is wrong with it is told once. */
static bool is_noted(const struct notes *notes, const struct convert_note *one)
{
    for (size_t i = notes->n; i > 0; i--) {
        const struct convert_note *other = &notes->items[i - 1];
        if (other->mark.line == one->mark.line && other->mark.column == one->mark.column &&
            str_eq(other->path, one->path) && str_eq(other->text, one->text) &&
            str_eq(other->name, one->name) && str_eq(other->file, one->file)) {
            return true;
        }
    }
    return false;
}

void object_note(struct object *object, const yyjson_val *at, enum convert_effect effect,
                 const char *format, ...)
{
    struct convert_note one = {.file = object->file,
                               .kind = object->kind,
                               .name = object->name,
                               .path = STR_EMPTY,
                               .effect = effect};
    char text[LIMIT_MESSAGE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    one.text = arena_dup(object->arena, str_from(text));
    one.mark = json_mark(object->doc, at != NULL ? at : object->root);
    if (at != NULL) {
        (void)find_path(object->root, at, object->arena, &one.path);
    }
    if (!is_noted(&object->conversion->notes, &one)) {
        LIST_ADD(object->arena, &object->conversion->notes, one);
    }
}

void object_comment(struct object *object, const char *format, ...)
{
    char text[LIMIT_MESSAGE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    texts_add(object->arena, &object->comments, arena_dup(object->arena, str_from(text)));
}

static bool is_name_byte(char c, bool dots)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (dots && c == '.');
}

struct str draft_name(struct arena *arena, struct str text, bool dots, size_t max,
                      const char *otherwise)
{
    char *clean = arena_alloc(arena, text.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < text.n && n < max; i++) {
        char c = text.p[i];
        c = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
        bool fits = is_name_byte(c, dots);
        bool after = n > 0 && is_name_byte(clean[n - 1], false);
        if (fits && (c != '.' || after)) {
            clean[n++] = c;
        } else if (after) {
            clean[n++] = '-';
        }
    }
    while (n > 0 && !is_name_byte(clean[n - 1], false)) {
        n--;
    }
    /* "a-.b" is no name of an object */
    for (size_t i = 1; i < n; i++) {
        clean[i - 1] = (char)(clean[i] == '.' && clean[i - 1] == '-' ? 'x' : clean[i - 1]);
    }
    return n > 0 ? (struct str){clean, n} : str_from(otherwise);
}

struct str conversion_unique_name(struct conversion *conversion, struct texts *taken,
                                  struct str name)
{
    struct str unique = name;
    for (unsigned i = 2; texts_has(taken, unique); i++) {
        unique = arena_printf(conversion->arena, "%.*s-%u", STR_ARG(name), i);
    }
    texts_add(conversion->arena, taken, unique);
    return unique;
}

struct draft *draft_copy(struct object *object, const struct draft *policy)
{
    struct draft *copy = ARENA_NEW(object->arena, struct draft);
    *copy = *policy;
    struct texts *const lists[] = {
        &copy->namespaces, &copy->kinds,           &copy->operations,        &copy->users,
        &copy->images,     &copy->object_selector, &copy->namespace_selector};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        struct texts old = *lists[i];
        *lists[i] = (struct texts){0};
        for (size_t j = 0; j < old.n; j++) {
            texts_add(object->arena, lists[i], old.items[j]);
        }
    }
    copy->room_rules = copy->n_rules; /* so that a rule added to one is not seen in the other */
    copy->name =
        conversion_unique_name(object->conversion, &object->conversion->names,
                               draft_name(object->arena, object->name, true, 240, "policy"));
    LIST_ADD(object->arena, &object->policies, copy);
    return copy;
}

struct draft *draft_add(struct object *object)
{
    const struct draft empty = {.namespace = object->namespace};
    return draft_copy(object, &empty);
}

void **object_slot(struct conversion *conversion, const char *tool)
{
    for (size_t i = 0; i < conversion->slots.n; i++) {
        if (strcmp(conversion->slots.items[i].tool, tool) == 0) {
            return conversion->slots.items[i].kept;
        }
    }
    void **kept = ARENA_NEW(conversion->arena, void *);
    LIST_ADD(conversion->arena, &conversion->slots, ((struct slot){.tool = tool, .kept = kept}));
    return kept;
}

void object_at_end(struct conversion *conversion, void (*end)(void *context), void *context)
{
    LIST_ADD(conversion->arena, &conversion->ends, ((struct slot){.end = end, .context = context}));
}

bool object_is_alone(const struct object *object)
{
    const struct objects *objects = &object->conversion->objects;
    for (size_t i = 0; i < objects->n; i++) {
        if (strcmp(objects->items[i]->tool, object->tool) != 0) {
            return false;
        }
    }
    return true;
}

status object_member(struct object *object, const yyjson_val *value, const char *key,
                     const char *type, yyjson_val **ret_value, struct error *err)
{
    yyjson_val *found = json_get(value, key);
    if (yyjson_is_null(found)) {
        found = NULL;
    }
    const char *is = json_type_name(found);
    if (found != NULL && strcmp(is, type) != 0) {
        object->wrong = found;
        return error_set(err, ERROR_INPUT, "%s must be %s, found %s", key, type, is);
    }
    *ret_value = found;
    return OK;
}

status object_namespace(struct object *object, struct str *ret_namespace, struct error *err)
{
    struct str namespace = json_str(json_get(json_get(object->root, "metadata"), "namespace"));
    if (!str_eq(namespace, draft_name(object->arena, namespace, false, 63, "-"))) {
        return error_set(err, ERROR_INPUT,
                         "metadata.namespace is missing or no name of a namespace");
    }
    *ret_namespace = namespace;
    return OK;
}

yyjson_val *object_unknown(yyjson_val *value, const char *const *known)
{
    size_t i, n;
    yyjson_val *key, *item;
    yyjson_obj_foreach(value, i, n, key, item)
    {
        const char *const *one = known;
        while (*one != NULL && !str_eq(json_str(key), str_from(*one))) {
            one++;
        }
        if (*one == NULL) {
            return item;
        }
    }
    return NULL;
}

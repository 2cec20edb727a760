#include "convert/convert.h"

#include <stdarg.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "convert/draft.h"

struct notes {
    struct convert_note *items;
    size_t n, room;
};

struct objects {
    struct object **items;
    size_t n, room;
};

struct slot {
    const char *tool;
    void *kept;
    void (*end)(void *context);
    void *context;
};

struct conversion {
    struct arena *arena;
    struct objects objects;
    struct notes notes;
    struct texts names, files; /* that are taken */
    struct {
        struct slot *items;
        size_t n, room;
    } slots, ends;
    bool wants_rest;
};

struct conversion *convert_begin(struct arena *arena)
{
    struct conversion *conversion = ARENA_NEW(arena, struct conversion);
    conversion->arena = arena;
    texts_add(arena, &conversion->names, STR("everything-else"));
    texts_add(arena, &conversion->files, STR("everything-else"));
    return conversion;
}

const char *convert_effect_name(enum convert_effect effect)
{
    static const char *const NAMES[] = {"same", "stricter", "not converted"};
    return NAMES[effect];
}

/* -- what converters use -- */

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

static struct str make_unique(struct conversion *conversion, struct texts *taken, struct str name)
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
    copy->name = make_unique(object->conversion, &object->conversion->names,
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

status object_member(const struct object *object, const yyjson_val *value, const char *key,
                     const char *type, yyjson_val **ret_value, struct error *err)
{
    yyjson_val *found = json_get(value, key);
    if (yyjson_is_null(found)) {
        found = NULL;
    }
    const char *is = json_type_name(found);
    if (found != NULL && strcmp(is, type) != 0) {
        struct mark mark = json_mark(object->doc, found);
        return error_set(err, ERROR_INPUT, "%.*s:%u:%u: %.*s %.*s: %s must be %s, found %s",
                         STR_ARG(object->file), mark.line, mark.column, STR_ARG(object->kind),
                         STR_ARG(object->name), key, type, is);
    }
    *ret_value = found;
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

/* -- documents -- */

static const struct source *find_in(const struct source *sources, struct str group, struct str kind,
                                    yyjson_val *root)
{
    for (const struct source *one = sources; one->tool != NULL; one++) {
        bool shaped = one->group == NULL && group.n == 0 && kind.n == 0 && one->shaped(root);
        bool named = one->group != NULL && str_eq(group, str_from(one->group)) &&
                     str_eq(kind, str_from(one->kind));
        if (shaped || named) {
            return one;
        }
    }
    return NULL;
}

static const struct source *find_source(yyjson_val *root)
{
    const struct source *const all[] = {gatekeeper_sources,        kyverno_sources,
                                        policy_controller_sources, connaisseur_sources,
                                        portieris_sources,         containers_sources};
    struct str group, version, kind = json_str(json_get(root, "kind"));
    if (!str_cut(json_str(json_get(root, "apiVersion")), '/', &group, &version)) {
        version = group;
    }
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        const struct source *source = find_in(all[i], group, kind, root);
        if (source != NULL) {
            return source;
        }
    }
    return NULL;
}

static status refuse(struct str file, const struct json_doc *doc, yyjson_val *root,
                     struct error *err)
{
    struct str api = json_str(json_get(root, "apiVersion")),
               kind = json_str(json_get(root, "kind"));
    struct str name = json_str(json_get(json_get(root, "metadata"), "name"));
    struct mark mark = json_mark(doc, root);
    if (kind.n == 0) {
        return error_set(err, ERROR_INPUT,
                         "%.*s:%u:%u: a document without a kind that is no configuration of "
                         "Connaisseur and no policy.json cannot be converted",
                         STR_ARG(file), mark.line, mark.column);
    }
    return error_set(err, ERROR_INPUT, "%.*s:%u:%u: %.*s %.*s of %.*s cannot be converted",
                     STR_ARG(file), mark.line, mark.column, STR_ARG(kind), STR_ARG(name),
                     STR_ARG(api));
}

static status convert_object(struct conversion *conversion, struct str file,
                             const struct json_doc *doc, yyjson_val *root, struct error *err)
{
    const struct source *source = find_source(root);
    if (source == NULL) {
        return refuse(file, doc, root, err);
    }
    yyjson_val *metadata = json_get(root, "metadata");
    struct object *object = ARENA_NEW(conversion->arena, struct object);
    *object = (struct object){.conversion = conversion,
                              .arena = conversion->arena,
                              .file = file,
                              .doc = doc,
                              .root = root,
                              .tool = source->tool,
                              .kind = str_from(source->kind),
                              .name = json_str(json_get(metadata, "name")),
                              .namespace = STR_EMPTY};
    if (object->name.n == 0 && source->group == NULL) {
        object->name = str_from(source->tool);
    }
    if (object->name.n == 0) {
        struct mark mark = json_mark(doc, root);
        return error_set(err, ERROR_INPUT, "%.*s:%u:%u: %s: metadata.name is missing",
                         STR_ARG(file), mark.line, mark.column, source->kind);
    }
    LIST_ADD(conversion->arena, &conversion->objects, object);
    conversion->wants_rest = conversion->wants_rest || source->admits_rest;
    return source->convert(object, err);
}

status convert_document(struct conversion *conversion, struct str file, const struct json_doc *doc,
                        struct error *err)
{
    yyjson_val *items = json_get(doc->root, "items"), *item;
    if (!str_ends(json_str(json_get(doc->root, "kind")), STR("List")) || !yyjson_is_arr(items)) {
        return convert_object(conversion, file, doc, doc->root, err);
    }
    size_t i, n;
    yyjson_arr_foreach(items, i, n, item)
    {
        TRY(convert_object(conversion, file, doc, item, err));
    }
    return OK;
}

/* -- the end -- */

static bool covers_everything(const struct draft *policy)
{
    return policy->namespace.n == 0 && policy->n_rules > 0 &&
           policy->namespaces.n + policy->kinds.n + policy->operations.n + policy->users.n +
                   policy->namespace_selector.n + policy->object_selector.n + policy->images.n ==
               0;
}

static bool is_all_covered(const struct conversion *conversion)
{
    for (size_t i = 0; i < conversion->objects.n; i++) {
        const struct drafts *policies = &conversion->objects.items[i]->policies;
        for (size_t j = 0; j < policies->n; j++) {
            if (covers_everything(policies->items[j])) {
                return true;
            }
        }
    }
    return false;
}

static struct str file_name(struct conversion *conversion, const struct object *object)
{
    struct str text = arena_printf(conversion->arena, "%.*s-%.*s%s%.*s", STR_ARG(object->kind),
                                   STR_ARG(object->namespace), object->namespace.n > 0 ? "-" : "",
                                   STR_ARG(object->name));
    struct str clean = draft_name(conversion->arena, text, true, 200, "policy");
    clean = make_unique(conversion, &conversion->files, clean);
    return arena_printf(conversion->arena, "%.*s.yaml", STR_ARG(clean));
}

static struct convert_output write_one(struct conversion *conversion, const struct object *object)
{
    buf_auto buf;
    buf_init(&buf, LIMIT_POLICY_BYTES);
    if (object != NULL) {
        draft_write(&buf, object);
    } else {
        draft_write_rest(&buf);
    }
    ENSURE(!buf_overflowed(&buf));
    return (struct convert_output){object != NULL ? file_name(conversion, object)
                                                  : STR("everything-else.yaml"),
                                   arena_dup(conversion->arena, buf_str(&buf))};
}

struct convert_result convert_finish(struct conversion *conversion)
{
    for (size_t i = 0; i < conversion->ends.n; i++) {
        conversion->ends.items[i].end(conversion->ends.items[i].context);
    }
    bool rest = conversion->wants_rest && !is_all_covered(conversion);
    size_t n = conversion->objects.n;
    for (size_t i = 0; i < n; i++) {
        draft_split(conversion->objects.items[i]);
    }
    struct convert_output *outputs = ARENA_ARRAY(conversion->arena, struct convert_output, n + 1);
    for (size_t i = 0; i < n; i++) {
        outputs[i] = write_one(conversion, conversion->objects.items[i]);
    }
    if (rest) {
        outputs[n++] = write_one(conversion, NULL);
    }
    return (struct convert_result){outputs, n, conversion->notes.items, conversion->notes.n};
}

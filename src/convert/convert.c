#include "convert/convert.h"

#include "base/buf.h"
#include "base/limits.h"
#include "convert/conversion.h"
#include "convert/draft.h"

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

/* Something that no converter is for. */
static void refuse(struct object *object)
{
    struct str api = json_str(json_get(object->root, "apiVersion"));
    object->kind = json_str(json_get(object->root, "kind"));
    if (object->kind.n > 0) {
        object_note(object, NULL, CONVERT_NOT_CONVERTED,
                    "%.*s is no policy that can be converted; nothing was written", STR_ARG(api));
        return;
    }
    object->kind = STR("document");
    object_note(object, NULL, CONVERT_NOT_CONVERTED,
                "without a kind it can only be a configuration of Connaisseur or a policy.json, "
                "and it is neither; nothing was written");
}

/* An object that its tool would refuse. What it was meant to demand is not known. */
static void deny_all(struct object *object, const struct error *err)
{
    object->policies = (struct drafts){0};
    object->comments = (struct texts){0};
    object->namespace = STR_EMPTY;
    struct str what = arena_dup(object->arena, str_from(err->text));
    draft_by_hand(object, draft_add(object), STR("shape"), object->wrong, what.p);
}

static status convert_named(struct object *object, const struct source *source, struct error *err)
{
    if (object->name.n == 0 && source->group == NULL) {
        object->name = str_from(source->tool);
    }
    if (object->name.n == 0) {
        object->name = STR("unnamed");
        return error_set(err, ERROR_INPUT, "metadata.name is missing");
    }
    return source->convert(object, err);
}

static void convert_object(struct conversion *conversion, struct str file,
                           const struct json_doc *doc, yyjson_val *root)
{
    const struct source *source = find_source(root);
    struct object *object = ARENA_NEW(conversion->arena, struct object);
    *object = (struct object){.conversion = conversion,
                              .arena = conversion->arena,
                              .file = file,
                              .doc = doc,
                              .root = root,
                              .name = json_str(json_get(json_get(root, "metadata"), "name")),
                              .namespace = STR_EMPTY};
    if (source == NULL) {
        refuse(object);
        return;
    }
    object->tool = source->tool;
    object->kind = str_from(source->kind);
    LIST_ADD(conversion->arena, &conversion->objects, object);
    conversion->wants_rest = conversion->wants_rest || source->admits_rest;
    struct error err;
    if (failed(convert_named(object, source, &err))) {
        deny_all(object, &err);
    }
}

void convert_document(struct conversion *conversion, struct str file, const struct json_doc *doc)
{
    yyjson_val *items = json_get(doc->root, "items"), *item;
    if (!str_ends(json_str(json_get(doc->root, "kind")), STR("List")) || !yyjson_is_arr(items)) {
        convert_object(conversion, file, doc, doc->root);
        return;
    }
    size_t i, n;
    yyjson_arr_foreach(items, i, n, item)
    {
        convert_object(conversion, file, doc, item);
    }
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
    clean = conversion_unique_name(conversion, &conversion->files, clean);
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

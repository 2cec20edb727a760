/* policy.json of containers (Podman, CRI-O, skopeo): the most specific scope decides. */
#include "convert/ranked.h"

#define TEXTS GLOB_TEXT_NORMAL

/* From the most general: default, the transport, a wildcard, a registry, a repository, an image. */
enum scope_class { DEFAULT, TRANSPORT, WILDCARD, REGISTRY, REPOSITORY, IMAGE };
enum { CLASS_RANK = 100000 };

static bool is_shaped(yyjson_val *root)
{
    return yyjson_is_arr(json_get(root, "default"));
}

static enum ranked_action judge(yyjson_val *requirements)
{
    size_t i, n;
    yyjson_val *one;
    enum ranked_action action = yyjson_arr_size(requirements) == 0 ? RANKED_DENY : RANKED_ADMIT;
    yyjson_arr_foreach(requirements, i, n, one)
    {
        struct str type = json_str(json_get(one, "type"));
        if (str_eq(type, STR("reject"))) {
            return RANKED_DENY;
        }
        if (!str_eq(type, STR("insecureAcceptAnything"))) {
            action = RANKED_BY_HAND;
        }
    }
    return action;
}

static enum scope_class class_of(struct str scope)
{
    struct str registry, path;
    if (scope.n == 0) {
        return TRANSPORT;
    }
    if (str_starts(scope, STR("*."))) {
        return WILDCARD;
    }
    if (!str_cut(scope, '/', &registry, &path)) {
        return REGISTRY;
    }
    return str_find(path, ':') < path.n || str_find(path, '@') < path.n ? IMAGE : REPOSITORY;
}

static void add_prefix(struct object *object, struct ranked_entry *entry, struct str scope,
                       const char *separator)
{
    struct str text = arena_printf(object->arena, "%.*s%s", STR_ARG(scope), separator);
    draft_globs_add(object, &entry->inner, glob_of_prefix(object->arena, text, TEXTS), entry->at);
}

static void add_globs(struct object *object, struct ranked_entry *entry, struct str scope,
                      enum scope_class class)
{
    struct str text;
    switch (class) {
    case DEFAULT:
    case TRANSPORT:
        draft_globs_add(object, &entry->inner, glob_of_stars(object->arena, STR("*"), TEXTS),
                        entry->at);
        break;
    case WILDCARD:
        text = arena_printf(object->arena, "%.*s/**", STR_ARG(scope));
        draft_globs_add(object, &entry->inner, glob_of_segments(object->arena, text, TEXTS),
                        entry->at);
        break;
    case REGISTRY:
        add_prefix(object, entry, scope, "/");
        break;
    case REPOSITORY:
        add_prefix(object, entry, scope, "/");
        draft_globs_add(object, &entry->inner, glob_of_repository(object->arena, scope, TEXTS),
                        entry->at);
        break;
    case IMAGE:
        draft_globs_add(object, &entry->inner, glob_of_text(object->arena, scope, TEXTS),
                        entry->at);
        break;
    }
    entry->outer = entry->inner;
}

static void add_scope(struct object *object, struct ranked *ranked, struct str scope,
                      enum scope_class class, yyjson_val *requirements)
{
    struct ranked_entry entry = {.at = requirements,
                                 .object = object,
                                 .action = judge(requirements),
                                 .what = "signatures are not part of this version",
                                 .rank = class * (size_t)CLASS_RANK + scope.n};
    add_globs(object, &entry, scope, class);
    LIST_ADD(object->arena, ranked, entry);
}

static status convert(struct object *object, struct error *err)
{
    size_t i, n;
    yyjson_val *transports, *docker, *key, *value;
    struct ranked ranked = {.order = ranked_by_rank};
    TRY(object_member(object, object->root, "transports", "an object", &transports, err));
    TRY(object_member(object, transports, "docker", "an object", &docker, err));
    add_scope(object, &ranked, STR_EMPTY, DEFAULT, json_get(object->root, "default"));
    yyjson_obj_foreach(docker, i, n, key, value)
    {
        add_scope(object, &ranked, json_str(key), class_of(json_str(key)), value);
    }
    yyjson_obj_foreach(transports, i, n, key, value)
    {
        if (!str_eq(json_str(key), STR("docker"))) {
            object_note(
                object, value, CONVERT_NOT_CONVERTED,
                "clusters pull from registries, by the transport docker; nothing was written");
        }
    }
    const struct draft base = {.namespace = STR_EMPTY};
    ranked_write(object, &base, &ranked);
    return OK;
}

static const struct source SOURCES[] = {
    {.tool = "policy.json", .kind = "policy.json", .shaped = is_shaped, .convert = convert},
    {.tool = NULL},
};

const struct source *const containers_sources = SOURCES;

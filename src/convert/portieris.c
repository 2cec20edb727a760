/* Portieris: ClusterImagePolicy and ImagePolicy.
 *
 * All policies of one kind and namespace are one list, of which the longest name that matches
 * decides. The policies of a namespace replace those of the cluster: they are written for that
 * namespace alone, and those of the cluster for the others. */
#include "convert/ranked.h"

#define GROUP   "portieris.cloud.ibm.com"
#define TEXTS   GLOB_TEXT_WRITTEN
#define VERSION "of this version"

struct scope {
    struct str namespace; /* empty: the cluster */
    struct object *object;
    struct ranked ranked;
};

struct scopes {
    struct conversion *conversion;
    struct scope **items;
    size_t n, room;
};

static size_t count_stars(struct str text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        n += text.p[i] == '*';
    }
    return n;
}

static int order(const struct ranked_entry *a, const struct ranked_entry *b)
{
    int by_rank = ranked_by_rank(a, b);
    bool literal_a = count_stars(a->text) == 0, literal_b = count_stars(b->text) == 0;
    if (by_rank != 0) {
        return by_rank;
    }
    if (literal_a != literal_b) {
        return literal_a ? 1 : -1;
    }
    return a->object != b->object ? 0 : a->index < b->index ? 1 : -1;
}

/* -- one repository -- */

static enum ranked_action judge_simple(yyjson_val *simple)
{
    size_t i, n;
    yyjson_val *one;
    enum ranked_action action = RANKED_ADMIT;
    yyjson_arr_foreach(json_get(simple, "requirements"), i, n, one)
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

/* True if the part of a policy is missing or switched off. */
static bool is_off(yyjson_val *value)
{
    bool empty = yyjson_is_obj(value) && yyjson_obj_size(value) == 0;
    return value == NULL || yyjson_is_null(value) || empty ||
           yyjson_is_false(json_get(value, "enabled"));
}

static enum ranked_action judge(yyjson_val *policy)
{
    static const char *const KNOWN[] = {"trust", "simple", "vulnerability", "mutateImage", NULL};
    static const char *const ADVISORS[] = {"ICCRVA", NULL};
    yyjson_val *vulnerability = json_get(policy, "vulnerability");
    enum ranked_action simple = judge_simple(json_get(policy, "simple"));
    bool plain = is_off(json_get(policy, "trust")) && is_off(json_get(vulnerability, "ICCRVA")) &&
                 object_unknown(policy, KNOWN) == NULL &&
                 object_unknown(vulnerability, ADVISORS) == NULL;
    return simple == RANKED_DENY || plain ? simple : RANKED_BY_HAND;
}

/* `*` does not leave the registry; a tag may follow that the name does not say. */
static void add_glob(struct object *object, struct ranked_entry *entry, const char *tail)
{
    struct str text = arena_printf(object->arena, "%.*s%s", STR_ARG(entry->text), tail);
    size_t slash = str_find(text, '/');
    struct glob glob = glob_of_stars(object->arena, text, TEXTS);
    if (slash < text.n) {
        struct glob host = glob_of_segments(object->arena, str_sub(text, 0, slash + 1), TEXTS);
        struct glob path = glob_of_stars(object->arena, str_sub(text, slash + 1, text.n), TEXTS);
        glob.tokens =
            arena_printf(object->arena, "%.*s%.*s", STR_ARG(host.tokens), STR_ARG(path.tokens));
    }
    if (str_find(text, '?') == text.n) { /* which is no wildcard, and in no reference */
        draft_globs_add(object, &entry->inner, glob, entry->at);
    }
}

static void add_repository(struct object *object, struct scope *scope, yyjson_val *repository)
{
    yyjson_val *name = json_get(repository, "name");
    struct str text = json_str(name);
    struct ranked_entry entry = {.at = name != NULL ? name : repository,
                                 .object = object,
                                 .text = text,
                                 .action = judge(json_get(repository, "policy")),
                                 .what = "signatures and vulnerabilities are not part " VERSION,
                                 .rank = text.n - count_stars(text),
                                 .index = scope->ranked.n};
    add_glob(object, &entry, "");
    if (!str_ends(text, STR("*"))) {
        add_glob(object, &entry, ":*");
    }
    entry.outer = entry.inner;
    LIST_ADD(object->arena, &scope->ranked, entry);
}

/* -- scopes -- */

static void write_scopes(void *context)
{
    struct scopes *scopes = context;
    for (size_t i = 0; i < scopes->n; i++) {
        struct scope *scope = scopes->items[i];
        struct draft base = {.namespace = STR_EMPTY};
        if (scope->namespace.n > 0) {
            texts_add(scope->object->arena, &base.namespaces, scope->namespace);
        }
        for (size_t j = 0; scope->namespace.n == 0 && j < scopes->n; j++) {
            if (scopes->items[j]->namespace.n > 0) {
                texts_add(scope->object->arena, &base.namespaces,
                          arena_printf(scope->object->arena, "!%.*s",
                                       STR_ARG(scopes->items[j]->namespace)));
            }
        }
        ranked_write(scope->object, &base, &scope->ranked);
    }
}

static struct scopes *find_scopes(struct object *object)
{
    void **slot = object_slot(object->conversion, GROUP);
    if (*slot == NULL) {
        struct scopes *scopes = ARENA_NEW(object->arena, struct scopes);
        *slot = scopes;
        object_at_end(object->conversion, write_scopes, scopes);
    }
    return *slot;
}

static struct scope *find_scope(struct object *object, struct str namespace)
{
    struct scopes *scopes = find_scopes(object);
    for (size_t i = 0; i < scopes->n; i++) {
        if (str_eq(scopes->items[i]->namespace, namespace)) {
            object_comment(object, "Its list is one with that of %.*s, and written there.",
                           STR_ARG(scopes->items[i]->object->name));
            return scopes->items[i];
        }
    }
    struct scope *scope = ARENA_NEW(object->arena, struct scope);
    *scope = (struct scope){.namespace = namespace, .object = object, .ranked = {.order = order}};
    LIST_ADD(object->arena, scopes, scope);
    return scope;
}

static status convert(struct object *object, struct error *err)
{
    size_t i, n;
    yyjson_val *spec, *repositories, *repository;
    struct str namespace = STR_EMPTY;
    TRY(object_member(object, object->root, "spec", "an object", &spec, err));
    TRY(object_member(object, spec, "repositories", "a list", &repositories, err));
    if (str_eq(object->kind, STR("ImagePolicy"))) {
        TRY(object_namespace(object, &namespace, err));
    }
    struct scope *scope = find_scope(object, namespace);
    yyjson_arr_foreach(repositories, i, n, repository)
    {
        add_repository(object, scope, repository);
    }
    return OK;
}

static const struct source SOURCES[] = {
    {.tool = "Portieris", .group = GROUP, .kind = "ClusterImagePolicy", .convert = convert},
    {.tool = "Portieris", .group = GROUP, .kind = "ImagePolicy", .convert = convert},
    {.tool = NULL},
};

const struct source *const portieris_sources = SOURCES;

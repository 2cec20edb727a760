/* Connaisseur: the list application.policy of its chart's values, or of its configuration file.
 *
 * A pattern is matched, with `*` before and behind it, against
 * "index.docker.io/library/nginx:latest"; the most specific pattern decides. */
#include "convert/ranked.h"

#define TEXTS GLOB_TEXT_FULL

static yyjson_val *settings_of(yyjson_val *root)
{
    yyjson_val *application = json_get(root, "application");
    return yyjson_is_obj(application) ? application : root;
}

static bool is_shaped(yyjson_val *root)
{
    yyjson_val *settings = settings_of(root);
    return yyjson_is_arr(json_get(settings, "policy")) &&
           yyjson_is_arr(json_get(settings, "validators"));
}

/* -- the most specific pattern -- */

static size_t count_parts(struct str text)
{
    size_t n = 1;
    for (size_t i = 0; i < text.n; i++) {
        n += text.p[i] == '/';
    }
    return n;
}

/* True if, whatever the image, no part of it has more in common with `a` than with `b`. */
static bool is_below(struct str a, struct str b)
{
    struct str part_a, part_b;
    bool more = true, decided = false;
    while (more) {
        more = str_cut(a, '/', &part_a, &a);
        (void)str_cut(b, '/', &part_b, &b);
        struct str literal_a = str_sub(part_a, 0, str_find(part_a, '*'));
        struct str literal_b = str_sub(part_b, 0, str_find(part_b, '*'));
        if (!str_starts(literal_b, literal_a) || (!decided && part_a.n > part_b.n)) {
            return false;
        }
        decided = decided || part_a.n < part_b.n;
    }
    return decided;
}

static int order(const struct ranked_entry *a, const struct ranked_entry *b)
{
    int by_rank = ranked_by_rank(a, b);
    if (by_rank != 0) {
        return by_rank;
    }
    return is_below(b->text, a->text) ? 1 : is_below(a->text, b->text) ? -1 : 0;
}

/* -- rules -- */

static void set_action(struct ranked_entry *entry, yyjson_val *settings, yyjson_val *rule)
{
    struct str wanted = json_str(json_get(rule, "validator"));
    size_t i, n;
    yyjson_val *validator;
    entry->action = RANKED_BY_HAND;
    entry->what = "there is no validator of this name";
    yyjson_arr_foreach(json_get(settings, "validators"), i, n, validator)
    {
        if (!str_eq(json_str(json_get(validator, "name")),
                    wanted.n > 0 ? wanted : STR("default"))) {
            continue;
        }
        entry->what = "signatures are not part of this version";
        if (str_eq(json_str(json_get(validator, "type")), STR("static"))) {
            bool approves = yyjson_is_true(json_get(validator, "approve"));
            entry->action = approves ? RANKED_ADMIT : RANKED_DENY;
        }
        return;
    }
}

static bool has_syntax(struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (str_find(STR("[]{}\\,!"), text.p[i]) < 7) {
            return true;
        }
    }
    return false;
}

static void add_inner(struct object *object, struct ranked_entry *entry, const char *before,
                      struct str text)
{
    struct str whole = arena_printf(object->arena, "%s%.*s*", before, STR_ARG(text));
    draft_globs_add(object, &entry->inner, glob_of_stars(object->arena, whole, TEXTS), entry->at);
}

static void add_globs(struct object *object, struct ranked_entry *entry)
{
    struct str text = entry->text;
    if (has_syntax(text)) {
        object_note(object, entry->at, CONVERT_STRICTER, "only \"*\" and \"?\" can be written; %s",
                    entry->action == RANKED_ADMIT ? "nothing was admitted by it"
                                                  : "every image was denied by it");
        draft_globs_add(object, &entry->outer, glob_of_stars(object->arena, STR("*"), TEXTS),
                        entry->at);
        return;
    }
    struct str whole = arena_printf(object->arena, "*%.*s*", STR_ARG(text));
    draft_globs_add(object, &entry->outer, glob_of_stars(object->arena, whole, TEXTS), entry->at);
    add_inner(object, entry, "", text);
    if (text.n > 0 && text.p[0] != '*' && entry->action == RANKED_ADMIT) {
        if (str_starts(text, STR("docker.io/"))) {
            add_inner(object, entry, "index.", text);
        }
        object_note(
            object, entry->at, CONVERT_STRICTER,
            "the pattern also matches behind anything else, as in \"evil.example/%.*s\"; what was "
            "written begins with it",
            STR_ARG(text));
    }
}

static void note_features(struct object *object, yyjson_val *features)
{
    yyjson_val *namespaced = json_get(features, "namespacedValidation");
    yyjson_val *mode = json_get(features, "resourceValidationMode");
    if (namespaced != NULL) {
        object_note(object, namespaced, CONVERT_STRICTER,
                    "labels of namespaces do not count; the policy applies to all");
    }
    if (str_eq(json_str(mode), STR("podsOnly"))) {
        object_note(object, mode, CONVERT_STRICTER, "kinds that make Pods are judged like Pods");
    }
}

static status convert(struct object *object, struct error *err)
{
    yyjson_val *settings = settings_of(object->root), *features, *rule;
    struct ranked ranked = {.order = order};
    size_t i, n;
    TRY(object_member(object, settings, "features", "an object", &features, err));
    yyjson_arr_foreach(json_get(settings, "policy"), i, n, rule)
    {
        yyjson_val *pattern;
        TRY(object_member(object, rule, "pattern", "a string", &pattern, err));
        struct ranked_entry entry = {.at = pattern != NULL ? pattern : rule,
                                     .object = object,
                                     .rank = count_parts(json_str(pattern)),
                                     .text = json_str(pattern)};
        set_action(&entry, settings, rule);
        add_globs(object, &entry);
        LIST_ADD(object->arena, &ranked, entry);
    }
    note_features(object, features);
    bool warns = yyjson_is_true(json_get(features, "detectionMode"));
    const struct draft base = {.namespace = STR_EMPTY, .mode = warns ? MODE_WARN : MODE_ENFORCE};
    ranked_write(object, &base, &ranked);
    return OK;
}

static const struct source SOURCES[] = {
    {.tool = "connaisseur", .kind = "Connaisseur", .shaped = is_shaped, .convert = convert},
    {.tool = NULL},
};

const struct source *const connaisseur_sources = SOURCES;

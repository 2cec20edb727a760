/* Gatekeeper: constraints of the templates of its library that are about images.
 *
 * The templates look at the containers of a Pod, and compare whole texts as they are written. */
#include "convert/draft.h"

#define GROUP   "constraints.gatekeeper.sh"
#define WRITTEN GLOB_TEXT_WRITTEN

/* -- enforcementAction -- */

static enum draft_mode mode_of(struct str action, bool *ret_known)
{
    *ret_known = true;
    if (action.n == 0 || str_eq(action, STR("deny"))) {
        return MODE_ENFORCE;
    }
    if (str_eq(action, STR("warn"))) {
        return MODE_WARN;
    }
    *ret_known = str_eq(action, STR("dryrun"));
    return *ret_known ? MODE_AUDIT : MODE_ENFORCE;
}

/* True if the entry of scopedEnforcementActions is about the webhook. */
static bool is_for_webhook(yyjson_val *entry)
{
    size_t i, n;
    yyjson_val *point;
    yyjson_arr_foreach(json_get(entry, "enforcementPoints"), i, n, point)
    {
        struct str name = json_str(json_get(point, "name"));
        if (str_eq(name, STR("*")) || str_eq(name, STR("validation.gatekeeper.sh"))) {
            return true;
        }
    }
    return false;
}

static enum draft_mode strictest_scoped(struct object *object, yyjson_val *spec)
{
    enum draft_mode mode = MODE_AUDIT;
    size_t i, n;
    yyjson_val *entry;
    bool known;
    yyjson_arr_foreach(json_get(spec, "scopedEnforcementActions"), i, n, entry)
    {
        if (is_for_webhook(entry)) {
            enum draft_mode one = mode_of(json_str(json_get(entry, "action")), &known);
            mode = one < mode ? one : mode;
        }
    }
    object_comment(object, "Of scopedEnforcementActions, those of the webhook count.");
    return mode;
}

static enum draft_mode find_mode(struct object *object, yyjson_val *spec)
{
    yyjson_val *action = json_get(spec, "enforcementAction");
    bool known;
    if (str_eq(json_str(action), STR("scoped"))) {
        return strictest_scoped(object, spec);
    }
    enum draft_mode mode = mode_of(json_str(action), &known);
    if (!known) {
        object_note(object, action, CONVERT_STRICTER, "an action that is not known: enforced");
    }
    return mode;
}

/* -- match -- */

/* A namespace with `*` at its ends only is the same glob in both languages. */
static bool is_namespace_glob(struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
              (c == '*' && (i == 0 || i + 1 == text.n)))) {
            return false;
        }
    }
    return text.n > 0;
}

static void add_namespaces(struct object *object, yyjson_val *list, bool exclude,
                           struct draft *policy)
{
    size_t i, n;
    yyjson_val *value;
    struct texts all = {0};
    yyjson_arr_foreach(list, i, n, value)
    {
        if (is_namespace_glob(json_str(value))) {
            texts_add(object->arena, &all,
                      arena_printf(object->arena, "%s%.*s", exclude ? "!" : "",
                                   STR_ARG(json_str(value))));
        } else if (exclude) {
            object_note(object, value, CONVERT_STRICTER, "cannot be written: it is not excluded");
        } else {
            object_note(object, list, CONVERT_STRICTER,
                        "an entry cannot be written: the policy applies to all namespaces");
            return;
        }
    }
    for (i = 0; i < all.n; i++) {
        texts_add(object->arena, &policy->namespaces, all.items[i]);
    }
}

static bool has_item(const struct texts *list, const char *text)
{
    return texts_has(list, str_from(text));
}

static void add_kinds(struct object *object, yyjson_val *list, struct draft *policy)
{
    size_t i, n, j, m;
    yyjson_val *entry, *kind;
    yyjson_arr_foreach(list, i, n, entry)
    {
        yyjson_arr_foreach(json_get(entry, "kinds"), j, m, kind)
        {
            texts_add(object->arena, &policy->kinds, json_str(kind));
        }
    }
    bool all =
        policy->kinds.n == 0 || has_item(&policy->kinds, "*") || has_item(&policy->kinds, "");
    if (all) {
        policy->kinds.n = 0;
    }
    if (all || policy->kinds.n > 1 || !has_item(&policy->kinds, "Pod")) {
        object_note(
            object, list, CONVERT_STRICTER,
            "the template looks at Pods alone; what was written judges the other kinds too");
    }
}

static bool excludes_all(const struct draft *policy)
{
    return has_item(&policy->namespaces, "!*");
}

static void convert_match(struct object *object, yyjson_val *match, struct draft *policy)
{
    static const char *const KNOWN[] = {
        "kinds", "namespaces", "excludedNamespaces", "labelSelector", "namespaceSelector",
        "scope", NULL};
    add_kinds(object, json_get(match, "kinds"), policy);
    add_namespaces(object, json_get(match, "namespaces"), false, policy);
    add_namespaces(object, json_get(match, "excludedNamespaces"), true, policy);
    selector_widen(object, json_get(match, "labelSelector"), &policy->object_selector);
    selector_widen(object, json_get(match, "namespaceSelector"), &policy->namespace_selector);
    yyjson_val *scope = json_get(match, "scope");
    if (str_eq(json_str(scope), STR("Cluster"))) {
        object_note(object, scope, CONVERT_STRICTER,
                    "Pods have namespaces; what was written judges them");
    }
    yyjson_val *other = object_unknown(match, KNOWN);
    if (other != NULL) {
        object_note(object, other, CONVERT_STRICTER,
                    "cannot be written: the policy applies to more, without regard to it");
    }
}

/* -- the templates -- */

/* Entries that end in `*` are prefixes, others the whole text. */
static struct glob starred(struct object *object, struct str text)
{
    return str_ends(text, STR("*"))
               ? glob_of_prefix(object->arena, str_sub(text, 0, text.n - 1), WRITTEN)
               : glob_of_text(object->arena, text, WRITTEN);
}

static struct draft_globs read_globs(struct object *object, yyjson_val *list, bool prefixes)
{
    struct draft_globs globs = {0};
    size_t i, n;
    yyjson_val *value;
    yyjson_arr_foreach(list, i, n, value)
    {
        struct str text = json_str(value);
        draft_globs_add(
            object, &globs,
            prefixes ? glob_of_prefix(object->arena, text, WRITTEN) : starred(object, text), value);
    }
    return globs;
}

static void allowed_repos(struct object *object, struct draft *policy, yyjson_val *parameters)
{
    struct draft_globs globs = read_globs(object, json_get(parameters, "repos"), true);
    draft_allow(object, policy, STR("allowed-repos"), &globs);
}

static void allowed_images(struct object *object, struct draft *policy, yyjson_val *parameters)
{
    struct draft_globs globs = read_globs(object, json_get(parameters, "allowedImages"), false);
    draft_allow(object, policy, STR("allowed-images"), &globs);
}

static void disallowed_repos(struct object *object, struct draft *policy, yyjson_val *parameters)
{
    struct draft_globs globs = read_globs(object, json_get(parameters, "repos"), true);
    draft_deny(object, policy, STR("disallowed-repos"), &globs);
}

static bool is_tag(struct str tag)
{
    for (size_t i = 0; i < tag.n; i++) {
        char c = tag.p[i];
        bool word =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        if (!word && (i == 0 || (c != '.' && c != '-'))) {
            return false;
        }
    }
    return tag.n > 0 && tag.n < 32;
}

/* The text must not end in ":TAG", and its last part must have a ":": a digest passes. */
static void disallowed_tags(struct object *object, struct draft *policy, yyjson_val *parameters)
{
    struct draft_globs exempt = read_globs(object, json_get(parameters, "exemptImages"), false);
    struct texts denied = {0};
    size_t i, n;
    yyjson_val *value;
    texts_add(object->arena, &policy->images, STR("**"));
    texts_add(object->arena, &policy->images, STR("!**@*"));
    draft_exclude(object, policy, &exempt, true);
    draft_rule_item(object, policy, "require", STR("has-tag"), "tag");
    yyjson_arr_foreach(json_get(parameters, "tags"), i, n, value)
    {
        struct str tag = json_str(value);
        if (is_tag(tag)) {
            texts_add(object->arena, &denied, arena_printf(object->arena, "**:%.*s", STR_ARG(tag)));
        } else {
            draft_by_hand(object, policy, STR("disallowed-tags"), value, "this is no tag");
        }
    }
    if (denied.n > 0) {
        draft_rule_add(object, policy, "deny", STR("disallowed-tags"))->items = denied;
    }
}

static void image_digests(struct object *object, struct draft *policy, yyjson_val *parameters)
{
    struct draft_globs exempt = read_globs(object, json_get(parameters, "exemptImages"), false);
    if (exempt.n > 0) {
        draft_exclude(object, policy, &exempt, true);
    }
    draft_rule_item(object, policy, "require", STR("has-digest"), "digest");
}

static const struct template
{
    const char *kind;
    void (*convert)(struct object * object, struct draft * policy, yyjson_val * parameters);
}
TEMPLATES[] = {{"K8sAllowedRepos", allowed_repos},
               {"K8sAllowedReposv2", allowed_images},
               {"K8sDisallowedRepos", disallowed_repos},
               {"K8sDisallowedTags", disallowed_tags},
               {"K8sImageDigests", image_digests}};

static status convert(struct object *object, struct error *err)
{
    yyjson_val *spec, *match, *parameters;
    TRY(object_member(object, object->root, "spec", "an object", &spec, err));
    TRY(object_member(object, spec, "match", "an object", &match, err));
    TRY(object_member(object, spec, "parameters", "an object", &parameters, err));
    struct draft *policy = draft_add(object);
    policy->mode = find_mode(object, spec);
    convert_match(object, match, policy);
    for (size_t i = 0; i < sizeof TEMPLATES / sizeof TEMPLATES[0]; i++) {
        if (str_eq(object->kind, str_from(TEMPLATES[i].kind))) {
            TEMPLATES[i].convert(object, policy, parameters);
        }
    }
    if (policy->n_rules == 0 || excludes_all(policy)) {
        object_comment(object, "It denies nothing.");
        object->policies.n = 0;
    }
    return OK;
}

#define SOURCE(kind_)                                                                              \
    {                                                                                              \
        .tool = "Gatekeeper", .group = GROUP, .kind = kind_, .admits_rest = true,                  \
        .convert = convert                                                                         \
    }

static const struct source SOURCES[] = {
    SOURCE("K8sAllowedRepos"),   SOURCE("K8sAllowedReposv2"), SOURCE("K8sDisallowedRepos"),
    SOURCE("K8sDisallowedTags"), SOURCE("K8sImageDigests"),   {.tool = NULL},
};

const struct source *const gatekeeper_sources = SOURCES;

/* Kyverno: ClusterPolicy and Policy of kyverno.io. */
#include "convert/kyverno.h"

/* -- failure actions -- */

static enum draft_mode action_mode(yyjson_val *value)
{
    return str_eq_nocase(json_str(value), STR("enforce")) ? MODE_ENFORCE : MODE_AUDIT;
}

struct actions {
    enum draft_mode mode;
    yyjson_val *overrides;
};

static struct actions find_actions(yyjson_val *spec, yyjson_val *demand)
{
    yyjson_val *own = json_get(demand, "failureAction");
    yyjson_val *own_overrides = json_get(demand, "failureActionOverrides");
    yyjson_val *mode = own != NULL ? own : json_get(spec, "validationFailureAction");
    bool use_own = own != NULL || own_overrides != NULL;
    return (struct actions){action_mode(mode),
                            use_own ? own_overrides
                                    : json_get(spec, "validationFailureActionOverrides")};
}

/* Write one applicability with its rules. */
static struct draft *emit(struct object *object, const struct draft *variant,
                          const struct draft *rules, enum draft_mode mode)
{
    struct draft *policy = draft_copy(object, variant);
    policy->mode = mode;
    for (size_t i = 0; i < rules->images.n; i++) {
        texts_add(object->arena, &policy->images, rules->images.items[i]);
    }
    policy->rules = rules->rules;
    policy->n_rules = policy->room_rules = rules->n_rules;
    /* Kyverno takes no policy that only audits and writes digests. */
    policy->resolve_digest = rules->resolve_digest && mode == MODE_ENFORCE;
    return policy;
}

static bool has_included(const struct texts *list)
{
    for (size_t i = 0; i < list->n; i++) {
        if (list->items[i].p[0] != '!') {
            return true;
        }
    }
    return false;
}

/* The override's namespaces; NULL-terminated by n. False if one cannot be written. */
static bool read_namespaces(struct object *object, yyjson_val *override, struct texts *list)
{
    size_t i, n;
    yyjson_val *value;
    yyjson_arr_foreach(json_get(override, "namespaces"), i, n, value)
    {
        if (!kyverno_is_namespace(json_str(value))) {
            return false;
        }
        texts_add(object->arena, list, json_str(value));
    }
    return true;
}

/* Another action in some namespaces: the policy once more, for them. */
static void emit_override(struct object *object, const struct draft *variant,
                          const struct draft *rules, yyjson_val *override)
{
    enum draft_mode mode = action_mode(json_get(override, "action"));
    yyjson_val *selector = json_get(override, "namespaceSelector");
    struct texts names = {0};
    bool sound = read_namespaces(object, override, &names);
    if (!sound || has_included(&variant->namespaces) || selector != NULL) {
        object_note(object, override, mode == MODE_ENFORCE ? CONVERT_STRICTER : CONVERT_SAME,
                    "written for as many namespaces as can be said");
    }
    struct draft *policy = emit(object, variant, rules, mode);
    if (!sound || selector != NULL) {
        return; /* everywhere: at most stricter */
    }
    struct texts excluded = policy->namespaces;
    policy->namespaces = names;
    for (size_t i = 0; i < excluded.n; i++) {
        struct str item = excluded.items[i];
        if (item.p[0] == '!' &&
            !kyverno_exclude_namespace(object, policy, str_sub(item, 1, item.n))) {
            object->policies.n--; /* it is about none that the rule is about */
            return;
        }
    }
}

/* Take the namespaces of an override that only audits out of an enforcing policy. */
static void except_override(struct object *object, struct draft *policy, yyjson_val *override)
{
    struct texts names = {0};
    bool sound = read_namespaces(object, override, &names);
    if (!sound || json_get(override, "namespaceSelector") != NULL) {
        object_note(object, override, CONVERT_STRICTER, "it is enforced there as well");
        return;
    }
    for (size_t i = 0; i < names.n; i++) {
        if (str_eq(names.items[i], STR("*")) ||
            !kyverno_exclude_namespace(object, policy, names.items[i])) {
            policy->mode = MODE_AUDIT; /* it is about none but these */
        }
    }
}

static void emit_variant(struct object *object, const struct draft *variant,
                         const struct draft *rules, const struct actions *actions)
{
    size_t i, n;
    yyjson_val *override;
    struct draft *main = emit(object, variant, rules, actions->mode);
    yyjson_arr_foreach(actions->overrides, i, n, override)
    {
        enum draft_mode mode = action_mode(json_get(override, "action"));
        if (mode == MODE_AUDIT && actions->mode == MODE_ENFORCE) {
            except_override(object, main, override);
        }
        if (mode != actions->mode || n > 1) {
            emit_override(object, variant, rules, override);
        }
    }
    if (n > 1) {
        object_note(object, actions->overrides, CONVERT_STRICTER,
                    "where several overrides are about a namespace, the strictest counts");
    }
}

static void emit_all(struct object *object, const struct kyverno_variants *variants,
                     const struct draft *rules, const struct actions *actions)
{
    for (size_t i = 0; rules->n_rules > 0 && i < variants->n; i++) {
        emit_variant(object, &variants->items[i], rules, actions);
    }
}

/* -- verifyImages -- */

static void add_references(struct object *object, yyjson_val *list, struct draft_globs *globs)
{
    size_t i, n;
    yyjson_val *value;
    yyjson_arr_foreach(list, i, n, value)
    {
        draft_globs_add(
            object, globs,
            glob_of_stars(object->arena, json_str(value), GLOB_TEXT_WRITTEN | GLOB_TEXT_NORMAL),
            value);
    }
}

static void verify_images(struct object *object, struct str name, yyjson_val *entry,
                          struct draft *rules)
{
    struct draft_globs images = {0}, skipped = {0};
    yyjson_val *image = json_get(entry, "image");
    add_references(object, json_get(entry, "imageReferences"), &images);
    add_references(object, json_get(entry, "skipImageReferences"), &skipped);
    if (image != NULL) {
        draft_globs_add(object, &images,
                        glob_of_stars(object->arena, json_str(image), GLOB_TEXT_WRITTEN), image);
    }
    if (images.n > 0 && !draft_include(object, rules, &images)) {
        return;
    }
    if (skipped.n > 0) {
        draft_exclude(object, rules, &skipped, false);
    }
    static const char *const PLAIN[] = {
        "image",    "imageReferences", "skipImageReferences", "mutateDigest", "verifyDigest",
        "required", "useCache",        "failureAction",       "type",         "validate",
        NULL};
    rules->resolve_digest = !yyjson_is_false(json_get(entry, "mutateDigest"));
    if (object_unknown(entry, PLAIN) != NULL) {
        draft_by_hand(object, rules, name, entry,
                      "signatures and attestations are not part of this version");
    } else if (!yyjson_is_false(json_get(entry, "verifyDigest"))) {
        (void)draft_rule_item(object, rules, "require", name, "digest");
        if (!rules->resolve_digest) {
            object_note(object, entry, CONVERT_STRICTER,
                        "the digest must be in the manifest; it is not looked up");
        }
    } else if (rules->resolve_digest) {
        object_note(object, entry, CONVERT_NOT_CONVERTED,
                    "digests are written, but none is demanded; give a policy that demands "
                    "something \"mutate.resolveDigest\"");
    }
}

/* -- rules -- */

static const struct {
    const char *key, *what;
} OTHER[] = {{"mutate", "it changes objects and demands nothing"},
             {"generate", "it makes objects and demands nothing"}};

static void convert_verify(struct object *object, yyjson_val *spec, yyjson_val *rule,
                           const struct kyverno_variants *variants)
{
    size_t i, n;
    yyjson_val *entry;
    struct str name = json_str(json_get(rule, "name"));
    yyjson_arr_foreach(json_get(rule, "verifyImages"), i, n, entry)
    {
        struct draft rules = {.namespace = STR_EMPTY};
        struct actions actions = find_actions(spec, entry);
        verify_images(object, name, entry, &rules);
        emit_all(object, variants, &rules, &actions);
    }
}

static bool is_about_operation(yyjson_val *condition)
{
    struct str key = json_str(json_get(condition, "key"));
    struct str value = json_str(json_get(condition, "value"));
    static const struct str NAME = STR("request.operation");
    bool named = false;
    for (size_t i = 0; i + NAME.n <= key.n; i++) {
        named = named || str_eq(str_sub(key, i, i + NAME.n), NAME);
    }
    return named && str_eq(json_str(json_get(condition, "operator")), STR("NotEquals")) &&
           str_eq(value, STR("DELETE"));
}

/* Preconditions other than "no deletion" are left out: the rule applies to more. */
static void note_preconditions(struct object *object, yyjson_val *rule)
{
    yyjson_val *conditions = json_get(rule, "preconditions"), *cel, *all, *one;
    size_t i, n;
    bool harmless = conditions == NULL;
    all = yyjson_is_arr(conditions) ? conditions : json_get(conditions, "all");
    if (yyjson_arr_size(all) > 0 && json_get(conditions, "any") == NULL) {
        harmless = true;
        yyjson_arr_foreach(all, i, n, one)
        {
            harmless = harmless && is_about_operation(one);
        }
    }
    cel = json_get(rule, "celPreconditions");
    if (!harmless || cel != NULL) {
        object_note(object, cel != NULL ? cel : conditions, CONVERT_STRICTER,
                    "preconditions cannot be written: the rule applies without them");
    }
}

static bool equal(yyjson_val *a, yyjson_val *b)
{
    return a == b || (a != NULL && b != NULL && yyjson_equals(a, b));
}

/* True if a rule applies where the one before does, so that both can stand in one policy. */
static bool applies_alike(yyjson_val *a, yyjson_val *b)
{
    static const char *const KEYS[] = {"match", "exclude"};
    static const char *const ACTIONS[] = {"failureAction", "failureActionOverrides"};
    for (size_t i = 0; i < 2; i++) {
        if (!equal(json_get(a, KEYS[i]), json_get(b, KEYS[i])) ||
            !equal(json_get(json_get(a, "validate"), ACTIONS[i]),
                   json_get(json_get(b, "validate"), ACTIONS[i]))) {
            return false;
        }
    }
    return json_get(a, "validate") != NULL && json_get(b, "validate") != NULL;
}

/* Rules from `i` on that apply alike; returns the index behind them. */
static size_t convert_group(struct object *object, yyjson_val *spec, yyjson_val *rules, size_t i)
{
    yyjson_val *first = yyjson_arr_get(rules, i), *rule = first;
    struct kyverno_rules group = {
        .policy = {.namespace = STR_EMPTY}, .tag_rule = STR_EMPTY, .shapes = kyverno_shapes(first)};
    struct kyverno_variants variants = {0};
    kyverno_match(object, first, &variants);
    do {
        note_preconditions(object, rule);
        for (size_t j = 0; j < sizeof OTHER / sizeof OTHER[0]; j++) {
            yyjson_val *other = json_get(rule, OTHER[j].key);
            if (other != NULL) {
                object_note(object, other, CONVERT_NOT_CONVERTED, "%s; nothing was written",
                            OTHER[j].what);
            }
        }
        if (json_get(rule, "validate") != NULL) {
            kyverno_validate(object, json_str(json_get(rule, "name")), json_get(rule, "validate"),
                             &group);
        }
        convert_verify(object, spec, rule, &variants);
        rule = yyjson_arr_get(rules, ++i);
    } while (rule != NULL && applies_alike(first, rule));
    kyverno_finish_rules(object, &group);
    struct actions actions = find_actions(spec, json_get(first, "validate"));
    emit_all(object, &variants, &group.policy, &actions);
    return i;
}

static status convert(struct object *object, struct error *err)
{
    yyjson_val *spec, *rules;
    TRY(object_member(object, object->root, "spec", "an object", &spec, err));
    TRY(object_member(object, spec, "rules", "a list", &rules, err));
    if (str_eq(object->kind, STR("Policy"))) {
        TRY(object_namespace(object, &object->namespace, err));
    }
    for (size_t i = 0; i < yyjson_arr_size(rules);) {
        i = convert_group(object, spec, rules, i);
    }
    if (object->policies.n == 0) {
        object_comment(object, "It demands nothing of images.");
    }
    return OK;
}

#define CEL(kind_)                                                                                 \
    {                                                                                              \
        .tool = "Kyverno", .group = "policies.kyverno.io", .kind = kind_, .admits_rest = true,     \
        .convert = kyverno_convert_cel                                                             \
    }

static const struct source SOURCES[] = {
    {.tool = "Kyverno",
     .group = "kyverno.io",
     .kind = "ClusterPolicy",
     .admits_rest = true,
     .convert = convert},
    {.tool = "Kyverno",
     .group = "kyverno.io",
     .kind = "Policy",
     .admits_rest = true,
     .convert = convert},
    CEL("ImageValidatingPolicy"),
    CEL("ValidatingPolicy"),
    CEL("NamespacedImageValidatingPolicy"),
    CEL("NamespacedValidatingPolicy"),
    {.tool = NULL},
};

const struct source *const kyverno_sources = SOURCES;

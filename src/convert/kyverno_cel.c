/* Kyverno: policies in CEL, as far as they are about the texts of images. */
#include <string.h>

#include "convert/cel.h"

#define UNKNOWN "an expression of a form that is not known"

/* -- what they are about -- */

static const struct {
    const char *resource, *kind;
    enum kyverno_shape shape;
} RESOURCES[] = {{"pods", "Pod", SHAPE_POD},
                 {"pods/ephemeralcontainers", "Pod", SHAPE_POD},
                 {"daemonsets", "DaemonSet", SHAPE_TEMPLATE},
                 {"deployments", "Deployment", SHAPE_TEMPLATE},
                 {"replicasets", "ReplicaSet", SHAPE_TEMPLATE},
                 {"statefulsets", "StatefulSet", SHAPE_TEMPLATE},
                 {"replicationcontrollers", "ReplicationController", SHAPE_TEMPLATE},
                 {"jobs", "Job", SHAPE_TEMPLATE},
                 {"cronjobs", "CronJob", SHAPE_JOB_TEMPLATE}};
enum { N_RESOURCES = sizeof RESOURCES / sizeof RESOURCES[0] };

/* Add the kind. Returns false if the resource is none that is known. */
static bool add_resource(struct object *object, struct str resource, struct texts *kinds,
                         unsigned *shapes)
{
    for (size_t i = 0; i < N_RESOURCES; i++) {
        if (str_eq(resource, str_from(RESOURCES[i].resource))) {
            texts_add(object->arena, kinds, str_from(RESOURCES[i].kind));
            *shapes |= RESOURCES[i].shape;
            return true;
        }
    }
    return false;
}

/* Policies about Pods alone are meant for those controllers too that the policy names, or all. */
static void add_controllers(struct object *object, yyjson_val *spec, yyjson_val *match,
                            struct texts *kinds)
{
    static const char *const OTHER[] = {"resourceRules", "namespaceSelector", "matchPolicy", NULL};
    yyjson_val *rules = json_get(match, "resourceRules"), *rule = yyjson_arr_get_first(rules);
    yyjson_val *named =
        json_get(json_get(json_get(spec, "autogen"), "podControllers"), "controllers");
    yyjson_val *resources = json_get(rule, "resources"), *value;
    size_t i, n;
    unsigned shapes = 0;
    bool alone = yyjson_arr_size(rules) == 1 && yyjson_arr_size(resources) == 1 &&
                 str_eq(json_str(yyjson_arr_get_first(resources)), STR("pods")) &&
                 json_get(rule, "resourceNames") == NULL && object_unknown(match, OTHER) == NULL;
    for (i = 0; alone && named == NULL && i < N_RESOURCES; i++) {
        if (strcmp(RESOURCES[i].kind, "ReplicationController") != 0) {
            texts_add(object->arena, kinds, str_from(RESOURCES[i].kind));
        }
    }
    yyjson_arr_foreach(alone ? named : NULL, i, n, value)
    {
        (void)add_resource(object, json_str(value), kinds, &shapes);
    }
}

/* Which of creation and update a rule names, as bits. */
static unsigned operations_of(yyjson_val *rule)
{
    unsigned found = 0;
    size_t i, n;
    yyjson_val *value;
    yyjson_arr_foreach(json_get(rule, "operations"), i, n, value)
    {
        struct str name = json_str(value);
        found |= str_eq(name, STR("CREATE"))   ? 1U
                 : str_eq(name, STR("UPDATE")) ? 2U
                 : str_eq(name, STR("*"))      ? 3U
                                               : 0U;
    }
    return found;
}

static void match_operations(struct object *object, yyjson_val *rules, struct draft *policy)
{
    unsigned first = operations_of(yyjson_arr_get_first(rules)), all = first;
    bool alike = true;
    size_t i, n;
    yyjson_val *rule;
    yyjson_arr_foreach(rules, i, n, rule)
    {
        alike = alike && operations_of(rule) == first;
        all |= operations_of(rule);
    }
    if (!alike || all == 0) {
        object_note(object, rules, CONVERT_STRICTER, "applies to creation and update");
    } else if (all != 3) {
        texts_add(object->arena, &policy->operations, all == 1 ? STR("CREATE") : STR("UPDATE"));
    }
}

static void match_resources(struct object *object, yyjson_val *spec, struct draft *policy,
                            unsigned *shapes)
{
    static const char *const KNOWN[] = {"resourceRules", "namespaceSelector", "objectSelector",
                                        "matchPolicy", NULL};
    yyjson_val *match = json_get(spec, "matchConstraints"), *rule, *value;
    yyjson_val *rules = json_get(match, "resourceRules");
    size_t i, n, j, m;
    struct texts kinds = {0};
    bool known = yyjson_arr_size(rules) > 0;
    yyjson_arr_foreach(rules, i, n, rule)
    {
        known = known && yyjson_arr_size(json_get(rule, "resources")) > 0;
        yyjson_arr_foreach(json_get(rule, "resources"), j, m, value)
        {
            known = add_resource(object, json_str(value), &kinds, shapes) && known;
        }
        if (json_get(rule, "resourceNames") != NULL) {
            object_note(object, rule, CONVERT_STRICTER, "applies without regard to names");
        }
    }
    match_operations(object, rules, policy);
    if (!known) {
        *shapes = SHAPE_POD | SHAPE_TEMPLATE | SHAPE_JOB_TEMPLATE;
        object_note(object, match, CONVERT_STRICTER,
                    "which objects it is about cannot be written: it applies to all");
    } else {
        add_controllers(object, spec, match, &kinds);
        policy->kinds = kinds;
    }
    selector_widen(object, json_get(match, "namespaceSelector"), &policy->namespace_selector);
    selector_widen(object, json_get(match, "objectSelector"), &policy->object_selector);
    if (object_unknown(match, KNOWN) != NULL) {
        object_note(object, object_unknown(match, KNOWN), CONVERT_STRICTER,
                    "cannot be written: applies without regard to it");
    }
    if (yyjson_arr_size(json_get(spec, "matchConditions")) > 0) {
        object_note(object, json_get(spec, "matchConditions"), CONVERT_STRICTER,
                    "conditions cannot be written: it applies without them");
    }
}

/* Returns false if no image can match. */
static bool match_images(struct object *object, yyjson_val *images, struct draft *policy)
{
    struct draft_globs globs = {0};
    bool all = yyjson_arr_size(images) == 0;
    size_t i, n;
    yyjson_val *value;
    yyjson_arr_foreach(images, i, n, value)
    {
        struct str glob = json_str(json_get(value, "glob"));
        all = all || glob.n == 0 || str_find(glob, '{') < glob.n || str_find(glob, '[') < glob.n;
        draft_globs_add(object, &globs,
                        glob_of_stars(object->arena, glob, GLOB_TEXT_WRITTEN | GLOB_TEXT_NORMAL),
                        value);
    }
    return all || draft_include(object, policy, &globs);
}

static enum draft_mode mode_of(yyjson_val *actions)
{
    enum draft_mode found = yyjson_arr_size(actions) == 0 ? MODE_ENFORCE : MODE_AUDIT;
    size_t i, n;
    yyjson_val *value;
    yyjson_arr_foreach(actions, i, n, value)
    {
        enum draft_mode mode = str_eq(json_str(value), STR("Audit"))  ? MODE_AUDIT
                               : str_eq(json_str(value), STR("Warn")) ? MODE_WARN
                                                                      : MODE_ENFORCE;
        found = mode < found ? mode : found;
    }
    return found;
}

/* -- what they demand -- */

/* Returns false if it cannot be written. */
static bool write_clause(struct object *object, yyjson_val *at, const struct cel_clause *clause,
                         struct kyverno_rules *rules)
{
    struct draft_globs globs = {0};
    const struct texts *texts = clause->globs.n > 0 ? &clause->globs : &clause->denied;
    if ((clause->globs.n > 0) == (clause->denied.n > 0) || clause->denied.n > 1) {
        return false;
    }
    for (size_t i = 0; i < texts->n; i++) {
        draft_globs_add(object, &globs,
                        glob_of_stars(object->arena, texts->items[i], GLOB_TEXT_WRITTEN), at);
    }
    if (clause->denied.n > 0) {
        draft_deny(object, &rules->policy, STR("images"), &globs);
    } else if (texts->n == 1) {
        kyverno_demand(object, STR("images"), at, texts->items[0], rules);
    } else {
        draft_allow(object, &rules->policy, STR("images"), &globs);
    }
    return true;
}

/* True if the expression, or one that it may use, says "image". */
static bool is_about_images(yyjson_val *expression, yyjson_val *variables)
{
    size_t i, n;
    yyjson_val *one;
    bool about = kyverno_mentions(expression, STR("image"));
    yyjson_arr_foreach(variables, i, n, one)
    {
        about = about || kyverno_mentions(json_get(one, "expression"), STR("image"));
    }
    return about;
}

static void write_validation(struct object *object, yyjson_val *spec, yyjson_val *validation,
                             struct kyverno_rules *rules)
{
    yyjson_val *at = json_get(validation, "expression");
    struct cel_clauses clauses;
    size_t before = rules->policy.n_rules;
    if (!is_about_images(at, json_get(spec, "variables"))) {
        object_note(object, at, CONVERT_NOT_CONVERTED,
                    "it is about something else than images; nothing was written");
        return;
    }
    bool known = cel_read(object->arena, json_str(at), json_get(spec, "variables"), &clauses) &&
                 (clauses.shapes == 0 || clauses.shapes == rules->shapes);
    for (size_t i = 0; known && i < clauses.n; i++) {
        known = write_clause(object, at, &clauses.items[i], rules);
    }
    if (!known) {
        draft_by_hand(object, &rules->policy, STR("cel"), at != NULL ? at : validation, UNKNOWN);
    } else if (clauses.kinds != KYVERNO_ALL_KINDS) {
        object_note(object, at, CONVERT_STRICTER,
                    "what was written judges all containers, init and ephemeral ones too");
    }
    kyverno_add_message(rules, before, json_get(validation, "message"));
}

/* An ImageValidatingPolicy demands by itself that images are signed, and have a digest. */
static void write_configuration(struct object *object, yyjson_val *spec,
                                struct kyverno_rules *rules)
{
    yyjson_val *how = json_get(spec, "validationConfigurations");
    if (!yyjson_is_false(json_get(how, "required"))) {
        draft_by_hand(object, &rules->policy, STR("signed"), how,
                      "signatures and attestations are not part of this version");
    } else {
        object_note(object, how, CONVERT_NOT_CONVERTED,
                    "whether a registry has the image is not looked up");
    }
    rules->policy.resolve_digest = !yyjson_is_false(json_get(how, "mutateDigest"));
    if (!yyjson_is_false(json_get(how, "verifyDigest"))) {
        (void)draft_rule_item(object, &rules->policy, "require", STR("digest"), "digest");
    }
}

status kyverno_convert_cel(struct object *object, struct error *err)
{
    yyjson_val *spec, *images, *actions, *validations, *value;
    size_t i, n;
    TRY(object_member(object, object->root, "spec", "an object", &spec, err));
    TRY(object_member(object, spec, "matchImageReferences", "a list", &images, err));
    TRY(object_member(object, spec, "validationActions", "a list", &actions, err));
    TRY(object_member(object, spec, "validations", "a list", &validations, err));
    if (str_starts(object->kind, STR("Namespaced"))) {
        TRY(object_namespace(object, &object->namespace, err));
    }
    struct draft *policy = draft_add(object);
    policy->mode = mode_of(actions);
    struct kyverno_rules rules = {.policy = {.namespace = STR_EMPTY}, .tag_rule = STR_EMPTY};
    match_resources(object, spec, policy, &rules.shapes);
    if (!match_images(object, images, policy)) {
        object->policies.n = 0;
        return OK;
    }
    yyjson_arr_foreach(validations, i, n, value)
    {
        write_validation(object, spec, value, &rules);
    }
    if (str_ends(object->kind, STR("ImageValidatingPolicy"))) {
        write_configuration(object, spec, &rules);
    }
    kyverno_finish_rules(object, &rules);
    if (rules.policy.n_rules == 0) {
        object->policies.n = 0;
        object_comment(object, "It demands nothing of images.");
    }
    policy->resolve_digest = rules.policy.resolve_digest && policy->mode == MODE_ENFORCE;
    policy->rules = rules.policy.rules;
    policy->n_rules = policy->room_rules = rules.policy.n_rules;
    return OK;
}

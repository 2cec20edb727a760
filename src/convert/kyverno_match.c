/* Kyverno: match and exclude of a rule. What cannot be written makes the rule apply to more. */
#include "convert/kyverno.h"

static const char *const CONTROLLERS[] = {
    "DaemonSet",   "Deployment", "Job", "ReplicaSet", "ReplicationController",
    "StatefulSet", "CronJob",    NULL};

bool kyverno_is_namespace(struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '*')) {
            return false;
        }
    }
    return text.n > 0;
}

/* -- kinds -- */

/* "Pod" of "v1/Pod/status"; "*" if it cannot be told. */
static struct str kind_of(struct str text)
{
    struct str part, rest = text;
    for (bool more = true; more;) {
        more = str_cut(rest, '/', &part, &rest);
        bool plain = part.n > 0 && part.p[0] >= 'A' && part.p[0] <= 'Z';
        for (size_t i = 0; plain && i < part.n; i++) {
            char c = part.p[i];
            plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        }
        if (plain) {
            return part;
        }
    }
    return STR("*");
}

static struct texts read_kinds(struct object *object, yyjson_val *resources)
{
    struct texts kinds = {0};
    size_t i, n;
    yyjson_val *value;
    yyjson_arr_foreach(json_get(resources, "kinds"), i, n, value)
    {
        texts_add(object->arena, &kinds, kind_of(json_str(value)));
    }
    return kinds;
}

/* True if a list with commas has the word. */
static bool lists(struct str text, const char *word)
{
    struct str one, rest = text;
    for (bool more = true; more;) {
        more = str_cut(rest, ',', &one, &rest);
        if (str_eq(str_trim(one), str_from(word))) {
            return true;
        }
    }
    return false;
}

/* Rules about Pods alone are meant for their controllers too, unless an annotation says which. */
static void add_controllers(struct object *object, yyjson_val *resources, struct texts *kinds)
{
    yyjson_val *annotations = json_get(json_get(object->root, "metadata"), "annotations");
    yyjson_val *given = json_get(annotations, "pod-policies.kyverno.io/autogen-controllers");
    bool selective = json_get(resources, "name") != NULL || json_get(resources, "names") != NULL ||
                     json_get(resources, "selector") != NULL ||
                     json_get(resources, "annotations") != NULL;
    if (kinds->n != 1 || !texts_has(kinds, STR("Pod")) || selective) {
        return;
    }
    for (size_t i = 0; CONTROLLERS[i] != NULL; i++) {
        if (given == NULL || lists(json_str(given), CONTROLLERS[i])) {
            texts_add(object->arena, kinds, str_from(CONTROLLERS[i]));
        }
    }
}

static unsigned filter_shapes(yyjson_val *filter)
{
    unsigned shapes = 0;
    size_t i, n;
    yyjson_val *value;
    yyjson_arr_foreach(json_get(json_get(filter, "resources"), "kinds"), i, n, value)
    {
        struct str kind = kind_of(json_str(value));
        bool controller = false;
        for (size_t j = 0; CONTROLLERS[j] != NULL; j++) {
            controller = controller || str_eq(kind, str_from(CONTROLLERS[j]));
        }
        shapes |= str_eq(kind, STR("Pod"))       ? SHAPE_POD
                  : str_eq(kind, STR("CronJob")) ? SHAPE_JOB_TEMPLATE
                  : controller                   ? SHAPE_TEMPLATE
                                                 : 0;
    }
    return shapes;
}

unsigned kyverno_shapes(yyjson_val *rule)
{
    yyjson_val *match = json_get(rule, "match"), *filter;
    unsigned shapes = filter_shapes(match);
    size_t i, n;
    yyjson_arr_foreach(json_get(match, "any"), i, n, filter)
    {
        shapes |= filter_shapes(filter);
    }
    yyjson_arr_foreach(json_get(match, "all"), i, n, filter)
    {
        shapes |= filter_shapes(filter);
    }
    return shapes;
}

/* -- match -- */

static void match_namespaces(struct object *object, yyjson_val *list, struct draft *policy)
{
    size_t i, n;
    yyjson_val *value;
    struct texts names = {0};
    yyjson_arr_foreach(list, i, n, value)
    {
        if (!kyverno_is_namespace(json_str(value))) {
            object_note(object, value, CONVERT_STRICTER, "applies to all namespaces");
            return;
        }
        texts_add(object->arena, &names, json_str(value));
    }
    if (policy->namespaces.n > 0 && names.n > 0) {
        object_note(object, list, CONVERT_STRICTER, "of two lists of namespaces, the first counts");
        return;
    }
    policy->namespaces = names.n > 0 ? names : policy->namespaces;
}

/* The user of a subject; empty if it is a group. */
static struct str user_of(struct object *object, yyjson_val *subject)
{
    struct str kind = json_str(json_get(subject, "kind")),
               name = json_str(json_get(subject, "name"));
    struct str text = STR_EMPTY;
    if (str_eq(kind, STR("User"))) {
        text = name;
    } else if (str_eq(kind, STR("ServiceAccount"))) {
        text = arena_printf(object->arena, "system:serviceaccount:%.*s:%.*s",
                            STR_ARG(json_str(json_get(subject, "namespace"))), STR_ARG(name));
    }
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] <= ' ' || text.p[i] >= 0x7f || text.p[i] == '?' || text.p[0] == '!') {
            return STR_EMPTY;
        }
    }
    return text;
}

static void match_subjects(struct object *object, yyjson_val *subjects, struct draft *policy)
{
    size_t i, n;
    yyjson_val *subject;
    struct texts users = {0};
    yyjson_arr_foreach(subjects, i, n, subject)
    {
        struct str user = user_of(object, subject);
        if (user.n == 0 || policy->users.n > 0) {
            object_note(object, subject, CONVERT_STRICTER, "applies to all users");
            return;
        }
        texts_add(object->arena, &users, user);
    }
    policy->users = users.n > 0 ? users : policy->users;
}

static void match_operations(struct object *object, yyjson_val *list, struct draft *policy)
{
    size_t i, n;
    yyjson_val *value;
    yyjson_arr_foreach(list, i, n, value)
    {
        if (str_eq(json_str(value), STR("CREATE")) || str_eq(json_str(value), STR("UPDATE"))) {
            texts_add(object->arena, &policy->operations, json_str(value));
        }
    }
    if (n > 0 && policy->operations.n == 0) {
        object_note(object, list, CONVERT_STRICTER,
                    "deletions are never judged; applies to creation");
    }
}

static void note_rest(struct object *object, yyjson_val *value, const char *const *known)
{
    yyjson_val *other = object_unknown(value, known);
    if (other != NULL) {
        object_note(object, other, CONVERT_STRICTER,
                    "cannot be written: applies without regard to it");
    }
}

static void match_filter(struct object *object, yyjson_val *filter, struct draft *policy)
{
    static const char *const KNOWN[] = {"resources", "subjects", NULL};
    static const char *const RESOURCES[] = {"kinds",    "namespaces", "namespaceSelector",
                                            "selector", "operations", NULL};
    yyjson_val *resources = json_get(filter, "resources");
    struct texts kinds = read_kinds(object, resources);
    if (texts_has(&kinds, STR("*"))) {
        kinds.n = 0;
    }
    add_controllers(object, resources, &kinds);
    if (policy->kinds.n > 0 && kinds.n > 0) {
        object_note(object, resources, CONVERT_STRICTER, "of two lists of kinds, the first counts");
    } else if (kinds.n > 0) {
        policy->kinds = kinds;
    }
    match_namespaces(object, json_get(resources, "namespaces"), policy);
    selector_widen(object, json_get(resources, "namespaceSelector"), &policy->namespace_selector);
    selector_widen(object, json_get(resources, "selector"), &policy->object_selector);
    match_operations(object, json_get(resources, "operations"), policy);
    match_subjects(object, json_get(filter, "subjects"), policy);
    note_rest(object, filter, KNOWN);
    note_rest(object, resources, RESOURCES);
}

/* -- exclude -- */

static void keep(struct object *object, const yyjson_val *at)
{
    object_note(object, at, CONVERT_STRICTER, "cannot be left out: the rule applies to it as well");
}

static bool has_all(const struct texts *wide, const struct texts *narrow)
{
    for (size_t i = 0; i < narrow->n; i++) {
        if (!texts_has(wide, narrow->items[i])) {
            return false;
        }
    }
    return narrow->n > 0;
}

/* True if `text` matches a glob of names, whose one wildcard is `*`; `text` may be a glob itself.
 */
static bool matches_name(struct str glob, struct str text)
{
    size_t star = str_find(glob, '*');
    if (star == glob.n) {
        return str_eq(glob, text);
    }
    struct str before = str_sub(glob, 0, star), after = str_sub(glob, star + 1, glob.n);
    if (!str_starts(text, before)) {
        return false;
    }
    for (size_t i = star; i <= text.n; i++) {
        if (matches_name(after, str_sub(text, i, text.n))) {
            return true;
        }
    }
    return false;
}

bool kyverno_exclude_namespace(struct object *object, struct draft *policy, struct str glob)
{
    size_t included = 0, kept = 0;
    for (size_t i = 0; i < policy->namespaces.n; i++) {
        struct str item = policy->namespaces.items[i];
        included += item.p[0] != '!';
        kept += item.p[0] != '!' && !matches_name(glob, item);
    }
    if (included > 0 && kept == 0) {
        return false;
    }
    kept = 0;
    for (size_t i = 0; i < policy->namespaces.n; i++) {
        struct str item = policy->namespaces.items[i];
        if (item.p[0] == '!' || !matches_name(glob, item)) {
            policy->namespaces.items[kept++] = item;
        }
    }
    policy->namespaces.n = kept;
    texts_add(object->arena, &policy->namespaces,
              arena_printf(object->arena, "!%.*s", STR_ARG(glob)));
    return true;
}

static void exclude_namespaces(struct object *object, yyjson_val *list, struct draft *policy)
{
    size_t i, n;
    yyjson_val *value;
    yyjson_arr_foreach(list, i, n, value)
    {
        struct str name = json_str(value);
        if (!kyverno_is_namespace(name) || str_eq(name, STR("*")) ||
            !kyverno_exclude_namespace(object, policy, name)) {
            keep(object, value);
        }
    }
}

static void exclude_subjects(struct object *object, yyjson_val *list, struct draft *policy)
{
    size_t i, n;
    yyjson_val *subject;
    yyjson_arr_foreach(list, i, n, subject)
    {
        struct str user = user_of(object, subject);
        if (user.n == 0 || str_eq(user, STR("*")) || texts_has(&policy->users, user)) {
            keep(object, subject);
        } else {
            texts_add(object->arena, &policy->users,
                      arena_printf(object->arena, "!%.*s", STR_ARG(user)));
        }
    }
}

/* What is excluded by one thing alone can be written; by two together it cannot. */
static void exclude_filter(struct object *object, yyjson_val *filter, struct draft *policy)
{
    yyjson_val *resources = json_get(filter, "resources");
    yyjson_val *namespaces = json_get(resources, "namespaces");
    yyjson_val *selector = json_get(resources, "selector");
    yyjson_val *namespace_selector = json_get(resources, "namespaceSelector");
    yyjson_val *subjects = json_get(filter, "subjects");
    struct texts kinds = read_kinds(object, resources);
    add_controllers(object, resources, &kinds);
    size_t members = yyjson_obj_size(resources) + yyjson_obj_size(filter) - (resources != NULL);
    bool all_kinds =
        kinds.n > 0 && (texts_has(&kinds, STR("*")) || has_all(&kinds, &policy->kinds));
    members -= all_kinds || (kinds.n == 0 && json_get(resources, "kinds") != NULL);
    if (members != 1) {
        keep(object, filter);
    } else if (namespaces != NULL) {
        exclude_namespaces(object, namespaces, policy);
    } else if (subjects != NULL) {
        exclude_subjects(object, subjects, policy);
    } else if (selector != NULL &&
               selector_add_negated(object, selector, &policy->object_selector)) {
        return;
    } else if (namespace_selector == NULL ||
               !selector_add_negated(object, namespace_selector, &policy->namespace_selector)) {
        keep(object, filter);
    }
}

static void exclude(struct object *object, yyjson_val *value, struct draft *policy)
{
    yyjson_val *any = json_get(value, "any"), *all = json_get(value, "all"), *filter;
    size_t i, n;
    yyjson_arr_foreach(any, i, n, filter)
    {
        exclude_filter(object, filter, policy);
    }
    if (yyjson_arr_size(all) == 1) {
        exclude_filter(object, yyjson_arr_get_first(all), policy);
    } else if (yyjson_arr_size(all) > 1) {
        keep(object, all);
    }
    if (yyjson_obj_size(value) > 0 && any == NULL && all == NULL) {
        exclude_filter(object, value, policy);
    }
}

void kyverno_match(struct object *object, yyjson_val *rule, struct kyverno_variants *variants)
{
    yyjson_val *match = json_get(rule, "match"), *filter;
    yyjson_val *any = json_get(match, "any"), *all = json_get(match, "all");
    size_t i, n;
    const struct draft empty = {.namespace = object->namespace};
    yyjson_arr_foreach(any, i, n, filter)
    {
        LIST_ADD(object->arena, variants, empty);
        match_filter(object, filter, &variants->items[variants->n - 1]);
    }
    if (variants->n == 0) {
        LIST_ADD(object->arena, variants, empty);
    }
    yyjson_arr_foreach(all, i, n, filter)
    {
        match_filter(object, filter, &variants->items[0]);
    }
    if (any == NULL && all == NULL) {
        match_filter(object, match, &variants->items[0]);
    }
    for (i = 0; i < variants->n; i++) {
        exclude(object, json_get(rule, "exclude"), &variants->items[i]);
        if (object->namespace.n > 0 && variants->items[i].namespaces.n > 0) {
            variants->items[i].namespaces.n = 0; /* its own namespace alone */
        }
    }
}

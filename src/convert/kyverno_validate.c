/* Kyverno: validate of a rule, as far as it is about the texts of images. */
#include "convert/kyverno.h"

#define NO_IMAGES "it is about something else than images; nothing was written"
#define UNKNOWN   "a demand on images of a form that is not known"

static bool contains(struct str text, struct str word)
{
    for (size_t i = 0; i + word.n <= text.n; i++) {
        if (str_eq_nocase(str_sub(text, i, i + word.n), word)) {
            return true;
        }
    }
    return false;
}

bool kyverno_mentions(yyjson_val *value, struct str word)
{
    size_t i, n;
    yyjson_val *key, *item;
    if (contains(json_str(value), word)) {
        return true;
    }
    yyjson_arr_foreach(value, i, n, item)
    {
        if (kyverno_mentions(item, word)) {
            return true;
        }
    }
    yyjson_obj_foreach(value, i, n, key, item)
    {
        if (contains(json_str(key), word) || kyverno_mentions(item, word)) {
            return true;
        }
    }
    return false;
}

void kyverno_add_message(struct kyverno_rules *rules, size_t from, yyjson_val *message)
{
    struct str text = str_trim(json_str(message));
    for (size_t i = 0; i < text.n; i++) {
        if ((unsigned char)text.p[i] < ' ' || text.p[i] == 0x7f || text.p[i] == '{') {
            return;
        }
    }
    for (size_t i = from; text.n > 0 && text.n <= 400 && i < rules->policy.n_rules; i++) {
        if (rules->policy.rules[i].message.n == 0) {
            rules->policy.rules[i].message = text;
        }
    }
}

/* -- patterns -- */

enum { CONTAINERS = 1, INIT = 2, EPHEMERAL = 4, ALL_KINDS = KYVERNO_ALL_KINDS };

/* What is found in a pattern. */
struct found {
    unsigned shapes; /* of the kinds that it is matched against */
    yyjson_val *texts[8];
    size_t n;
    unsigned kinds;
    yyjson_val *other, *condition, *hard; /* other demands; conditions; what cannot be written */
};

static struct str strip_anchor(struct str key, char *ret_anchor)
{
    static const char MARKS[] = "=+^X<";
    *ret_anchor = 0;
    size_t open = str_find(key, '(');
    if (open <= 1 && str_ends(key, STR(")"))) {
        bool marked = open == 1 && str_find(str_from(MARKS), key.p[0]) < sizeof MARKS - 1;
        *ret_anchor = (char)(open == 0 ? '(' : marked ? key.p[0] : '?');
        return str_sub(key, open + 1, key.n - 1);
    }
    return key;
}

static unsigned container_kind(struct str key)
{
    return str_eq(key, STR("containers"))            ? CONTAINERS
           : str_eq(key, STR("initContainers"))      ? INIT
           : str_eq(key, STR("ephemeralContainers")) ? EPHEMERAL
                                                     : 0;
}

static void find_in_container(yyjson_val *element, unsigned kind, struct found *found)
{
    size_t i, n;
    yyjson_val *key, *value;
    yyjson_obj_foreach(element, i, n, key, value)
    {
        char anchor;
        struct str name = strip_anchor(json_str(key), &anchor);
        bool any = str_eq(json_str(value), STR("*")) || str_eq(json_str(value), STR("?*"));
        if (!str_eq(name, STR("image"))) {
            yyjson_val **kept = anchor == '(' || anchor == '<' ? &found->condition : &found->other;
            *kept = any ? *kept : value;
        } else if (anchor != 0 && anchor != '=') {
            found->hard = value;
        } else if (found->n < 8) {
            found->texts[found->n++] = value;
            found->kinds |= kind;
        } else {
            found->hard = value;
        }
    }
}

/* True if every object is denied that has no such list, or that has it elsewhere. */
static bool is_demand_for_list(unsigned kind, char anchor, enum kyverno_shape shape,
                               const struct found *found)
{
    return (found->shapes & ~(unsigned)shape) != 0 || (kind != CONTAINERS && anchor == 0);
}

static enum kyverno_shape shape_below(struct str key, enum kyverno_shape shape)
{
    return str_eq(key, STR("jobTemplate"))                      ? SHAPE_JOB_TEMPLATE
           : str_eq(key, STR("template")) && shape == SHAPE_POD ? SHAPE_TEMPLATE
                                                                : shape;
}

static void find_in(yyjson_val *pattern, enum kyverno_shape shape, struct found *found)
{
    size_t i, n, j, m;
    yyjson_val *key, *value, *element;
    yyjson_obj_foreach(pattern, i, n, key, value)
    {
        char anchor;
        struct str name = strip_anchor(json_str(key), &anchor);
        unsigned kind = container_kind(name);
        if (anchor == '(' || anchor == '<') {
            found->condition = value;
        }
        if (kind != 0 && yyjson_is_arr(value) && anchor != 'X') {
            found->condition = anchor == '^' ? value : found->condition;
            found->hard = is_demand_for_list(kind, anchor, shape, found) ? value : found->hard;
            yyjson_arr_foreach(value, j, m, element)
            {
                find_in_container(element, kind, found);
            }
        } else if (yyjson_is_obj(value)) {
            find_in(value, shape_below(name, shape), found);
        } else if (kyverno_mentions(value, STR("image"))) {
            found->hard = value;
        } else if (anchor != '(' && anchor != '<') {
            found->other = value;
        }
    }
}

static void write_found(struct object *object, struct str name, yyjson_val *at,
                        const struct found *found, struct kyverno_rules *rules)
{
    for (size_t i = 0; i < found->n; i++) {
        bool known = false;
        for (size_t j = 0; j < i; j++) {
            known = known || yyjson_equals(found->texts[i], found->texts[j]);
        }
        if (!known) {
            kyverno_image_text(object, name, found->texts[i], rules);
        }
        if (!known && i > 0) {
            object_note(object, found->texts[i], CONVERT_STRICTER,
                        "the demands on different kinds of containers count for all of them");
        }
    }
    if (found->n > 0 && found->kinds != ALL_KINDS) {
        object_note(object, at, CONVERT_STRICTER,
                    "what was written judges all containers, init and ephemeral ones too");
    }
    if (found->condition != NULL && found->n > 0) {
        object_note(object, found->condition, CONVERT_STRICTER,
                    "a condition cannot be written: the demand on images counts without it");
    }
    if (found->hard != NULL) {
        draft_by_hand(object, &rules->policy, name, found->hard, UNKNOWN);
    }
    if (found->other != NULL) {
        object_note(object, found->other, CONVERT_NOT_CONVERTED, NO_IMAGES);
    }
}

static void convert_pattern(struct object *object, struct str name, yyjson_val *pattern,
                            struct kyverno_rules *rules)
{
    struct found found = {.shapes = rules->shapes};
    find_in(pattern, SHAPE_POD, &found);
    write_found(object, name, pattern, &found, rules);
    if (found.n == 0 && found.hard == NULL && kyverno_mentions(pattern, STR("image"))) {
        draft_by_hand(object, &rules->policy, name, pattern, UNKNOWN);
    }
}

/* Of alternatives for the whole object, the first: another container may satisfy another. */
static void convert_any_pattern(struct object *object, struct str name, yyjson_val *list,
                                struct kyverno_rules *rules)
{
    if (!kyverno_mentions(list, STR("image"))) {
        object_note(object, list, CONVERT_NOT_CONVERTED, NO_IMAGES);
        return;
    }
    struct found found = {.shapes = rules->shapes};
    find_in(yyjson_arr_get_first(list), SHAPE_POD, &found);
    if (found.n == 0) {
        draft_by_hand(object, &rules->policy, name, list, UNKNOWN);
        return;
    }
    convert_pattern(object, name, yyjson_arr_get_first(list), rules);
    object_note(object, list, CONVERT_STRICTER, "of the alternatives, the first counts");
}

/* -- for each container -- */

unsigned kyverno_listed_kinds(struct str list)
{
    unsigned kinds = 0;
    struct str rest = list;
    kinds |= contains(rest, STR("initContainers")) ? (unsigned)INIT : 0;
    kinds |= contains(rest, STR("ephemeralContainers")) ? (unsigned)EPHEMERAL : 0;
    static const char *const PLAIN[] = {".containers", "[containers", " containers", ",containers"};
    for (size_t i = 0; i < sizeof PLAIN / sizeof PLAIN[0]; i++) {
        kinds |= contains(rest, str_from(PLAIN[i])) ? (unsigned)CONTAINERS : 0;
    }
    return kinds;
}

static void convert_each(struct object *object, struct str name, yyjson_val *each,
                         struct kyverno_rules *rules)
{
    yyjson_val *pattern = json_get(each, "pattern"), *deny = json_get(each, "deny");
    bool about = kyverno_mentions(each, STR("image")) || kyverno_mentions(deny, STR("element"));
    if (!about) {
        object_note(object, each, CONVERT_NOT_CONVERTED, NO_IMAGES);
    } else if (kyverno_listed_kinds(json_str(json_get(each, "list"))) == 0) {
        draft_by_hand(object, &rules->policy, name, each, UNKNOWN);
    } else if (pattern != NULL) {
        struct found found = {.kinds = 0};
        find_in_container(pattern, ALL_KINDS, &found);
        if (found.n == 0 && found.hard == NULL) {
            found.hard = pattern;
        }
        write_found(object, name, pattern, &found, rules);
    } else if (deny != NULL) {
        kyverno_deny(object, name, deny, rules);
    } else {
        draft_by_hand(object, &rules->policy, name, each, UNKNOWN);
    }
    if (json_get(each, "preconditions") != NULL) {
        object_note(object, json_get(each, "preconditions"), CONVERT_STRICTER,
                    "preconditions cannot be written: the demand counts without them");
    }
}

static void convert_foreach(struct object *object, struct str name, yyjson_val *list,
                            struct kyverno_rules *rules)
{
    size_t i, n, before = rules->policy.n_rules;
    yyjson_val *each;
    unsigned kinds = 0;
    yyjson_arr_foreach(list, i, n, each)
    {
        yyjson_val *demand = json_get(each, "pattern");
        demand = demand != NULL ? demand : json_get(each, "deny");
        bool again = false;
        for (size_t j = 0; demand != NULL && j < i; j++) {
            yyjson_val *other = yyjson_arr_get(list, j);
            yyjson_val *same = json_get(other, "pattern");
            same = same != NULL ? same : json_get(other, "deny");
            again = again || (same != NULL && yyjson_equals(same, demand));
        }
        unsigned listed = kyverno_listed_kinds(json_str(json_get(each, "list")));
        kinds |= listed;
        if (!again || listed == 0) {
            convert_each(object, name, each, rules);
        }
    }
    bool wrote = rules->policy.n_rules > before || rules->tag_at != NULL;
    if (wrote && (rules->shapes & ~(unsigned)SHAPE_POD) != 0) {
        object_note(object, list, CONVERT_STRICTER,
                    "what was written finds the containers of all kinds, wherever they are");
    }
    if (wrote && kinds != ALL_KINDS) {
        object_note(object, list, CONVERT_STRICTER,
                    "what was written judges all containers, init and ephemeral ones too");
    }
}

void kyverno_validate(struct object *object, struct str name, yyjson_val *validate,
                      struct kyverno_rules *rules)
{
    static const char *const KNOWN[] = {"message",
                                        "pattern",
                                        "anyPattern",
                                        "foreach",
                                        "deny",
                                        "failureAction",
                                        "failureActionOverrides",
                                        "allowExistingViolations",
                                        NULL};
    size_t before = rules->policy.n_rules;
    yyjson_val *pattern = json_get(validate, "pattern"), *other = object_unknown(validate, KNOWN);
    if (pattern != NULL) {
        convert_pattern(object, name, pattern, rules);
    }
    if (json_get(validate, "anyPattern") != NULL) {
        convert_any_pattern(object, name, json_get(validate, "anyPattern"), rules);
    }
    if (json_get(validate, "foreach") != NULL) {
        convert_foreach(object, name, json_get(validate, "foreach"), rules);
    }
    if (json_get(validate, "deny") != NULL) {
        yyjson_val *deny = json_get(validate, "deny");
        bool about = kyverno_mentions(deny, STR("image")) ||
                     kyverno_mentions(deny, STR("container")) ||
                     json_get(deny, "conditions") == NULL;
        if (about) {
            kyverno_deny(object, name, deny, rules);
        } else {
            object_note(object, deny, CONVERT_NOT_CONVERTED, NO_IMAGES);
        }
    }
    if (other != NULL &&
        (kyverno_mentions(other, STR("image")) || kyverno_mentions(other, STR("container")))) {
        draft_by_hand(object, &rules->policy, name, other, UNKNOWN);
    } else if (other != NULL) {
        object_note(object, other, CONVERT_NOT_CONVERTED, NO_IMAGES);
    }
    kyverno_add_message(rules, before, json_get(validate, "message"));
}

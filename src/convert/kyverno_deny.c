/* Kyverno: deny.conditions about images. */
#include "convert/kyverno.h"

#define UNKNOWN "a condition of a form that is not known"

/* What a condition looks at. */
enum field { FIELD_UNKNOWN, FIELD_TEXT, FIELD_REGISTRY, FIELD_NAME, FIELD_TAG, FIELD_DIGEST };

static bool contains(struct str text, struct str word)
{
    for (size_t i = 0; i + word.n <= text.n; i++) {
        if (str_eq(str_sub(text, i, i + word.n), word)) {
            return true;
        }
    }
    return false;
}

/* `{{ element.image }}` without braces and spaces; empty if it is anything else. */
static struct str expression(struct str key)
{
    struct str text = str_trim(key);
    if (!str_starts(text, STR("{{")) || !str_ends(text, STR("}}"))) {
        return STR_EMPTY;
    }
    text = str_trim(str_sub(text, 2, text.n - 2));
    return contains(text, STR("{{")) || contains(text, STR("||")) ? STR_EMPTY : text;
}

/* "images.….registry" has this end, with or without brackets. */
static bool ends_in(struct str text, const char *field)
{
    struct str end = str_from(field);
    if (str_ends(text, STR("[]"))) {
        text = str_sub(text, 0, text.n - 2);
    }
    return str_ends(text, end) && text.n > end.n && text.p[text.n - end.n - 1] == '.';
}

/* *ret_many: the key is a list over containers. */
static enum field field_of(struct str key, bool *ret_many)
{
    struct str text = expression(key);
    *ret_many = false;
    if (str_eq(text, STR("element.image"))) {
        return FIELD_TEXT;
    }
    static const struct {
        const char *name;
        enum field field;
    } FIELDS[] = {{"registry", FIELD_REGISTRY},
                  {"name", FIELD_NAME},
                  {"tag", FIELD_TAG},
                  {"digest", FIELD_DIGEST}};
    bool plain = str_find(text, '(') == text.n && str_find(text, '|') == text.n;
    *ret_many = true;
    for (size_t i = 0; plain && i < sizeof FIELDS / sizeof FIELDS[0]; i++) {
        if (str_starts(text, STR("images.")) && contains(text, STR("*")) &&
            ends_in(text, FIELDS[i].name)) {
            return FIELDS[i].field;
        }
    }
    bool images = str_starts(text, STR("request.object.spec.")) && plain &&
                  contains(text, STR("ontainers")) && ends_in(text, "image");
    return images ? FIELD_TEXT : FIELD_UNKNOWN;
}

/* Whether it denies what matches, or what does not. */
enum sense { SENSE_UNKNOWN, DENIES_MATCH, DENIES_OTHERS };

static enum sense sense_of(struct str operator, bool many, bool *ret_exact)
{
    static const struct {
        const char *name;
        enum sense sense;
        bool exact_on_lists;
    } OPERATORS[] = {
        {"Equals", DENIES_MATCH, false},    {"Equal", DENIES_MATCH, false},
        {"AnyIn", DENIES_MATCH, true},      {"AllIn", DENIES_MATCH, false},
        {"In", DENIES_MATCH, false},        {"NotEquals", DENIES_OTHERS, false},
        {"NotEqual", DENIES_OTHERS, false}, {"AnyNotIn", DENIES_OTHERS, true},
        {"AllNotIn", DENIES_OTHERS, false}, {"NotIn", DENIES_OTHERS, false},
    };
    for (size_t i = 0; i < sizeof OPERATORS / sizeof OPERATORS[0]; i++) {
        if (str_eq(operator, str_from(OPERATORS[i].name))) {
            *ret_exact = !many || OPERATORS[i].exact_on_lists;
            return OPERATORS[i].sense;
        }
    }
    return SENSE_UNKNOWN;
}

/* The globs of one value. */
static void add_value(struct object *object, enum field field, yyjson_val *value,
                      struct draft_globs *globs)
{
    struct arena *arena = object->arena;
    struct str text = json_str(value);
    switch (field) {
    case FIELD_TEXT:
        draft_globs_add(object, globs, glob_of_stars(arena, text, GLOB_TEXT_WRITTEN), value);
        break;
    case FIELD_REGISTRY: {
        struct str registry = arena_printf(arena, "%.*s/**", STR_ARG(text));
        draft_globs_add(object, globs, glob_of_segments(arena, registry, GLOB_TEXT_NORMAL), value);
        break;
    }
    case FIELD_NAME:
    case FIELD_TAG: {
        const char *before = field == FIELD_NAME ? "*/" : "*:";
        const char *const after[] = {field == FIELD_NAME ? ":*" : "", "@*"};
        for (size_t i = 0; i < 2; i++) {
            struct str whole = arena_printf(arena, "%s%.*s%s", before, STR_ARG(text), after[i]);
            draft_globs_add(object, globs,
                            glob_of_stars(arena, whole,
                                          field == FIELD_NAME ? GLOB_TEXT_PINNED : GLOB_TEXT_FULL),
                            value);
        }
        break;
    }
    case FIELD_DIGEST:
    case FIELD_UNKNOWN:
        break;
    }
}

struct condition {
    enum field field;
    enum sense sense;
    bool exact, many;
    bool digest; /* digest: it denies images without one */
    struct draft_globs globs;
    yyjson_val *at;
};

static bool is_fixed(yyjson_val *value)
{
    return yyjson_is_str(value) && !contains(json_str(value), STR("{{"));
}

/* True if Kyverno compares a list as a whole, with a text or with another list: it denies then for
 * every image or for none. */
static bool compares_lists(yyjson_val *value, bool many)
{
    struct str operator= json_str(json_get(value, "operator"));
    bool equals = str_ends(operator, STR("Equals")) || str_ends(operator, STR("Equal"));
    bool in = str_eq(operator, STR("In")) || str_eq(operator, STR("NotIn"));
    return equals ? many || !yyjson_is_str(json_get(value, "value")) : in && many;
}

/* Returns false if the condition is of no known form. */
static bool read_condition(struct object *object, yyjson_val *value, struct condition *condition)
{
    bool many;
    yyjson_val *wanted = json_get(value, "value"), *one;
    *condition = (struct condition){.at = value};
    condition->field = field_of(json_str(json_get(value, "key")), &many);
    condition->many = many;
    condition->sense = sense_of(json_str(json_get(value, "operator")), many, &condition->exact);
    if (condition->field == FIELD_UNKNOWN || condition->sense == SENSE_UNKNOWN ||
        compares_lists(value, many)) {
        return false;
    }
    if (condition->field == FIELD_DIGEST) {
        condition->digest =
            yyjson_is_str(wanted) && json_str(wanted).n == 0 && condition->sense == DENIES_MATCH;
        return condition->digest;
    }
    if (is_fixed(wanted)) {
        add_value(object, condition->field, wanted, &condition->globs);
        return true;
    }
    size_t i, n;
    yyjson_arr_foreach(wanted, i, n, one)
    {
        if (!is_fixed(one)) {
            return false;
        }
        add_value(object, condition->field, one, &condition->globs);
    }
    return condition->globs.n > 0;
}

/* An operation that is always so where images are judged. */
static bool is_always_true(yyjson_val *value)
{
    return str_eq(expression(json_str(json_get(value, "key"))), STR("request.operation")) &&
           str_eq(json_str(json_get(value, "operator")), STR("NotEquals")) &&
           str_eq(json_str(json_get(value, "value")), STR("DELETE"));
}

static void write_condition(struct object *object, struct str name,
                            const struct condition *condition, struct kyverno_rules *rules)
{
    if (condition->digest) {
        (void)draft_rule_item(object, &rules->policy, "require", name, "digest");
    } else if (condition->sense == DENIES_MATCH) {
        draft_deny(object, &rules->policy, name, &condition->globs);
    } else {
        draft_allow(object, &rules->policy, name, &condition->globs);
    }
    if (condition->many &&
        kyverno_listed_kinds(json_str(json_get(condition->at, "key"))) != KYVERNO_ALL_KINDS) {
        object_note(object, condition->at, CONVERT_STRICTER,
                    "what was written judges all containers, init and ephemeral ones too");
    }
    if (!condition->exact) {
        object_note(object, condition->at, CONVERT_STRICTER,
                    "what it says of all images together is demanded of each");
    }
}

/* Each condition denies by itself. */
static void convert_any(struct object *object, struct str name, yyjson_val *list,
                        struct kyverno_rules *rules)
{
    size_t i, n;
    yyjson_val *value;
    yyjson_arr_foreach(list, i, n, value)
    {
        struct condition condition;
        if (read_condition(object, value, &condition)) {
            write_condition(object, name, &condition, rules);
        } else {
            draft_by_hand(object, &rules->policy, name, value, UNKNOWN);
        }
    }
}

/* All must hold to deny: an image in any of several lists is admitted; of other conditions one
 * alone denies more. */
static void convert_all(struct object *object, struct str name, yyjson_val *list,
                        struct kyverno_rules *rules)
{
    struct condition all = {.sense = SENSE_UNKNOWN}, one;
    const yyjson_val *left_out = NULL;
    size_t i, n;
    yyjson_val *value;
    yyjson_arr_foreach(list, i, n, value)
    {
        if (is_always_true(value)) {
            continue;
        }
        bool known = read_condition(object, value, &one);
        bool joins = known && all.sense == DENIES_OTHERS && one.sense == DENIES_OTHERS &&
                     all.exact && one.exact;
        if (known && all.sense == SENSE_UNKNOWN && !all.digest) {
            all = one;
        } else if (joins) {
            for (size_t j = 0; j < one.globs.n; j++) {
                draft_globs_add(object, &all.globs, one.globs.items[j].glob, one.globs.items[j].at);
            }
        } else {
            left_out = value;
        }
    }
    if (all.sense != SENSE_UNKNOWN && left_out != NULL) {
        object_note(object, left_out, CONVERT_STRICTER,
                    "a further condition of a denial was left out: more is denied");
    }
    if (all.sense == SENSE_UNKNOWN) {
        draft_by_hand(object, &rules->policy, name, list, UNKNOWN);
    } else {
        write_condition(object, name, &all, rules);
    }
}

void kyverno_deny(struct object *object, struct str name, yyjson_val *deny,
                  struct kyverno_rules *rules)
{
    yyjson_val *conditions = json_get(deny, "conditions");
    yyjson_val *any = json_get(conditions, "any");
    yyjson_val *all = yyjson_is_arr(conditions) ? conditions : json_get(conditions, "all");
    if (conditions == NULL) {
        (void)draft_rule_item(object, &rules->policy, "deny", name, "**");
    } else if (any != NULL && all == NULL) {
        convert_any(object, name, any, rules);
    } else if (all != NULL) {
        convert_all(object, name, all, rules);
        if (any != NULL) {
            object_note(object, any, CONVERT_STRICTER,
                        "further conditions of a denial were left out: more is denied");
        }
    } else {
        draft_by_hand(object, &rules->policy, name, deny, UNKNOWN);
    }
}

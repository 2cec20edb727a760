/* Label selectors of Kubernetes. */
#include "base/buf.h"
#include "base/limits.h"
#include "convert/source.h"

enum { LABEL_MAX = 63 };

static bool is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_name(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        bool inner = i > 0 && i + 1 < s.n && (s.p[i] == '-' || s.p[i] == '_' || s.p[i] == '.');
        if (!is_alnum(s.p[i]) && !inner) {
            return false;
        }
    }
    return s.n <= LABEL_MAX;
}

static bool is_key(struct str key)
{
    struct str domain, name;
    if (!str_cut(key, '/', &domain, &name)) {
        return key.n > 0 && is_name(key);
    }
    for (size_t i = 0; i < domain.n; i++) {
        char c = domain.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
              (i > 0 && i + 1 < domain.n && (c == '-' || c == '.')))) {
            return false;
        }
    }
    return domain.n > 0 && domain.n <= 253 && name.n > 0 && is_name(name);
}

/* {key: "team", operator: In, values: ["a","b"]} */
static struct str requirement(struct arena *arena, struct str key, const char *operator,
                              const struct texts * values)
{
    buf_auto buf;
    buf_init(&buf, LIMIT_POLICY_FILE);
    buf_add_cstr(&buf, "{key: ");
    buf_add_json(&buf, key);
    buf_printf(&buf, ", operator: %s", operator);
    for (size_t i = 0; i < values->n; i++) {
        buf_add_cstr(&buf, i == 0 ? ", values: [" : ", ");
        buf_add_json(&buf, values->items[i]);
    }
    buf_add_cstr(&buf, values->n > 0 ? "]}" : "}");
    return arena_dup(arena, buf_str(&buf));
}

static const char *operator_of(struct str text, bool negated, bool *ret_takes_values)
{
    static const struct {
        const char *name, *negated;
        bool takes_values;
    } OPERATORS[] = {{"In", "NotIn", true},
                     {"NotIn", "In", true},
                     {"Exists", "DoesNotExist", false},
                     {"DoesNotExist", "Exists", false}};
    for (size_t i = 0; i < sizeof OPERATORS / sizeof OPERATORS[0]; i++) {
        if (str_eq(text, str_from(OPERATORS[i].name))) {
            *ret_takes_values = OPERATORS[i].takes_values;
            return negated ? OPERATORS[i].negated : OPERATORS[i].name;
        }
    }
    return NULL;
}

static bool read_values(struct object *object, yyjson_val *list, struct texts *values)
{
    size_t i, n;
    yyjson_val *value;
    yyjson_arr_foreach(list, i, n, value)
    {
        if (!yyjson_is_str(value) || !is_name(json_str(value))) {
            return false;
        }
        texts_add(object->arena, values, json_str(value));
    }
    return true;
}

/* One of matchExpressions. */
static bool add_expression(struct object *object, yyjson_val *value, bool negated,
                           struct texts *list)
{
    struct texts values = {0};
    bool takes_values = false;
    struct str key = json_str(json_get(value, "key"));
    const char *operator=
        operator_of(json_str(json_get(value, "operator")), negated, &takes_values);
    if (operator== NULL || !is_key(key) ||
        !read_values(object, json_get(value, "values"), &values) ||
        (values.n > 0) != takes_values) {
        return false;
    }
    texts_add(object->arena, list, requirement(object->arena, key, operator, & values));
    return true;
}

static bool add_label(struct object *object, yyjson_val *key, yyjson_val *value, bool negated,
                      struct texts *list)
{
    struct str text = json_str(value);
    struct texts values = {&text, 1, 1};
    if (!yyjson_is_str(value) || !is_name(text) || !is_key(json_str(key))) {
        return false;
    }
    texts_add(object->arena, list,
              requirement(object->arena, json_str(key), negated ? "NotIn" : "In", &values));
    return true;
}

bool selector_add(struct object *object, yyjson_val *selector, struct texts *list)
{
    static const char *const KNOWN[] = {"matchLabels", "matchExpressions", NULL};
    size_t i, n;
    yyjson_val *key, *value;
    bool sound = object_unknown(selector, KNOWN) == NULL;
    yyjson_obj_foreach(json_get(selector, "matchLabels"), i, n, key, value)
    {
        sound = add_label(object, key, value, false, list) && sound;
    }
    yyjson_arr_foreach(json_get(selector, "matchExpressions"), i, n, value)
    {
        sound = add_expression(object, value, false, list) && sound;
    }
    return sound;
}

void selector_widen(struct object *object, yyjson_val *selector, struct texts *list)
{
    if (!selector_add(object, selector, list)) {
        object_note(
            object, selector, CONVERT_STRICTER,
            "a part of the selector cannot be written; the policy applies without it, to more");
    }
}

bool selector_add_negated(struct object *object, yyjson_val *selector, struct texts *list)
{
    yyjson_val *labels = json_get(selector, "matchLabels");
    yyjson_val *expressions = json_get(selector, "matchExpressions");
    static const char *const KNOWN[] = {"matchLabels", "matchExpressions", NULL};
    if (yyjson_obj_size(labels) + yyjson_arr_size(expressions) != 1 ||
        object_unknown(selector, KNOWN) != NULL) {
        return false; /* "not both" is no conjunction */
    }
    if (yyjson_obj_size(labels) == 1) {
        yyjson_obj_iter iter = yyjson_obj_iter_with(labels);
        yyjson_val *key = yyjson_obj_iter_next(&iter);
        return add_label(object, key, yyjson_obj_iter_get_val(key), true, list);
    }
    return add_expression(object, yyjson_arr_get_first(expressions), true, list);
}

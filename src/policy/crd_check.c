#include "base/limits.h"
#include "policy/compile.h"
#include "policy/crd.h"

bool policy_is_kind(struct str kind)
{
    return policy_fields(kind) != NULL;
}

/* Items of all lists in `value`, up to a few more than `max`. Documents are LIMIT_JSON_DEPTH deep
 * at most. */
static size_t count_items(yyjson_val *value, size_t max)
{
    size_t i, n, items = yyjson_is_arr(value) ? yyjson_arr_size(value) : 0;
    yyjson_val *key, *item;
    if (yyjson_is_arr(value)) {
        for (yyjson_arr_iter iter = yyjson_arr_iter_with(value);
             items <= max && (item = yyjson_arr_iter_next(&iter)) != NULL;) {
            items += count_items(item, max);
        }
    }
    yyjson_obj_foreach(value, i, n, key, item)
    {
        items += items <= max ? count_items(item, max) : 0;
    }
    return items;
}

bool policy_object_is_too_large(const struct json_doc *doc, struct diagnostics *list)
{
    yyjson_val *spec = json_get(doc->root, "spec");
    if (count_items(spec, LIMIT_POLICY_OBJECT_ITEMS) <= LIMIT_POLICY_OBJECT_ITEMS) {
        return false;
    }
    diagnostics_add(list, DIAGNOSTIC_ERROR, json_mark(doc, spec), STR("spec"), STR_EMPTY,
                    "the lists of a policy in a cluster have at most %u items together; make "
                    "several policies of it",
                    LIMIT_POLICY_OBJECT_ITEMS);
    return true;
}

void policy_check_object(const struct json_doc *doc, yyjson_val *object, int64_t now,
                         struct diagnostics *list)
{
    struct json_doc part = *doc; /* borrows; marks are looked up by the place in the tree */
    part.root = object;
    if (policy_object_is_too_large(&part, list)) {
        return;
    }
    const struct policy_options options = {.now = now};
    struct policy_set *set = policy_set_new(&options);
    struct compile compile = {.set = set, .list = list, .doc = &part};
    policy_compile(&compile);
    policy_set_unref(set);
    diagnostics_sort(list);
}

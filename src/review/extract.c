#include "review/extract.h"

/* -- by path -- */

struct walk {
    struct image_list *list;
    const struct kind_route *route;
    enum strictness strictness;
};

static status walk_from(const struct walk *walk, size_t step, yyjson_val *value,
                        const struct place *place, struct error *err);

static status walk_end(const struct walk *walk, yyjson_val *value, const struct place *place,
                       struct error *err)
{
    if (!walk->route->image) {
        return pod_spec_read(walk->list, walk->strictness, value, place, err);
    }
    struct image_spot spot = {.value = value, .place = place, .role = IMAGE_CUSTOM};
    return image_list_add(walk->list, walk->strictness, &spot, err);
}

static status walk_items(const struct walk *walk, size_t step, yyjson_val *value,
                         const struct place *place, struct error *err)
{
    if (!yyjson_is_arr(value)) {
        return wrong_type(err, place, "a list", value);
    }
    size_t index, n;
    yyjson_val *item;
    yyjson_arr_foreach(value, index, n, item)
    {
        TRY(walk_from(walk, step + 1, item, PLACE_ITEM(place, index), err));
    }
    return OK;
}

static status walk_members(const struct walk *walk, size_t step, yyjson_val *value,
                           const struct place *place, struct error *err)
{
    size_t index, n;
    yyjson_val *key, *member;
    yyjson_obj_foreach(value, index, n, key, member)
    {
        TRY(walk_from(walk, step + 1, member, PLACE_MEMBER(place, json_str(key)), err));
    }
    return OK;
}

/* Follow the route from `step` on. Recursion is as deep as the route is long, and no deeper than
 * the document, for each step goes down by one value. */
static status walk_from(const struct walk *walk, size_t step, yyjson_val *value,
                        const struct place *place, struct error *err)
{
    if (is_absent(value) && walk->strictness == TOLERANT) {
        return OK;
    }
    if (step == walk->route->n) {
        return walk_end(walk, value, place, err);
    }
    const struct kind_step *next = &walk->route->steps[step];
    if (next->type == KIND_STEP_EACH_ITEM) {
        return walk_items(walk, step, value, place, err);
    }
    if (!yyjson_is_obj(value)) {
        return wrong_type(err, place, "an object", value);
    }
    if (next->type == KIND_STEP_EACH_MEMBER) {
        return walk_members(walk, step, value, place, err);
    }
    yyjson_val *member = yyjson_obj_getn(value, next->key.p, next->key.n);
    return walk_from(walk, step + 1, member, PLACE_MEMBER(place, next->key), err);
}

/* -- by content -- */

/* Read whatever looks like a pod spec in `value` and below, but for the object's own metadata: what
 * stands there is Kubernetes' and runs nothing. */
static status search(struct image_list *list, yyjson_val *value, const struct place *place,
                     unsigned depth, struct error *err)
{
    if (depth == 0) {
        return error_set(err, ERROR_INPUT, "the object nests deeper than %u levels",
                         LIMIT_JSON_DEPTH);
    }
    if (pod_spec_is(value)) {
        TRY(pod_spec_read(list, TOLERANT, value, place, err));
    }
    size_t index, n;
    yyjson_val *key, *child;
    yyjson_obj_foreach(value, index, n, key, child)
    {
        bool skip = !yyjson_is_ctn(child) || (place == NULL && yyjson_equals_str(key, "metadata"));
        if (!skip) {
            TRY(search(list, child, PLACE_MEMBER(place, json_str(key)), depth - 1, err));
        }
    }
    yyjson_arr_foreach(value, index, n, child)
    {
        if (yyjson_is_ctn(child)) {
            TRY(search(list, child, PLACE_ITEM(place, index), depth - 1, err));
        }
    }
    return OK;
}

status extract_images(const struct kind_info *info, yyjson_val *object, struct image_list *list,
                      struct error *err)
{
    for (size_t i = 0; i < info->n; i++) {
        struct walk walk = {
            .list = list,
            .route = &info->routes[i],
            .strictness = info->built_in ? STRICT : TOLERANT,
        };
        TRY(walk_from(&walk, 0, object, NULL, err));
    }
    if (info->built_in || info->paths_only) {
        return OK;
    }
    return search(list, object, NULL, LIMIT_JSON_DEPTH, err);
}

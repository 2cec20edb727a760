#include "review/extract.h"

/* -- by path -- */

struct walk {
    struct image_list *list;
    const struct kind_route *route;
    enum strictness strictness;
};

static void walk_from(const struct walk *walk, size_t step, yyjson_val *value,
                      const struct place *place);

static void walk_end(const struct walk *walk, yyjson_val *value, const struct place *place)
{
    if (!walk->route->image) {
        pod_spec_read(walk->list, walk->strictness, value, place);
        return;
    }
    struct image_spot spot = {.value = value, .place = place, .role = IMAGE_CUSTOM};
    image_list_add(walk->list, walk->strictness, &spot);
}

static void walk_items(const struct walk *walk, size_t step, yyjson_val *value,
                       const struct place *place)
{
    if (!yyjson_is_arr(value)) {
        image_list_wrong_type(walk->list, place, "a list", value);
        return;
    }
    size_t index, n;
    yyjson_val *item;
    yyjson_arr_foreach(value, index, n, item)
    {
        walk_from(walk, step + 1, item, PLACE_ITEM(place, index));
    }
}

static void walk_members(const struct walk *walk, size_t step, yyjson_val *value,
                         const struct place *place)
{
    size_t index, n;
    yyjson_val *key, *member;
    yyjson_obj_foreach(value, index, n, key, member)
    {
        walk_from(walk, step + 1, member, PLACE_MEMBER(place, json_str(key)));
    }
}

/* Follow the route from `step` on. Recursion is as deep as the route is long, and no deeper than
 * the document, for each step goes down by one value. */
static void walk_from(const struct walk *walk, size_t step, yyjson_val *value,
                      const struct place *place)
{
    if (is_absent(value) && walk->strictness == TOLERANT) {
        return;
    }
    if (step == walk->route->n) {
        walk_end(walk, value, place);
        return;
    }
    const struct kind_step *next = &walk->route->steps[step];
    if (next->type == KIND_STEP_EACH_ITEM) {
        walk_items(walk, step, value, place);
    } else if (!yyjson_is_obj(value)) {
        image_list_wrong_type(walk->list, place, "an object", value);
    } else if (next->type == KIND_STEP_EACH_MEMBER) {
        walk_members(walk, step, value, place);
    } else {
        yyjson_val *member = yyjson_obj_getn(value, next->key.p, next->key.n);
        walk_from(walk, step + 1, member, PLACE_MEMBER(place, next->key));
    }
}

/* -- by content -- */

/* Read whatever looks like a pod spec in `value` and below, but for the object's own metadata: what
 * stands there is Kubernetes' and runs nothing. */
static void search(struct image_list *list, yyjson_val *value, const struct place *place,
                   unsigned depth)
{
    if (depth == 0) {
        image_list_wrong(list, NULL, "nests deeper than %u levels", LIMIT_JSON_DEPTH);
        return;
    }
    if (pod_spec_is(value)) {
        pod_spec_read(list, TOLERANT, value, place);
    }
    size_t index, n;
    yyjson_val *key, *child;
    yyjson_obj_foreach(value, index, n, key, child)
    {
        bool skip = !yyjson_is_ctn(child) || (place == NULL && yyjson_equals_str(key, "metadata"));
        if (!skip) {
            search(list, child, PLACE_MEMBER(place, json_str(key)), depth - 1);
        }
    }
    yyjson_arr_foreach(value, index, n, child)
    {
        if (yyjson_is_ctn(child)) {
            search(list, child, PLACE_ITEM(place, index), depth - 1);
        }
    }
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
        walk_from(&walk, 0, object, NULL);
    }
    if (!info->built_in && !info->paths_only) {
        search(list, object, NULL, LIMIT_JSON_DEPTH);
    }
    return image_list_status(list, err);
}

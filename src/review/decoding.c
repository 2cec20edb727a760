#include "review/decoding.h"

struct review review_empty(enum review_api api)
{
    return (struct review){
        .api = api,
        .uid = STR_EMPTY,
        .group = STR_EMPTY,
        .version = STR_EMPTY,
        .kind = STR_EMPTY,
        .subresource = STR_EMPTY,
        .name = STR_EMPTY,
        .namespace = STR_EMPTY,
        .user = STR_EMPTY,
        .problem = STR_EMPTY,
    };
}

void decoding_run(struct decoding *d, const decoding_step *steps, size_t n)
{
    struct error err = {0};
    for (size_t i = 0; i < n; i++) {
        if (failed(steps[i](d, &err)) && d->review->problem.n == 0) {
            d->review->problem = arena_dup(d->arena, str_from(err.text));
        }
    }
}

/* -- metadata -- */

static bool is_labels(yyjson_val *labels)
{
    size_t index, n;
    yyjson_val *key, *value;
    if (!yyjson_is_obj(labels)) {
        return false;
    }
    yyjson_obj_foreach(labels, index, n, key, value)
    {
        if (!yyjson_is_str(value)) {
            return false;
        }
    }
    return true;
}

yyjson_val *decoding_labels(yyjson_val *object)
{
    yyjson_val *labels = json_get(json_get(object, "metadata"), "labels");
    return is_labels(labels) ? labels : NULL;
}

/* Spec: apimachinery meta/v1 ObjectMeta. */
status decoding_metadata(struct decoding *d, struct error *err)
{
    struct review *review = d->review;
    yyjson_val *metadata = json_get(review->object, "metadata");
    const struct place *place = PLACE_MEMBER(NULL, STR("metadata"));
    if (is_absent(metadata)) {
        return OK;
    }
    if (!yyjson_is_obj(metadata)) {
        return wrong_type(err, place, "an object", metadata);
    }
    review->deleting = !is_absent(json_get(metadata, "deletionTimestamp"));

    yyjson_val *labels = json_get(metadata, "labels");
    if (!is_absent(labels) && !is_labels(labels)) {
        return error_set(err, ERROR_INPUT, "metadata.labels must be an object of strings");
    }
    review->labels = decoding_labels(review->object);

    struct str name, prefix;
    TRY(read_name(json_get(metadata, "name"), PLACE_MEMBER(place, STR("name")), &name, err));
    TRY(read_name(json_get(metadata, "generateName"), PLACE_MEMBER(place, STR("generateName")),
                  &prefix, err));
    if (review->name.n == 0) {
        review->name = name.n > 0 ? name : prefix;
    }
    return OK;
}

/* -- images -- */

void decoding_keep_images(struct decoding *d, const struct image_list *list)
{
    struct review_image *images = ARENA_ARRAY(d->arena, struct review_image, list->n);
    for (size_t i = 0; i < list->n; i++) {
        images[i] = list->items[i].image;
    }
    d->review->images = images;
    d->review->n_images = list->n;
}

static bool same(yyjson_val *a, yyjson_val *b);

/* The same members in the same order, as the API server writes both objects; so the time is linear,
 * whatever someone else sends. */
static bool same_members(yyjson_val *a, yyjson_val *b, const char *but)
{
    yyjson_obj_iter in_a = yyjson_obj_iter_with(a), in_b = yyjson_obj_iter_with(b);
    yyjson_val *key, *other;
    while ((key = yyjson_obj_iter_next(&in_a)) != NULL) {
        other = yyjson_obj_iter_next(&in_b);
        bool passed = but != NULL && yyjson_equals_str(key, but);
        if (!str_eq(json_str(key), json_str(other)) ||
            (!passed && !same(yyjson_obj_iter_get_val(key), yyjson_obj_iter_get_val(other)))) {
            return false;
        }
    }
    return true;
}

static bool same_items(yyjson_val *a, yyjson_val *b)
{
    yyjson_arr_iter in_a = yyjson_arr_iter_with(a), in_b = yyjson_arr_iter_with(b);
    yyjson_val *item;
    while ((item = yyjson_arr_iter_next(&in_a)) != NULL) {
        if (!same(item, yyjson_arr_iter_next(&in_b))) {
            return false;
        }
    }
    return true;
}

/* Recursion is as deep as the document. */
static bool same(yyjson_val *a, yyjson_val *b)
{
    if (yyjson_get_tag(a) != yyjson_get_tag(b) || yyjson_get_len(a) != yyjson_get_len(b)) {
        return false;
    }
    return yyjson_is_obj(a)   ? same_members(a, b, NULL)
           : yyjson_is_arr(a) ? same_items(a, b)
                              : yyjson_equals(a, b);
}

/* Is what the old object says of its kind, if anything, what the review says? */
static bool is_old_of_kind(const struct decoding *d)
{
    yyjson_val *kind = json_get(d->old_object, "kind");
    yyjson_val *api_version = json_get(d->old_object, "apiVersion");
    struct str group, version;
    if (!str_cut(json_str(api_version), '/', &group, &version)) {
        group = STR_EMPTY;
    }
    return (is_absent(kind) || str_eq(json_str(kind), d->review->kind)) &&
           (is_absent(api_version) ||
            (yyjson_is_str(api_version) && str_eq(group, d->review->group)));
}

/* Is this an UPDATE of an object that is being deleted, and of nothing but its metadata? Such are
 * the requests that remove finalizers. They bring in no image, whatever the object looks like. */
static bool only_lets_go(const struct decoding *d)
{
    yyjson_val *object = d->review->object;
    return d->review->deleting && d->old_object != NULL && is_old_of_kind(d) &&
           yyjson_obj_size(object) == yyjson_obj_size(d->old_object) &&
           same_members(object, d->old_object, "metadata");
}

static void compare_with_old(struct decoding *d, const struct kind_info *info,
                             struct image_list *list)
{
    struct image_list old = {.arena = d->arena};
    struct error err;
    if (failed(extract_images(info, d->old_object, &old, &err)) || !is_old_of_kind(d)) {
        old.n = 0; /* an old object that cannot be read, or is another, vouches for no image */
    }
    image_list_mark_unchanged(list, &old);
}

status decoding_images(struct decoding *d, struct error *err)
{
    const struct kind_info *info = kinds_find(d->kinds, d->review->group, d->review->kind);
    struct image_list list = {.arena = d->arena};
    if (d->review->object == NULL) {
        return OK;
    }
    status st = extract_images(info, d->review->object, &list, err);
    if (d->old_object != NULL) {
        compare_with_old(d, info, &list);
    }
    if (failed(st) && only_lets_go(d)) {
        for (size_t i = 0; i < list.n; i++) {
            list.items[i].image.unchanged = true;
        }
        st = OK;
    }
    decoding_keep_images(d, &list);
    return st;
}

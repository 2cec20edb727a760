#include "review/extract.h"

struct container_list {
    const char *key;
    enum image_role role;
};

/* In the order in which people read a pod spec. */
static const struct container_list LISTS[] = {
    {"containers", IMAGE_CONTAINER},
    {"initContainers", IMAGE_INIT_CONTAINER},
    {"ephemeralContainers", IMAGE_EPHEMERAL_CONTAINER},
};

enum { N_LISTS = sizeof LISTS / sizeof *LISTS };

bool pod_spec_is(yyjson_val *value)
{
    for (size_t i = 0; i < N_LISTS; i++) {
        yyjson_val *list = json_get(value, LISTS[i].key);
        size_t index, n;
        yyjson_val *item;
        yyjson_arr_foreach(list, index, n, item)
        {
            if (yyjson_is_str(json_get(item, "image"))) {
                return true;
            }
        }
    }
    return false;
}

/* Is there no list to read at `key`? What stands there and is no list is an error; so is null in a
 * pod spec of Kubernetes itself, where whoever reads it next may take null for something else. */
static status check_list(enum strictness strictness, bool required, yyjson_val *list,
                         const struct place *place, bool *ret_absent, struct error *err)
{
    *ret_absent = strictness == STRICT ? list == NULL && !required : is_absent(list);
    return *ret_absent || yyjson_is_arr(list) ? OK : wrong_type(err, place, "a list", list);
}

static status read_containers(struct image_list *list, enum strictness strictness, yyjson_val *spec,
                              const struct place *place, struct error *err)
{
    for (size_t i = 0; i < N_LISTS; i++) {
        yyjson_val *containers = json_get(spec, LISTS[i].key);
        const struct place *at = PLACE_MEMBER(place, str_from(LISTS[i].key));
        bool absent = false;
        TRY(check_list(strictness, LISTS[i].role == IMAGE_CONTAINER, containers, at, &absent, err));
        size_t index, n;
        yyjson_val *container;
        yyjson_arr_foreach(absent ? NULL : containers, index, n, container)
        {
            const struct place *item = PLACE_ITEM(at, index);
            if (!yyjson_is_obj(container)) {
                return wrong_type(err, item, "an object", container);
            }
            struct image_spot spot = {
                .value = json_get(container, "image"),
                .place = PLACE_MEMBER(item, STR("image")),
                .below_pod_spec = 3, /* containers, its index, image */
                .name = json_get(container, "name"),
                .role = LISTS[i].role,
            };
            TRY(image_list_add(list, strictness, &spot, err));
        }
    }
    return OK;
}

/* A volume with a member `image` is an image volume, whose reference is required in any Pod.
 * Spec: k8s.io/api core/v1 ImageVolumeSource. */
static status read_volume(struct image_list *list, yyjson_val *volume, const struct place *place,
                          struct error *err)
{
    if (!yyjson_is_obj(volume)) {
        return wrong_type(err, place, "an object", volume);
    }
    yyjson_val *image = json_get(volume, "image");
    const struct place *at = PLACE_MEMBER(place, STR("image"));
    if (is_absent(image)) {
        return OK;
    }
    if (!yyjson_is_obj(image)) {
        return wrong_type(err, at, "an object", image);
    }
    struct image_spot spot = {
        .value = json_get(image, "reference"),
        .place = PLACE_MEMBER(at, STR("reference")),
        .below_pod_spec = 4, /* volumes, its index, image, reference */
        .name = json_get(volume, "name"),
        .role = IMAGE_VOLUME,
    };
    return image_list_add(list, STRICT, &spot, err);
}

static status read_volumes(struct image_list *list, enum strictness strictness, yyjson_val *spec,
                           const struct place *place, struct error *err)
{
    yyjson_val *volumes = json_get(spec, "volumes");
    const struct place *at = PLACE_MEMBER(place, STR("volumes"));
    bool absent = false;
    TRY(check_list(strictness, false, volumes, at, &absent, err));
    size_t index, n;
    yyjson_val *volume;
    yyjson_arr_foreach(absent ? NULL : volumes, index, n, volume)
    {
        TRY(read_volume(list, volume, PLACE_ITEM(at, index), err));
    }
    return OK;
}

status pod_spec_read(struct image_list *list, enum strictness strictness, yyjson_val *spec,
                     const struct place *place, struct error *err)
{
    if (!yyjson_is_obj(spec)) {
        return wrong_type(err, place, "an object", spec);
    }
    TRY(read_containers(list, strictness, spec, place, err));
    return read_volumes(list, strictness, spec, place, err);
}

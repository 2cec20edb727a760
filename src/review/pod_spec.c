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

static bool has_image_volume(yyjson_val *value)
{
    size_t index, n;
    yyjson_val *volume;
    yyjson_arr_foreach(json_get(value, "volumes"), index, n, volume)
    {
        if (yyjson_is_str(json_get(json_get(volume, "image"), "reference"))) {
            return true;
        }
    }
    return false;
}

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
    return has_image_volume(value);
}

/* True if there is a list to read. What stands there and is no list is wrong; so is null in a pod
 * spec of Kubernetes itself, where whoever reads it next may take null for something else. */
static bool is_list(struct image_list *list, enum strictness strictness, bool required,
                    yyjson_val *value, const struct place *place)
{
    bool may_lack = strictness == STRICT ? value == NULL && !required : is_absent(value);
    if (!yyjson_is_arr(value) && !may_lack) {
        image_list_wrong_type(list, place, "a list", value);
    }
    return yyjson_is_arr(value);
}

static void read_container(struct image_list *list, enum strictness strictness,
                           enum image_role role, yyjson_val *container, const struct place *place)
{
    if (!yyjson_is_obj(container)) {
        image_list_wrong_type(list, place, "an object", container);
        return;
    }
    struct image_spot spot = {
        .value = json_get(container, "image"),
        .place = PLACE_MEMBER(place, STR("image")),
        .below_pod_spec = 3, /* containers, its index, image */
        .name = json_get(container, "name"),
        .role = role,
    };
    image_list_add(list, strictness, &spot);
}

static void read_containers(struct image_list *list, enum strictness strictness, yyjson_val *spec,
                            const struct place *place)
{
    for (size_t i = 0; i < N_LISTS; i++) {
        yyjson_val *containers = json_get(spec, LISTS[i].key);
        const struct place *at = PLACE_MEMBER(place, str_from(LISTS[i].key));
        bool required = LISTS[i].role == IMAGE_CONTAINER;
        if (is_list(list, strictness, required, containers, at)) {
            size_t index, n;
            yyjson_val *container;
            yyjson_arr_foreach(containers, index, n, container)
            {
                read_container(list, strictness, LISTS[i].role, container, PLACE_ITEM(at, index));
            }
        }
    }
}

/* A volume with a member `image` is an image volume, whose reference is required in any Pod.
 * Spec: k8s.io/api core/v1 ImageVolumeSource. */
static void read_volume(struct image_list *list, yyjson_val *volume, const struct place *place)
{
    if (!yyjson_is_obj(volume)) {
        image_list_wrong_type(list, place, "an object", volume);
        return;
    }
    yyjson_val *image = json_get(volume, "image");
    const struct place *at = PLACE_MEMBER(place, STR("image"));
    if (is_absent(image)) {
        return;
    }
    if (!yyjson_is_obj(image)) {
        image_list_wrong_type(list, at, "an object", image);
        return;
    }
    struct image_spot spot = {
        .value = json_get(image, "reference"),
        .place = PLACE_MEMBER(at, STR("reference")),
        .below_pod_spec = 4, /* volumes, its index, image, reference */
        .name = json_get(volume, "name"),
        .role = IMAGE_VOLUME,
    };
    image_list_add(list, STRICT, &spot);
}

static void read_volumes(struct image_list *list, enum strictness strictness, yyjson_val *spec,
                         const struct place *place)
{
    yyjson_val *volumes = json_get(spec, "volumes");
    const struct place *at = PLACE_MEMBER(place, STR("volumes"));
    if (is_list(list, strictness, false, volumes, at)) {
        size_t index, n;
        yyjson_val *volume;
        yyjson_arr_foreach(volumes, index, n, volume)
        {
            read_volume(list, volume, PLACE_ITEM(at, index));
        }
    }
}

void pod_spec_read(struct image_list *list, enum strictness strictness, yyjson_val *spec,
                   const struct place *place)
{
    if (!yyjson_is_obj(spec)) {
        image_list_wrong_type(list, place, "an object", spec);
        return;
    }
    list->pod_spec = spec;
    read_containers(list, strictness, spec, place);
    read_volumes(list, strictness, spec, place);
    list->pod_spec = NULL;
}

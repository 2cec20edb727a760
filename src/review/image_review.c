#include "review/decoding.h"

#define SPEC PLACE_MEMBER(NULL, STR("spec"))

/* The plugin that sends an ImageReview leaves `containers` out where there are none: it asks for
 * Pods alone, by init and ordinary containers or, at the subresource, by ephemeral ones. So what is
 * absent is none, while null, which it never sends, cannot be judged.
 * Spec: k8s.io/api imagepolicy/v1alpha1 ImageReviewSpec. */
static void read_containers(struct image_list *list, yyjson_val *spec)
{
    yyjson_val *containers = json_get(spec, "containers");
    const struct place *at = PLACE_MEMBER(SPEC, STR("containers"));
    if (containers == NULL) {
        return;
    }
    if (!yyjson_is_arr(containers)) {
        image_list_wrong_type(list, at, "a list", containers);
        return;
    }
    size_t index, n;
    yyjson_val *container;
    yyjson_arr_foreach(containers, index, n, container)
    {
        const struct place *item = PLACE_ITEM(at, index);
        if (!yyjson_is_obj(container)) {
            image_list_wrong_type(list, item, "an object", container);
            continue;
        }
        struct image_spot spot = {
            .value = json_get(container, "image"),
            .place = PLACE_MEMBER(item, STR("image")),
            .role = IMAGE_CONTAINER,
        };
        image_list_add(list, STRICT, &spot);
    }
}

static status read_images(struct decoding *d, struct error *err)
{
    struct image_list list = {.arena = d->arena};
    if (!yyjson_is_obj(d->request)) {
        return wrong_type(err, SPEC, "an object", d->request);
    }
    read_containers(&list, d->request);
    decoding_keep_images(d, &list);
    return image_list_status(&list, err);
}

static status read_namespace(struct decoding *d, struct error *err)
{
    return read_name(json_get(d->request, "namespace"), PLACE_MEMBER(SPEC, STR("namespace")),
                     &d->review->namespace, err);
}

void image_review_decode(struct decoding *d)
{
    static const decoding_step STEPS[] = {read_images, read_namespace};
    d->review->version = STR("v1");
    d->review->kind = STR("Pod");
    decoding_run(d, STEPS, sizeof STEPS / sizeof *STEPS);
}

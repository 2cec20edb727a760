#include "review/decoding.h"

/* The plugin that sends an ImageReview leaves `containers` out where there are none: it asks for
 * Pods alone, by init and ordinary containers or, at the subresource, by ephemeral ones. So what is
 * absent is none, while null, which it never sends, cannot be judged.
 * Spec: k8s.io/api imagepolicy/v1alpha1 ImageReviewSpec. */
static status read_containers(struct image_list *list, yyjson_val *spec, struct error *err)
{
    yyjson_val *containers = json_get(spec, "containers");
    const struct place *at = PLACE_MEMBER(PLACE_MEMBER(NULL, STR("spec")), STR("containers"));
    if (containers == NULL) {
        return OK;
    }
    if (!yyjson_is_arr(containers)) {
        return wrong_type(err, at, "a list", containers);
    }
    size_t index, n;
    yyjson_val *container;
    yyjson_arr_foreach(containers, index, n, container)
    {
        const struct place *item = PLACE_ITEM(at, index);
        if (!yyjson_is_obj(container)) {
            return wrong_type(err, item, "an object", container);
        }
        struct image_spot spot = {
            .value = json_get(container, "image"),
            .place = PLACE_MEMBER(item, STR("image")),
            .role = IMAGE_CONTAINER,
        };
        TRY(image_list_add(list, STRICT, &spot, err));
    }
    return OK;
}

static status read_spec(struct decoding *d, struct error *err)
{
    const struct place *place = PLACE_MEMBER(NULL, STR("spec"));
    if (!yyjson_is_obj(d->request)) {
        return wrong_type(err, place, "an object", d->request);
    }
    TRY(read_name(json_get(d->request, "namespace"), PLACE_MEMBER(place, STR("namespace")),
                  &d->review->namespace, err));
    struct image_list list = {.arena = d->arena};
    status st = read_containers(&list, d->request, err);
    decoding_keep_images(d, &list);
    return st;
}

void image_review_decode(struct decoding *d)
{
    static const decoding_step STEPS[] = {read_spec};
    d->review->version = STR("v1");
    d->review->kind = STR("Pod");
    decoding_run(d, STEPS, sizeof STEPS / sizeof *STEPS);
}

/* What an image is, by the documents that its registry has. */
#include "base/limits.h"
#include "oci/assemble.h"
#include "registry/registry_parts.h"

struct reading {
    struct registry *registry;
    const struct reference *reference;
    const struct registry_call *call;
    const struct registry_content *root; /* has been read */
};

static status read_document(void *self, const struct oci_descriptor *descriptor, size_t max,
                            struct arena *arena, struct str *ret_bytes, struct error *err)
{
    const struct reading *reading = self;
    struct registry_call call = *reading->call;
    struct registry_content content;
    if (str_eq(descriptor->digest, reading->root->digest)) {
        *ret_bytes = reading->root->body;
        return OK;
    }
    call.arena = arena;
    call.max_blob = max;
    if (oci_media_is_either(descriptor->media_type)) {
        TRY(registry_manifest(reading->registry, reading->reference, descriptor->digest, &call,
                              &content, err));
    } else {
        TRY(registry_blob(reading->registry, reading->reference, descriptor, &call, &content, err));
    }
    *ret_bytes = content.body;
    return OK;
}

status registry_image(struct registry *registry, const struct reference *reference,
                      const struct registry_resolved *resolved, const struct registry_call *call,
                      struct oci_image *ret_image, struct error *err)
{
    arena_auto own; /* the root, whose type may be known by its registry alone */
    struct registry_call asking = *call;
    struct registry_content root;
    arena_init(&own, 2 * LIMIT_MANIFEST + 4 * MIB);
    asking.arena = &own;
    TRY(registry_manifest(registry, reference, resolved->digest, &asking, &root, err));
    struct reading reading = {registry, reference, call, &root};
    const struct oci_reader reader = {&reading, read_document};
    struct str type = resolved->media_type.n > 0 ? resolved->media_type : root.media_type;
    const struct oci_descriptor descriptor = {
        .digest = root.digest, .media_type = type, .size = root.body.n};
    return oci_image_assemble(&reader, &descriptor, call->arena, ret_image, err);
}

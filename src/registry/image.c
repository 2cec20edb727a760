/* What an image is, by the documents that its registry has. */
#include "oci/assemble.h"
#include "registry/registry_parts.h"

struct reading {
    struct registry *registry;
    const struct reference *reference;
    const struct registry_call *call;
};

static status read_document(void *self, const struct oci_descriptor *descriptor, size_t max,
                            struct arena *arena, struct str *ret_bytes, struct error *err)
{
    const struct reading *reading = self;
    struct registry_call call = *reading->call;
    struct registry_content content;
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
    struct reading reading = {registry, reference, call};
    const struct oci_reader reader = {&reading, read_document};
    const struct oci_descriptor root = {.digest = resolved->digest,
                                        .media_type = resolved->media_type};
    return oci_image_assemble(&reader, &root, call->arena, ret_image, err);
}

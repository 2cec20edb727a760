/* What an image is, by the documents that its registry has. */
#include "base/limits.h"
#include "oci/assemble.h"
#include "registry/ahead.h"
#include "registry/registry_parts.h"

struct reading {
    struct registry *registry;
    const struct reference *reference;
    const struct registry_call *call;
    const struct registry_content *root; /* has been read */
    struct ahead *ahead;
};

static status ask(void *self, const struct oci_descriptor *descriptor, size_t max,
                  const atomic_bool *cancel, struct arena *arena, struct str *ret_bytes,
                  struct error *err)
{
    const struct reading *reading = self;
    struct registry_call call = *reading->call;
    call.arena = arena;
    call.cancel = cancel;
    return registry_document(reading->registry, reading->reference, descriptor, max, &call,
                             ret_bytes, err);
}

static status read_document(void *self, const struct oci_descriptor *descriptor, size_t max,
                            struct arena *arena, struct str *ret_bytes, struct error *err)
{
    const struct reading *reading = self;
    if (str_eq(descriptor->digest, reading->root->digest)) {
        *ret_bytes = reading->root->body;
        return OK;
    }
    return ahead_want(reading->ahead, descriptor, max, arena, ret_bytes, err);
}

static void announce(void *self, const struct oci_descriptor *descriptor)
{
    const struct reading *reading = self;
    ahead_announce(reading->ahead, descriptor);
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
    struct reading reading = {registry, reference, call, &root, NULL};
    const struct ahead_reader reader = {&reading, ask, call->cancel};
    const struct oci_reader documents = {&reading, read_document, announce, 0};
    struct str type = resolved->media_type.n > 0 ? resolved->media_type : root.media_type;
    const struct oci_descriptor descriptor = {
        .digest = root.digest, .media_type = type, .size = root.body.n};
    reading.ahead = ahead_new(&reader);
    status st = oci_image_assemble(&documents, &descriptor, call->arena, ret_image, err);
    ahead_free(reading.ahead);
    return st;
}

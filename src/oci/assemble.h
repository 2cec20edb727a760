#pragma once
/* From a digest to what the image is: index, manifests, configs, each by its digest. Whoever has
 * the bytes gives them (a registry, a layout, a cache); what is done with them is pure. */
#include "oci/image.h"

struct oci_reader {
    void *self;
    /* Give the bytes that `descriptor` names, at most `max`, which live in `arena` until the next
     * call; a reader that wants to keep them makes a copy. They are checked by the caller. The
     * document is a manifest or an index if oci_media_is_either(descriptor->media_type), else a
     * blob. `descriptor->size` is 0 if it is not known. May take 32 MiB of the arena. */
    status (*read)(void *self, const struct oci_descriptor *descriptor, size_t max,
                   struct arena *arena, struct str *ret_bytes, struct error *err);
    /* The document that `descriptor` names will be read; borrowed for the call. One whose size is
     * not known is not told of. NULL: it need not be known. */
    void (*announce)(void *self, const struct oci_descriptor *descriptor);
    size_t room; /* bytes that what is found out may take; 0: LIMIT_IMAGE_MEMORY */
};

/* Find out what the manifest or index at `root` is; of its members count digest and media type, and
 * the size if it is known (else 0). Of an index, every entry counts that a machine could take,
 * those of an index in it too; attestations of buildkit are passed over without being read. Size
 * and digest of all that is read are checked. All of *ret_image lives in the arena, and nothing
 * else of the bytes.
 *
 * Errors: the reader's; EVIDENCE (malformed, of another size or digest, other layers in the
 * manifest than in the config), LIMIT; each names the platform where there is one.
 * Limits: LIMIT_IMAGE_PLATFORMS entries that are read, LIMIT_INDEX_DEPTH, reader->room, and those
 * of oci/manifest.h and oci/config.h. Takes at most reader->room of the arena, also when it fails;
 * an ordinary image takes some KiB for each platform. */
MUST status oci_image_assemble(const struct oci_reader *reader, const struct oci_descriptor *root,
                               struct arena *arena, struct oci_image *ret_image, struct error *err);

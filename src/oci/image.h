#pragma once
/* What an image is, by its documents: the facts that rules judge. Pure.
 *
 * A reference may name an index; then which image runs depends on the machine, and every entry that
 * a machine could take is one of `images`. Entries that are attestations of buildkit are not. */
#include "oci/config.h"
#include "oci/manifest.h"

struct oci_platform_image {
    struct oci_descriptor descriptor; /* in the index; of a lone manifest: what is known of it */
    struct oci_platform platform;     /* in its normal form: as the index says, else the config */
    struct oci_manifest manifest;
    struct oci_config config; /* if `known` */
    bool known; /* its config was read. If not, it is an artifact of another kind, of which nothing
                   can be told: a rule about configs does not pass it */
};

struct oci_image {
    struct str digest; /* of the document that was named */
    struct str media_type;
    bool index;
    const struct oci_pair *annotations; /* of that document */
    size_t n_annotations;
    struct oci_platform_image *images;
    size_t n_images; /* at most LIMIT_IMAGE_PLATFORMS; may be 0 */
};

/* The first image for `platform`, which is in its normal form; NULL if there is none. */
const struct oci_platform_image *oci_image_find(const struct oci_image *image,
                                                const struct oci_platform *platform);

/* The size of the largest of the images, compressed: config and layers, as a node pulls them. */
uint64_t oci_image_size(const struct oci_image *image);

/* The number of layers of the image that has most. */
size_t oci_image_layers(const struct oci_image *image);

/* The size of one image: config and layers. */
uint64_t oci_platform_image_size(const struct oci_platform_image *image);

#include "oci/image.h"

const struct oci_platform_image *oci_image_find(const struct oci_image *image,
                                                const struct oci_platform *platform)
{
    for (size_t i = 0; i < image->n_images; i++) {
        if (oci_platform_eq(image->images[i].platform, *platform)) {
            return &image->images[i];
        }
    }
    return NULL;
}

uint64_t oci_platform_image_size(const struct oci_platform_image *image)
{
    return image->manifest.config.size + oci_manifest_layers_size(&image->manifest);
}

uint64_t oci_image_size(const struct oci_image *image)
{
    uint64_t most = 0;
    for (size_t i = 0; i < image->n_images; i++) {
        uint64_t size = oci_platform_image_size(&image->images[i]);
        most = size > most ? size : most;
    }
    return most;
}

size_t oci_image_layers(const struct oci_image *image)
{
    size_t most = 0;
    for (size_t i = 0; i < image->n_images; i++) {
        size_t n = image->images[i].manifest.n_layers;
        most = n > most ? n : most;
    }
    return most;
}

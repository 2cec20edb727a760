/* What is in a layout, for tests: `layout-facts PATH [NAME]` prints the image of that name (or the
 * only one) as a line of JSON. Exits 1 with the error on stderr. */
#include <stdio.h>

#include "base/limits.h"
#include "layout/layout.h"

static void add_images(struct buf *buf, struct arena *arena, const struct oci_image *image)
{
    for (size_t i = 0; i < image->n_images; i++) {
        const struct oci_platform_image *one = &image->images[i];
        buf_printf(buf, "%s{\"known\":%s,\"layers\":%zu,\"size\":%ju,\"created\":%jd",
                   i == 0 ? "" : ",", one->known ? "true" : "false", one->manifest.n_layers,
                   (uintmax_t)oci_platform_image_size(one), (intmax_t)one->config.created);
        buf_add_member(buf, "digest", one->descriptor.digest);
        buf_add_member(buf, "platform", oci_platform_print(arena, &one->platform));
        buf_add_member(buf, "user", one->config.user);
        buf_add_member(buf, "artifactType", oci_manifest_artifact_type(&one->manifest));
        buf_add_char(buf, '}');
    }
}

static status tell(struct layout *layout, struct str name, struct arena *arena, struct buf *buf,
                   struct error *err)
{
    const struct oci_descriptor *found;
    struct oci_image image;
    const struct oci_reader reader = layout_reader(layout);
    TRY(layout_find(layout, name, arena, &found, err));
    TRY(oci_image_assemble(&reader, found, arena, &image, err));
    buf_printf(buf, "{\"index\":%s", image.index ? "true" : "false");
    buf_add_member(buf, "digest", image.digest);
    buf_add_member(buf, "mediaType", image.media_type);
    buf_add_cstr(buf, ",\"images\":[");
    add_images(buf, arena, &image);
    buf_add_cstr(buf, "]}\n");
    return OK;
}

int main(int argc, char **argv)
{
    arena_auto arena;
    buf_auto buf;
    struct error err;
    struct layout *layout = NULL;
    arena_init(&arena, 256u * MIB);
    buf_init(&buf, 16u * MIB);
    if (argc < 2) {
        fprintf(stderr, "usage: layout-facts PATH [NAME]\n");
        return 2;
    }
    status st = layout_open(&arena, argv[1], &layout, &err);
    st = failed(st) ? st : tell(layout, str_from(argc > 2 ? argv[2] : NULL), &arena, &buf, &err);
    layout_close(layout);
    if (failed(st)) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    printf("%.*s", STR_ARG(buf_str(&buf)));
    return 0;
}

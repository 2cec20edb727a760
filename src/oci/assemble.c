#include "oci/assemble.h"

#include "base/limits.h"
#include "crypto/digest.h"

struct assembly {
    const struct oci_reader *reader;
    struct arena *arena;
    size_t start; /* what was taken of it before */
    size_t room;  /* what may be taken of it */
    struct arena bytes, trial;
    struct oci_platform_image images[LIMIT_IMAGE_PLATFORMS];
    size_t n;
    size_t left; /* entries that may still be read */
};

/* -- room -- */

/* Whether another `n` bytes fit. Errors: LIMIT. */
static status check_room(const struct assembly *a, size_t n, struct error *err)
{
    if (n > a->room - (a->arena->used - a->start)) {
        return error_set(err, ERROR_LIMIT, "what the image is takes more than %zu bytes of memory",
                         a->room);
    }
    return OK;
}

/* Documents are parsed once to see what they take, and again where they stay. */
static status keep_manifest(struct assembly *a, struct str media_type, struct str bytes,
                            struct oci_manifest *ret_manifest, struct error *err)
{
    arena_reset(&a->trial);
    TRY(oci_manifest_parse(&a->trial, media_type, bytes, ret_manifest, err));
    TRY(check_room(a, a->trial.used, err));
    return oci_manifest_parse(a->arena, media_type, bytes, ret_manifest, err);
}

static status keep_config(struct assembly *a, struct str bytes, struct oci_config *ret_config,
                          struct error *err)
{
    arena_reset(&a->trial);
    TRY(oci_config_parse(&a->trial, bytes, ret_config, err));
    TRY(check_room(a, a->trial.used, err));
    return oci_config_parse(a->arena, bytes, ret_config, err);
}

/* -- reading -- */

/* The bytes that `descriptor` names, checked; they live until the next call. */
static status read_bytes(struct assembly *a, const struct oci_descriptor *descriptor, size_t limit,
                         const char *what, struct str *ret_bytes, struct error *err)
{
    if (descriptor->size > limit) {
        return error_set(err, ERROR_LIMIT, "the %s is larger than %zu bytes", what, limit);
    }
    bool known = descriptor->size > 0;
    struct str bytes;
    arena_reset(&a->bytes);
    TRY(a->reader->read(a->reader->self, descriptor, known ? (size_t)descriptor->size : limit,
                        &a->bytes, &bytes, err));
    if (known && bytes.n != descriptor->size) {
        return error_set(err, ERROR_EVIDENCE, "the %s has %zu bytes, and %ju were announced", what,
                         bytes.n, (uintmax_t)descriptor->size);
    }
    if (!digest_holds(descriptor->digest, bytes)) {
        return error_set(err, ERROR_EVIDENCE, "the %s is not what its digest %.*s says", what,
                         STR_ARG(descriptor->digest));
    }
    *ret_bytes = bytes;
    return OK;
}

static void announce(const struct assembly *a, const struct oci_descriptor *descriptor)
{
    if (a->reader->announce != NULL && descriptor->size > 0) {
        a->reader->announce(a->reader->self, descriptor);
    }
}

static status read_manifest(struct assembly *a, struct oci_descriptor *descriptor,
                            struct oci_manifest *ret_manifest, struct error *err)
{
    struct str bytes;
    TRY(read_bytes(a, descriptor, LIMIT_MANIFEST, "manifest", &bytes, err));
    descriptor->size = bytes.n;
    return keep_manifest(a, descriptor->media_type, bytes, ret_manifest, err);
}

static status read_config(struct assembly *a, struct oci_platform_image *image, struct error *err)
{
    const struct oci_descriptor *descriptor = &image->manifest.config;
    struct str bytes;
    if (!oci_media_is_config(descriptor->media_type)) {
        return OK;
    }
    if (descriptor->size == 0) {
        return error_set(err, ERROR_EVIDENCE, "the config is empty");
    }
    TRY(read_bytes(a, descriptor, LIMIT_IMAGE_CONFIG, "config", &bytes, err));
    TRY(keep_config(a, bytes, &image->config, err));
    if (image->config.n_diff_ids != image->manifest.n_layers) {
        return error_set(err, ERROR_EVIDENCE,
                         "the manifest has %zu layers and its config %zu: they must be as many",
                         image->manifest.n_layers, image->config.n_diff_ids);
    }
    image->known = true;
    if (!image->descriptor.has_platform) {
        image->platform = oci_platform_normal(image->config.platform);
    }
    return OK;
}

/* -- an index and its entries -- */

static status name_platform(struct assembly *a, const struct oci_descriptor *descriptor,
                            struct error *err)
{
    return descriptor->has_platform
               ? error_wrap(err, "%s", oci_platform_print(&a->trial, &descriptor->platform).p)
               : FAILED;
}

static void announce_config(const struct assembly *a, const struct oci_platform_image *image)
{
    const struct oci_descriptor *config = &image->manifest.config;
    if (oci_media_is_config(config->media_type) && config->size <= LIMIT_IMAGE_CONFIG) {
        announce(a, config);
    }
}

static struct oci_platform_image *add_image(struct assembly *a,
                                            const struct oci_descriptor *descriptor)
{
    struct oci_platform_image *image = &a->images[a->n++];
    *image = (struct oci_platform_image){.descriptor = *descriptor};
    image->platform = oci_platform_normal(descriptor->platform);
    return image;
}

static status add_entries(struct assembly *a, const struct oci_manifest *index, unsigned depth,
                          struct error *err);

static status add_index(struct assembly *a, const struct oci_descriptor *entry, unsigned depth,
                        struct error *err)
{
    struct oci_descriptor descriptor = *entry;
    struct oci_manifest index;
    if (depth > LIMIT_INDEX_DEPTH) {
        return error_set(err, ERROR_LIMIT, "more than %u indexes stand in each other",
                         LIMIT_INDEX_DEPTH);
    }
    TRY(read_manifest(a, &descriptor, &index, err));
    return add_entries(a, &index, depth, err);
}

static status add_entry(struct assembly *a, const struct oci_descriptor *entry, unsigned depth,
                        struct error *err)
{
    if (oci_descriptor_is_attestation(entry)) {
        return OK;
    }
    if (a->left == 0) {
        return error_set(err, ERROR_LIMIT, "the index names more than %u images",
                         LIMIT_IMAGE_PLATFORMS);
    }
    a->left--;
    if (oci_media_is_index(entry->media_type)) {
        return add_index(a, entry, depth + 1, err);
    }
    struct oci_platform_image *image = add_image(a, entry);
    if (!oci_media_is_manifest(entry->media_type)) {
        return OK;
    }
    if (failed(read_manifest(a, &image->descriptor, &image->manifest, err))) {
        return name_platform(a, entry, err);
    }
    announce_config(a, image);
    return OK;
}

/* What of an index will be read, if nothing fails. */
static void announce_entries(const struct assembly *a, const struct oci_manifest *index)
{
    size_t n = 0;
    for (size_t i = 0; i < index->n_manifests && n < a->left; i++) {
        const struct oci_descriptor *entry = &index->manifests[i];
        if (oci_media_is_either(entry->media_type) && !oci_descriptor_is_attestation(entry) &&
            entry->size <= LIMIT_MANIFEST) {
            announce(a, entry);
            n++;
        }
    }
}

static status add_entries(struct assembly *a, const struct oci_manifest *index, unsigned depth,
                          struct error *err)
{
    announce_entries(a, index);
    for (size_t i = 0; i < index->n_manifests; i++) {
        TRY(add_entry(a, &index->manifests[i], depth, err));
    }
    return OK;
}

/* -- the whole -- */

/* What is laid out beside the texts of the root: their ends, and what aligns them. */
enum { ROOT_ROOM = 64 };

static status assemble(struct assembly *a, const struct oci_descriptor *root,
                       struct oci_image *ret_image, struct error *err)
{
    TRY(check_room(a, ROOT_ROOM + root->media_type.n + root->digest.n, err));
    struct oci_descriptor descriptor = {
        .media_type = arena_dup(a->arena, root->media_type),
        .digest = arena_dup(a->arena, root->digest),
        .size = root->size,
    };
    struct oci_manifest manifest;
    TRY(read_manifest(a, &descriptor, &manifest, err));
    if (manifest.index) {
        TRY(add_entries(a, &manifest, 1, err));
    } else {
        add_image(a, &descriptor)->manifest = manifest;
    }
    for (size_t i = 0; i < a->n; i++) {
        if (failed(read_config(a, &a->images[i], err))) {
            return name_platform(a, &a->images[i].descriptor, err);
        }
    }
    TRY(check_room(a, a->n * sizeof *a->images, err));
    *ret_image = (struct oci_image){
        .digest = descriptor.digest,
        .media_type = manifest.media_type,
        .index = manifest.index,
        .annotations = manifest.annotations,
        .n_annotations = manifest.n_annotations,
        .images = ARENA_ARRAY(a->arena, struct oci_platform_image, a->n),
        .n_images = a->n,
    };
    for (size_t i = 0; i < a->n; i++) {
        ret_image->images[i] = a->images[i];
    }
    return OK;
}

status oci_image_assemble(const struct oci_reader *reader, const struct oci_descriptor *root,
                          struct arena *arena, struct oci_image *ret_image, struct error *err)
{
    enum { OWN = 128 * 1024, BYTES = 64 * 1024 * 1024, TRIAL = 32 * 1024 * 1024 };
    arena_auto own;
    arena_init(&own, OWN);
    struct assembly *a = ARENA_NEW(&own, struct assembly);
    a->reader = reader;
    a->arena = arena;
    a->start = arena->used;
    a->room = reader->room == 0 ? LIMIT_IMAGE_MEMORY : reader->room;
    a->left = LIMIT_IMAGE_PLATFORMS;
    arena_init(&a->bytes, BYTES);
    arena_init(&a->trial, TRIAL);
    status st = assemble(a, root, ret_image, err);
    arena_done(&a->bytes);
    arena_done(&a->trial);
    return st;
}

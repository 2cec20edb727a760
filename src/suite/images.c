#include "suite/images.h"
#include "base/limits.h"
#include "image/digest.h"
#include "suite/fields.h"

/* What an image has that does not say otherwise. */
#define LAYER_DIGEST "sha256:0000000000000000000000000000000000000000000000000000000000000000"
#define LAYER_TYPE   "application/vnd.oci.image.layer.v1.tar+gzip"

struct reading {
    struct arena *arena;
    struct diagnostics *list;
};

static void complain(const struct reading *reading, const struct text *at, const char *problem)
{
    diagnostics_add(reading->list, DIAGNOSTIC_ERROR, at->mark, at->path, STR_EMPTY, "%s", problem);
}

static struct oci_pair *pairs_of(const struct reading *reading, const struct text_map *map)
{
    struct oci_pair *pairs = ARENA_ARRAY(reading->arena, struct oci_pair, map->n);
    for (size_t i = 0; i < map->n; i++) {
        pairs[i] = (struct oci_pair){map->items[i].key.text, map->items[i].value.text};
    }
    return pairs;
}

static struct str *texts_of(const struct reading *reading, const struct texts *texts)
{
    struct str *list = ARENA_ARRAY(reading->arena, struct str, texts->n);
    for (size_t i = 0; i < texts->n; i++) {
        list[i] = texts->items[i].text;
    }
    return list;
}

/* -- the parts of an image -- */

/* The first layer has all the size. */
static void read_layers(const struct reading *reading, const struct suite_image_doc *doc,
                        struct oci_platform_image *one)
{
    size_t n = doc->layers.n > 0 ? doc->layers.n : 1;
    struct oci_descriptor *layers = ARENA_ARRAY(reading->arena, struct oci_descriptor, n);
    struct str *diff_ids = ARENA_ARRAY(reading->arena, struct str, n);
    for (size_t i = 0; i < n; i++) {
        diff_ids[i] = doc->layers.n > 0 ? doc->layers.items[i].text : STR(LAYER_DIGEST);
        layers[i] = (struct oci_descriptor){.media_type = STR(LAYER_TYPE), .digest = diff_ids[i]};
    }
    layers[0].size = doc->size;
    one->manifest.layers = layers;
    one->manifest.n_layers = one->config.n_diff_ids = n;
    one->config.diff_ids = diff_ids;
}

static struct oci_platform_image read_platform(const struct reading *reading,
                                               const struct suite_image_doc *doc,
                                               struct oci_platform platform)
{
    struct oci_platform_image one = {.platform = platform, .known = true};
    one.manifest = (struct oci_manifest){
        .media_type = STR(OCI_MANIFEST),
        .config = {.media_type = STR(OCI_CONFIG)},
        .annotations = pairs_of(reading, &doc->annotations),
        .n_annotations = doc->annotations.n,
    };
    one.config = (struct oci_config){
        .has_created = doc->created > 0,
        .created = doc->created,
        .platform = platform,
        .user = doc->user.text,
        .entrypoint = texts_of(reading, &doc->entrypoint),
        .n_entrypoint = doc->entrypoint.n,
        .exposed_ports = texts_of(reading, &doc->ports),
        .n_exposed_ports = doc->ports.n,
        .labels = pairs_of(reading, &doc->labels),
        .n_labels = doc->labels.n,
    };
    read_layers(reading, doc, &one);
    return one;
}

static void read_platforms(const struct reading *reading, const struct suite_image_doc *doc,
                           struct oci_image *image)
{
    size_t n = doc->platforms.n;
    image->images = ARENA_ARRAY(reading->arena, struct oci_platform_image, n > 0 ? n : 1);
    image->n_images = n > 0 ? n : 1;
    image->index = n > 1;
    image->media_type = image->index ? STR(OCI_INDEX) : STR(OCI_MANIFEST);
    for (size_t i = 0; i < image->n_images; i++) {
        struct oci_platform platform = {.os = STR("linux"), .architecture = STR("amd64")};
        struct error err;
        if (i < n && failed(oci_platform_parse(doc->platforms.items[i].text, &platform, &err))) {
            complain(reading, &doc->platforms.items[i], err.text);
        }
        image->images[i] = read_platform(reading, doc, platform);
    }
}

static void read_image(const struct reading *reading, const struct suite_image_doc *doc,
                       struct script_image *ret_image)
{
    struct error err;
    struct digest digest;
    bool broken = doc->error.text.n > 0, told = doc->digest.text.n > 0;
    bool stale = broken && told && doc->age_set;
    if (failed(reference_parse(reading->arena, doc->reference.text, &ret_image->reference, &err))) {
        complain(reading, &doc->reference, err.text);
    }
    if (broken == told && !stale) {
        complain(reading, &doc->reference,
                 "an image has a digest, or an error instead of all else");
    } else if (doc->age_set && !stale) {
        complain(reading, &doc->reference, "age is for an error beside a digest that was had");
    } else if (told && digest_parse(doc->digest.text, &digest) != DIGEST_OK) {
        complain(reading, &doc->digest, "this is no digest; write \"sha256:\" and 64 hex digits");
    }
    if (broken && !stale) {
        ret_image->evidence =
            (struct evidence){.problem = doc->error.text, .problem_kind = ERROR_UPSTREAM};
        return;
    }
    struct oci_image *image = ARENA_NEW(reading->arena, struct oci_image);
    image->digest = doc->digest.text;
    read_platforms(reading, doc, image);
    ret_image->evidence =
        (struct evidence){.digest = image->digest, .media_type = image->media_type, .image = image};
    if (stale) {
        ret_image->evidence.problem = doc->error.text;
        ret_image->evidence.problem_kind = ERROR_UPSTREAM;
        ret_image->evidence.stale = true;
        ret_image->evidence.age = doc->age;
    }
}

void suite_images(struct arena *arena, const struct field_list *docs, struct diagnostics *list,
                  struct script *ret_script)
{
    const struct reading reading = {arena, list};
    const struct suite_image_doc *items = docs->items;
    struct script_image *images = ARENA_ARRAY(arena, struct script_image, docs->n);
    for (size_t i = 0; i < docs->n; i++) {
        read_image(&reading, &items[i], &images[i]);
    }
    *ret_script = (struct script){.images = images, .n = docs->n};
}

#include "oci/manifest.h"

#include "base/limits.h"
#include "oci/decoding.h"

_Static_assert(LIMIT_IMAGE_LAYERS <= (uint64_t)INT64_MAX / LIMIT_BLOB_SIZE - 1,
               "the sizes of all layers have a sum");

/* -- members -- */

static status decode_version(struct oci_decoding *d, const struct oci_field *field,
                             const struct oci_place *at, void *ret)
{
    (void)field, (void)ret;
    if (!yyjson_is_uint(at->value) || yyjson_get_uint(at->value) != 2) {
        return oci_wrong(d, at, ERROR_EVIDENCE, "must be 2");
    }
    return OK;
}

static status decode_list(struct oci_decoding *d, const struct oci_field *field,
                          const struct oci_place *at, size_t max, void *ret)
{
    if (!yyjson_is_arr(at->value)) {
        return oci_wrong_type(d, at, "a list of objects");
    }
    size_t n = yyjson_arr_size(at->value);
    if (n > max) {
        return oci_wrong(d, at, ERROR_LIMIT, "has %zu entries, more than %zu", n, max);
    }
    struct oci_descriptor *items = ARENA_ARRAY(d->arena, struct oci_descriptor, n);
    size_t index, count;
    yyjson_val *value;
    yyjson_arr_foreach(at->value, index, count, value)
    {
        static const struct oci_field ITEM = {.name = ""};
        const struct oci_place item = oci_item(at, value, index);
        TRY(oci_decode_descriptor(d, &ITEM, &item, &items[index]));
    }
    oci_keep_list(field, ret, items, n);
    return OK;
}

static status decode_layers(struct oci_decoding *d, const struct oci_field *field,
                            const struct oci_place *at, void *ret)
{
    return decode_list(d, field, at, LIMIT_IMAGE_LAYERS, ret);
}

static status decode_manifests(struct oci_decoding *d, const struct oci_field *field,
                               const struct oci_place *at, void *ret)
{
    return decode_list(d, field, at, LIMIT_INDEX_ENTRIES, ret);
}

static status decode_subject(struct oci_decoding *d, const struct oci_field *field,
                             const struct oci_place *at, void *ret)
{
    struct oci_manifest *manifest = ret;
    struct oci_descriptor *subject = ARENA_NEW(d->arena, struct oci_descriptor);
    TRY(oci_decode_descriptor(d, field, at, subject));
    manifest->subject = subject;
    return OK;
}

#define MANIFEST(member) offsetof(struct oci_manifest, member)

#define COMMON                                                                                     \
    {"schemaVersion", decode_version, .required = true},                                           \
        {"mediaType", oci_decode_media_type, .offset = MANIFEST(media_type)},                      \
        {"artifactType", oci_decode_media_type, .offset = MANIFEST(artifact_type)},                \
        {"subject", decode_subject},                                                               \
    {                                                                                              \
        "annotations", oci_decode_pairs, .offset = MANIFEST(annotations),                          \
                                         .n_offset = MANIFEST(n_annotations)                       \
    }

/* The members of the other kind stand here so that no key can be taken for them. */
static const struct oci_field MANIFEST_MEMBERS[] = {
    COMMON,
    {"config", oci_decode_descriptor, .required = true, .offset = MANIFEST(config)},
    {"layers", decode_layers, .required = true, .offset = MANIFEST(layers),
     .n_offset = MANIFEST(n_layers)},
    {"manifests", oci_decode_nothing},
    {"fsLayers", oci_decode_nothing},
};

static const struct oci_field INDEX_MEMBERS[] = {
    COMMON,
    {"manifests", decode_manifests, .required = true, .offset = MANIFEST(manifests),
     .n_offset = MANIFEST(n_manifests)},
    {"config", oci_decode_nothing},
    {"layers", oci_decode_nothing},
    {"fsLayers", oci_decode_nothing},
};

static const struct oci_fields MANIFEST_FIELDS = OCI_FIELDS(MANIFEST_MEMBERS);
static const struct oci_fields INDEX_FIELDS = OCI_FIELDS(INDEX_MEMBERS);

/* -- manifest or index? -- */

/* Neither may hold what makes it the other, whatever the value is. */
static status check_members(struct oci_decoding *d, const struct oci_place *at, bool index)
{
    static const char *const OF_INDEX[] = {"config", "layers", "fsLayers", NULL};
    static const char *const OF_MANIFEST[] = {"manifests", "fsLayers", NULL};
    for (const char *const *name = index ? OF_INDEX : OF_MANIFEST; *name != NULL; name++) {
        const struct oci_place member = {at, str_from(*name), 0, json_get(at->value, *name)};
        if (member.value != NULL) {
            return oci_wrong(d, &member, ERROR_EVIDENCE, "has no place in %s",
                             index ? "an index" : "a manifest");
        }
    }
    return OK;
}

static status refuse_type(struct oci_decoding *d, struct str media_type)
{
    if (oci_media_is_schema1(media_type)) {
        return error_set(d->err, ERROR_EVIDENCE,
                         "a manifest of Docker's schema 1, which runtimes no longer pull");
    }
    return error_set(d->err, ERROR_EVIDENCE,
                     "the media type \"%.*s\" is neither a manifest's nor an index's",
                     STR_ARG(str_sub(media_type, 0, 128)));
}

/* What the document is, by what was announced and by what it says itself. */
static status find_type(struct oci_decoding *d, struct str content_type, const struct oci_place *at,
                        struct str *ret_type)
{
    struct str announced = oci_media_essence(content_type);
    const struct oci_place member = {at, STR("mediaType"), 0, json_get(at->value, "mediaType")};
    struct str own = json_str(member.value);
    if (announced.n > 0 && !oci_media_is_either(announced)) {
        return refuse_type(d, announced);
    }
    if (announced.n > 0 && own.n > 0 && !str_eq(announced, own)) {
        return oci_wrong(d, &member, ERROR_EVIDENCE,
                         "is \"%.*s\", but it was announced as \"%.*s\"",
                         STR_ARG(str_sub(own, 0, 128)), STR_ARG(announced));
    }
    struct str type = announced.n > 0 ? announced : own;
    if (type.n == 0) {
        type = json_get(at->value, "manifests") != NULL ? STR(OCI_INDEX) : STR(OCI_MANIFEST);
    }
    if (!oci_media_is_either(type)) {
        return refuse_type(d, type);
    }
    *ret_type = arena_dup(d->arena, type);
    return OK;
}

status oci_manifest_parse(struct arena *arena, struct str content_type, struct str bytes,
                          struct oci_manifest *ret_manifest, struct error *err)
{
    json_doc_auto doc = {0};
    TRY(oci_read(bytes, LIMIT_MANIFEST, "manifest", &doc, err));
    struct oci_decoding d = {arena, err, LIMIT_IMAGE_ANNOTATIONS, 0};
    const struct oci_place root = {.value = doc.root};
    struct oci_manifest manifest = {0};
    struct str type;
    TRY(find_type(&d, content_type, &root, &type));
    manifest.index = oci_media_is_index(type);
    TRY(check_members(&d, &root, manifest.index));
    TRY(oci_decode_object(&d, manifest.index ? &INDEX_FIELDS : &MANIFEST_FIELDS, &root, &manifest));
    manifest.media_type = type;
    *ret_manifest = manifest;
    return OK;
}

/* -- facts -- */

struct str oci_manifest_artifact_type(const struct oci_manifest *manifest)
{
    return manifest->artifact_type.n > 0 || manifest->index ? manifest->artifact_type
                                                            : manifest->config.media_type;
}

uint64_t oci_manifest_layers_size(const struct oci_manifest *manifest)
{
    uint64_t size = 0;
    for (size_t i = 0; i < manifest->n_layers; i++) {
        size += manifest->layers[i].size;
    }
    return size;
}

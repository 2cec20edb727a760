/* A byte, then a document: the byte says what it was announced as, or that it is a config. What is
 * read is sound and bounded, is one thing only, and holds no key that another reader would take for
 * one of ours; what is refused is so for a reason of the document. */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "image/digest.h"
#include "oci/image.h"
#include "json/doc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct str TYPES[] = {STR(""), STR(OCI_MANIFEST), STR(OCI_INDEX), STR(DOCKER_MANIFEST),
                                   STR(DOCKER_LIST)};

enum { N_TYPES = sizeof TYPES / sizeof *TYPES, ROOM = 64 * 1024 * 1024 };

/* -- what must be so -- */

static void check_kind(const struct error *err)
{
    ENSURE(err->kind == ERROR_EVIDENCE || err->kind == ERROR_LIMIT);
    ENSURE(err->text[0] != '\0');
}

static void check_descriptor(const struct oci_descriptor *descriptor)
{
    struct digest digest;
    ENSURE(digest_parse(descriptor->digest, &digest) == DIGEST_OK);
    ENSURE(oci_media_valid(descriptor->media_type));
    ENSURE(descriptor->size <= LIMIT_BLOB_SIZE);
    ENSURE(descriptor->n_annotations <= LIMIT_IMAGE_ANNOTATIONS);
    struct oci_platform normal = oci_platform_normal(descriptor->platform);
    ENSURE(oci_platform_eq(normal, oci_platform_normal(normal)));
}

/* No key of the document is one of `names` but for its case. */
static void check_keys(struct str text, const char *const *names)
{
    struct error err;
    json_doc_auto doc = {0};
    size_t index, n;
    yyjson_val *key, *value;
    ENSURE(!failed(json_parse(text, JSON_WITHOUT_MARKS, &doc, &err)));
    yyjson_obj_foreach(doc.root, index, n, key, value)
    {
        (void)value;
        for (const char *const *name = names; *name != NULL; name++) {
            struct str known = str_from(*name);
            ENSURE(!str_eq_nocase(json_str(key), known) || str_eq(json_str(key), known));
        }
    }
}

static void check_manifest(const struct oci_manifest *manifest)
{
    ENSURE(oci_media_is_index(manifest->media_type) == manifest->index);
    ENSURE(oci_media_is_manifest(manifest->media_type) != manifest->index);
    ENSURE(manifest->n_layers <= LIMIT_IMAGE_LAYERS);
    ENSURE(manifest->n_manifests <= LIMIT_INDEX_ENTRIES);
    ENSURE(manifest->index ? manifest->n_layers == 0 && manifest->config.digest.n == 0
                           : manifest->n_manifests == 0);
    uint64_t sum = 0;
    for (size_t i = 0; i < manifest->n_layers; i++) {
        check_descriptor(&manifest->layers[i]);
        ENSURE(!__builtin_add_overflow(sum, manifest->layers[i].size, &sum));
    }
    ENSURE(sum == oci_manifest_layers_size(manifest));
    for (size_t i = 0; i < manifest->n_manifests; i++) {
        check_descriptor(&manifest->manifests[i]);
    }
    if (!manifest->index) {
        check_descriptor(&manifest->config);
    }
    if (manifest->subject != NULL) {
        check_descriptor(manifest->subject);
    }
}

/* -- reading -- */

/* At most one of the four media types fits, and it is the one that is told. */
static void check_others(struct arena *arena, struct str text, const struct oci_manifest *manifest)
{
    for (size_t i = 1; i < N_TYPES; i++) {
        struct oci_manifest other;
        struct error err;
        bool same = str_eq(TYPES[i], manifest->media_type);
        bool bad = failed(oci_manifest_parse(arena, TYPES[i], text, &other, &err));
        ENSURE(!same || !bad);
        ENSURE(bad || other.index == manifest->index);
    }
}

static void read_manifest(struct arena *arena, struct str announced, struct str text)
{
    static const char *const NAMES[] = {"mediaType", "config",  "layers",
                                        "manifests", "subject", NULL};
    struct oci_manifest manifest;
    struct error err = {0};
    bool bad = failed(oci_manifest_parse(arena, announced, text, &manifest, &err));
    ENSURE(arena->used <= 2 * text.n + 2u * MIB);
    if (bad) {
        check_kind(&err);
        return;
    }
    check_manifest(&manifest);
    check_keys(text, NAMES);
    check_others(arena, text, &manifest);
}

/* What a runtime reads, digit by digit; beyond `max` it is max + 1. False if it is no number. */
static bool read_number(struct str text, int64_t max, int64_t *ret_number)
{
    bool minus = str_starts(text, STR("-"));
    int64_t number = 0;
    text = str_sub(text, minus || str_starts(text, STR("+")) ? 1 : 0, text.n);
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9') {
            return false;
        }
        number = number * 10 + (text.p[i] - '0');
        number = number > max ? max + 1 : number;
    }
    *ret_number = minus ? -number : number;
    return text.n > 0;
}

static void check_user(struct str user)
{
    struct str name, group;
    int64_t number = -1;
    str_cut(user, ':', &name, &group);
    bool whole = read_number(name, INT32_MAX, &number);
    switch (oci_user_kind(user)) {
    case OCI_USER_NUMBER:
        ENSURE(whole && number > 0 && number <= INT32_MAX);
        break;
    case OCI_USER_ROOT:
        ENSURE((whole && number == 0) || name.n == 0 || str_eq(name, STR("root")));
        break;
    case OCI_USER_NAME:
        ENSURE(!whole && name.n > 0);
        break;
    case OCI_USER_STRANGE:
        ENSURE(whole && (number < 0 || number > INT32_MAX));
    }
}

static void read_config(struct arena *arena, struct str text)
{
    static const char *const NAMES[] = {"os", "architecture", "config", "rootfs", "created", NULL};
    struct oci_config config;
    struct error err = {0};
    bool bad = failed(oci_config_parse(arena, text, &config, &err));
    ENSURE(arena->used <= 2 * text.n + MIB);
    if (bad) {
        check_kind(&err);
        return;
    }
    check_keys(text, NAMES);
    check_user(config.user);
    ENSURE(config.created >= 0 && (config.has_created || config.created == 0));
    ENSURE(config.n_env + config.n_cmd + config.n_entrypoint + config.n_exposed_ports +
               config.n_diff_ids <=
           LIMIT_IMAGE_TEXTS);
    for (size_t i = 0; i < config.n_env; i++) {
        ENSURE(config.env[i].n > 0 && str_find(config.env[i], '=') == config.env[i].n);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    arena_auto arena;
    arena_init(&arena, ROOM);
    /* A copy of exactly its size, so that reading past its end is seen. */
    char *copy = malloc(size == 1 ? 1 : size - 1);
    ENSURE(copy != NULL);
    memcpy(copy, data + 1, size - 1);
    struct str text = {copy, size - 1};
    if (data[0] - '0' < N_TYPES) {
        read_manifest(&arena, TYPES[data[0] < '0' ? 0 : data[0] - '0'], text);
    } else {
        read_config(&arena, text);
    }
    free(copy);
    return 0;
}

#include "store.h"

#define AMD64   "{'os':'linux','architecture':'amd64','config':{'User':'7'}," ROOTFS_OF "}"
#define ARM64   "{'os':'linux','architecture':'arm64','variant':'v8'," ROOTFS_OF "}"
#define UNKNOWN "{'os':'unknown','architecture':'unknown'," ROOTFS_OF "}"
#define ATTESTS ",'annotations':{'vnd.docker.reference.type':'attestation-manifest'}"

static status assemble(struct store *store, const char *digest, const char *media_type,
                       struct oci_image *ret_image, struct error *err)
{
    const struct oci_descriptor root = {.media_type = str_from(media_type),
                                        .digest = str_from(digest)};
    const struct oci_reader reader = store_reader(store);
    store->reads = 0;
    return oci_image_assemble(&reader, &root, &test_arena, ret_image, err);
}

static void assert_assembles(struct store *store, const char *digest, const char *media_type,
                             struct oci_image *ret_image)
{
    struct error err;
    if (failed(assemble(store, digest, media_type, ret_image, &err))) {
        fail_msg("%s", err.text);
    }
}

static void assert_refused(struct store *store, const char *digest, const char *media_type,
                           enum error_kind kind, const char *wanted)
{
    struct oci_image image = {.n_images = 77};
    struct error err;
    assert_true(failed(assemble(store, digest, media_type, &image, &err)));
    assert_error(&err, kind, wanted);
    assert_int_equal(image.n_images, 77);
}

static struct store *new_store(void)
{
    return ARENA_NEW(&test_arena, struct store);
}

static void lone(void **state)
{
    (void)state;
    struct store *store = new_store();
    const char *digest = store_put_image(store, ARM64, 100);
    struct oci_image image;
    assert_assembles(store, digest, OCI_MANIFEST, &image);
    assert_string_equal(image.digest.p, digest);
    assert_string_equal(image.media_type.p, OCI_MANIFEST);
    assert_false(image.index);
    assert_int_equal(image.n_images, 1);
    assert_true(image.images[0].known);
    assert_string_equal(oci_platform_print(&test_arena, &image.images[0].platform).p,
                        "linux/arm64");
    assert_int_equal(image.images[0].descriptor.size, store_size(store, digest));
    assert_int_equal(oci_image_size(&image), 100 + image.images[0].manifest.config.size);
    assert_int_equal(store->reads, 2);
}

static void platforms(void **state)
{
    (void)state;
    struct store *store = new_store();
    const char *attestation = store_put_image(store, UNKNOWN, 1);
    const char *const entries[] = {
        store_entry(store, store_put_image(store, AMD64, 1), "linux/x86_64", ""),
        store_entry(store, attestation, "unknown/unknown", ATTESTS),
        store_entry(store, store_put_image(store, ARM64, 2), NULL, ""),
    };
    const char *digest = store_put_index(store, entries, COUNT(entries));
    struct oci_image image;
    assert_assembles(store, digest, OCI_INDEX, &image);
    assert_true(image.index);
    assert_string_equal(image.annotations[0].key.p, "a");
    assert_int_equal(image.n_images, 2);
    assert_string_equal(oci_platform_print(&test_arena, &image.images[0].platform).p,
                        "linux/amd64");
    assert_string_equal(image.images[0].config.user.p, "7");
    assert_string_equal(oci_platform_print(&test_arena, &image.images[1].platform).p,
                        "linux/arm64");
    assert_int_equal(store->reads, 1 + 2 * 2);
    for (size_t i = 1; i <= 5; i++) {
        struct error err;
        store->fails = i;
        assert_true(failed(assemble(store, digest, OCI_INDEX, &image, &err)));
        assert_int_equal(err.kind, ERROR_UPSTREAM);
        assert_non_null(strstr(err.text, "the store fails"));
    }
}

/* What only says that it is an attestation is an image: a machine would take it. */
static void false_attestations(void **state)
{
    (void)state;
    struct store *store = new_store();
    const char *amd64 = store_put_image(store, AMD64, 1);
    const char *const entries[] = {store_entry(store, amd64, "linux/amd64", ATTESTS),
                                   store_entry(store, amd64, NULL, ATTESTS),
                                   store_entry(store, amd64, "unknown/unknown", "")};
    struct oci_image image;
    assert_assembles(store, store_put_index(store, entries, 3), OCI_INDEX, &image);
    assert_int_equal(image.n_images, 3);
}

/* Entries of which nothing can be told: no manifest, and a manifest of something else. */
static void artifacts(void **state)
{
    (void)state;
    struct store *store = new_store();
    const char *empty = store_put(store, STR("{}"));
    struct str manifest =
        arena_printf(&test_arena,
                     "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"%s\",\"digest\":\"%s\","
                     "\"size\":2},\"layers\":[]}",
                     OCI_EMPTY, empty);
    const char *digest = store_put(store, manifest);
    struct oci_image image;
    assert_assembles(store, digest, OCI_MANIFEST, &image);
    assert_int_equal(image.n_images, 1);
    assert_false(image.images[0].known);
    assert_int_equal(image.images[0].platform.os.n, 0);
    assert_int_equal(store->reads, 1);

    const char *const entries[] = {"{\"mediaType\":\"a/b\",\"digest\":\"" SHA256
                                   "\",\"size\":7,\"platform\":{"
                                   "\"os\":\"linux\",\"architecture\":\"amd64\"}}",
                                   store_entry(store, digest, NULL, "")};
    assert_assembles(store, store_put_index(store, entries, 2), OCI_INDEX, &image);
    assert_int_equal(image.n_images, 2);
    assert_false(image.images[0].known || image.images[1].known);
    assert_string_equal(oci_platform_print(&test_arena, &image.images[0].platform).p,
                        "linux/amd64");
}

static void nested(void **state)
{
    (void)state;
    struct store *store = new_store();
    const char *digest = store_put_image(store, AMD64, 1);
    struct oci_image image;
    for (unsigned depth = 1; depth <= LIMIT_INDEX_DEPTH; depth++) {
        const char *entry = store_entry(store, digest, NULL, "");
        digest = store_put_index(store, &entry, 1);
        assert_assembles(store, digest, OCI_INDEX, &image);
        assert_int_equal(image.n_images, 1);
        assert_true(image.images[0].known);
        assert_int_equal(store->reads, depth + 2);
    }
    const char *entry = store_entry(store, digest, NULL, "");
    assert_refused(store, store_put_index(store, &entry, 1), OCI_INDEX, ERROR_LIMIT,
                   "more than 4 indexes stand in each other");
}

/* -- what will be read is told beforehand -- */

static const struct oci_reader *behind;
static struct str told[8];
static size_t n_told, n_read;

static status read_told(void *self, const struct oci_descriptor *descriptor, size_t max,
                        struct arena *arena, struct str *ret_bytes, struct error *err)
{
    (void)self;
    bool known = n_read++ == 0; /* the root */
    for (size_t i = 0; i < n_told; i++) {
        known = known || str_eq(told[i], descriptor->digest);
    }
    assert_true(known);
    return behind->read(behind->self, descriptor, max, arena, ret_bytes, err);
}

static void tell(void *self, const struct oci_descriptor *descriptor)
{
    (void)self;
    assert_true(n_told < COUNT(told));
    assert_true(descriptor->size > 0);
    told[n_told++] = arena_dup(&test_arena, descriptor->digest);
}

static void announced(void **state)
{
    (void)state;
    struct store *store = new_store();
    const char *amd64 = store_put_image(store, AMD64, 1);
    const char *arm64 = store_put_image(store, ARM64, 2);
    const char *attestation = store_put_image(store, UNKNOWN, 3);
    const char *const entries[] = {store_entry(store, amd64, "linux/amd64", ""),
                                   store_entry(store, attestation, "unknown/unknown", ATTESTS),
                                   store_entry(store, arm64, "linux/arm64", "")};
    const char *digest = store_put_index(store, entries, COUNT(entries));
    const struct oci_descriptor root = {.media_type = STR(OCI_INDEX), .digest = str_from(digest)};
    const struct oci_reader own = store_reader(store);
    const struct oci_reader reader = {.read = read_told, .announce = tell};
    struct oci_image image;
    struct error err;
    behind = &own;
    n_told = n_read = 0;
    assert_false(failed(oci_image_assemble(&reader, &root, &test_arena, &image, &err)));
    assert_int_equal(n_told, 4);
    assert_string_equal(told[0].p, amd64);
    assert_string_equal(told[1].p, arm64);
    assert_true(str_eq(told[2], image.images[0].manifest.config.digest));
    assert_true(str_eq(told[3], image.images[1].manifest.config.digest));
    assert_int_equal(n_read, 5);
}

static void many(void **state)
{
    (void)state;
    struct store *store = new_store();
    const char *entries[LIMIT_IMAGE_PLATFORMS + 1];
    const char *one = store_entry(store, store_put_image(store, AMD64, 1), "linux/amd64", "");
    for (size_t i = 0; i < COUNT(entries); i++) {
        entries[i] = one;
    }
    struct oci_image image;
    assert_assembles(store, store_put_index(store, entries, LIMIT_IMAGE_PLATFORMS), OCI_INDEX,
                     &image);
    assert_int_equal(image.n_images, LIMIT_IMAGE_PLATFORMS);
    const char *digest = store_put_index(store, entries, LIMIT_IMAGE_PLATFORMS + 1);
    assert_refused(store, digest, OCI_INDEX, ERROR_LIMIT, "the index names more than 64 images");

    /* Indexes of nothing multiply too. */
    const char *none = store_entry(store, store_put_index(store, NULL, 0), NULL, "");
    for (size_t i = 0; i < COUNT(entries); i++) {
        entries[i] = none;
    }
    const char *level = store_entry(store, store_put_index(store, entries, 40), NULL, "");
    for (size_t i = 0; i < COUNT(entries); i++) {
        entries[i] = level;
    }
    assert_refused(store, store_put_index(store, entries, 40), OCI_INDEX, ERROR_LIMIT,
                   "the index names more than 64 images");
    assert_true(store->reads <= LIMIT_IMAGE_PLATFORMS + 1);
}

/* A reader that gives something else than was asked for. */
static void lies(void **state)
{
    (void)state;
    struct store *store = new_store();
    const char *digest = store_put_image(store, AMD64, 1);
    const char *entry = store_entry(store, digest, "linux/amd64", "");
    const char *index = store_put_index(store, &entry, 1);
    struct stored *config = &store->items[0], *manifest = &store->items[1];
    struct str sound = config->bytes;
    char wanted[ERROR_TEXT_MAX];

    config->bytes = arena_dup(&test_arena, sound);
    ((char *)(uintptr_t)config->bytes.p)[sound.n - 1] = ' ';
    snprintf(wanted, sizeof wanted, "linux/amd64: the config is not what its digest %s says",
             config->digest.p);
    assert_refused(store, index, OCI_INDEX, ERROR_EVIDENCE, wanted);
    config->bytes = str_sub(sound, 0, sound.n - 1);
    snprintf(wanted, sizeof wanted, "linux/amd64: the config has %zu bytes, and %zu were announced",
             sound.n - 1, sound.n);
    assert_refused(store, index, OCI_INDEX, ERROR_EVIDENCE, wanted);
    config->bytes = sound;

    sound = manifest->bytes;
    manifest->bytes = arena_printf(&test_arena, "%s ", sound.p);
    snprintf(wanted, sizeof wanted,
             "linux/amd64: the manifest has %zu bytes, and %zu were announced", sound.n + 1,
             sound.n);
    assert_refused(store, index, OCI_INDEX, ERROR_EVIDENCE, wanted);
    snprintf(wanted, sizeof wanted, "the manifest is not what its digest %s says", digest);
    assert_refused(store, digest, OCI_MANIFEST, ERROR_EVIDENCE, wanted); /* of unknown size */
    manifest->bytes = sound;

    /* Layers that only one of them has are in no count and no sum. */
    const char *other = store_put_image(
        store, "{'os':'linux','architecture':'amd64','rootfs':{'type':'layers','diff_ids':[]}}", 1);
    assert_refused(store, other, OCI_MANIFEST, ERROR_EVIDENCE,
                   "the manifest has 1 layers and its config 0: they must be as many");
    assert_refused(store, digest, OCI_INDEX, ERROR_EVIDENCE, "config: has no place in an index");
    assert_refused(store, SHA256, OCI_INDEX, ERROR_NOT_FOUND, "not in the store");
}

static void sizes(void **state)
{
    (void)state;
    struct store *store = new_store();
    const char *const entries[] = {"{\"mediaType\":\"" OCI_MANIFEST "\",\"digest\":\"" SHA256
                                   "\",\"size\":4194305}"};
    assert_refused(store, store_put_index(store, entries, 1), OCI_INDEX, ERROR_LIMIT,
                   "the manifest is larger than 4194304 bytes");
    assert_int_equal(store->reads, 1); /* it was not even asked for */
    static const char CONFIG[] = "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"" OCI_CONFIG
                                 "\",\"digest\":\"" SHA256 "\",\"size\":#},\"layers\":[]}";
    struct str text = repeated("", CONFIG, 1, "");
    assert_refused(store, store_put(store, text), OCI_MANIFEST, ERROR_EVIDENCE,
                   "the config is empty");
    text = json("{'schemaVersion':2,'config':{'mediaType':'" OCI_CONFIG "','digest':'" SHA256
                "','size':4194305},'layers':[]}");
    assert_refused(store, store_put(store, text), OCI_MANIFEST, ERROR_LIMIT,
                   "the config is larger than 4194304 bytes");
    assert_int_equal(store->reads, 1);
}

/* Ten images of a mebibyte each are more than may be known of one. */
static void memory(void **state)
{
    (void)state;
    struct store *store = new_store();
    struct str big =
        padded("{'os':'linux','architecture':'amd64','variant':'", "'," ROOTFS_OF "}", MIB);
    const char *entries[10];
    for (size_t i = 0; i < COUNT(entries); i++) {
        const char *image = store_put_image(store, big.p, (unsigned)i);
        entries[i] = store_entry(store, image, "linux/amd64", "");
    }
    struct oci_image image;
    assert_assembles(store, store_put_index(store, entries, 7), OCI_INDEX, &image);
    size_t used = test_arena.used;
    assert_refused(store, store_put_index(store, entries, 10), OCI_INDEX, ERROR_LIMIT,
                   "linux/amd64: what the image is takes more than 8388608 bytes of memory");
    assert_true(test_arena.used - used <= LIMIT_IMAGE_MEMORY + 16u * KIB); /* and the index */
}

/* What is taken is what may be, to the byte; whatever of it is too little, no more is taken. */
static void room(void **state)
{
    (void)state;
    struct store *store = new_store();
    const char *entries[] = {
        store_entry(store, store_put_image(store, AMD64, 1), "linux/amd64", ""),
        store_entry(store, store_put_image(store, ARM64, 2), "linux/arm64", "")};
    const struct oci_descriptor root = {.media_type = STR(OCI_INDEX),
                                        .digest = str_from(store_put_index(store, entries, 2))};
    struct oci_reader reader = store_reader(store);
    struct oci_image image;
    struct error err;
    arena_auto arena;
    arena_init(&arena, MIB);
    assert_false(failed(oci_image_assemble(&reader, &root, &arena, &image, &err)));
    size_t needed = arena.used;
    for (reader.room = 16; reader.room <= needed; reader.room += 16) {
        arena_reset(&arena);
        bool bad = failed(oci_image_assemble(&reader, &root, &arena, &image, &err));
        assert_int_equal(bad, reader.room < needed);
        assert_true(arena.used <= reader.room);
        assert_true(!bad || err.kind == ERROR_LIMIT);
    }
    reader.room = needed - 1;
    assert_true(failed(oci_image_assemble(&reader, &root, &arena, &image, &err)));
}

int assemble_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lone, start, stop),
        cmocka_unit_test_setup_teardown(platforms, start, stop),
        cmocka_unit_test_setup_teardown(false_attestations, start, stop),
        cmocka_unit_test_setup_teardown(artifacts, start, stop),
        cmocka_unit_test_setup_teardown(nested, start, stop),
        cmocka_unit_test_setup_teardown(announced, start, stop),
        cmocka_unit_test_setup_teardown(many, start, stop),
        cmocka_unit_test_setup_teardown(lies, start, stop),
        cmocka_unit_test_setup_teardown(sizes, start, stop),
        cmocka_unit_test_setup_teardown(memory, start, stop),
        cmocka_unit_test_setup_teardown(room, start, stop),
    };
    return cmocka_run_group_tests_name("assemble", tests, NULL, NULL);
}

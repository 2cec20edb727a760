#include "documents.h"

static struct oci_platform_image image_of(const char *os, const char *architecture,
                                          const char *variant, uint64_t size, size_t n_layers)
{
    struct oci_descriptor *layers = ARENA_ARRAY(&test_arena, struct oci_descriptor, n_layers);
    for (size_t i = 0; i < n_layers; i++) {
        layers[i].size = size;
    }
    return (struct oci_platform_image){
        .platform = {str_from(os), str_from(architecture), str_from(variant), STR_EMPTY},
        .manifest = {.layers = layers, .n_layers = n_layers, .config = {.size = 1}},
    };
}

static void facts(void **state)
{
    (void)state;
    struct oci_platform_image images[] = {
        image_of("linux", "amd64", "", 10, 3),
        image_of("linux", "arm64", "", 40, 1),
        image_of("linux", "arm", "v7", 1, 5),
        image_of("linux", "amd64", "", 7, 1),
    };
    const struct oci_image image = {.images = images, .n_images = COUNT(images)};
    assert_int_equal(oci_image_size(&image), 41);
    assert_int_equal(oci_image_layers(&image), 5);
    assert_int_equal(oci_platform_image_size(&images[0]), 31);
    struct oci_platform platform;
    struct error err;
    assert_false(failed(oci_platform_parse(STR("linux/x86_64"), &platform, &err)));
    assert_ptr_equal(oci_image_find(&image, &platform), &images[0]);
    assert_false(failed(oci_platform_parse(STR("linux/arm"), &platform, &err)));
    assert_ptr_equal(oci_image_find(&image, &platform), &images[2]);
    assert_false(failed(oci_platform_parse(STR("linux/s390x"), &platform, &err)));
    assert_null(oci_image_find(&image, &platform));
    const struct oci_image none = {0};
    assert_int_equal(oci_image_size(&none) + oci_image_layers(&none), 0);
}

static void attestations(void **state)
{
    (void)state;
    const struct oci_pair marked = {STR("vnd.docker.reference.type"), STR("attestation-manifest")};
    struct oci_descriptor descriptor = {
        .has_platform = true,
        .platform = {STR("unknown"), STR("unknown"), STR_EMPTY, STR_EMPTY},
        .annotations = &marked,
        .n_annotations = 1,
    };
    assert_true(oci_descriptor_is_attestation(&descriptor));
    descriptor.n_annotations = 0;
    assert_false(oci_descriptor_is_attestation(&descriptor));
    descriptor.n_annotations = 1;
    descriptor.platform.os = STR("linux"); /* a machine would take it */
    assert_false(oci_descriptor_is_attestation(&descriptor));
    descriptor.platform.os = STR("unknown");
    descriptor.has_platform = false;
    assert_false(oci_descriptor_is_attestation(&descriptor));
}

int image_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(facts, start, stop),
        cmocka_unit_test(attestations),
    };
    return cmocka_run_group_tests_name("image", tests, NULL, NULL);
}

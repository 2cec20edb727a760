#include "net.h"

#include "crypto/digest.h"

#define R "GET https://r.example/v2/a/b/"

static struct str sent(const char *kind, struct str digest)
{
    return arena_printf(&arena, R "%s/%.*s guarded", kind, STR_ARG(digest));
}

static void manifests(void **state)
{
    (void)state;
    struct registry_content content;
    struct reference reference = reference_of("r.example/a/b:1");
    const struct hop good = {sent("manifests", manifest_digest).p, 200, .type = OCI_INDEX,
                             .body = MANIFEST};
    net(&good, 1);
    assert_false(
        failed(registry_manifest(registry(), &reference, manifest_digest, &call, &content, &err)));
    assert_string_equal(content.body.p, MANIFEST);
    assert_string_equal(content.media_type.p, OCI_INDEX);
    assert_string_equal(content.digest.p, manifest_digest.p);
    const struct hop other = {good.sent, 200, .type = OCI_INDEX, .body = MANIFEST " "};
    net(&other, 1);
    assert_true(
        failed(registry_manifest(registry(), &reference, manifest_digest, &call, &content, &err)));
    assert_int_equal(err.kind, ERROR_EVIDENCE);
    assert_non_null(strstr(err.text, "do not have the digest"));
    net_is_over();
}

static void blobs(void **state)
{
    (void)state;
    struct registry_content content;
    struct reference reference = reference_of("r.example/a/b:1");
    struct oci_descriptor it = {.media_type = STR(OCI_CONFIG),
                                .size = 4,
                                .digest = digest_of(&arena, STR("sha256"), STR("blob"))};
    const struct hop good[] = {
        {sent("blobs", it.digest).p, 307, .location = "https://store/x"},
        {"GET https://store/x guarded", 200, .body = "blob", .type = "text/plain"}};
    net(good, 2);
    assert_false(failed(registry_blob(registry(), &reference, &it, &call, &content, &err)));
    assert_string_equal(content.body.p, "blob");
    assert_string_equal(content.media_type.p, OCI_CONFIG); /* as was promised */
    static const struct {
        const char *body;
        enum error_kind kind;
    } CASES[] = {{"blub", ERROR_EVIDENCE}, {"blobs", ERROR_LIMIT}, {"blo", ERROR_EVIDENCE}};
    for (size_t i = 0; i < COUNT(CASES); i++) {
        const struct hop bad = {good[0].sent, 200, .body = CASES[i].body};
        net(&bad, 1);
        assert_true(failed(registry_blob(registry(), &reference, &it, &call, &content, &err)));
        assert_int_equal(err.kind, CASES[i].kind);
    }
    it.size = 5; /* of which the digest says nothing */
    const struct hop shorter = {good[0].sent, 200, .body = "blob"};
    net(&shorter, 1);
    assert_true(failed(registry_blob(registry(), &reference, &it, &call, &content, &err)));
    assert_string_equal(err.text, "r.example: the blob has 4 bytes, not 5");
    it.size = call.max_blob + 1; /* nothing is sent */
    assert_true(failed(registry_blob(registry(), &reference, &it, &call, &content, &err)));
    assert_int_equal(err.kind, ERROR_LIMIT);
    net_is_over();
}

/* A manifest and its config, each asked for by its digest. */
static void images(void **state)
{
    (void)state;
    static const char CONFIG[] = "{\"os\":\"linux\",\"architecture\":\"arm64\",\"rootfs\":"
                                 "{\"type\":\"layers\",\"diff_ids\":[]}}";
    struct str config = digest_of(&arena, STR("sha256"), str_from(CONFIG));
    struct str text = arena_printf(&arena,
                                   "{\"schemaVersion\":2,\"mediaType\":\"" OCI_MANIFEST
                                   "\",\"layers\":[],\"config\":{\"mediaType\":\"" OCI_CONFIG
                                   "\",\"size\":%zu,\"digest\":\"%s\"}}",
                                   strlen(CONFIG), config.p);
    const struct registry_resolved resolved = {.digest = digest_of(&arena, STR("sha256"), text),
                                               .media_type = STR(OCI_MANIFEST)};
    struct reference reference = reference_of("r.example/a/b:1");
    struct oci_image image;
    const struct hop good[] = {
        {sent("manifests", resolved.digest).p, 200, .type = OCI_MANIFEST, .body = text.p},
        {sent("blobs", config).p, 200, .body = CONFIG}};
    net(good, 2);
    if (failed(registry_image(registry(), &reference, &resolved, &call, &image, &err))) {
        fail_msg("%s", err.text);
    }
    assert_int_equal(image.n_images, 1);
    assert_true(str_eq(image.images[0].platform.architecture, STR("arm64")));
    const struct hop lying[] = {good[0], {good[1].sent, 200, .body = "{}"}};
    net(lying, 2);
    assert_true(failed(registry_image(registry(), &reference, &resolved, &call, &image, &err)));
    assert_int_equal(err.kind, ERROR_EVIDENCE);
    const struct hop bad[] = {good[0], {good[1].sent, 404}};
    net(bad, 2);
    assert_true(failed(registry_image(registry(), &reference, &resolved, &call, &image, &err)));
    assert_int_equal(err.kind, ERROR_NOT_FOUND);
    net_is_over();
}

/* An index that stands in another: it must be sent as what it is announced as. */
static void another_type(void **state)
{
    (void)state;
    struct str text = arena_printf(&arena,
                                   "{\"schemaVersion\":2,\"mediaType\":\"" OCI_INDEX
                                   "\",\"manifests\":[{\"mediaType\":\"" OCI_INDEX
                                   "\",\"size\":%zu,\"digest\":\"%s\"}]}",
                                   strlen(MANIFEST), MANIFEST_DIGEST);
    const struct registry_resolved resolved = {.digest = digest_of(&arena, STR("sha256"), text),
                                               .media_type = STR(OCI_INDEX)};
    struct reference reference = reference_of("r.example/a/b:1");
    struct oci_image image;
    const struct hop hops[] = {
        {sent("manifests", resolved.digest).p, 200, .type = OCI_INDEX, .body = text.p},
        {sent("manifests", manifest_digest).p, 200, .type = OCI_MANIFEST, .body = MANIFEST}};
    net(hops, 2);
    assert_true(failed(registry_image(registry(), &reference, &resolved, &call, &image, &err)));
    assert_string_equal(err.text, "r.example: it is sent as " OCI_MANIFEST
                                  ", and is announced as " OCI_INDEX);
    assert_int_equal(err.kind, ERROR_EVIDENCE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, net_start, net_end)

int content_tests(void)
{
    const struct CMUnitTest tests[] = {TEST(manifests), TEST(blobs), TEST(images),
                                       TEST(another_type)};
    return cmocka_run_group_tests_name("content", tests, NULL, NULL);
}

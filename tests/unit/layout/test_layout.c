#include "test.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "crypto/digest.h"
#include "json/doc.h"

#define VERSION "{\"imageLayoutVersion\":\"1.0.0\"}"
#define HEX     "5b0bcabd1ed22e9fb1310cf6c2dec7cdef19f0ad69efa1f392e94a4333501270"
#define ABSENT  "sha256:" HEX
#define CONFIG                                                                                     \
    "{\"os\":\"linux\",\"architecture\":\"arm64\",\"config\":{\"User\":\"1\"},\"rootfs\":{"        \
    "\"type\":\"layers\","                                                                         \
    "\"diff_ids\":[]}}"

/* A layout in the working directory, "layout", and the same as an archive, "layout.tar". */
static const char *const FORMS[] = {"layout", "layout.tar"};
static struct archive archive;

static void put(const char *name, struct str bytes)
{
    put_file(arena_printf(&test_arena, "layout/%s", name).p, bytes);
    archive_add(&archive, '0', name, bytes);
}

static const char *put_blob(struct str bytes)
{
    struct str digest = digest_of(&test_arena, STR("sha256"), bytes);
    put(arena_printf(&test_arena, "blobs/sha256/%s", digest.p + 7).p, bytes);
    return digest.p;
}

static void begin(void)
{
    archive_start(&archive);
    assert_int_equal(mkdir("layout", 0700), 0);
    assert_int_equal(mkdir("layout/blobs", 0700), 0);
    assert_int_equal(mkdir("layout/blobs/sha256", 0700), 0);
    archive_add(&archive, '5', "blobs/", STR_EMPTY);
}

static void finish(const char *index)
{
    put("oci-layout", STR(VERSION));
    put("index.json", str_from(index));
    archive_write(&archive, "layout.tar");
}

static struct str manifest_of(const char *config, const char *more)
{
    return arena_printf(&test_arena,
                        "{\"schemaVersion\":2,%s\"config\":{\"mediaType\":\"" OCI_CONFIG
                        "\",\"digest\":"
                        "\"%s\",\"size\":%zu},\"layers\":[]}",
                        more, config, strlen(CONFIG));
}

static const char *entry(const char *media_type, const char *digest, size_t size,
                         const char *annotations)
{
    return arena_printf(
               &test_arena,
               "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%zu,\"annotations\":{%s}}",
               media_type, digest, size, annotations)
        .p;
}

static const char *index_of(const char *entries)
{
    return arena_printf(&test_arena, "{\"schemaVersion\":2,\"manifests\":[%s]}", entries).p;
}

#define REF(name)  "\"org.opencontainers.image.ref.name\":\"" name "\""
#define FULL(name) "\"io.containerd.image.name\":\"" name "\""

/* Three images: by docker, by skopeo, by buildah; and an index of the first. Their digests. */
static struct {
    const char *docker, *skopeo, *buildah, *index, *config;
} digests;

static void build(void)
{
    begin();
    digests.config = put_blob(STR(CONFIG));
    struct str one = manifest_of(digests.config, ""), two = manifest_of(digests.config, " "),
               three = manifest_of(digests.config, "  ");
    digests.docker = put_blob(one);
    digests.skopeo = put_blob(two);
    digests.buildah = put_blob(three);
    struct str index = str_from(index_of(entry(OCI_MANIFEST, digests.docker, one.n, "")));
    digests.index = put_blob(index);
    const char *entries[] = {
        entry(OCI_INDEX, digests.index, index.n,
              FULL("docker.io/library/nginx:1.27") "," REF("1.27")),
        entry(OCI_MANIFEST, digests.skopeo, two.n, REF("v1")),
        entry(OCI_MANIFEST, digests.buildah, three.n, REF("ghcr.io/acme/app:2")),
        entry(OCI_MANIFEST, digests.buildah, three.n, REF("ghcr.io/acme/app:latest")),
    };
    finish(index_of(
        arena_printf(&test_arena, "%s,%s,%s,%s", entries[0], entries[1], entries[2], entries[3])
            .p));
}

static struct layout *open_or_fail(const char *path)
{
    struct layout *layout = NULL;
    struct error err;
    if (failed(layout_open(&test_arena, path, &layout, &err))) {
        fail_msg("%s", err.text);
    }
    return layout;
}

static void assert_not_opened(const char *path, enum error_kind kind, const char *wanted)
{
    struct layout *layout = NULL;
    struct error err;
    assert_true(failed(layout_open(&test_arena, path, &layout, &err)));
    assert_error(&err, kind, wanted);
    assert_null(layout);
}

/* -- tests -- */

static void entries(void **state)
{
    (void)state;
    build();
    for (size_t i = 0; i < COUNT(FORMS); i++) {
        struct layout *layout = open_or_fail(FORMS[i]);
        size_t n;
        const struct layout_entry *list = layout_entries(layout, &n);
        assert_int_equal(n, 4);
        assert_string_equal(list[0].name.p, "docker.io/library/nginx:1.27");
        assert_string_equal(list[0].tag.p, "1.27");
        assert_int_equal(list[1].name.n, 0);
        assert_string_equal(list[1].tag.p, "v1");
        assert_string_equal(list[2].name.p, "ghcr.io/acme/app:2");
        assert_string_equal(list[2].descriptor->digest.p, digests.buildah);
        layout_close(layout);
    }
    layout_close(NULL);
}

static void finding(void **state)
{
    (void)state;
    build();
    const struct {
        const char *name, *digest, *media_type;
    } cases[] = {
        {"nginx:1.27", digests.index, OCI_INDEX},
        {"docker.io/nginx:1.27", digests.index, OCI_INDEX},
        {"1.27", digests.index, OCI_INDEX},
        {"v1", digests.skopeo, OCI_MANIFEST},
        {"ghcr.io/acme/app:2", digests.buildah, OCI_MANIFEST},
        {"ghcr.io/acme/app", digests.buildah, OCI_MANIFEST},
        {digests.skopeo, digests.skopeo, OCI_MANIFEST},
        {digests.docker, digests.docker, OCI_MANIFEST}, /* it is in an index alone */
        {arena_printf(&test_arena, "any.example/x:9@%s", digests.docker).p, digests.docker,
         OCI_MANIFEST},
    };
    for (size_t i = 0; i < COUNT(FORMS) * COUNT(cases); i++) {
        struct layout *layout = open_or_fail(FORMS[i % 2]);
        const struct oci_descriptor *found = NULL;
        struct error err;
        if (failed(layout_find(layout, str_from(cases[i / 2].name), &test_arena, &found, &err))) {
            fail_msg("%s", err.text);
        }
        assert_string_equal(found->digest.p, cases[i / 2].digest);
        assert_string_equal(found->media_type.p, cases[i / 2].media_type);
        assert_true(found->size > 0);
        layout_close(layout);
    }
}

static void assert_not_found(const char *path, const char *name, enum error_kind kind,
                             const char *wanted)
{
    struct layout *layout = open_or_fail(path);
    const struct oci_descriptor *found = NULL;
    struct error err;
    assert_true(failed(layout_find(layout, str_from(name), &test_arena, &found, &err)));
    assert_error(&err, kind, wanted);
    assert_null(found);
    layout_close(layout);
}

static void not_found(void **state)
{
    (void)state;
    build();
#define THERE "docker.io/library/nginx:1.27, v1, ghcr.io/acme/app:2 and 1 more"
    assert_not_found("layout", "", ERROR_NOT_FOUND, "layout: has 4 images; say which one: " THERE);
    assert_not_found("layout", "nginx", ERROR_NOT_FOUND,
                     "layout: has no image \"nginx\"; it has: " THERE);
    assert_not_found("layout", "ghcr.io/acme/v1", ERROR_NOT_FOUND,
                     "layout: has no image \"ghcr.io/acme/v1\"; it has: " THERE);
    /* A tag alone is of no repository. */
    assert_not_found("layout", "ghcr.io/acme/app:v1", ERROR_NOT_FOUND,
                     "layout: has no image \"ghcr.io/acme/app:v1\"; it has: " THERE);
    assert_not_found("layout", ABSENT, ERROR_NOT_FOUND,
                     "layout/blobs/sha256/" HEX ": cannot open: No such file or directory");
    assert_not_found("layout.tar", ABSENT, ERROR_NOT_FOUND, "layout.tar: has no blobs/sha256/" HEX);
    char wanted[ERROR_TEXT_MAX];
    snprintf(wanted, sizeof wanted, "layout: %s: schemaVersion: is missing", digests.config);
    assert_not_found("layout", digests.config, ERROR_EVIDENCE, wanted); /* it is no manifest */
}

/* The only image needs no name; a name of two images is nobody's. */
static void only_and_two(void **state)
{
    (void)state;
    begin();
    const char *one = entry(OCI_MANIFEST, ABSENT, 7, "");
    finish(index_of(one));
    struct layout *layout = open_or_fail("layout.tar");
    const struct oci_descriptor *found = NULL;
    struct error err;
    assert_false(failed(layout_find(layout, STR_EMPTY, &test_arena, &found, &err)));
    assert_string_equal(found->digest.p, ABSENT);
    layout_close(layout);
    assert_not_found("layout", "x", ERROR_NOT_FOUND,
                     "layout: has no image \"x\"; it has: none has a name");

    struct str other = digest_of(&test_arena, STR("sha256"), STR("other"));
    const char *two = arena_printf(&test_arena, "%s,%s", entry(OCI_MANIFEST, ABSENT, 7, REF("a")),
                                   entry(OCI_MANIFEST, other.p, 7, REF("a")))
                          .p;
    put_file("layout/index.json", str_from(index_of(two)));
    char wanted[ERROR_TEXT_MAX];
    snprintf(wanted, sizeof wanted, "layout: two images are called \"a\": %s and %s", ABSENT,
             other.p);
    assert_not_found("layout", "a", ERROR_EVIDENCE, wanted);
}

static void assembled(void **state)
{
    (void)state;
    build();
    for (size_t i = 0; i < COUNT(FORMS); i++) {
        struct layout *layout = open_or_fail(FORMS[i]);
        const struct oci_descriptor *found;
        struct error err;
        struct oci_image image;
        assert_false(failed(layout_find(layout, STR("nginx:1.27"), &test_arena, &found, &err)));
        const struct oci_reader reader = layout_reader(layout);
        if (failed(oci_image_assemble(&reader, found, &test_arena, &image, &err))) {
            fail_msg("%s", err.text);
        }
        layout_close(layout);
        assert_int_equal(image.n_images, 1);
        assert_string_equal(image.digest.p, digests.index);
        assert_string_equal(image.images[0].config.user.p, "1");
        assert_string_equal(oci_platform_print(&test_arena, &image.images[0].platform).p,
                            "linux/arm64");
    }
}

static void assert_not_read(const char *digest, uint64_t size, size_t max, enum error_kind kind,
                            const char *wanted)
{
    struct layout *layout = open_or_fail("layout");
    const struct oci_descriptor descriptor = {.digest = str_from(digest), .size = size};
    struct str bytes;
    struct error err;
    assert_true(failed(layout_read(layout, &descriptor, max, &test_arena, &bytes, &err)));
    assert_error(&err, kind, wanted);
    layout_close(layout);
}

static void reading(void **state)
{
    (void)state;
    char wanted[ERROR_TEXT_MAX];
    begin();
    const char *digest = put_blob(STR("bytes"));
    finish(index_of(""));
    for (size_t i = 0; i < COUNT(FORMS); i++) {
        struct layout *layout = open_or_fail(FORMS[i]);
        struct oci_descriptor descriptor = {.digest = str_from(digest), .size = 5};
        struct str bytes;
        struct error err;
        assert_false(failed(layout_read(layout, &descriptor, 5, &test_arena, &bytes, &err)));
        assert_true(str_eq(bytes, STR("bytes")));
        descriptor.size = 0;
        assert_false(failed(layout_read(layout, &descriptor, 5, &test_arena, &bytes, &err)));
        layout_close(layout);
    }
    const char *name = arena_printf(&test_arena, "blobs/sha256/%s", digest + 7).p;
    snprintf(wanted, sizeof wanted, "layout: %s is larger than 4 bytes", name);
    assert_not_read(digest, 5, 4, ERROR_LIMIT, wanted);
    snprintf(wanted, sizeof wanted, "layout: %s has 5 bytes, and 6 were announced", name);
    assert_not_read(digest, 6, 9, ERROR_EVIDENCE, wanted);
    put_file(arena_printf(&test_arena, "layout/%s", name).p, STR("other"));
    snprintf(wanted, sizeof wanted, "layout: %s is not what its name says", name);
    assert_not_read(digest, 5, 9, ERROR_EVIDENCE, wanted);
    assert_not_read("sha256:../../index.json", 5, 9, ERROR_EVIDENCE,
                    "layout: the digest has the wrong length: sha256 has 64 hex digits, sha384 96, "
                    "sha512 128");
    assert_not_read("../x:5", 5, 9, ERROR_EVIDENCE,
                    "layout: the digest is malformed: an algorithm, \":\" and lower-case hex "
                    "digits are expected");
}

/* Nothing outside the folder is opened, and nothing that would make us wait. */
static void outside(void **state)
{
    (void)state;
    char wanted[ERROR_TEXT_MAX];
    begin();
    const char *digest = put_blob(STR("secret"));
    finish(index_of(""));
    const char *name = arena_printf(&test_arena, "layout/blobs/sha256/%s", digest + 7).p;
    assert_int_equal(rename(name, "outside"), 0);
    assert_int_equal(symlink("../../../outside", name), 0);
    snprintf(wanted, sizeof wanted, "%s: is a symbolic link, which is not followed", name);
    assert_not_read(digest, 6, 9, ERROR_INTERNAL, wanted);
    assert_int_equal(unlink(name), 0);
    assert_int_equal(mkfifo(name, 0600), 0);
    snprintf(wanted, sizeof wanted, "%s: is not a regular file", name);
    assert_not_read(digest, 6, 9, ERROR_INTERNAL, wanted);
    assert_int_equal(unlink(name), 0);
    assert_int_equal(rename("outside", name), 0);
    assert_int_equal(rename("layout/blobs", "elsewhere"), 0);
    assert_int_equal(symlink("../elsewhere", "layout/blobs"), 0);
    snprintf(wanted, sizeof wanted, "%s: cannot open: Not a directory", name);
    assert_not_read(digest, 6, 9, ERROR_NOT_FOUND, wanted);
    assert_int_equal(unlink("layout/blobs"), 0);
    assert_int_equal(rename("layout/index.json", "index.json"), 0);
    assert_int_equal(symlink("../index.json", "layout/index.json"), 0);
    assert_not_opened("layout", ERROR_INTERNAL,
                      "layout/index.json: is a symbolic link, which is not followed");
    /* The layout itself was named by a person. */
    assert_int_equal(unlink("layout/index.json"), 0);
    assert_int_equal(rename("index.json", "layout/index.json"), 0);
    assert_int_equal(symlink("layout", "link"), 0);
    layout_close(open_or_fail("link"));
}

static void no_layouts(void **state)
{
    (void)state;
    begin();
    archive_write(&archive, "layout.tar");
    assert_not_opened("none", ERROR_NOT_FOUND, "none: cannot open: No such file or directory");
    assert_not_opened("/dev/null", ERROR_INTERNAL, "/dev/null: is not a regular file");
    assert_not_opened("layout", ERROR_EVIDENCE, "layout: is no OCI layout: it has no oci-layout");
    assert_not_opened("layout.tar", ERROR_EVIDENCE,
                      "layout.tar: is no OCI layout: it has no oci-layout");
    put_file("layout/oci-layout", STR(VERSION));
    assert_not_opened("layout", ERROR_EVIDENCE, "layout: is no OCI layout: it has no index.json");
    put_file("layout/index.json", STR("{\"schemaVersion\":2,\"layers\":[]}"));
    assert_not_opened("layout", ERROR_EVIDENCE,
                      "layout: index.json: layers: has no place in an index");
    archive_start(&archive);
    archive_add(&archive, '0', "manifest.json", STR("[]"));
    archive_add(&archive, '2', "0123/layer.tar", STR_EMPTY);
    archive_write(&archive, "docker.tar");
    assert_not_opened("docker.tar", ERROR_EVIDENCE,
                      "docker.tar: is an archive in docker's own format, which names no digests; "
                      "save it by docker 26 or later, or as an oci-archive");
    archive_start(&archive);
    archive_add(&archive, '0', "oci-layout", STR(VERSION));
    archive_add(&archive, '0', "index.json", str_from(index_of("")));
    archive_add(&archive, '2', "blobs/sha256", STR_EMPTY);
    archive_write(&archive, "link.tar");
    assert_not_opened("link.tar", ERROR_EVIDENCE,
                      "link.tar: \"blobs/sha256\" is a link, a sparse file or a device, which is "
                      "not read");
    const struct str compressed[] = {STR("\x1f\x8b\x08"), STR("\x28\xb5\x2f\xfd"),
                                     STR("\xfd\x37zXZ"), STR("BZh9")};
    for (size_t i = 0; i < COUNT(compressed); i++) {
        put_file("x.tar.gz", compressed[i]);
        assert_not_opened("x.tar.gz", ERROR_EVIDENCE, "x.tar.gz: is compressed; unpack it first");
    }
}

/* What the file oci-layout may say. */
static void versions(void **state)
{
    (void)state;
    begin();
    finish(index_of(""));
    const struct {
        struct str text;
        const char *wanted; /* the beginning */
    } cases[] = {
        {STR("{\"imageLayoutVersion\": 1.0.0}"), "layout: oci-layout: line 1, column 27: "},
        {STR("{\"imageLayoutVersion\":\"2.0.0\"}"),
         "layout: oci-layout: imageLayoutVersion must be \"1.0.0\""},
        {STR("[]"), "layout: oci-layout: imageLayoutVersion must be \"1.0.0\""},
        {STR("{}"), "layout: oci-layout: imageLayoutVersion must be \"1.0.0\""},
        {STR(""), "layout: oci-layout: the text is empty"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct layout *layout;
        struct error err;
        put_file("layout/oci-layout", cases[i].text);
        assert_true(failed(layout_open(&test_arena, "layout", &layout, &err)));
        assert_int_equal(err.kind, ERROR_EVIDENCE);
        assert_memory_equal(err.text, cases[i].wanted, strlen(cases[i].wanted));
    }
    for (unsigned extra = 0; extra < 2; extra++) {
        char *text = arena_alloc(&test_arena, LIMIT_LAYOUT_VERSION + 1);
        memset(text, ' ', LIMIT_LAYOUT_VERSION + 1);
        memcpy(text, VERSION, strlen(VERSION));
        put_file("layout/oci-layout", (struct str){text, LIMIT_LAYOUT_VERSION + extra});
        if (extra == 0) {
            layout_close(open_or_fail("layout"));
        }
    }
    assert_not_opened("layout", ERROR_LIMIT, "layout: oci-layout is larger than 4096 bytes");
}

/* -- every call that reads fails in turn -- */

static int calls, failing;

static int fail_nth(void)
{
    return ++calls == failing ? EIO : 0;
}

static status open_and_assemble(const char *path, struct oci_image *ret_image, struct error *err)
{
    struct layout *layout = NULL;
    const struct oci_descriptor *found;
    TRY(layout_open(&test_arena, path, &layout, err));
    const struct oci_reader reader = layout_reader(layout);
    status st = layout_find(layout, STR("nginx:1.27"), &test_arena, &found, err);
    st = failed(st) ? st : oci_image_assemble(&reader, found, &test_arena, ret_image, err);
    layout_close(layout);
    return st;
}

static void faults(void **state)
{
    (void)state;
    build();
    for (size_t i = 0; i < COUNT(FORMS); i++) {
        bool passed = false;
        for (failing = 1; !passed; failing++) {
            struct oci_image image = {0};
            struct error err = {0};
            calls = 0;
            file_fault = fail_nth;
            passed = !failed(open_and_assemble(FORMS[i], &image, &err));
            file_fault = NULL;
            assert_int_equal(passed, calls < failing);
            assert_int_equal(err.kind, passed ? ERROR_NONE : ERROR_INTERNAL);
            assert_int_equal(image.n_images, passed);
        }
        assert_true(failing > 10);
    }
}

/* The cases of the specification. */
static void vectors(void **state)
{
    (void)state;
    const char *source = getenv("PRATIQUE_SOURCE");
    struct str line, rest,
        path = arena_printf(&test_arena, "%s/tests/vectors/oci-image-spec/cases.ndjson",
                            source == NULL ? "." : source);
    struct error err;
    size_t n = 0;
    begin();
    finish(index_of(""));
    assert_false(failed(file_read(&test_arena, path.p, 4u * MIB, &rest, &err)));
    while (str_cut(rest, '\n', &line, &rest) || line.n > 0) {
        json_doc_auto doc = {0};
        struct layout *layout = NULL;
        assert_false(failed(json_parse(line, JSON_WITHOUT_MARKS, &doc, &err)));
        if (!str_eq(json_str(json_get(doc.root, "document")), STR("layout"))) {
            continue;
        }
        put_file("layout/oci-layout", json_str(json_get(doc.root, "text")));
        bool sound = !failed(layout_open(&test_arena, "layout", &layout, &err));
        assert_int_equal(sound, yyjson_get_bool(json_get(doc.root, "valid")));
        layout_close(layout);
        n++;
    }
    assert_int_equal(n, 2);
}

int layout_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(entries, start, stop),
        cmocka_unit_test_setup_teardown(finding, start, stop),
        cmocka_unit_test_setup_teardown(not_found, start, stop),
        cmocka_unit_test_setup_teardown(only_and_two, start, stop),
        cmocka_unit_test_setup_teardown(assembled, start, stop),
        cmocka_unit_test_setup_teardown(reading, start, stop),
        cmocka_unit_test_setup_teardown(outside, start, stop),
        cmocka_unit_test_setup_teardown(no_layouts, start, stop),
        cmocka_unit_test_setup_teardown(versions, start, stop),
        cmocka_unit_test_setup_teardown(faults, start, stop),
        cmocka_unit_test_setup_teardown(vectors, start, stop),
    };
    return cmocka_run_group_tests_name("layout", tests, NULL, NULL);
}

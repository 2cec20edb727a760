#include "documents.h"

#include "json/doc.h"

#define V2       "{\"schemaVersion\":2,"
#define MANIFEST V2 "\"config\":" CONFIG_OF ",\"layers\":[" LAYER "]}"

static status parse(struct str content_type, struct str bytes, struct oci_manifest *ret,
                    struct error *err)
{
    return oci_manifest_parse(&test_arena, content_type, bytes, ret, err);
}

static void assert_parses(struct str content_type, struct str bytes, struct oci_manifest *ret)
{
    struct error err;
    if (failed(parse(content_type, bytes, ret, &err))) {
        fail_msg("%s", err.text);
    }
}

static void assert_refused(struct str content_type, struct str bytes, enum error_kind kind,
                           const char *wanted)
{
    struct oci_manifest manifest = {.n_layers = 77};
    struct error err;
    assert_true(failed(parse(content_type, bytes, &manifest, &err)));
    assert_error(&err, kind, wanted);
    assert_int_equal(manifest.n_layers, 77);
}

static void manifests(void **state)
{
    (void)state;
    struct oci_manifest manifest;
    struct str text =
        json("{'schemaVersion':2,'mediaType':'" OCI_MANIFEST "','artifactType':'application/x+y',"
             "'config':{'mediaType':'" OCI_CONFIG "','size':1470,'digest':'" SHA256 "'},"
             "'layers':[{'mediaType':'a/b','size':0,'digest':'" SHA256 "','urls':['https://x/y'],"
             "'data':'','annotations':{'k':'v','':'w'}},{'mediaType':'a/c','size':1125899906842624,"
             "'digest':'sha512:" HEX HEX "'}],"
             "'subject':{'mediaType':'" OCI_INDEX "','size':9,'digest':'" SHA256 "'},"
             "'annotations':{'one':'1\\u0000'},'unknown':{'deep':[1.5,null]}}");
    assert_parses(STR(OCI_MANIFEST "; charset=utf-8"), text, &manifest);
    assert_false(manifest.index);
    assert_string_equal(manifest.media_type.p, OCI_MANIFEST);
    assert_string_equal(oci_manifest_artifact_type(&manifest).p, "application/x+y");
    assert_string_equal(manifest.config.media_type.p, OCI_CONFIG);
    assert_string_equal(manifest.config.digest.p, SHA256);
    assert_int_equal(manifest.config.size, 1470);
    assert_false(manifest.config.has_platform);
    assert_int_equal(manifest.n_layers, 2);
    assert_int_equal(manifest.layers[0].n_annotations, 2);
    assert_string_equal(oci_pair_find(manifest.layers[0].annotations, 2, STR_EMPTY)->p, "w");
    assert_null(oci_pair_find(manifest.layers[0].annotations, 2, STR("v")));
    assert_int_equal(manifest.layers[1].size, LIMIT_BLOB_SIZE);
    assert_int_equal(manifest.layers[1].digest.n, 7 + 128);
    assert_int_equal(oci_manifest_layers_size(&manifest), LIMIT_BLOB_SIZE);
    assert_string_equal(manifest.subject->media_type.p, OCI_INDEX);
    assert_int_equal(manifest.n_annotations, 1);
    assert_int_equal(manifest.annotations[0].value.n, 2); /* a NUL is a byte as others */
    assert_int_equal(manifest.n_manifests, 0);
}

static void indexes(void **state)
{
    (void)state;
    struct oci_manifest index;
    struct str text =
        json("{'schemaVersion':2,'manifests':[{'mediaType':'" OCI_MANIFEST "','size':7,"
             "'digest':'" SHA256 "','artifactType':'a/b','platform':{'os':'windows',"
             "'architecture':'arm','variant':'v7','os.version':'10.0','os.features':[1]}},"
             "{'mediaType':'" OCI_MANIFEST "','size':7,'digest':'" SHA256 "','platform':null}],"
             "'subject':null,'annotations':null}");
    assert_parses(STR(OCI_INDEX), text, &index);
    assert_true(index.index);
    assert_int_equal(index.n_manifests, 2);
    assert_true(index.manifests[0].has_platform);
    assert_string_equal(index.manifests[0].platform.os.p, "windows");
    assert_string_equal(index.manifests[0].platform.architecture.p, "arm");
    assert_string_equal(index.manifests[0].platform.variant.p, "v7");
    assert_string_equal(index.manifests[0].platform.os_version.p, "10.0");
    assert_string_equal(index.manifests[0].artifact_type.p, "a/b");
    assert_false(index.manifests[1].has_platform);
    assert_null(index.subject);
    assert_int_equal(oci_manifest_artifact_type(&index).n, 0);
    assert_parses(STR(OCI_INDEX), STR(V2 "\"manifests\":[]}"), &index);
    assert_int_equal(index.n_manifests, 0);
}

static void docker(void **state)
{
    (void)state;
    struct oci_manifest manifest;
    struct str one =
        json("{'schemaVersion':2,'mediaType':'" DOCKER_MANIFEST "','config':{'mediaType':"
             "'" DOCKER_CONFIG "','size':7023,'digest':'" SHA256 "'},'layers':[{'mediaType':"
             "'application/vnd.docker.image.rootfs.diff.tar.gzip','size':32654,'digest':'" SHA256
             "'},{'mediaType':'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip','size':5,"
             "'digest':'" SHA256 "','urls':['https://mcr.example/layer']}]}");
    assert_parses(STR(DOCKER_MANIFEST), one, &manifest);
    assert_string_equal(manifest.media_type.p, DOCKER_MANIFEST);
    assert_int_equal(oci_manifest_layers_size(&manifest), 32659);
    assert_string_equal(oci_manifest_artifact_type(&manifest).p, DOCKER_CONFIG);
    assert_parses(STR(""), one, &manifest); /* it says itself what it is */
    assert_string_equal(manifest.media_type.p, DOCKER_MANIFEST);

    struct str list =
        json("{'schemaVersion':2,'mediaType':'" DOCKER_LIST "','manifests':[{'mediaType':"
             "'" DOCKER_MANIFEST "','size':7143,'digest':'" SHA256 "','platform':{'architecture':"
             "'amd64','os':'linux','features':['sse4']}}]}");
    assert_parses(STR(DOCKER_LIST), list, &manifest);
    assert_true(manifest.index);
    assert_parses(STR(DOCKER_LIST), STR(V2 "\"manifests\":[" ENTRY "]}"), &manifest);
}

/* Nothing was announced, and nothing is said: OCI's, and by its members. */
static void unannounced(void **state)
{
    (void)state;
    struct oci_manifest manifest;
    assert_parses(STR(""), STR(MANIFEST), &manifest);
    assert_string_equal(manifest.media_type.p, OCI_MANIFEST);
    assert_parses(STR(""), STR(V2 "\"manifests\":[" ENTRY "]}"), &manifest);
    assert_string_equal(manifest.media_type.p, OCI_INDEX);
    assert_refused(STR(""), STR(V2 "\"mediaType\":\"a/b\"}"), ERROR_EVIDENCE,
                   "the media type \"a/b\" is neither a manifest's nor an index's");
}

/* One reader must not see a manifest where another sees an index. */
static void confusion(void **state)
{
    (void)state;
#define BOTH V2 "\"config\":" CONFIG_OF ",\"layers\":[" LAYER "],\"manifests\":[" ENTRY "]"
    const struct {
        struct str content_type, text;
        const char *wanted;
    } cases[] = {
        {STR(OCI_MANIFEST), STR(BOTH "}"), "manifests: has no place in a manifest"},
        {STR(OCI_INDEX), STR(BOTH "}"), "config: has no place in an index"},
        {STR(""), STR(BOTH "}"), "config: has no place in an index"},
        {STR(OCI_INDEX), STR(V2 "\"manifests\":[],\"layers\":null}"),
         "layers: has no place in an index"},
        {STR(OCI_MANIFEST), STR(V2 "\"config\":" CONFIG_OF ",\"layers\":[],\"fsLayers\":[]}"),
         "fsLayers: has no place in a manifest"},
        {STR(OCI_MANIFEST), STR(V2 "\"mediaType\":\"" OCI_INDEX "\"}"),
         "mediaType: is \"" OCI_INDEX "\", but it was announced as \"" OCI_MANIFEST "\""},
        {STR(OCI_MANIFEST), STR(V2 "\"mediaType\":\"" DOCKER_MANIFEST "\"}"),
         "mediaType: is \"" DOCKER_MANIFEST "\", but it was announced as \"" OCI_MANIFEST "\""},
        {STR("application/json"), STR(MANIFEST),
         "the media type \"application/json\" is neither a manifest's nor an index's"},
        {STR("application/vnd.docker.distribution.manifest.v1+prettyjws"), STR(MANIFEST),
         "a manifest of Docker's schema 1, which runtimes no longer pull"},
        {STR(OCI_MANIFEST), STR("{\"schemaVersion\":1,\"config\":{},\"layers\":[]}"),
         "schemaVersion: must be 2"},
        {STR(OCI_MANIFEST), STR("{\"config\":{},\"layers\":[]}"), "schemaVersion: is missing"},
        {STR(OCI_MANIFEST), STR(V2 "\"mediaType\":7}"),
         "mediaType: must be a string, found a number"},
        {STR(OCI_MANIFEST), STR(V2 "\"config\":null,\"layers\":[]}"), "config: is null"},
        {STR(OCI_MANIFEST), STR(V2 "\"config\":" CONFIG_OF "}"), "layers: is missing"},
        {STR(OCI_INDEX), STR(V2 "\"manifests\":{}}"),
         "manifests: must be a list of objects, found an object"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_refused(cases[i].content_type, cases[i].text, ERROR_EVIDENCE, cases[i].wanted);
    }
}

/* Keys that are one to us and another to programs written in Go, whose last one wins. */
static void keys(void **state)
{
    (void)state;
#define TAKEN(key, name)                                                                           \
    "the key \"" key "\" is taken for \"" name "\" by programs that pass over case"
    const struct {
        struct str text;
        const char *wanted;
    } cases[] = {
        {STR(V2 "\"config\":" CONFIG_OF ",\"layers\":[],\"Layers\":[" LAYER "]}"),
         TAKEN("Layers", "layers")},
        {STR(V2 "\"config\":" CONFIG_OF ",\"layers\":[],\"layer\xc5\xbf\":[" LAYER "]}"),
         TAKEN("layer\xc5\xbf", "layers")},
        {STR(V2 "\"config\":" CONFIG_OF ",\"layers\":[],\"MANIFESTS\":[" ENTRY "]}"),
         TAKEN("MANIFESTS", "manifests")},
        {STR(V2 "\"config\":{\"Digest\":\"x\"," DESCRIBED ",\"mediaType\":\"a/b\"},\"layers\":[]}"),
         "config: " TAKEN("Digest", "digest")},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_refused(STR(OCI_MANIFEST), cases[i].text, ERROR_EVIDENCE, cases[i].wanted);
    }
    assert_refused(STR(OCI_MANIFEST), STR(V2 "\"x\":1,\"x\":2}"), ERROR_EVIDENCE,
                   "the manifest: line 1, column 26: the key \"x\" stands twice, first at line 1, "
                   "column 20");
    /* A key that only resembles a known one is as unknown as others. */
    struct oci_manifest manifest;
    assert_parses(STR(OCI_MANIFEST),
                  STR(V2 "\"config\":" CONFIG_OF ",\"layers\":[],\"layersx\":1,\"\":2}"),
                  &manifest);
}

static void descriptors(void **state)
{
    (void)state;
    const struct {
        const char *layer;
        enum error_kind kind;
        const char *wanted;
    } cases[] = {
        {"7", ERROR_EVIDENCE, "layers[1]: must be an object, found a number"},
        {"{'digest':'" SHA256 "','size':7}", ERROR_EVIDENCE, "layers[1].mediaType: is missing"},
        {"{'mediaType':'x','size':1,'digest':'" SHA256 "'}", ERROR_EVIDENCE,
         "layers[1].mediaType: \"x\" is no media type"},
        {"{'mediaType':'a/b','size':1}", ERROR_EVIDENCE, "layers[1].digest: is missing"},
        {"{'mediaType':'a/b','size':1,'digest':5}", ERROR_EVIDENCE,
         "layers[1].digest: must be a string, found a number"},
        {"{'mediaType':'a/b','size':1,'digest':'sha256:12'}", ERROR_EVIDENCE,
         "layers[1].digest: \"sha256:12\" has the wrong length: sha256 has 64 hex digits, sha384 "
         "96, sha512 128"},
        {"{'mediaType':'a/b','size':1,'digest':'md5:12'}", ERROR_EVIDENCE,
         "layers[1].digest: \"md5:12\" has an unknown algorithm: sha256, sha384 and sha512 are "
         "known"},
        {"{'mediaType':'a/b','digest':'" SHA256 "'}", ERROR_EVIDENCE, "layers[1].size: is missing"},
        {"{'mediaType':'a/b','digest':'" SHA256 "','size':-1}", ERROR_EVIDENCE,
         "layers[1].size: must not be negative"},
        {"{'mediaType':'a/b','digest':'" SHA256 "','size':1.0}", ERROR_EVIDENCE,
         "layers[1].size: must be a whole number of bytes, found a number"},
        {"{'mediaType':'a/b','digest':'" SHA256 "','size':1e3}", ERROR_EVIDENCE,
         "layers[1].size: must be a whole number of bytes, found a number"},
        {"{'mediaType':'a/b','digest':'" SHA256 "','size':'7'}", ERROR_EVIDENCE,
         "layers[1].size: must be a whole number of bytes, found a string"},
        {"{'mediaType':'a/b','digest':'" SHA256 "','size':1125899906842625}", ERROR_LIMIT,
         "layers[1].size: is larger than 1125899906842624 bytes"},
        {"{'mediaType':'a/b','digest':'" SHA256 "','size':9007199254740992}", ERROR_LIMIT,
         "layers[1].size: is larger than 1125899906842624 bytes"},
        {"{'mediaType':'a/b','digest':'" SHA256 "','size':18446744073709551615}", ERROR_LIMIT,
         "layers[1].size: is larger than 1125899906842624 bytes"},
        {"{'mediaType':'a/b','digest':'" SHA256 "','size':18446744073709551616}", ERROR_EVIDENCE,
         "layers[1].size: must be a whole number of bytes, found a number"},
        {"{'mediaType':'a/b','digest':'" SHA256 "','size':1,'urls':['x']}", ERROR_EVIDENCE,
         "layers[1].urls[0]: is no URL"},
        {"{'mediaType':'a/b','digest':'" SHA256 "','size':1,'data':'a'}", ERROR_EVIDENCE,
         "layers[1].data: must be a string in base64"},
        {"{'mediaType':'a/b','digest':'" SHA256 "','size':1,'annotations':{'a.b':7}}",
         ERROR_EVIDENCE, "layers[1].annotations[\"a.b\"]: must be a string, found a number"},
        {"{'mediaType':'a/b','digest':'" SHA256 "','size':1,'platform':{'os':'linux'}}",
         ERROR_EVIDENCE, "layers[1].platform.architecture: is missing"},
        {"{'mediaType':'a/b','digest':'" SHA256 "','size':1,'platform':{'os':'a',"
         "'architecture':'b','os.version':[]}}",
         ERROR_EVIDENCE, "layers[1].platform[\"os.version\"]: must be a string, found a list"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct str parts[] = {STR(V2 "\"config\":" CONFIG_OF ",\"layers\":[" LAYER ","),
                              json(cases[i].layer), STR("]}")};
        assert_refused(STR(OCI_MANIFEST), arena_join(&test_arena, parts, 3), cases[i].kind,
                       cases[i].wanted);
    }
}

static void not_json(void **state)
{
    (void)state;
    struct str deep = repeated(V2 "\"x\":[", "[", 200, "");
    assert_refused(STR(OCI_MANIFEST), STR(""), ERROR_EVIDENCE, "the manifest: the text is empty");
    assert_refused(STR(OCI_MANIFEST), STR("[]"), ERROR_EVIDENCE,
                   "the manifest must be an object, found a list");
    assert_refused(STR(OCI_MANIFEST), STR("null"), ERROR_EVIDENCE,
                   "the manifest must be an object, found null");
    struct oci_manifest manifest;
    struct error err;
    assert_true(failed(parse(STR(OCI_MANIFEST), deep, &manifest, &err)));
    assert_int_equal(err.kind, ERROR_EVIDENCE);
    assert_true(failed(parse(STR(OCI_MANIFEST), STR(MANIFEST "{}"), &manifest, &err)));
    assert_int_equal(err.kind, ERROR_EVIDENCE);
    assert_true(failed(parse(STR(OCI_MANIFEST), STR("{\"a\":\"\xff\"}"), &manifest, &err)));
    assert_int_equal(err.kind, ERROR_EVIDENCE);
}

/* Objects in each other: as deep as may be, and one deeper. */
static void depth(void **state)
{
    (void)state;
    struct oci_manifest manifest;
    struct error err;
    for (unsigned extra = 0; extra < 2; extra++) {
        unsigned n = LIMIT_JSON_DEPTH - 1 + extra;
        buf_auto text;
        buf_init(&text, MIB);
        buf_add_cstr(&text, V2 "\"config\":" CONFIG_OF ",\"layers\":[],\"x\":");
        for (unsigned i = 0; i < n; i++) {
            buf_add_char(&text, '[');
        }
        for (unsigned i = 0; i < n; i++) {
            buf_add_char(&text, ']');
        }
        buf_add_char(&text, '}');
        bool bad = failed(parse(STR(OCI_MANIFEST), buf_str(&text), &manifest, &err));
        assert_int_equal(bad, extra > 0);
    }
    assert_int_equal(err.kind, ERROR_LIMIT);
}

static void limits(void **state)
{
    (void)state;
    static const char HEAD[] = V2 "\"config\":" CONFIG_OF ",\"layers\":[",
                      ENTRIES[] = V2 "\"manifests\":[";
    static const char NOTED[] = V2 "\"config\":" CONFIG_OF ",\"layers\":[],\"annotations\":{";
    struct oci_manifest manifest;

    assert_parses(STR(OCI_MANIFEST), repeated(HEAD, LAYER, LIMIT_IMAGE_LAYERS, "]}"), &manifest);
    assert_int_equal(manifest.n_layers, LIMIT_IMAGE_LAYERS);
    assert_refused(STR(OCI_MANIFEST), repeated(HEAD, LAYER, LIMIT_IMAGE_LAYERS + 1, "]}"),
                   ERROR_LIMIT, "layers: has 1025 entries, more than 1024");
    assert_refused(STR(OCI_MANIFEST), repeated(HEAD, LAYER, 10000, "]}"), ERROR_LIMIT,
                   "layers: has 10000 entries, more than 1024");

    assert_parses(STR(OCI_INDEX), repeated(ENTRIES, ENTRY, LIMIT_INDEX_ENTRIES, "]}"), &manifest);
    assert_refused(STR(OCI_INDEX), repeated(ENTRIES, ENTRY, LIMIT_INDEX_ENTRIES + 1, "]}"),
                   ERROR_LIMIT, "manifests: has 4097 entries, more than 4096");

    assert_parses(STR(OCI_MANIFEST), repeated(NOTED, "\"#\":\"\"", LIMIT_IMAGE_ANNOTATIONS, "}}"),
                  &manifest);
    assert_int_equal(manifest.n_annotations, LIMIT_IMAGE_ANNOTATIONS);
    assert_refused(STR(OCI_MANIFEST),
                   repeated(NOTED, "\"#\":\"\"", LIMIT_IMAGE_ANNOTATIONS + 1, "}}"), ERROR_LIMIT,
                   "annotations: with 4097 more the document has too many annotations or labels");

    assert_parses(STR(OCI_MANIFEST), padded(MANIFEST, "", LIMIT_MANIFEST), &manifest);
    assert_refused(STR(OCI_MANIFEST), padded(MANIFEST, "", LIMIT_MANIFEST + 1), ERROR_LIMIT,
                   "the manifest is larger than 4194304 bytes");
}

/* A text that costs many times its size while it is read. */
static void dear(void **state)
{
    (void)state;
    assert_refused(STR(OCI_MANIFEST), repeated("[", "0", LIMIT_MANIFEST / 16, "]"), ERROR_EVIDENCE,
                   "the manifest must be an object, found a list");
    assert_refused(STR(OCI_MANIFEST), repeated("[", "0", LIMIT_MANIFEST / 2 - 1, "]"), ERROR_LIMIT,
                   "the manifest: the document takes more than 24 MiB of memory");
}

/* Whether a list of so many values may be read, though it is no manifest. */
static bool is_affordable(size_t values)
{
    struct oci_manifest manifest;
    struct error err;
    struct str text = repeated("[", "0", values, "]");
    assert_true(failed(parse(STR(OCI_MANIFEST), text, &manifest, &err)));
    assert_true(err.kind == ERROR_EVIDENCE || err.kind == ERROR_LIMIT);
    return err.kind == ERROR_EVIDENCE;
}

static bool fits(size_t values, size_t memory)
{
    json_doc_auto doc = {0};
    struct error err;
    return !failed(json_parse_within(repeated("[", "0", values, "]"), memory, &doc, &err));
}

/* LIMIT_OCI_MEMORY: the longest list that it holds, and one value more. */
static void tree(void **state)
{
    (void)state;
    size_t good = LIMIT_MANIFEST / 16, bad = LIMIT_MANIFEST / 2 - 1;
    while (bad - good > 1) {
        size_t middle = good + (bad - good) / 2;
        *(is_affordable(middle) ? &good : &bad) = middle;
        arena_reset(&test_arena);
    }
    assert_true(is_affordable(good) && fits(good, LIMIT_OCI_MEMORY));
    assert_false(is_affordable(good + 1) || fits(good + 1, LIMIT_OCI_MEMORY));
    assert_true(fits(good + 1, 2 * LIMIT_OCI_MEMORY));
}

/* The largest sizes have a sum. */
static void sums(void **state)
{
    (void)state;
    static const char LARGEST[] =
        "{\"mediaType\":\"a/b\",\"digest\":\"" SHA256 "\",\"size\":1125899906842624}";
    struct oci_manifest manifest;
    assert_parses(
        STR(OCI_MANIFEST),
        repeated(V2 "\"config\":" CONFIG_OF ",\"layers\":[", LARGEST, LIMIT_IMAGE_LAYERS, "]}"),
        &manifest);
    assert_true(oci_manifest_layers_size(&manifest) == LIMIT_BLOB_SIZE * LIMIT_IMAGE_LAYERS);
}

/* What the header says of the arena. */
static void memory(void **state)
{
    (void)state;
    static const char WIDE[] =
        "{\"mediaType\":\"a/b\",\"digest\":\"" SHA256
        "\",\"size\":1,\"artifactType\":\"a/b\",\"annotations\":{\"\":\"\"},"
        "\"platform\":{\"os\":\"a\",\"architecture\":\"b\",\"variant\":\"c\","
        "\"os.version\":\"d\"}}";
    struct str text = repeated(V2 "\"manifests\":[", WIDE, LIMIT_INDEX_ENTRIES, "]}");
    arena_auto arena;
    arena_init(&arena, 64u * MIB);
    struct oci_manifest manifest;
    struct error err;
    assert_false(failed(oci_manifest_parse(&arena, STR(OCI_INDEX), text, &manifest, &err)));
    assert_true(arena.used <= 2 * text.n + 2u * MIB);
}

int manifest_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(manifests, start, stop),
        cmocka_unit_test_setup_teardown(indexes, start, stop),
        cmocka_unit_test_setup_teardown(docker, start, stop),
        cmocka_unit_test_setup_teardown(unannounced, start, stop),
        cmocka_unit_test_setup_teardown(confusion, start, stop),
        cmocka_unit_test_setup_teardown(keys, start, stop),
        cmocka_unit_test_setup_teardown(descriptors, start, stop),
        cmocka_unit_test_setup_teardown(not_json, start, stop),
        cmocka_unit_test_setup_teardown(depth, start, stop),
        cmocka_unit_test_setup_teardown(limits, start, stop),
        cmocka_unit_test_setup_teardown(dear, start, stop),
        cmocka_unit_test_setup_teardown(tree, start, stop),
        cmocka_unit_test_setup_teardown(sums, start, stop),
        cmocka_unit_test_setup_teardown(memory, start, stop),
    };
    return cmocka_run_group_tests_name("manifest", tests, NULL, NULL);
}

/* Documents of the OCI image specification's own tests of its schemas. Every case is run. Where we
 * differ by choice, a rule in DIFFERENCES says why; one whose cases all agree is a failure too. */
#include "documents.h"

#include "base/file.h"
#include "json/doc.h"

static const struct {
    const char *document; /* NULL: any */
    const char *holds;    /* in the text */
    bool theirs;
    const char *why;
} DIFFERENCES[] = {
    {NULL, "\"sha256+b64", true, "no runtime pulls by a digest of another algorithm than three"},
    {NULL, "\"sha256+foo-bar:", true, "likewise"},
    {NULL, "\"sha256.foo-bar:", true, "likewise"},
    {NULL, "\"multihash+base58:", true, "likewise"},
    {"manifest", "\"layers\": []", false, "the prose says SHOULD; images of nothing exist"},
};

static size_t differing[COUNT(DIFFERENCES)];
static size_t cases_run;

static struct str read_cases(void)
{
    static const char NAME[] = "oci-image-spec/cases.ndjson";
    const char *source = getenv("PRATIQUE_SOURCE");
    struct str path =
        arena_printf(&test_arena, "%s/tests/vectors/%s", source == NULL ? "." : source, NAME);
    struct str text;
    struct error err;
    if (failed(file_read(&test_arena, path.p, 4u * MIB, &text, &err))) {
        fail_msg("%s", err.text);
    }
    return text;
}

static bool passes(const char *document, struct str text, struct str media_type, struct error *err)
{
    struct oci_manifest manifest;
    struct oci_config config;
    if (strcmp(document, "config") == 0) {
        return !failed(oci_config_parse(&test_arena, text, &config, err));
    }
    if (strcmp(document, "descriptor") == 0) {
        const struct str parts[] = {STR("{\"schemaVersion\":2,\"layers\":[],\"config\":"), text,
                                    STR("}")};
        text = arena_join(&test_arena, parts, 3);
    }
    return !failed(oci_manifest_parse(&test_arena, media_type, text, &manifest, err));
}

static bool differs_by_choice(const char *document, struct str text, bool theirs)
{
    for (size_t i = 0; i < COUNT(DIFFERENCES); i++) {
        if (DIFFERENCES[i].theirs == theirs && strstr(text.p, DIFFERENCES[i].holds) != NULL &&
            (DIFFERENCES[i].document == NULL || strcmp(DIFFERENCES[i].document, document) == 0)) {
            differing[i]++;
            return true;
        }
    }
    return false;
}

static void run_case(yyjson_val *v)
{
    const char *document = yyjson_get_str(json_get(v, "document"));
    bool valid = yyjson_get_bool(json_get(v, "valid"));
    struct str text = arena_dup(&test_arena, json_str(json_get(v, "text")));
    bool docker = strstr(text.p, "vnd.docker.distribution") != NULL;
    bool index = strcmp(document, "index") == 0;
    struct str media_type = index ? (docker ? STR(DOCKER_LIST) : STR(OCI_INDEX))
                                  : (docker ? STR(DOCKER_MANIFEST) : STR(OCI_MANIFEST));
    struct error err = {0};
    if (strcmp(document, "layout") == 0) {
        return; /* read by layout/ */
    }
    cases_run++;
    if (passes(document, text, media_type, &err) != valid &&
        !differs_by_choice(document, text, valid)) {
        fail_msg("%s, %s %d, which is %s: %s", yyjson_get_str(json_get(v, "source")), document,
                 (int)yyjson_get_int(json_get(v, "case")), valid ? "valid" : "invalid", err.text);
    }
    assert_true(valid || err.kind == ERROR_EVIDENCE || err.kind == ERROR_NONE);
}

static void vectors(void **state)
{
    (void)state;
    struct str line, rest = read_cases();
    while (str_cut(rest, '\n', &line, &rest) || line.n > 0) {
        struct error err;
        json_doc_auto doc = {0};
        assert_false(failed(json_parse(line, JSON_WITHOUT_MARKS, &doc, &err)));
        run_case(doc.root);
    }
    for (size_t i = 0; i < COUNT(DIFFERENCES); i++) {
        assert_int_not_equal(differing[i], 0);
    }
    assert_true(cases_run >= 69);
}

int vector_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(vectors, start, stop),
    };
    return cmocka_run_group_tests_name("vectors", tests, NULL, NULL);
}

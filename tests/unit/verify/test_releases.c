/* The bundles of CPython's releases: all are valid, about these digests and by these signers. */
#include "suite.h"

static const char *c_string(const yyjson_val *value)
{
    return arena_dup(&test_arena, json_str(value)).p;
}

/* The bundle of a release, as text. */
static struct str bundle_of(const yyjson_val *release)
{
    const yyjson_val *value = json_get(release, "bundle");
    size_t n = 0;
    if (json_str(value).n > 0) {
        return json_str(value);
    }
    char *text = yyjson_val_write(value, YYJSON_WRITE_NOFLAG, &n);
    struct str kept = arena_dup(&test_arena, (struct str){text, n});
    free(text);
    return kept;
}

static void run(const struct trust_root *trust, const yyjson_val *release)
{
    struct asked asked;
    struct artifact artifact, other;
    struct error err;
    const char *name = c_string(json_get(release, "identity"));
    const char *issuer = c_string(json_get(release, "issuer"));
    struct str text = bundle_of(release);
    struct str digest =
        arena_printf(&test_arena, "sha256:%s", c_string(json_get(release, "sha256")));
    assert_false(failed(artifact_of_digest(&test_arena, digest, &artifact, &err)));
    assert_false(failed(artifact_of_digest(
        &test_arena, STR("sha256:0000000000000000000000000000000000000000000000000000000000000000"),
        &other, &err)));
    ask(&asked, name, issuer);
    struct verification found = verify_bundle(&test_arena, text, trust, &asked.policy, &artifact);
    expect_valid(&found);
    assert_true(found.n_times > 0 && found.n_logs == 1 && found.n_ct_logs == 1);
    found = verify_bundle(&test_arena, text, trust, &asked.policy, &other);
    expect_invalid(&found, "");
    ask(&asked, arena_printf(&test_arena, "x%s", name).p, issuer);
    found = verify_bundle(&test_arena, text, trust, &asked.policy, &artifact);
    expect_invalid(&found, arena_printf(&test_arena, "signed by \"%s\"", name).p);
    ask(&asked, name, "https://evil.example.com");
    found = verify_bundle(&test_arena, text, trust, &asked.policy, &artifact);
    expect_invalid(&found, "wrong identity");
}

static void all(void **state)
{
    (void)state;
    trust_root_auto *trust = vector_trust(PRODUCTION, 0);
    struct str rest = vector_text("cpython-release-bundles/pinned-f5ef7e3.ndjson"), line;
    size_t n = 0;
    while (rest.n > 0) {
        json_doc_auto doc = {0};
        struct error err;
        str_cut(rest, '\n', &line, &rest);
        assert_false(failed(json_parse(line, JSON_WITHOUT_MARKS, &doc, &err)));
        run(trust, doc.root);
        n++;
    }
    assert_true(n > 0);
}

int release_tests(void)
{
    const struct CMUnitTest tests[] = {TEST(all)};
    return cmocka_run_group_tests_name("releases", tests, NULL, NULL);
}

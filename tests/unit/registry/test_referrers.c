#include "net.h"

#include "crypto/digest.h"

#define R    "GET https://r.example/v2/a/b/"
#define LIST R "referrers/" ONE
#define TAG  R "manifests/sha256-" HEX64 " guarded"
#define ITEM(digit, type)                                                                          \
    "{\"mediaType\":\"" OCI_MANIFEST "\",\"size\":7,\"artifactType\":\"" type                      \
    "\",\"digest\":\"sha256:" digit digit digit digit digit digit digit digit "\"}"
#define INDEX_OF(items)                                                                            \
    "{\"schemaVersion\":2,\"mediaType\":\"" OCI_INDEX "\",\"manifests\":[" items "]}"
#define A "aaaaaaaa"
#define B "bbbbbbbb"

static struct oci_manifest found;

static bool lists(const char *artifact_type)
{
    struct reference reference = reference_of("r.example/a/b:1");
    const struct registry_subject subject = {&reference, STR(ONE), str_from(artifact_type)};
    return !failed(registry_referrers(registry(), &subject, &call, &found, &err));
}

static void assert_lists(const char *artifact_type, const char *first_letters)
{
    if (!lists(artifact_type)) {
        fail_msg("%s", err.text);
    }
    net_is_over();
    assert_true(found.index);
    assert_int_equal(found.n_manifests, strlen(first_letters));
    for (size_t i = 0; i < found.n_manifests; i++) {
        assert_int_equal(found.manifests[i].digest.p[7], first_letters[i]);
    }
}

static void by_the_api(void **state)
{
    (void)state;
    NET({LIST " guarded", 200, .type = OCI_INDEX,
         .body = INDEX_OF(ITEM(A, "x/y") "," ITEM(B, "v/w"))});
    assert_lists("", "ab");
    NET({LIST "?artifactType=v%2Fw guarded", 200, .type = OCI_INDEX,
         .body = INDEX_OF(ITEM(A, "x/y") "," ITEM(B, "v/w"))}); /* it did not choose */
    assert_lists("v/w", "b");
}

static void by_the_tag(void **state)
{
    (void)state;
    NET({LIST " guarded", 404}, {TAG, 200, .type = OCI_INDEX, .body = INDEX_OF(ITEM(A, "x/y"))});
    assert_lists("", "a");
    NET({LIST " guarded", 404}, {TAG, 404});
    assert_lists("", "");
    NET({LIST " guarded", 403}); /* that it may not be asked says nothing of what is there */
    assert_false(lists(""));
    assert_int_equal(err.kind, ERROR_UNAUTHORIZED);
    NET({LIST " guarded", 404}, {TAG, 500}, {TAG, 500}, {TAG, 500});
    assert_false(lists(""));
    assert_int_equal(err.kind, ERROR_UPSTREAM);
}

static void pages(void **state)
{
    (void)state;
    NET({LIST " guarded", 200, .type = OCI_INDEX, .body = INDEX_OF(ITEM(A, "x/y")),
         .link = "</v2/a/b/referrers/next?n=1>; rel=\"next\""},
        {R "referrers/next?n=1 guarded", 200, .type = OCI_INDEX, .body = INDEX_OF(ITEM(B, "x/y"))});
    assert_lists("", "ab");
    static const char *const ELSEWHERE[] = {"<https://evil/x>; rel=next",
                                            "<https://r.example:444/x>; rel=next",
                                            "<http://r.example/x>; rel=next", "<x>; rel=next"};
    for (size_t i = 0; i < COUNT(ELSEWHERE); i++) {
        const struct hop hop = {LIST " guarded", 200, .type = OCI_INDEX,
                                .body = INDEX_OF(ITEM(A, "x/y")), .link = ELSEWHERE[i]};
        net(&hop, 1);
        assert_false(lists(""));
        assert_string_equal(err.text, "r.example: the list goes on at another host");
    }
    NET({LIST " guarded", 200, .type = OCI_INDEX, .body = INDEX_OF(ITEM(A, "x/y")),
         .link = "junk"});
    assert_false(lists(""));
    assert_string_equal(err.text, "r.example: Link is malformed at byte 1");
}

static void pages_without_end(void **state)
{
    (void)state;
    static struct hop hops[LIMIT_REFERRERS_PAGES];
    for (size_t i = 0; i < COUNT(hops); i++) {
        hops[i] = (struct hop){i == 0 ? LIST " guarded" : R "x guarded", 200, .type = OCI_INDEX,
                               .body = INDEX_OF(ITEM(A, "x/y")), .link = "</v2/a/b/x>; rel=next"};
    }
    net(hops, COUNT(hops));
    assert_false(lists(""));
    assert_string_equal(err.text, "r.example: the list has more than 16 pages");
    assert_int_equal(err.kind, ERROR_LIMIT);
    hops[COUNT(hops) - 1].link = NULL;
    net(hops, COUNT(hops));
    assert_lists("", "aaaaaaaaaaaaaaaa");
}

static void no_lists(void **state)
{
    (void)state;
    NET({LIST " guarded", 200, .type = "application/json", .body = INDEX_OF(ITEM(A, "x/y"))});
    assert_false(lists(""));
    assert_string_equal(err.text,
                        "r.example: a list of referrers is not an index but \"application/json\"");
    NET({LIST " guarded", 404}, {TAG, 200, .type = OCI_INDEX, .digest = ONE, .body = MANIFEST});
    assert_false(lists(""));
    assert_string_equal(err.text,
                        "r.example: the bytes that were sent do not have the digest " ONE);
    NET({LIST " guarded", 200, .type = OCI_INDEX, .body = "{}"});
    assert_false(lists(""));
    assert_int_equal(err.kind, ERROR_EVIDENCE);
    net_is_over();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, net_start, net_end)

int referrers_tests(void)
{
    const struct CMUnitTest tests[] = {TEST(by_the_api), TEST(by_the_tag), TEST(pages),
                                       TEST(pages_without_end), TEST(no_lists)};
    return cmocka_run_group_tests_name("referrers", tests, NULL, NULL);
}

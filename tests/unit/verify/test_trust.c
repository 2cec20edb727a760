/* Trusted roots: those that are in use, and what is wrong with others. */
#include "suite.h"

#include "base/clock.h"

static void embedded(void **state)
{
    (void)state;
    const struct str texts[] = {trust_public_good, trust_staging};
    for (size_t i = 0; i < COUNT(texts); i++) {
        trust_root_auto *root = NULL;
        struct error err;
        assert_false(failed(trust_root_read(texts[i], &root, &err)));
        assert_true(root->n_logs >= 2 && root->n_ct_logs >= 2);
        assert_true(root->n_authorities >= 1 && root->n_stampers >= 1);
        for (size_t j = 0; j < root->n_logs; j++) {
            assert_int_equal(root->logs[j].id.n, 32);
        }
    }
}

static void parts(void **state)
{
    (void)state;
    trust_root_auto *root = vector_trust(PRODUCTION, 0);
    int64_t from, until;
    struct error err;
    assert_int_equal(root->n_logs, 2);
    assert_int_equal(root->n_ct_logs, 2);
    assert_int_equal(root->n_authorities, 2);
    assert_int_equal(root->n_stampers, 1);
    assert_int_equal(root->n_passed_over, 0);
    assert_true(str_eq(root->logs[0].url, STR("https://rekor.sigstore.dev")));
    assert_int_equal(root->logs[0].scheme, SCHEME_ECDSA_SHA256);
    assert_int_equal(root->logs[1].scheme, SCHEME_ED25519);
    assert_true(str_eq(root->logs[0].id, public_key_id(root->logs[0].key)));
    assert_false(failed(clock_parse_time(STR("2021-03-14T00:00:00Z"), &from, &err)));
    assert_false(failed(clock_parse_time(STR("2022-10-31T23:59:59.999Z"), &until, &err)));
    assert_true(root->ct_logs[0].window.from == from && root->ct_logs[0].window.until == until);
    assert_true(root->sct_logs[0].from == from && root->sct_logs[0].until == until);
    assert_true(root->ct_logs[1].window.until == INT64_MAX);
    assert_true(trust_window_has(root->ct_logs[0].window, from) &&
                trust_window_has(root->ct_logs[0].window, until));
    assert_false(trust_window_has(root->ct_logs[0].window, from - 1) ||
                 trust_window_has(root->ct_logs[0].window, until + 1));
    assert_int_equal(root->authorities[1].n, 2);
}

static void others(void **state)
{
    (void)state;
    static const char *const NAMES[] = {
        "sigstore-js/client/trusted_root.json",
        "sigstore-go/data/trusted-roots/scaffolding.json",
        "sigstore-go/data/trusted-roots/public-key-validity.json",
        "sigstore-java/trustroot/staging_trusted_root.json",
        "sigstore-python/assets/trusted_root/trustedroot.v1.json",
        "sigstore-python/assets/trusted_root/trustedroot.v1.local_tlog_ed25519_rekor-tiles.json",
    };
    for (size_t i = 0; i < COUNT(NAMES); i++) {
        trust_root_auto *root = vector_trust(NAMES[i], 0);
        for (size_t j = 0; j < root->n_passed_over; j++) {
            print_message("%s: %.*s\n", NAMES[i], STR_ARG(root->passed_over[j]));
        }
    }
    trust_root_auto *root = NULL;
    struct error err;
    assert_true(failed(trust_root_read(
        vector_text("sigstore-python/assets/trusted_root/trustedroot.badtype.json"), &root, &err)));
    expect_error(&err, ERROR_INPUT, "\"bad-media-type\" is no known version");
}

#define ED25519                                                                                    \
    "\"rawBytes\":\"MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\","               \
    "\"keyDetails\":\"PKIX_ED25519\""
#define LOG(key, more)                                                                             \
    "\"tlogs\":[{\"baseUrl\":\"https://log\",\"hashAlgorithm\":\"SHA2_256\",\"publicKey\":{" key   \
    "}" more "}]"
#define ROOT(members)                                                                              \
    "{\"mediaType\":\"application/vnd.dev.sigstore.trustedroot.v0.2+json\"," members "}"

/* A range without a start is no range; none at all is for ever. */
static void windows(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } ROWS[] = {
        {ROOT(LOG(ED25519, "")), NULL},
        {ROOT(LOG(ED25519 ",\"validFor\":null", "")), NULL},
        {ROOT(LOG(ED25519 ",\"validFor\":{\"start\":\"2021-01-01T00:00:00Z\"}", "")), NULL},
        {ROOT(LOG(ED25519 ",\"validFor\":{}", "")),
         "the trusted root: tlogs[0].publicKey.validFor.start: is missing"},
        {ROOT(LOG(ED25519 ",\"validFor\":{\"end\":\"2021-01-01T00:00:00Z\"}", "")),
         "validFor.start: is missing"},
        {ROOT(LOG(ED25519 ",\"validFor\":{\"start\":\"yesterday\"}", "")), "validFor.start: "},
        {ROOT("\"certificateAuthorities\":[{\"validFor\":{}}]"), "validFor.start: is missing"},
    };
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        trust_root_auto *root = NULL;
        struct error err;
        bool read = !failed(trust_root_read(str_from(ROWS[i].text), &root, &err));
        if (ROWS[i].says == NULL) {
            assert_true(read && root->n_logs == 1);
        } else {
            assert_false(read);
            expect_error(&err, ERROR_INPUT, ROWS[i].says);
        }
    }
}

static void refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } ROWS[] = {
        {"", "the trusted root: the text is empty"},
        {"[]", "the trusted root must be an object"},
        {"{}", "mediaType: is missing"},
        {"{\"mediaType\":\"application/vnd.dev.sigstore.trustedroot.v0.3+json\"}",
         "no known version"},
        {ROOT("\"tlogs\":{}"), "tlogs: must be a list"},
        {ROOT("\"tlogs\":[{}]"), "tlogs[0].publicKey: is missing"},
        {ROOT(LOG("\"keyDetails\":\"x\"", "")), "publicKey.rawBytes: is missing"},
        {ROOT(LOG("\"rawBytes\":\"AA==\"", "")), "publicKey.keyDetails: is missing"},
        {ROOT("\"certificateAuthorities\":[{}]"), "certChain: is missing"},
        {ROOT("\"certificateAuthorities\":[{\"certChain\":{\"certificates\":[]}}]"),
         "certificates: is empty"},
        {ROOT("\"timestampAuthorities\":[{\"certChain\":{\"certificates\":[{}]}}]"),
         "certificates[0].rawBytes: is missing"},
    };
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        trust_root_auto *root = NULL;
        struct error err = {.kind = ERROR_NONE};
        if (!failed(trust_root_read(str_from(ROWS[i].text), &root, &err))) {
            fail_msg("read: %s", ROWS[i].text);
        }
        expect_error(&err, ERROR_INPUT, ROWS[i].says);
    }
}

/* What is of no use is told, and the rest is used. */
static void passed_over(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } ROWS[] = {
        {ROOT(LOG("\"rawBytes\":\"AA==\",\"keyDetails\":\"ML_DSA_65\"", "")),
         "https://log: keys of kind \"ML_DSA_65\" are not known"},
        {ROOT(LOG("\"rawBytes\":\"AA==\",\"keyDetails\":\"PKIX_ED25519\"", "")), "https://log: "},
        {ROOT(LOG("\"rawBytes\":\"MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\","
                  "\"keyDetails\":\"PKIX_ECDSA_P256_SHA_256\"",
                  "")),
         "https://log: the key is no PKIX_ECDSA_P256_SHA_256"},
        {ROOT("\"tlogs\":[{\"hashAlgorithm\":\"SHA2_512\",\"publicKey\":{" ED25519 "}}]"),
         ": its hash is not SHA2_256"},
        {ROOT("\"timestampAuthorities\":[{\"uri\":\"u\",\"certChain\":{\"certificates\":[{"
              "\"rawBytes\":\"AA==\"}]}}]"),
         "u: "},
    };
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        trust_root_auto *root = NULL;
        struct error err;
        if (failed(trust_root_read(str_from(ROWS[i].text), &root, &err))) {
            fail_msg("%s: %s", err.text, ROWS[i].text);
        }
        assert_int_equal(root->n_passed_over, 1);
        assert_int_equal(root->n_logs + root->n_stampers, 0);
        assert_true(str_starts(root->passed_over[0], str_from(ROWS[i].says)));
    }
}

static struct str with_logs(size_t n)
{
    struct str *all = ARENA_ARRAY(&test_arena, struct str, n + 2);
    all[0] =
        STR("{\"mediaType\":\"application/vnd.dev.sigstore.trustedroot.v0.2+json\",\"tlogs\":[");
    for (size_t i = 1; i <= n; i++) {
        all[i] = arena_printf(&test_arena, "%s{\"hashAlgorithm\":\"SHA2_256\",\"publicKey\":{%s}}",
                              i == 1 ? "" : ",", ED25519);
    }
    all[n + 1] = STR("]}");
    return arena_join(&test_arena, all, n + 2);
}

static void limits(void **state)
{
    (void)state;
    trust_root_auto *root = NULL;
    struct trust_root *none;
    struct error err;
    assert_false(failed(trust_root_read(with_logs(LIMIT_TRUST_INSTANCES), &root, &err)));
    assert_int_equal(root->n_logs, LIMIT_TRUST_INSTANCES);
    assert_true(failed(trust_root_read(with_logs(LIMIT_TRUST_INSTANCES + 1), &none, &err)));
    expect_error(&err, ERROR_LIMIT, "tlogs: has more than 64 items");
    char *large = arena_alloc(&test_arena, LIMIT_TRUST_ROOT + 1);
    memset(large, ' ', LIMIT_TRUST_ROOT + 1);
    assert_true(failed(trust_root_read((struct str){large, LIMIT_TRUST_ROOT}, &none, &err)));
    assert_int_equal(err.kind, ERROR_INPUT);
    assert_true(failed(trust_root_read((struct str){large, LIMIT_TRUST_ROOT + 1}, &none, &err)));
    expect_error(&err, ERROR_LIMIT, "the trusted root is larger than 1048576 bytes");
}

int trust_tests(void)
{
    const struct CMUnitTest tests[] = {TEST(embedded), TEST(parts),   TEST(others),
                                       TEST(windows),  TEST(refused), TEST(passed_over),
                                       TEST(limits)};
    return cmocka_run_group_tests_name("trust", tests, NULL, NULL);
}

/* What a policy asks, and the words in which it is told that it is not so: cases of other projects
 * whose options no command line has, and our own. */
#include "suite.h"

#include "base/clock.h"

#define PROVENANCE "sigstore-go/data/bundles/sigstore.js@2.0.0-provenance.sigstore.json"
#define RELEASE                                                                                    \
    "https://github.com/sigstore/sigstore-js/.github/workflows/release.yml@refs/heads/main"

static struct verification verify(const char *bundle, const struct trust_root *trust,
                                  const struct asked *asked, const struct artifact *artifact)
{
    return verify_bundle(&test_arena, vector_text(bundle), trust, &asked->policy, artifact);
}

/* -- cases from outside -- */

/* TestEntitySignedByPublicGood...: one log, one time; neither twice. */
static void thresholds(void **state)
{
    (void)state;
    static const struct {
        unsigned logs, ct_logs, times, timestamps;
        const char *says; /* NULL: it holds */
    } ROWS[] = {
        {1, 1, 1, 0, NULL},
        {1, 1, 0, 0, NULL},
        {0, 0, 0, 0, NULL},
        {2, 1, 1, 0, "it is in 1 transparency logs, and 2 are asked for"},
        {1, 2, 1, 0, "the certificate is in 1 trusted logs of certificates, and 2 are asked for"},
        {1, 1, 2, 0, "there are 1 trusted sources of a time of signing, and 2 are asked for"},
        {1, 1, 1, 1, "there is no trusted timestamp"},
    };
    trust_root_auto *trust = vector_trust("sigstore-go/data/trusted-roots/public-good.json", 0);
    const struct artifact artifact = {.whole = false};
    struct asked asked;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        ask(&asked, RELEASE, GITHUB_ISSUER);
        asked.policy.envelope_alone = true;
        asked.policy.logs = ROWS[i].logs;
        asked.policy.ct_logs = ROWS[i].ct_logs;
        asked.policy.times = ROWS[i].times;
        asked.policy.timestamps = ROWS[i].timestamps;
        const struct verification found = verify(PROVENANCE, trust, &asked, &artifact);
        if (ROWS[i].says == NULL) {
            expect_valid(&found);
        } else {
            expect_invalid(&found, ROWS[i].says);
        }
    }
    ask(&asked, RELEASE, GITHUB_ISSUER);
    const struct verification found = verify(PROVENANCE, trust, &asked, &artifact);
    expect_invalid(&found, "the artifact is none of its 1 subjects");
    assert_true(str_eq(found.predicate_type, STR("https://slsa.dev/provenance/v1")));
}

/* TestPublicKeyValidityCheckedAgainstSignedTimestamp. */
static void key_windows(void **state)
{
    (void)state;
    static const struct {
        struct trust_window window;
        const char *says;
    } ROWS[] = {
        {{0, NS_PER_S}, "the key was not valid when it was signed"},
        {{NS_PER_S, INT64_MAX}, NULL},
        {{0, 0}, NULL},
    };
    trust_root_auto *trust =
        vector_trust("sigstore-go/data/trusted-roots/public-key-validity.json", 0);
    public_key_auto *key = NULL;
    struct error err;
    const struct artifact artifact = artifact_of_bytes(&test_arena, STR("test content"));
    assert_false(failed(public_key_read_pem(
        vector_text("sigstore-go/data/public-keys/public-key-validity.pem"), &key, &err)));
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct asked asked = {.policy = {.key = key, .times = 1, .timestamps = 1}};
        asked.policy.key_window = ROWS[i].window;
        const struct verification found = verify(
            "sigstore-go/data/bundles/public-key-validity.sigstore.json", trust, &asked, &artifact);
        if (ROWS[i].says == NULL) {
            expect_valid(&found);
            assert_true(found.n_times == 1 && !found.times[0].by_log);
        } else {
            expect_invalid(&found, ROWS[i].says);
        }
    }
}

/* testVerify_noTransparencyLog_gitHubPrivateInstance: a timestamp authority, and no log at all. */
static void no_log(void **state)
{
    (void)state;
#define FOLDER "sigstore-java/samples/bundles/github-private-no-tlog/"
    static const char NAME[] = "https://github.com/neverendingsupport/slsa-attestations/.github/"
                               "workflows/attest.yml@9f6d9dc1bfc02986955721eb15f89ad618f1cedb";
    trust_root_auto *trust = vector_trust(FOLDER "trusted_root.jsonl", 2);
    struct artifact artifact;
    struct asked asked;
    struct error err;
    assert_false(failed(artifact_of_digest(
        &test_arena, STR("sha256:caa015ef69e9bc31a41322d6c71563ed9600c75bb988e4d639b1edc578580551"),
        &artifact, &err)));
    ask(&asked, NAME, GITHUB_ISSUER);
    struct verification found =
        verify(FOLDER "attestation.sigstore.json", trust, &asked, &artifact);
    expect_invalid(&found, "it is in no transparency log");
    asked.policy.logs = 0;
    found = verify(FOLDER "attestation.sigstore.json", trust, &asked, &artifact);
    expect_invalid(&found, "certificate transparency: ");
    asked.policy.ct_logs = 0;
    found = verify(FOLDER "attestation.sigstore.json", trust, &asked, &artifact);
    expect_valid(&found);
    assert_true(found.n_times == 1 && !found.times[0].by_log && found.n_logs == 0);
}

/* Envelopes of sigstore-js hold text; their signatures hold all the same. */
static void envelope_alone(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"sigstore-js/client/valid/v1_dsse_withSigningCert.json",
                                        "sigstore-js/client/valid/v3_dsse_withSigningCert.json"};
    trust_root_auto *trust = vector_trust("sigstore-js/client/trusted_root.json", 0);
    const struct artifact artifact = {.whole = false};
    for (size_t i = 0; i < COUNT(NAMES); i++) {
        struct asked asked;
        ask(&asked, "brian@dehamer.com", "https://github.com/login/oauth");
        struct verification found = verify(NAMES[i], trust, &asked, &artifact);
        expect_invalid(&found, "the envelope holds no in-toto statement, but text/plain");
        asked.policy.envelope_alone = true;
        found = verify(NAMES[i], trust, &asked, &artifact);
        expect_valid(&found);
    }
}

#define WITH_CA "sigstore-python/assets/tsa/DERIVED-staging-trusted_root-with-ca.json"

/* sigstore-python's cases of timestamps. All must hold: the first bundle has one that is of
 * something else beside a right one, which that client passes over. */
static void timestamps(void **state)
{
    (void)state;
    static const struct {
        const char *bundle, *trust;
        const char *says;
    } ROWS[] = {
        {"bundle.txt.sigstore", WITH_CA, "timestamp 2: timestamp: of something else"},
        {"bundle.txt.late_timestamp.sigstore", WITH_CA, "of no authority that is trusted"},
        {"bundle.duplicate.sigstore", WITH_CA, "timestamp 3 stands twice"},
        {"bundle.many_timestamp.sigstore", WITH_CA, "has more than 32 items"},
    };
    const struct artifact artifact =
        artifact_of_bytes(&test_arena, vector_text("sigstore-python/assets/tsa/bundle.txt"));
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct asked asked;
        struct text_match any = {TEXT_ANY, STR_EMPTY, NULL};
        trust_root_auto *trust = vector_trust(ROWS[i].trust, 0);
        ask(&asked, "x", "x");
        asked.identity = (struct identity){any, any};
        const struct verification found =
            verify(arena_printf(&test_arena, "sigstore-python/assets/tsa/%s", ROWS[i].bundle).p,
                   trust, &asked, &artifact);
        expect_invalid(&found, ROWS[i].says);
    }
}

/* -- words -- */

#define BUNDLE(name) CONFORMANCE name "/bundle.sigstore.json"

/* What is told of a time: each with the trusted root that comes with it. */
static void times(void **state)
{
    (void)state;
    static const struct {
        const char *folder, *says;
    } ROWS[] = {
        {"rekor2-timestamp-with-incorrect-time_fail", "signedTimestamp: is not base64"},
        {"rekor2-timestamp-payload-mismatch_fail", "timestamp 1: timestamp: of something else"},
        {"rekor2-timestamp-outside-trust-root-tsa-validity_fail", "timestamp 1: timestamp: "},
        {"rekor2-timestamp-outside-tsa-cert-validity_fail", "timestamp 1: timestamp: "},
        {"rekor2-timestamp-untrusted-tsa-without-embedded-cert_fail",
         "of no authority that is trusted"},
        {"intoto-tsa-timestamp-outside-cert-validity_fail",
         "the certificate had expired when it was signed: "},
        {"intoto-expired-certificate_fail",
         "the certificate was not yet valid when it was signed: "},
        {"intoto-missing-inclusion-proof_fail", "tlogEntries[0]: has no inclusionProof"},
        {"rekor2-checkpoint-missing-log-signature_fail", "the checkpoint has no signature"},
        {"rekor2-checkpoint-missing-size_fail", "the checkpoint has no size"},
        {"rekor2-checkpoint-cosigned", NULL},
    };
    const struct artifact artifact =
        artifact_of_bytes(&test_arena, vector_text(CONFORMANCE "a.txt"));
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct asked asked;
        trust_root_auto *trust = vector_trust(
            arena_printf(&test_arena, CONFORMANCE "%s/trusted_root.json", ROWS[i].folder).p, 0);
        ask(&asked, BEACON, GITHUB_ISSUER);
        const struct verification found = verify(
            arena_printf(&test_arena, CONFORMANCE "%s/bundle.sigstore.json", ROWS[i].folder).p,
            trust, &asked, &artifact);
        if (ROWS[i].says == NULL) {
            expect_valid(&found);
        } else {
            expect_invalid(&found, ROWS[i].says);
        }
    }
}

static void words(void **state)
{
    (void)state;
    static const struct {
        const char *bundle, *name, *issuer, *says;
    } ROWS[] = {
        {BUNDLE("happy-path-v0.3"), "you@example.com", GITHUB_ISSUER,
         "wrong identity: signed by \"" BEACON "\" of issuer \"" GITHUB_ISSUER
         "\", not by \"you@example.com\" of issuer \"" GITHUB_ISSUER "\""},
        {BUNDLE("bundle-unknown-version_fail"), BEACON, GITHUB_ISSUER, "is no known version"},
        {BUNDLE("bundle-negative-log-index_fail"), BEACON, GITHUB_ISSUER, "must not be negative"},
        {BUNDLE("bundle-with-root-cert_fail"), BEACON, GITHUB_ISSUER,
         "the bundle brings a root certificate that is not trusted"},
        {BUNDLE("checkpoint-wrong-roothash_fail"), BEACON, GITHUB_ISSUER,
         "the checkpoint is of another tree than the proof of inclusion"},
        {BUNDLE("dsse-invalid-sig_fail"), BEACON, GITHUB_ISSUER, "signature"},
        {BUNDLE("dsse-mismatch-sig_fail"), BEACON, GITHUB_ISSUER, "it is of another signature"},
        {BUNDLE("inclusion-proof-corrupted-hash_fail"), BEACON, GITHUB_ISSUER,
         "the proof of inclusion does not lead to the root of the log"},
        {BUNDLE("integrated-time-in-future_fail"),
         "untrusted-sa@sigstore-conformance.iam.gserviceaccount.com", "https://accounts.google.com",
         "the certificate had expired when it was signed: 2026-05-07T15:34:11Z, valid until "
         "2026-05-07T15:28:10Z"},
        {BUNDLE("managed-key-no-key_fail"), BEACON, GITHUB_ISSUER,
         "it is signed with a key, and none is given"},
        {BUNDLE("signature-mismatch_fail"), BEACON, GITHUB_ISSUER, "it is of another signature"},
        {BUNDLE("message-digest-mismatch_fail"), BEACON, GITHUB_ISSUER,
         "the bundle is of another artifact"},
    };
    trust_root_auto *trust = vector_trust(PRODUCTION, 0);
    const struct artifact artifact =
        artifact_of_bytes(&test_arena, vector_text(CONFORMANCE "a.txt"));
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct asked asked;
        ask(&asked, ROWS[i].name, ROWS[i].issuer);
        const struct verification found = verify(ROWS[i].bundle, trust, &asked, &artifact);
        expect_invalid(&found, ROWS[i].says);
    }
}

/* What is zero admits nothing. */
static void zero(void **state)
{
    (void)state;
    trust_root_auto *trust = vector_trust(PRODUCTION, 0);
    const struct verify_policy nothing = {.logs = 0};
    const struct artifact artifact =
        artifact_of_bytes(&test_arena, vector_text(CONFORMANCE "a.txt"));
    const struct artifact unknown = {.whole = false};
    struct verification found = verify_bundle(&test_arena, vector_text(BUNDLE("happy-path-v0.3")),
                                              trust, &nothing, &artifact);
    expect_invalid(&found, "wrong identity");
    struct asked asked;
    ask(&asked, BEACON, GITHUB_ISSUER);
    found = verify(BUNDLE("happy-path-v0.3"), trust, &asked, &unknown);
    expect_invalid(&found, "the artifact's sha256 digest is needed, and not known");
    found = verify(BUNDLE("happy-path-v0.3"), trust, &asked, &artifact);
    expect_valid(&found);
}

/* A key is not who a certificate names, nor the other way round. */
static void key_or_certificate(void **state)
{
    (void)state;
    trust_root_auto *trust = vector_trust(PRODUCTION, 0);
    public_key_auto *key = NULL;
    struct error err;
    const struct artifact artifact =
        artifact_of_bytes(&test_arena, vector_text(CONFORMANCE "a.txt"));
    assert_false(failed(public_key_read_pem(
        vector_text(CONFORMANCE "managed-key-happy-path/key.pub"), &key, &err)));
    struct asked asked = {.policy = {VERIFY_POLICY_DEFAULT, .key = key}};
    struct verification found = verify(BUNDLE("managed-key-happy-path"), trust, &asked, &artifact);
    expect_valid(&found);
    assert_true(found.signer.n_names == 0 && str_starts(found.key, STR("ECDSA")));
    asked.policy.times = 2;
    asked.policy.timestamps = 1;
    found = verify(BUNDLE("managed-key-happy-path"), trust, &asked, &artifact);
    expect_valid(&found);
    assert_true(found.n_times == 2 && found.times[0].by_log && !found.times[1].by_log);
    found = verify(BUNDLE("happy-path-v0.3"), trust, &asked, &artifact);
    expect_invalid(&found,
                   "it is signed with a certificate, and a signature by a key is asked for");
    public_key_auto *other = NULL;
    assert_false(failed(public_key_read_pem(
        vector_text("sigstore-go/data/public-keys/public-key-validity.pem"), &other, &err)));
    asked.policy.key = other;
    found = verify(BUNDLE("managed-key-happy-path"), trust, &asked, &artifact);
    expect_invalid(&found, "it is of another certificate or key");
    asked.policy.key = key;
    asked.policy.scheme = SCHEME_ECDSA_SHA512;
    found = verify(BUNDLE("managed-key-happy-path"), trust, &asked, &artifact);
    expect_invalid(&found, "");
}

int policy_tests(void)
{
    const struct CMUnitTest tests[] = {
        TEST(thresholds),     TEST(key_windows), TEST(no_log),
        TEST(envelope_alone), TEST(timestamps),  TEST(times),
        TEST(words),          TEST(zero),        TEST(key_or_certificate),
    };
    return cmocka_run_group_tests_name("policies", tests, NULL, NULL);
}

/* Entries of Rekor: each kind, and what the promise of one signs. */
#include "test.h"

#include "verify/rekor.h"

#define HEX "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4"
#define B64 "j0NDRmSPa5bfid2pAcUXaxCm2Dlh3TwayItZstwyeqQ="
#define BODY(kind, version, spec)                                                                  \
    "{\"apiVersion\":\"" version "\",\"kind\":\"" kind "\",\"spec\":{" spec "}}"
#define HASH_1 "{\"algorithm\":\"sha256\",\"value\":\"" HEX "\"}"
#define HASH_2 "{\"algorithm\":\"SHA2_256\",\"digest\":\"" B64 "\"}"
#define VERIFIER_2                                                                                 \
    "\"verifier\":{\"keyDetails\":\"x\",\"x509Certificate\":{\"rawBytes\":\"Y2VydA==\"}}"
#define HASHEDREKORD                                                                               \
    BODY("hashedrekord", "0.0.1",                                                                  \
         "\"data\":{\"hash\":" HASH_1 "},\"signature\":{\"content\":\"c2ln\",\"publicKey\":{"      \
         "\"content\":\"cGVt\"}}")
#define HASHEDREKORD_2(verifier)                                                                   \
    BODY("hashedrekord", "0.0.2",                                                                  \
         "\"hashedRekordV002\":{\"data\":" HASH_2 ",\"signature\":{\"content\":\"c2ln\"," verifier \
         "}}")
#define DSSE                                                                                       \
    BODY("dsse", "0.0.1",                                                                          \
         "\"envelopeHash\":" HASH_1 ",\"payloadHash\":" HASH_1 ",\"signatures\":[{\"signature\":"  \
         "\"c2ln\",\"verifier\":\"cGVt\"}]")
#define DSSE_2                                                                                     \
    BODY("dsse", "0.0.2",                                                                          \
         "\"dsseV002\":{\"payloadHash\":" HASH_2                                                   \
         ",\"signatures\":[{\"content\":\"c2ln\"," VERIFIER_2 "}]}")
/* The signature is text in base64 there, written in base64: "c2ln". */
#define INTOTO                                                                                     \
    BODY("intoto", "0.0.2",                                                                        \
         "\"content\":{\"payloadHash\":" HASH_1 ",\"envelope\":{\"payloadType\":\"t\","            \
         "\"signatures\":[{\"sig\":\"YzJsbg==\",\"publicKey\":\"cGVt\"}]}}")

static struct log_entry entry_of(const char *kind, const char *version, const char *body)
{
    return (struct log_entry){
        .kind = str_from(kind), .version = str_from(version), .body = str_from(body)};
}

static void kinds(void **state)
{
    (void)state;
    static const struct {
        const char *kind, *version, *body;
        enum rekor_form form;
        bool tiled, pem;
    } ROWS[] = {
        {"hashedrekord", "0.0.1", HASHEDREKORD, REKOR_ARTIFACT, false, true},
        {"hashedrekord", "0.0.2", HASHEDREKORD_2(VERIFIER_2), REKOR_ARTIFACT, true, false},
        {"dsse", "0.0.1", DSSE, REKOR_PAYLOAD, false, true},
        {"dsse", "0.0.2", DSSE_2, REKOR_PAYLOAD, true, false},
        {"intoto", "0.0.2", INTOTO, REKOR_PAYLOAD, false, true},
    };
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct rekor_entry it;
        struct error err;
        const struct log_entry entry = entry_of(ROWS[i].kind, ROWS[i].version, ROWS[i].body);
        if (failed(rekor_entry_parse(&test_arena, &entry, &it, &err))) {
            fail_msg("%s: %s", ROWS[i].kind, err.text);
        }
        assert_int_equal(it.form, ROWS[i].form);
        assert_int_equal(it.tiled, ROWS[i].tiled);
        assert_int_equal(it.hash, HASH_SHA256);
        assert_int_equal(it.digest.n, 32);
        assert_memory_equal(it.digest.p, "\x8f\x43\x43\x46", 4);
        assert_int_equal(it.n_signatures, 1);
        assert_true(str_eq(it.signatures[0].bytes, STR("sig")));
        assert_true(str_eq(it.signatures[0].pem, ROWS[i].pem ? STR("pem") : STR_EMPTY));
        assert_true(str_eq(it.signatures[0].certificate, ROWS[i].pem ? STR_EMPTY : STR("cert")));
    }
}

static void key(void **state)
{
    (void)state;
    struct rekor_entry it;
    struct error err;
    const struct log_entry entry =
        entry_of("hashedrekord", "0.0.2",
                 HASHEDREKORD_2("\"verifier\":{\"publicKey\":{\"rawBytes\":\"a2V5\"}}"));
    assert_false(failed(rekor_entry_parse(&test_arena, &entry, &it, &err)));
    assert_true(str_eq(it.signatures[0].key, STR("key")));
    assert_int_equal(it.signatures[0].certificate.n, 0);
}

static void refused(void **state)
{
    (void)state;
    static const struct {
        const char *kind, *version, *body, *says;
    } ROWS[] = {
        {"hashedrekord", "0.0.3", HASHEDREKORD, "of a kind that is not known: hashedrekord 0.0.3"},
        {"intoto", "0.0.1", INTOTO, "of a kind that is not known"},
        {"rekord", "0.0.1", HASHEDREKORD, "of a kind that is not known"},
        {"dsse", "0.0.1", HASHEDREKORD, "of another kind than the bundle says"},
        {"hashedrekord", "0.0.2", HASHEDREKORD, "of another kind than the bundle says"},
        {"dsse", "0.0.1", "", "log's entry: the text is empty"},
        {"dsse", "0.0.1", "{\"kind\":\"dsse\",\"apiVersion\":\"0.0.1\"}", "spec: is missing"},
        {"dsse", "0.0.1", BODY("dsse", "0.0.1", "\"payloadHash\":" HASH_1 ",\"signatures\":[]"),
         "spec.signatures: is empty"},
        {"dsse", "0.0.1",
         BODY("dsse", "0.0.1",
              "\"payloadHash\":{\"algorithm\":\"sha256\",\"value\":\"00\"},"
              "\"signatures\":[{\"signature\":\"c2ln\",\"verifier\":\"cGVt\"}]"),
         "digest is of another length"},
        {"dsse", "0.0.1",
         BODY("dsse", "0.0.1", "\"payloadHash\":{\"algorithm\":\"sha1\",\"value\":\"00\"}"),
         "no hash that is supported"},
        {"hashedrekord", "0.0.1", BODY("hashedrekord", "0.0.1", "\"data\":{}"), "hash: is missing"},
        {"hashedrekord", "0.0.2", HASHEDREKORD_2("\"verifier\":{}"),
         "verifier: must have one of publicKey and x509Certificate"},
        {"hashedrekord", "0.0.2",
         HASHEDREKORD_2("\"verifier\":{\"publicKey\":{\"rawBytes\":\"a2V5\"},\"x509Certificate\":{"
                        "\"rawBytes\":\"a2V5\"}}"),
         "verifier: must have one of publicKey and x509Certificate"},
    };
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct rekor_entry it;
        struct error err = {.kind = ERROR_NONE};
        const struct log_entry entry = entry_of(ROWS[i].kind, ROWS[i].version, ROWS[i].body);
        if (!failed(rekor_entry_parse(&test_arena, &entry, &it, &err))) {
            fail_msg("read: %s", ROWS[i].body);
        }
        expect_error(&err, ERROR_INPUT, ROWS[i].says);
    }
}

static void promised(void **state)
{
    (void)state;
    struct log_entry entry = entry_of("k", "v", "{\"a\":1}");
    entry.log_id = STR("\x00\xff\x1a");
    entry.index = 12;
    entry.integrated = 1700000000;
    assert_true(str_eq(rekor_promised(&test_arena, &entry),
                       STR("{\"body\":\"eyJhIjoxfQ==\",\"integratedTime\":1700000000,\"logID\":"
                           "\"00ff1a\",\"logIndex\":12}")));
}

int rekor_tests(void)
{
    const struct CMUnitTest tests[] = {TEST(kinds), TEST(key), TEST(refused), TEST(promised)};
    return cmocka_run_group_tests_name("rekor", tests, NULL, NULL);
}

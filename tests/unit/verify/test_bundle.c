/* Bundles: what is read of one, and that nothing is read of what is another, or more. */
#include "test.h"

#include "verify/bundle.h"

#define TYPE(version) "application/vnd.dev.sigstore.bundle+json;version=" version
#define MESSAGE                                                                                    \
    "\"messageSignature\":{\"messageDigest\":{\"algorithm\":\"SHA2_256\",\"digest\":\"YWJj\"},"    \
    "\"signature\":\"c2ln\"}"
#define ENVELOPE                                                                                   \
    "\"dsseEnvelope\":{\"payload\":\"aGk=\",\"payloadType\":\"t\",\"signatures\":[{\"sig\":"       \
    "\"c2ln\"}]}"
#define NAMES                                                                                      \
    "\"logIndex\":\"7\",\"logId\":{\"keyId\":\"aWQ=\"},\"kindVersion\":{\"kind\":\"k\","           \
    "\"version\":"                                                                                 \
    "\"v\"},\"integratedTime\":\"1700000000\",\"canonicalizedBody\":\"e30=\""
#define PROMISE "\"inclusionPromise\":{\"signedEntryTimestamp\":\"cHJvbWlzZQ==\"}"
#define PROOF                                                                                      \
    "\"inclusionProof\":{\"logIndex\":\"3\",\"rootHash\":\"cm9vdA==\",\"treeSize\":\"5\","         \
    "\"hashes\":["                                                                                 \
    "\"aA==\",\"aQ==\"],\"checkpoint\":{\"envelope\":\"note\"}}"
#define ENTRY       "{" NAMES "," PROMISE "," PROOF "}"
#define CERTIFICATE "\"certificate\":{\"rawBytes\":\"Y2VydA==\"}"
#define BUNDLE(type, material, content)                                                            \
    "{\"mediaType\":\"" type "\",\"verificationMaterial\":{" material "}," content "}"

static void read_one(const char *text, struct bundle *ret)
{
    struct error err;
    if (failed(bundle_parse(&test_arena, str_from(text), ret, &err))) {
        fail_msg("%s: %s", err.text, text);
    }
}

static void all_parts(void **state)
{
    (void)state;
    struct bundle it;
    read_one(BUNDLE(TYPE("0.3"),
                    CERTIFICATE
                    ",\"tlogEntries\":[" ENTRY "],"
                    "\"timestampVerificationData\":{\"rfc3161Timestamps\":[{\"signedTimestamp\":"
                    "\"dHM=\"}]}",
                    MESSAGE),
             &it);
    assert_int_equal(it.version, BUNDLE_0_3);
    assert_int_equal(it.n_certificates, 1);
    assert_true(str_eq(it.certificates[0], STR("cert")));
    assert_int_equal(it.n_timestamps, 1);
    assert_true(str_eq(it.timestamps[0], STR("ts")));
    assert_true(it.is_message && it.message.has_digest);
    assert_int_equal(it.message.hash, HASH_SHA256);
    assert_true(str_eq(it.message.digest, STR("abc")));
    assert_true(str_eq(it.message.signature, STR("sig")));
    assert_int_equal(it.n_entries, 1);
    const struct log_entry *entry = it.entries;
    assert_true(str_eq(entry->log_id, STR("id")) && entry->index == 7);
    assert_true(str_eq(entry->kind, STR("k")) && str_eq(entry->version, STR("v")));
    assert_int_equal(entry->integrated, 1700000000);
    assert_true(str_eq(entry->promise, STR("promise")) && str_eq(entry->body, STR("{}")));
    assert_true(entry->has_proof && entry->proof.index == 3 && entry->proof.tree.size == 5);
    assert_true(str_eq(entry->proof.tree.root, STR("root")));
    assert_int_equal(entry->proof.path.n, 2);
    assert_true(str_eq(entry->proof.path.hashes[1], STR("i")));
    assert_true(str_eq(entry->proof.checkpoint, STR("note")));
}

static void forms(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum bundle_version version;
        size_t certificates;
        bool message;
    } ROWS[] = {
        {BUNDLE("application/vnd.dev.sigstore.bundle.v0.3+json", CERTIFICATE, MESSAGE), BUNDLE_0_3,
         1, true},
        {BUNDLE(TYPE("0.3"), "\"publicKey\":{\"hint\":\"h\"}", ENVELOPE), BUNDLE_0_3, 0, false},
        {BUNDLE(TYPE("0.3"), "\"publicKey\":{}", ENVELOPE), BUNDLE_0_3, 0, false},
        {BUNDLE(TYPE("0.2"),
                "\"x509CertificateChain\":{\"certificates\":[{\"rawBytes\":\"YQ==\"},"
                "{\"rawBytes\":\"Yg==\"}]}",
                MESSAGE),
         BUNDLE_0_2, 2, true},
        {BUNDLE(TYPE("0.1"), CERTIFICATE ",\"tlogEntries\":[{" NAMES "," PROMISE "}]", MESSAGE),
         BUNDLE_0_1, 1, true},
        {BUNDLE(TYPE("0.2"), CERTIFICATE ",\"tlogEntries\":[{" NAMES "," PROOF "}]", MESSAGE),
         BUNDLE_0_2, 1, true},
        {BUNDLE(TYPE("0.2"), CERTIFICATE ",\"publicKey\":null,\"timestampVerificationData\":null",
                "\"messageSignature\":{\"signature\":\"c2ln\"}"),
         BUNDLE_0_2, 1, true},
    };
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct bundle it;
        read_one(ROWS[i].text, &it);
        assert_int_equal(it.version, ROWS[i].version);
        assert_int_equal(it.n_certificates, ROWS[i].certificates);
        assert_int_equal(it.is_message, ROWS[i].message);
    }
}

/* Members of an entry, with one of its names written otherwise. */
#define ENTRY_OF(members)                                                                          \
    BUNDLE(TYPE("0.1"), CERTIFICATE ",\"tlogEntries\":[{" members "}]", MESSAGE)
#define NAMES_BUT(index, time)                                                                     \
    index                                                                                          \
        "\"logId\":{\"keyId\":\"aWQ=\"},\"kindVersion\":{\"kind\":\"k\",\"version\":\"v\"}," time  \
        "\"canonicalizedBody\":\"e30=\"," PROMISE

static void refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } ROWS[] = {
        {"", "the bundle: the text is empty"},
        {"[]", "the bundle must be an object"},
        {"{}", "mediaType: is missing"},
        {BUNDLE(TYPE("0.4"), CERTIFICATE, MESSAGE), "is no known version of a bundle"},
        {BUNDLE(TYPE("0.1 "), CERTIFICATE, MESSAGE), "is no known version of a bundle"},
        {BUNDLE("application/vnd.dev.sigstore.bundle.v0.4+json", CERTIFICATE, MESSAGE),
         "is no known version of a bundle"},
        {BUNDLE(TYPE("0.3"), CERTIFICATE, "\"other\":1"), "unknown member \"other\""},
        {BUNDLE(TYPE("0.3"), CERTIFICATE ",\"tlog_entries\":[]", MESSAGE),
         "verificationMaterial: has an unknown member \"tlog_entries\""},
        {"{\"mediaType\":\"" TYPE("0.3") "\"," MESSAGE "}", "verificationMaterial: is missing"},
        {BUNDLE(TYPE("0.3"), "", MESSAGE), "verificationMaterial: must have one of publicKey"},
        {BUNDLE(TYPE("0.3"), CERTIFICATE ",\"publicKey\":{}", MESSAGE),
         "verificationMaterial: must have one of publicKey"},
        {BUNDLE(TYPE("0.3"),
                "\"x509CertificateChain\":{\"certificates\":[{\"rawBytes\":\"YQ==\"}]}", MESSAGE),
         "x509CertificateChain: is not of this version of bundles"},
        {BUNDLE(TYPE("0.2"), "\"x509CertificateChain\":{\"certificates\":[]}", MESSAGE),
         "x509CertificateChain.certificates: is empty"},
        {BUNDLE(TYPE("0.3"), "\"certificate\":{}", MESSAGE), "certificate.rawBytes: is missing"},
        {BUNDLE(TYPE("0.3"), CERTIFICATE, "\"messageSignature\":null"),
         "one of messageSignature and"},
        {BUNDLE(TYPE("0.3"), CERTIFICATE, MESSAGE "," ENVELOPE), "one of messageSignature and"},
        {BUNDLE(TYPE("0.3"), CERTIFICATE, "\"messageSignature\":{}"),
         "messageSignature.signature: is missing"},
        {BUNDLE(TYPE("0.3"), CERTIFICATE,
                "\"messageSignature\":{\"signature\":\"c2ln\","
                "\"messageDigest\":{\"algorithm\":\"SHA1\",\"digest\":\"\"}}"),
         "messageDigest.algorithm: is no hash that is supported"},
        {BUNDLE(TYPE("0.3"), CERTIFICATE,
                "\"dsseEnvelope\":{\"payload\":\"\",\"payloadType\":\"t\","
                "\"signatures\":[{\"sig\":\"YQ==\"},{\"sig\":\"YQ==\"}]}"),
         "dsseEnvelope: must have one signature alone, and has 2"},
        {BUNDLE(TYPE("0.3"), "\"publicKey\":{\"hint\":\"a\"}",
                "\"dsseEnvelope\":{\"payload\":\"\","
                "\"payloadType\":\"t\",\"signatures\":[{\"sig\":\"YQ==\",\"keyid\":\"b\"}]}"),
         "names another key than the bundle"},
        {BUNDLE(TYPE("0.3"),
                CERTIFICATE ",\"timestampVerificationData\":{\"rfc3161Timestamps\":[{}"
                            "]}",
                MESSAGE),
         "rfc3161Timestamps[0].signedTimestamp: is missing"},
        {BUNDLE(TYPE("0.1"), CERTIFICATE ",\"tlogEntries\":[{" NAMES "," PROOF "}]", MESSAGE),
         "tlogEntries[0]: has no inclusionPromise"},
        {BUNDLE(TYPE("0.2"), CERTIFICATE ",\"tlogEntries\":[{" NAMES "," PROMISE "}]", MESSAGE),
         "tlogEntries[0]: has no inclusionProof"},
        {BUNDLE(TYPE("0.3"),
                CERTIFICATE ",\"tlogEntries\":[{" NAMES ",\"inclusionProof\":{"
                            "\"treeSize\":1,\"rootHash\":\"YQ==\"}}]",
                MESSAGE),
         "has no checkpoint"},
        {ENTRY_OF(NAMES_BUT("\"logIndex\":\"-1\",", "")), "logIndex: must not be negative"},
        {ENTRY_OF(NAMES_BUT("\"logIndex\":-1,", "")), "logIndex: must not be negative"},
        {ENTRY_OF(NAMES_BUT("\"logIndex\":\"01\",", "")),
         "logIndex: is no whole number of 64 bits"},
        {ENTRY_OF(NAMES_BUT("\"logIndex\":\"\",", "")), "logIndex: is no whole number of 64 bits"},
        {ENTRY_OF(NAMES_BUT("\"logIndex\":1.5,", "")), "logIndex: must be a whole number"},
        {ENTRY_OF(NAMES_BUT("\"logIndex\":\"9223372036854775808\",", "")), "of 64 bits"},
        {ENTRY_OF(NAMES_BUT("\"logIndex\":9223372036854775808,", "")), "of 64 bits"},
        {ENTRY_OF(NAMES_BUT("", "\"integratedTime\":\"-5\",")),
         "integratedTime: must not be negative"},
        {ENTRY_OF("\"kindVersion\":{\"kind\":\"k\",\"version\":\"v\"}"), "logId: is missing"},
        {ENTRY_OF("\"logId\":{\"keyId\":\"aWQ=\"}"), "kindVersion: is missing"},
        {ENTRY_OF("\"logId\":{\"keyId\":\"aWQ=\"},\"kindVersion\":{\"kind\":\"k\",\"version\":"
                  "\"v\"}," PROMISE),
         "canonicalizedBody: is missing"},
    };
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct bundle it;
        struct error err = {.kind = ERROR_NONE};
        if (!failed(bundle_parse(&test_arena, str_from(ROWS[i].text), &it, &err))) {
            fail_msg("read: %s", ROWS[i].text);
        }
        expect_error(&err, ERROR_INPUT, ROWS[i].says);
    }
}

/* -- limits -- */

/* `n` times `item`, with commas between them. */
static const char *repeated(const char *item, size_t n)
{
    struct str *all = ARENA_ARRAY(&test_arena, struct str, n);
    for (size_t i = 0; i < n; i++) {
        all[i] = arena_printf(&test_arena, "%s%s", i == 0 ? "" : ",", item);
    }
    return arena_join(&test_arena, all, n).p;
}

static void expect_limit(const char *format, const char *item, size_t limit, const char *says)
{
    struct bundle it;
    struct error err;
    for (size_t n = limit; n <= limit + 1; n++) {
        const char *items = repeated(item, n);
        size_t size = strlen(format) + strlen(items) + 1;
        char *text = arena_alloc(&test_arena, size);
        const char *at = strchr(format, '@');
        memcpy(text, format, (size_t)(at - format));
        memcpy(text + (at - format), items, strlen(items));
        memcpy(text + (at - format) + strlen(items), at + 1, strlen(at + 1));
        if (n == limit) {
            read_one(text, &it);
        } else {
            assert_true(failed(bundle_parse(&test_arena, str_from(text), &it, &err)));
            expect_error(&err, ERROR_LIMIT, says);
        }
    }
}

static void limits(void **state)
{
    (void)state;
    expect_limit(BUNDLE(TYPE("0.1"), "\"x509CertificateChain\":{\"certificates\":[@]}", MESSAGE),
                 "{\"rawBytes\":\"YQ==\"}", LIMIT_BUNDLE_CERTIFICATES,
                 "certificates: has more than 8 items");
    expect_limit(BUNDLE(TYPE("0.3"), CERTIFICATE ",\"tlogEntries\":[@]", MESSAGE), ENTRY,
                 LIMIT_BUNDLE_ENTRIES, "tlogEntries: has more than 8 items");
    expect_limit(BUNDLE(TYPE("0.3"),
                        CERTIFICATE ",\"timestampVerificationData\":{\"rfc3161Timestamps\":[@]}",
                        MESSAGE),
                 "{\"signedTimestamp\":\"YQ==\"}", LIMIT_BUNDLE_TIMESTAMPS,
                 "rfc3161Timestamps: has more than 32 items");
    expect_limit(ENTRY_OF(NAMES "," PROMISE
                                ",\"inclusionProof\":{\"treeSize\":1,\"rootHash\":\"YQ=="
                                "\",\"hashes\":[@]}"),
                 "\"YQ==\"", LIMIT_PROOF_HASHES, "hashes: has more than 64 items");
}

int bundle_tests(void)
{
    const struct CMUnitTest tests[] = {TEST(all_parts), TEST(forms), TEST(refused), TEST(limits)};
    return cmocka_run_group_tests_name("bundle", tests, NULL, NULL);
}

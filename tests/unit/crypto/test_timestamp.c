#include <openssl/err.h>

#include "base/file.h"
#include "base/limits.h"
#include "crypto/timestamp.h"
#include "make_certificate.h"
#include "make_token.h"
#include "vectors.h"

static struct x509_certificate *read_der(struct str der)
{
    struct x509_certificate *it = NULL;
    struct error err;
    if (failed(x509_read_der(der, &it, &err))) {
        fail_msg("%s", err.text);
    }
    return it;
}

/* -- the cases of tspclient-go: "notation", stamped by GlobalSign -- */

#define NOTATION "tspclient-go/testdata/"

/* Those that stamp something else than "notation" show that alone. */
static const struct {
    const char *file;
    const char *wanted;   /* a part of the error, or the time if it holds */
    enum error_kind kind; /* NONE: it holds */
} NOTATION_CASES[] = {
    {"TimeStampToken.p7s", "2021-09-17T14:09:10.000Z", ERROR_NONE},
    {"granted.tsq", "2021-09-18T11:54:34.000Z", ERROR_NONE},
    {"TimeStampTokenNoRoot.p7s", "of something else", ERROR_EVIDENCE},
    {"SHA1TimeStampToken.p7s", "a hash that is not taken", ERROR_EVIDENCE},
    {"malformed.tsq", "malformed token", ERROR_INPUT},
    {"rejection.tsq", "it was not granted", ERROR_EVIDENCE},
    {"validResponseWithSigningCertificateV1.tsr", "of something else", ERROR_EVIDENCE},
    {"TimeStampTokenWithInvalidSignature.p7s", "signature does not hold", ERROR_EVIDENCE},
    {"TimeStampTokenWithInvalidSigningCertificateV1.p7s", "of something else", ERROR_EVIDENCE},
    {"TimeStampTokenWithInvalidSigningCertificateV2.p7s", "does not name", ERROR_EVIDENCE},
    {"TimeStampTokenWithInvalidTSTInfo.p7s", "malformed content", ERROR_INPUT},
    {"TimeStampTokenWithInvalideContentType.p7s", "signed data of something else", ERROR_INPUT},
    {"TimeStampTokenWithMismatchCertHash.p7s", "does not name", ERROR_EVIDENCE},
    {"TimeStampTokenWithSHA1CertHash.p7s", "does not name", ERROR_EVIDENCE},
    {"TimeStampTokenWithSigningCertificateV1.p7s", "of something else", ERROR_EVIDENCE},
    {"TimeStampTokenWithSigningCertificateV1NoCert.p7s", "of something else", ERROR_EVIDENCE},
    {"TimeStampTokenWithSigningCertificateV2NoCert.p7s", "does not name", ERROR_EVIDENCE},
    {"TimeStampTokenWithTSTInfoVersion2.p7s", "malformed content", ERROR_INPUT},
    {"TimeStampTokenWithWrongSigningCertificateV2IssuerChoiceTag.p7s", "does not name",
     ERROR_EVIDENCE},
    {"TimeStampTokenWithoutCertificate.p7s", "of no authority", ERROR_EVIDENCE},
    {"TimeStampTokenWithoutSigningCertificate.p7s", "does not name", ERROR_EVIDENCE},
    {"TimeStampTokenWithoutSigningCertificateV2IssuerSerial.p7s", "signature does not hold",
     ERROR_EVIDENCE},
    /* By choice: they take one good signer of two, RFC 3161 section 2.4.2 wants one. */
    {"TimeStampTokenWithValidAndInvalidSignerInfos.p7s", "more than one signer", ERROR_EVIDENCE},
};

static struct x509_list read_root(void)
{
    struct x509_list list;
    struct error err;
    if (failed(x509_read_pem(vector(NOTATION "GlobalSignRootCA.crt"), &list, &err))) {
        fail_msg("%s", err.text);
    }
    return list;
}

static void notation(void **state)
{
    (void)state;
    x509_list_auto root = read_root();
    const struct x509_certificate *chain[] = {root.items[0]};
    const struct timestamp_authority authority = {chain, 1, 0, INT64_MAX};
    for (size_t i = 0; i < COUNT(NOTATION_CASES); i++) {
        char text[CLOCK_TEXT_MAX];
        struct timestamp stamp;
        struct error err;
        struct str token =
            vector(arena_printf(&test_arena, NOTATION "%s", NOTATION_CASES[i].file).p);
        bool bad = failed(timestamp_verify(token, STR("notation"), &authority, 1, &stamp, &err));
        if (bad != (NOTATION_CASES[i].kind != ERROR_NONE)) {
            fail_msg("%s: %s", NOTATION_CASES[i].file, bad ? err.text : "holds");
        }
        assert_int_equal(ERR_peek_error(), 0);
        if (bad) {
            assert_int_equal(err.kind, NOTATION_CASES[i].kind);
            assert_non_null(strstr(err.text, NOTATION_CASES[i].wanted));
            continue;
        }
        clock_format(stamp.time, text);
        assert_string_equal(text, NOTATION_CASES[i].wanted);
        assert_true(stamp.accuracy == NS_PER_S && stamp.hash == HASH_SHA256);
        assert_int_equal(stamp.authority, 0);
    }
}

/* Their tokens that break CMS, where the vectors have them: one is whole, and is here too. */
static void broken(void **state)
{
    (void)state;
    static const char *const ENDINGS[] = {".p7s", NULL};
    x509_list_auto root = read_root();
    const struct x509_certificate *chain[] = {root.items[0]};
    const struct timestamp_authority authority = {chain, 1, 0, INT64_MAX};
    const char *folder = vector_path("tspclient-go/cms-testdata");
    struct file_list list = {0};
    struct error err;
    struct timestamp stamp;
    if (file_is_directory(folder)) {
        assert_false(failed(file_list(&test_arena, folder, ENDINGS, 1000, &list, &err)));
        assert_true(list.n > 0);
    }
    for (size_t i = 0; i < list.n; i++) {
        struct str token;
        assert_false(failed(file_read(&test_arena, list.paths[i], MIB, &token, &err)));
        bool bad = failed(timestamp_verify(token, STR("notation"), &authority, 1, &stamp, &err));
        bool whole = str_ends(str_from(list.paths[i]), STR("/TimeStampToken.p7s"));
        if (bad == whole) {
            fail_msg("%s: %s", list.paths[i], bad ? err.text : "holds");
        }
    }
}

/* -- real ones of Sigstore -- */

#define CONFORMANCE "sigstore-conformance/assets/bundle-verify/"

struct trust {
    struct x509_certificate *signer, *root;
    const struct x509_certificate *chain[2];
    struct timestamp_authority authority;
};

/* The timestamp authority of a trusted root: the signer, and behind it the root. */
static void read_trust(const char *path, struct trust *trust)
{
    for (size_t i = 0;; i++) {
        trust->signer = read_der(vector_certificate(path, i));
        if (x509_facts(trust->signer)->stamps_time) {
            trust->root = read_der(vector_certificate(path, i + 1));
            break;
        }
        x509_free(trust->signer);
    }
    trust->chain[0] = trust->signer;
    trust->chain[1] = trust->root;
    trust->authority = (struct timestamp_authority){trust->chain, 2, 0, INT64_MAX};
}

static void free_trust(struct trust *trust)
{
    x509_free(trust->signer);
    x509_free(trust->root);
}

static void real(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"rekor2-timestamp-without-embedded-cert",
                                        "rekor2-checkpoint-cosigned"};
    for (size_t i = 0; i < COUNT(NAMES); i++) {
        struct trust trust;
        struct timestamp stamp;
        struct error err;
        const char *folder = arena_printf(&test_arena, CONFORMANCE "%s", NAMES[i]).p;
        const char *bundle = arena_printf(&test_arena, "%s/bundle.sigstore.json", folder).p;
        struct str token = vector_member(bundle, "signedTimestamp", 0),
                   signature = vector_member(bundle, "signature", 0);
        read_trust(arena_printf(&test_arena, "%s/trusted_root.json", folder).p, &trust);
        if (failed(timestamp_verify(token, signature, &trust.authority, 1, &stamp, &err))) {
            fail_msg("%s: %s", NAMES[i], err.text);
        }
        assert_true(failed(timestamp_verify(token, STR("x"), &trust.authority, 1, &stamp, &err)));
        assert_non_null(strstr(err.text, "of something else"));
        assert_true(failed(timestamp_verify(token, signature, NULL, 0, &stamp, &err)));
        assert_non_null(strstr(err.text, "of no authority that is trusted"));
        free_trust(&trust);
    }
}

/* Any bit of a token: what still holds says the same. What is not signed and not read may change:
 * lists of algorithms, certificates that are not needed, "granted with changes". */
static void flip_each(struct str token, struct str message,
                      const struct timestamp_authority *authority, size_t most)
{
    struct timestamp stamp, same;
    struct error err;
    size_t held = 0;
    char *copy = writable(token);
    assert_false(failed(timestamp_verify(token, message, authority, 1, &stamp, &err)));
    for (size_t i = 0; i < token.n; i++) {
        copy[i] = (char)(copy[i] ^ 1 << i % 8);
        if (!failed(timestamp_verify((struct str){copy, token.n}, message, authority, 1, &same,
                                     &err))) {
            held++;
            assert_true(same.time == stamp.time && same.accuracy == stamp.accuracy);
            assert_true(str_eq(same.imprint, stamp.imprint) && str_eq(same.serial, stamp.serial));
        }
        copy[i] = token.p[i];
    }
    assert_true(held <= most);
    for (size_t n = 0; n < token.n; n++) {
        assert_true(
            failed(timestamp_verify((struct str){copy, n}, message, authority, 1, &same, &err)));
    }
}

static void flipped(void **state)
{
    (void)state;
    static const char BUNDLE[] =
        CONFORMANCE "rekor2-timestamp-without-embedded-cert/bundle.sigstore.json";
    struct trust trust;
    read_trust(CONFORMANCE "rekor2-timestamp-without-embedded-cert/trusted_root.json", &trust);
    flip_each(vector_member(BUNDLE, "signedTimestamp", 0), vector_member(BUNDLE, "signature", 0),
              &trust.authority, 16);
    free_trust(&trust);
}

/* -- our own -- */

static const struct extension_request AUTHORITY[] = {{"basicConstraints", "critical,CA:TRUE"},
                                                     {"keyUsage", "critical,keyCertSign"}};
static const struct extension_request STAMPS[] = {{"extendedKeyUsage", "critical,timeStamping"},
                                                  {"subjectKeyIdentifier", "hash"}};
static const struct extension_request SIGNS_CODE[] = {{"extendedKeyUsage", "codeSigning"}};

static const struct certificate_request ROOT = {
    .kind = "P-384", .name = "root", .extensions = AUTHORITY, .n_extensions = COUNT(AUTHORITY)};

#define MESSAGE STR("what was stamped")
#define THEN    "19740210000000Z" /* day 1501 */

/* A signer with this kind of key, its root, and the request of a good token. */
struct own {
    struct trust trust;
    struct token_request good;
};

static struct own own_of(const char *kind, const struct extension_request *list, size_t n)
{
    const struct certificate_request request = {
        .kind = kind, .name = "stamper", .serial = 77, .extensions = list, .n_extensions = n};
    struct own own = {.good = {.kind = kind, .message = MESSAGE, .time = THEN}};
    own.good.certificate = make_certificate(&request, &ROOT);
    own.trust.signer = read_der(own.good.certificate);
    own.trust.root = read_der(make_certificate(&ROOT, NULL));
    return own;
}

/* Its chain refers to itself, so it is made where it lives. */
static void trust_own(struct own *own)
{
    own->trust.chain[0] = own->trust.signer;
    own->trust.chain[1] = own->trust.root;
    own->trust.authority = (struct timestamp_authority){own->trust.chain, 2, 0, INT64_MAX};
}

static void expect(const struct own *own, const struct token_request *request, const char *wanted)
{
    struct timestamp stamp = {.authority = 99};
    struct error err;
    struct str token = make_token(request);
    bool bad = failed(timestamp_verify(token, MESSAGE, &own->trust.authority, 1, &stamp, &err));
    if (bad && (wanted == NULL || strstr(err.text, wanted) == NULL)) {
        fail_msg("%s, not %s", err.text, wanted == NULL ? "fine" : wanted);
    }
    if (!bad && wanted != NULL) {
        fail_msg("holds: %s", wanted);
    }
    assert_int_equal(stamp.authority, bad ? 99 : 0);
    assert_int_equal(ERR_peek_error(), 0);
}

static void kinds(void **state)
{
    (void)state;
    static const struct {
        const char *kind;
        enum hash hash;
        const char *wanted;
    } KINDS[] = {
        {"P-256", HASH_SHA256, NULL},
        {"P-256", HASH_SHA384, NULL},
        {"P-384", HASH_SHA384, NULL},
        {"P-521", HASH_SHA512, NULL},
        {"RSA:2048", HASH_SHA256, NULL},
        {"RSA:2048", HASH_SHA512, NULL},
        {"ED25519", HASH_SHA512, NULL},
        {"ED25519", HASH_SHA256, "a kind of signature"},
        {"RSA:1024", HASH_SHA256, "RSA with 1024 bits"},
    };
    for (size_t i = 0; i < COUNT(KINDS); i++) {
        struct own own = own_of(KINDS[i].kind, STAMPS, COUNT(STAMPS));
        trust_own(&own);
        own.good.hash = KINDS[i].hash;
        expect(&own, &own.good, KINDS[i].wanted);
        free_trust(&own.trust);
    }
}

/* One change each to a request of a good token. */
#define TWIST(...)                                                                                 \
    do {                                                                                           \
        struct token_request it = own.good;                                                        \
        __VA_ARGS__;                                                                               \
    } while (0)

static void contents(void **state)
{
    (void)state;
    struct own own = own_of("P-256", STAMPS, COUNT(STAMPS));
    trust_own(&own);
    expect(&own, &own.good, NULL);
    TWIST(it.version = "020102", expect(&own, &it, "malformed content"));
    TWIST(it.version = "020100", expect(&own, &it, "malformed content"));
    TWIST(it.serial = "0409", expect(&own, &it, "malformed content"));
    TWIST(it.serial = "02020001", expect(&own, &it, "malformed content"));
    TWIST(it.time = "740210000000Z", expect(&own, &it, "malformed content"));
    TWIST(it.time = "19740210000000.5Z", expect(&own, &it, NULL));
    TWIST(it.time = "19740210000060Z", expect(&own, &it, "malformed content"));
    TWIST(it.imprint_algorithm = "300706052b0e03021a",
          expect(&own, &it, "a hash that is not taken"));
    TWIST(it.after_time = "3003020101", expect(&own, &it, NULL));
    TWIST(it.after_time = "300a020101800203e7810101", expect(&own, &it, NULL));
    TWIST(it.after_time = "3004800203e8", expect(&own, &it, "malformed content"));
    TWIST(it.after_time = "30030201ff", expect(&own, &it, "malformed content"));
    TWIST(it.after_time = "0101ff02020102", expect(&own, &it, NULL));
    TWIST(it.after_time = "020201020101ff", expect(&own, &it, "malformed content"));
    TWIST(it.after_time = "0500", expect(&own, &it, "malformed content"));
    TWIST(it.after_time = "a109300706022a03040100", expect(&own, &it, NULL));
    TWIST(it.after_time = "a10c300a06022a030101ff040100", expect(&own, &it, "malformed content"));
    TWIST(it.message = STR("another"), expect(&own, &it, "of something else"));
    free_trust(&own.trust);
}

static void attributes(void **state)
{
    (void)state;
    static const char NO_NAME[] = "it does not name its signer's certificate",
                      NOT_TOLD[] = "what is signed is not what is told",
                      TWICE[] = "malformed attributes";
    struct own own = own_of("P-256", STAMPS, COUNT(STAMPS));
    trust_own(&own);
    const unsigned base = A_TYPE | A_DIGEST;
    TWIST(it.attributes = base | A_CERTIFICATE_1, expect(&own, &it, NULL));
    TWIST(it.attributes = base | A_CERTIFICATE_1 | A_CERTIFICATE_2, expect(&own, &it, NULL));
    TWIST(it.attributes = base, expect(&own, &it, NO_NAME));
    TWIST(it.attributes = A_TYPE | A_CERTIFICATE_2, expect(&own, &it, NOT_TOLD));
    TWIST(it.attributes = A_DIGEST | A_CERTIFICATE_2, expect(&own, &it, NOT_TOLD));
    TWIST(it.type = "1.2.840.113549.1.7.1", expect(&own, &it, NOT_TOLD));
    TWIST(it.digest = STR("x"), expect(&own, &it, NOT_TOLD));
    TWIST(it.twice = A_TYPE, expect(&own, &it, TWICE));
    TWIST(it.twice = A_DIGEST, expect(&own, &it, TWICE));
    TWIST(it.twice = A_CERTIFICATE_2, expect(&own, &it, TWICE));
    TWIST(it.named = STR("another"), expect(&own, &it, NO_NAME));
    TWIST(it.named = STR("another"), it.attributes = base | A_CERTIFICATE_1,
          expect(&own, &it, NO_NAME));
    TWIST(it.id_hash = "sha512", expect(&own, &it, NULL));
    TWIST(it.names_issuer = true, expect(&own, &it, NULL));
    TWIST(it.names_issuer = it.names_other_serial = true, expect(&own, &it, NO_NAME));
    const unsigned timed = base | A_CERTIFICATE_2 | A_TIME;
    TWIST(it.attributes = timed, expect(&own, &it, NULL));
    TWIST(it.attributes = timed, it.signing_time = "740230000000Z",
          expect(&own, &it, "was not valid"));
    TWIST(it.attributes = timed, it.signing_time = "900210000000Z",
          expect(&own, &it, "was not valid"));
    const unsigned protected = base | A_CERTIFICATE_2 | A_PROTECTION;
    TWIST(it.attributes = protected, expect(&own, &it, NULL));
    TWIST(it.attributes = protected, it.protection = "3000",
          expect(&own, &it, "with other algorithms than it says"));
    free_trust(&own.trust);
}

static void signers(void **state)
{
    (void)state;
    struct own own = own_of("P-256", STAMPS, COUNT(STAMPS));
    trust_own(&own);
    TWIST(it.by_key_id = true, expect(&own, &it, NULL));
    TWIST(it.signer_version = "020103", expect(&own, &it, "malformed signer"));
    TWIST(it.by_key_id = true, it.signer_version = "020101", expect(&own, &it, "malformed signer"));
    TWIST(it.unsigned_ones = true, expect(&own, &it, NULL));
    TWIST(it.signers = 2, expect(&own, &it, "more than one signer"));
    TWIST(it.digest_algorithm = "300706052b0e03021a",
          expect(&own, &it, "a hash that is not taken"));
    TWIST(it.digest_algorithm = "300d06096086480165030402010500", expect(&own, &it, NULL));
    TWIST(it.digest_algorithm = "300e0609608648016503040201020100",
          expect(&own, &it, "a hash that is not taken"));
    /* ECDSA with SHA-1, with parameters, of another hash, of RSA, none at all */
    TWIST(it.signature_algorithm = "300906072a8648ce3d0401", it.signature_hash = "sha1",
          expect(&own, &it, "a kind of signature that is not taken"));
    TWIST(it.signature_algorithm = "300c06082a8648ce3d0403020500",
          expect(&own, &it, "a kind of signature that is not taken"));
    TWIST(it.signature_algorithm = "300a06082a8648ce3d040303", it.signature_hash = "sha384",
          expect(&own, &it, "a kind of signature that is not taken"));
    TWIST(it.signature_algorithm = "300d06092a864886f70d01010b0500",
          expect(&own, &it, "no kind of signature that a key of ECDSA P-256 makes"));
    TWIST(it.signature_algorithm = "3000", expect(&own, &it, "a kind of signature"));
    TWIST(it.signature_hash = "sha512", expect(&own, &it, "the signature does not hold"));
    TWIST(it.kind = "P-256#2", expect(&own, &it, "the signature does not hold"));
    free_trust(&own.trust);
    struct own rsa = own_of("RSA:2048", STAMPS, COUNT(STAMPS));
    trust_own(&rsa);
    rsa.good.signature_algorithm = "300d06092a864886f70d0101010500"; /* rsaEncryption */
    expect(&rsa, &rsa.good, NULL);
    rsa.good.signature_hash = "sha1";
    expect(&rsa, &rsa.good, "the signature does not hold");
    rsa.good.signature_algorithm = "300d06092a864886f70d0101050500"; /* with SHA-1 */
    expect(&rsa, &rsa.good, "a kind of signature that is not taken");
    free_trust(&rsa.trust);
}

static void around(void **state)
{
    (void)state;
    struct own own = own_of("P-256", STAMPS, COUNT(STAMPS));
    trust_own(&own);
    TWIST(it.response = "3003020100", expect(&own, &it, NULL));
    TWIST(it.response = "3003020101", expect(&own, &it, NULL));
    TWIST(it.response = "3003020102", expect(&own, &it, "it was not granted"));
    TWIST(it.response = "3003020105", expect(&own, &it, "it was not granted"));
    TWIST(it.response = "30030201ff", expect(&own, &it, "malformed response"));
    TWIST(it.response = "3000", expect(&own, &it, "malformed response"));
    TWIST(it.response = "020100", expect(&own, &it, "malformed response"));
    TWIST(it.data_version = "020101", expect(&own, &it, "malformed signed data"));
    TWIST(it.content_type = "1.2.840.113549.1.7.1", expect(&own, &it, "of something else"));
    struct str good = make_token(&own.good);
    struct str longer = arena_join(&test_arena, (struct str[]){good, unhex("0500")}, 2);
    struct timestamp stamp;
    struct error err;
    assert_true(failed(timestamp_verify(longer, MESSAGE, &own.trust.authority, 1, &stamp, &err)));
    assert_int_equal(err.kind, ERROR_INPUT);
    flip_each(good, MESSAGE, &own.trust.authority, 16);
    free_trust(&own.trust);
}

/* -- whose it is -- */

static void authorities(void **state)
{
    (void)state;
    struct own own = own_of("P-256", STAMPS, COUNT(STAMPS));
    struct own other = own_of("P-256#2", STAMPS, COUNT(STAMPS));
    struct own code = own_of("P-256", SIGNS_CODE, COUNT(SIGNS_CODE));
    trust_own(&own);
    trust_own(&other);
    trust_own(&code);
    struct token_request carried = own.good;
    carried.certificates = 2;
    const struct x509_certificate *roots[] = {own.trust.root},
                                  *wrong[] = {own.trust.signer, other.trust.signer};
    const struct timestamp_authority by_root = {roots, 1, 0, INT64_MAX},
                                     by_wrong = {wrong, 2, 0, INT64_MAX};
    const struct timestamp_authority list[] = {other.trust.authority, own.trust.authority};
    struct timestamp stamp;
    struct error err;
    struct str token = make_token(&own.good), with = make_token(&carried);
    /* from the token, below the root; not without it */
    assert_false(failed(timestamp_verify(with, MESSAGE, &by_root, 1, &stamp, &err)));
    assert_true(failed(timestamp_verify(token, MESSAGE, &by_root, 1, &stamp, &err)));
    assert_non_null(strstr(err.text, "of no authority that is trusted"));
    /* what the token carries is not asked where an authority names its signer */
    assert_true(failed(timestamp_verify(with, MESSAGE, &other.trust.authority, 1, &stamp, &err)));
    assert_true(failed(timestamp_verify(with, MESSAGE, &by_wrong, 1, &stamp, &err)));
    assert_non_null(strstr(err.text, "no chain from"));
    /* which of several */
    assert_false(failed(timestamp_verify(token, MESSAGE, list, 2, &stamp, &err)));
    assert_int_equal(stamp.authority, 1);
    expect(&code, &code.good, "not for timestamps alone");
    free_trust(&own.trust);
    free_trust(&other.trust);
    free_trust(&code.trust);
}

static void times(void **state)
{
    (void)state;
    struct own own = own_of("P-256", STAMPS, COUNT(STAMPS));
    trust_own(&own);
    const int64_t then = 1501 * DAY;
    struct timestamp stamp;
    struct error err;
    struct str token = make_token(&own.good);
    assert_false(failed(timestamp_verify(token, MESSAGE, &own.trust.authority, 1, &stamp, &err)));
    assert_true(stamp.time == then && stamp.accuracy == 0);
    assert_true(str_eq(stamp.serial, STR("*")));
    const struct {
        int64_t from, until;
        const char *wanted;
    } CASES[] = {
        {then, then, NULL},
        {then + 1, INT64_MAX, "its authority is not trusted for 1974-02-10T00:00:00Z"},
        {0, then - 1, "its authority is not trusted for 1974-02-10T00:00:00Z"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        own.trust.authority.from = CASES[i].from;
        own.trust.authority.until = CASES[i].until;
        expect(&own, &own.good, CASES[i].wanted);
    }
    trust_own(&own);
    /* days 1000 to 2000, which the certificates are valid */
    TWIST(it.time = "19750624000000Z", expect(&own, &it, NULL));
    TWIST(it.time = "19750624000000.1Z", expect(&own, &it, "was valid until"));
    TWIST(it.time = "19720926235959Z", expect(&own, &it, "and not yet at"));
    TWIST(it.time = "99991231235959Z", expect(&own, &it, "was valid until"));
    free_trust(&own.trust);
}

static void sizes(void **state)
{
    (void)state;
    struct own own = own_of("P-256", STAMPS, COUNT(STAMPS));
    trust_own(&own);
    own.good.certificates = LIMIT_TIMESTAMP_CERTIFICATES;
    expect(&own, &own.good, NULL);
    own.good.certificates++;
    expect(&own, &own.good, "more than 16 certificates");
    struct str large = {arena_alloc(&test_arena, LIMIT_TIMESTAMP + 1), LIMIT_TIMESTAMP};
    struct timestamp stamp;
    struct error err;
    assert_true(failed(timestamp_verify(large, MESSAGE, &own.trust.authority, 1, &stamp, &err)));
    assert_int_equal(err.kind, ERROR_INPUT);
    large.n++;
    assert_true(failed(timestamp_verify(large, MESSAGE, &own.trust.authority, 1, &stamp, &err)));
    assert_int_equal(err.kind, ERROR_LIMIT);
    free_trust(&own.trust);
}

int timestamp_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(notation, start, stop),
        cmocka_unit_test_setup_teardown(broken, start, stop),
        cmocka_unit_test_setup_teardown(real, start, stop),
        cmocka_unit_test_setup_teardown(flipped, start, stop),
        cmocka_unit_test_setup_teardown(kinds, start, stop),
        cmocka_unit_test_setup_teardown(contents, start, stop),
        cmocka_unit_test_setup_teardown(attributes, start, stop),
        cmocka_unit_test_setup_teardown(signers, start, stop),
        cmocka_unit_test_setup_teardown(around, start, stop),
        cmocka_unit_test_setup_teardown(authorities, start, stop),
        cmocka_unit_test_setup_teardown(times, start, stop),
        cmocka_unit_test_setup_teardown(sizes, start, stop),
    };
    return cmocka_run_group_tests_name("timestamp", tests, NULL, NULL);
}

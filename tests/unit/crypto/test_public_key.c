#include "make.h"

#include <openssl/err.h>

#include "base/buf.h"
#include "base/limits.h"
#include "crypto/der.h"
#include "crypto/public_key.h"

#define MESSAGE STR("what was signed")

static struct public_key *read_der(struct str der)
{
    struct public_key *key = NULL;
    struct error err;
    if (failed(public_key_read_der(der, &key, &err))) {
        fail_msg("%s", err.text);
    }
    return key;
}

static struct str hash_one(enum hash hash, struct str bytes, char room[HASH_ROOM])
{
    return hash_of(hash, &bytes, 1, room);
}

static void facts(void **state)
{
    (void)state;
    static const struct {
        const char *kind, *name;
        enum public_key_type type;
        unsigned bits;
    } CASES[] = {
        {"P-256", "ECDSA P-256", KEY_P256, 256}, {"P-384", "ECDSA P-384", KEY_P384, 384},
        {"P-521", "ECDSA P-521", KEY_P521, 521}, {"ED25519", "Ed25519", KEY_ED25519, 256},
        {"RSA:2048", "RSA", KEY_RSA, 2048},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        char room[HASH_ROOM];
        struct public_key *again;
        struct error err;
        EVP_PKEY *pkey = make_pkey(CASES[i].kind);
        public_key_auto *key = read_der(spki_of(pkey));
        assert_int_equal(public_key_type(key), CASES[i].type);
        assert_int_equal(public_key_bits(key), CASES[i].bits);
        assert_string_equal(public_key_name(key), CASES[i].name);
        assert_true(str_eq(public_key_spki(key), spki_of(pkey)));
        assert_true(str_eq(public_key_id(key), hash_one(HASH_SHA256, spki_of(pkey), room)));
        struct str pem = arena_printf(&test_arena, "\r\n %s\n ", spki_pem_of(pkey).p);
        assert_false(failed(public_key_read_pem(pem, &again, &err)));
        assert_true(public_key_equal(key, again));
        public_key_free(again);
    }
}

/* -- what is refused -- */

static void refused_pem(struct str pem, const char *wanted)
{
    struct public_key *key = NULL;
    struct error err;
    assert_true(failed(public_key_read_pem(pem, &key, &err)));
    assert_int_equal(err.kind, ERROR_INPUT);
    if (strstr(err.text, wanted) == NULL) {
        fail_msg("%s, not %s", err.text, wanted);
    }
    assert_null(key);
}

static void pem(void **state)
{
    (void)state;
    struct str good = spki_pem_of(make_pkey("P-256")), der = spki_of(make_pkey("P-256"));
    refused_pem(STR(""), "not one block of PEM alone");
    refused_pem(STR("nothing"), "not one block of PEM alone");
    refused_pem(arena_printf(&test_arena, "a key:\n%s", good.p), "not one block of PEM alone");
    refused_pem(arena_printf(&test_arena, "%sx", good.p), "not one block of PEM alone");
    refused_pem(arena_printf(&test_arena, "%s%s", good.p, good.p), "not one block of PEM alone");
    refused_pem(pem_of("PRIVATE KEY", der), "the PEM is of a PRIVATE KEY");
    refused_pem(pem_of("CERTIFICATE", der), "the PEM is of a CERTIFICATE");
    refused_pem(pem_of("RSA PUBLIC KEY", der), "malformed RSA");
    refused_pem(str_sub(good, 0, good.n - 30), "a block without an end");
    refused_pem(pem_of("PUBLIC KEY", STR("")), "malformed");
}

static void refused_der(struct str der, const char *wanted)
{
    struct public_key *key = NULL;
    struct error err;
    if (!failed(public_key_read_der(der, &key, &err))) {
        fail_msg("accepted: %s", wanted);
    }
    assert_int_equal(err.kind, ERROR_INPUT);
    if (strstr(err.text, wanted) == NULL) {
        fail_msg("%s, not %s", err.text, wanted);
    }
    assert_int_equal(ERR_peek_error(), 0);
}

static void other_kinds(void **state)
{
    (void)state;
    refused_der(spki_of(make_pkey("secp256k1")), "a curve other than");
    refused_der(spki_of(make_pkey("P-224")), "a curve other than");
    refused_der(spki_of(make_pkey("brainpoolP256r1")), "a curve other than");
    refused_der(spki_of(make_pkey("ED448")), "not ECDSA on");
    refused_der(spki_of(make_pkey("X25519")), "not ECDSA on");
    refused_der(spki_of(make_pkey("RSA:1024")), "RSA with 1024 bits, not 2048 to 8192");
}

/* P-256 with all its numbers in place of its name; a point that is compressed, or infinite. */
static void other_forms(void **state)
{
    (void)state;
    struct str good = spki_of(make_pkey("P-256"));
    struct str x = str_sub(good, 27, 59);
    struct str compressed = arena_join(
        &test_arena,
        (struct str[]){unhex("3039301306072a8648ce3d020106082a8648ce3d03010703220002"), x}, 2);
    refused_der(compressed, "not an uncompressed point of P-256");
    refused_der(unhex("3019301306072a8648ce3d020106082a8648ce3d030107030200"
                      "00"),
                "not an uncompressed point");
    refused_der(unhex("3014300e06072a8648ce3d0201300306010"
                      "103020004"),
                "public key");
    refused_der(unhex("300f300906072a8648ce3d020103020004"), "without a named curve");
    char *moved = writable(good);
    moved[90] ^= 1;
    refused_der((struct str){moved, good.n}, "public key"); /* not on the curve */
    refused_der(unhex("302c300706032b65700500032100000000000000000000000000000000000000000000000000"
                      "0000000000000000"),
                "not ECDSA on"); /* Ed25519 with parameters */
}

/* Every byte more, less or other: refused, or another key. */
static void bytes(void **state)
{
    (void)state;
    static const char *const KINDS[] = {"P-256", "P-384", "P-521", "ED25519", "RSA:2048"};
    for (size_t k = 0; k < COUNT(KINDS); k++) {
        struct str good = spki_of(make_pkey(KINDS[k]));
        char *copy = arena_alloc(&test_arena, good.n + 1);
        memcpy(copy, good.p, good.n);
        struct public_key *key = NULL;
        struct error err;
        assert_true(failed(public_key_read_der((struct str){copy, good.n + 1}, &key, &err)));
        for (size_t n = 0; n < good.n; n++) {
            assert_true(failed(public_key_read_der((struct str){copy, n}, &key, &err)));
        }
        for (size_t i = 0; i < good.n; i++) {
            copy[i] ^= 4;
            if (!failed(public_key_read_der((struct str){copy, good.n}, &key, &err))) {
                assert_false(str_eq(public_key_spki(key), good));
                assert_true(str_eq(public_key_spki(key), (struct str){copy, good.n}));
                public_key_free(key);
            }
            copy[i] ^= 4;
        }
    }
}

/* PKCS#1 of a modulus with this many bits, all of them set, and an exponent. */
static struct str pkcs1(size_t bits, const char *exponent)
{
    buf_auto body, der;
    buf_init(&body, 1 << 16);
    buf_init(&der, 1 << 16);
    size_t n = (bits + 7) / 8;
    char *modulus = arena_alloc(&test_arena, n + 1);
    memset(modulus + 1, 0xff, n);
    modulus[1] = (char)(0xff >> (8 * n - bits));
    bool sign = bits % 8 == 0;
    der_add(&body, DER_INTEGER, (struct str){modulus + !sign, n + sign});
    der_add(&body, DER_INTEGER, unhex(exponent));
    der_add(&der, DER_SEQUENCE, buf_str(&body));
    return arena_dup(&test_arena, buf_str(&der));
}

static void rsa(void **state)
{
    (void)state;
    static const struct {
        size_t bits;
        const char *exponent;
        const char *wanted; /* NULL: taken */
    } CASES[] = {
        {LIMIT_RSA_BITS_LEAST, "010001", NULL},
        {LIMIT_RSA_BITS_LEAST - 1, "010001", "RSA with 2047 bits, not 2048 to 8192"},
        {LIMIT_RSA_BITS, "010001", NULL},
        {LIMIT_RSA_BITS + 1, "010001", "bits, not 2048 to 8192"},
        {2048, "03", NULL},
        {2048, "01", "an exponent that nobody uses"},
        {2048, "02", "malformed RSA"},
        {2048, "00", "malformed RSA"},
        {2048, "83", "malformed RSA"},
        {2048, "0100000001", "an exponent that nobody uses"},
        {2048, "00ffffffff", NULL},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct public_key *key = NULL, *again = NULL;
        struct error err;
        struct str der = pkcs1(CASES[i].bits, CASES[i].exponent);
        bool bad = failed(public_key_read_pkcs1(der, &key, &err));
        assert_int_equal(bad, CASES[i].wanted != NULL);
        if (bad) {
            assert_non_null(strstr(err.text, CASES[i].wanted));
            continue;
        }
        assert_int_equal(public_key_bits(key), CASES[i].bits);
        assert_false(failed(public_key_read_pem(pem_of("RSA PUBLIC KEY", der), &again, &err)));
        assert_true(public_key_equal(key, again));
        public_key_free(key);
        public_key_free(again);
    }
}

static void sizes(void **state)
{
    (void)state;
    struct str good = spki_pem_of(make_pkey("P-256"));
    char *text = arena_alloc(&test_arena, LIMIT_PUBLIC_KEY + 1);
    memset(text, '\n', LIMIT_PUBLIC_KEY + 1);
    memcpy(text, good.p, good.n);
    struct public_key *key;
    struct error err;
    assert_false(failed(public_key_read_pem((struct str){text, LIMIT_PUBLIC_KEY}, &key, &err)));
    public_key_free(key);
    assert_true(failed(public_key_read_pem((struct str){text, LIMIT_PUBLIC_KEY + 1}, &key, &err)));
    assert_int_equal(err.kind, ERROR_LIMIT);
    assert_true(failed(public_key_read_der((struct str){text, LIMIT_PUBLIC_KEY}, &key, &err)));
    assert_int_equal(err.kind, ERROR_INPUT);
    assert_true(failed(public_key_read_der((struct str){text, LIMIT_PUBLIC_KEY + 1}, &key, &err)));
    assert_int_equal(err.kind, ERROR_LIMIT);
    assert_true(
        failed(public_key_read_pkcs1((struct str){text, LIMIT_PUBLIC_KEY + 1}, &key, &err)));
    assert_int_equal(err.kind, ERROR_LIMIT);
}

/* -- signatures -- */

static const struct {
    const char *kind, *hash;
    bool pss;
    enum signature_scheme scheme;
    bool by_default;
} SIGNATURES[] = {
    {"P-256", "sha256", false, SCHEME_ECDSA_SHA256, true},
    {"P-256", "sha384", false, SCHEME_ECDSA_SHA384, false},
    {"P-384", "sha256", false, SCHEME_ECDSA_SHA256, false},
    {"P-384", "sha384", false, SCHEME_ECDSA_SHA384, true},
    {"P-521", "sha512", false, SCHEME_ECDSA_SHA512, true},
    {"ED25519", NULL, false, SCHEME_ED25519, true},
    {"RSA:2048", "sha256", false, SCHEME_RSA_PKCS1_SHA256, true},
    {"RSA:2048", "sha384", false, SCHEME_RSA_PKCS1_SHA384, false},
    {"RSA:2048", "sha512", false, SCHEME_RSA_PKCS1_SHA512, false},
    {"RSA:2048", "sha256", true, SCHEME_RSA_PSS_SHA256, false},
    {"RSA:2048", "sha384", true, SCHEME_RSA_PSS_SHA384, false},
    {"RSA:2048", "sha512", true, SCHEME_RSA_PSS_SHA512, false},
};

/* Each signature by its own scheme alone, for this message alone. */
static void schemes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(SIGNATURES); i++) {
        EVP_PKEY *pkey = make_pkey(SIGNATURES[i].kind);
        public_key_auto *key = read_der(spki_of(pkey));
        struct str signature = make_signature(pkey, SIGNATURES[i].hash, SIGNATURES[i].pss, MESSAGE);
        for (enum signature_scheme s = SCHEME_DEFAULT; s <= SCHEME_COUNT; s++) {
            struct error err = {0};
            bool wanted =
                s == SIGNATURES[i].scheme || (s == SCHEME_DEFAULT && SIGNATURES[i].by_default);
            assert_int_equal(!failed(public_key_verify(key, s, MESSAGE, signature, &err)), wanted);
            assert_true(failed(public_key_verify(key, s, STR("another"), signature, &err)));
            assert_int_equal(ERR_peek_error(), 0);
        }
        enum hash hash;
        bool has = public_key_hash(key, SIGNATURES[i].scheme, &hash);
        assert_int_equal(has, SIGNATURES[i].hash != NULL);
        assert_true(!has || str_eq(hash_name(hash), str_from(SIGNATURES[i].hash)));
    }
}

static void digests(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(SIGNATURES); i++) {
        char room[HASH_ROOM];
        struct error err;
        EVP_PKEY *pkey = make_pkey(SIGNATURES[i].kind);
        public_key_auto *key = read_der(spki_of(pkey));
        struct str signature = make_signature(pkey, SIGNATURES[i].hash, SIGNATURES[i].pss, MESSAGE);
        bool pure = SIGNATURES[i].hash == NULL;
        enum hash hash = HASH_SHA512;
        assert_true(pure || hash_named(str_from(SIGNATURES[i].hash), &hash));
        struct str digest = hash_one(hash, MESSAGE, room);
        enum signature_scheme scheme = SIGNATURES[i].scheme;
        if (failed(public_key_verify_digest(key, scheme, digest, signature, &err))) {
            assert_true(pure && err.kind == ERROR_INPUT);
            assert_non_null(strstr(err.text, "Ed25519 signs no digest"));
            continue;
        }
        assert_false(pure);
        digest.n--;
        assert_true(failed(public_key_verify_digest(key, scheme, digest, signature, &err)));
        assert_int_equal(err.kind, ERROR_INPUT);
        digest.n++;
        room[0] ^= 1;
        assert_true(failed(public_key_verify_digest(key, scheme, digest, signature, &err)));
        assert_int_equal(err.kind, ERROR_EVIDENCE);
        assert_string_equal(err.text, "the signature does not hold");
    }
}

static void wrong_schemes(void **state)
{
    (void)state;
    public_key_auto *key = read_der(spki_of(make_pkey("P-256")));
    static const enum signature_scheme OTHERS[] = {
        SCHEME_ED25519,        SCHEME_ED25519PH, SCHEME_RSA_PKCS1_SHA256,
        SCHEME_RSA_PSS_SHA256, SCHEME_COUNT,     (enum signature_scheme)99};
    for (size_t i = 0; i < COUNT(OTHERS); i++) {
        struct error err;
        assert_true(failed(public_key_verify(key, OTHERS[i], MESSAGE, STR("x"), &err)));
        assert_int_equal(err.kind, ERROR_INPUT);
        assert_string_equal(err.text, "no kind of signature that a key of ECDSA P-256 makes");
        enum hash hash;
        assert_false(public_key_hash(key, OTHERS[i], &hash));
    }
}

/* Every bit of every signature matters, and so does each byte more or less. */
static void tampered(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(SIGNATURES); i++) {
        EVP_PKEY *pkey = make_pkey(SIGNATURES[i].kind);
        public_key_auto *key = read_der(spki_of(pkey));
        enum signature_scheme scheme = SIGNATURES[i].scheme;
        struct error err = {0};
        struct str good = make_signature(pkey, SIGNATURES[i].hash, SIGNATURES[i].pss, MESSAGE);
        char *copy = arena_alloc(&test_arena, good.n + 1);
        memcpy(copy, good.p, good.n);
        for (size_t bit = 0; bit < 8 * good.n; bit += 3) {
            copy[bit / 8] = (char)(copy[bit / 8] ^ 1 << bit % 8);
            assert_true(
                failed(public_key_verify(key, scheme, MESSAGE, (struct str){copy, good.n}, &err)));
            assert_int_equal(err.kind, ERROR_EVIDENCE);
            copy[bit / 8] = (char)(copy[bit / 8] ^ 1 << bit % 8);
        }
        for (size_t n = 0; n <= good.n + 1; n++) {
            bool holds =
                !failed(public_key_verify(key, scheme, MESSAGE, (struct str){copy, n}, &err));
            assert_int_equal(holds, n == good.n);
        }
    }
}

/* The same two numbers, otherwise than DER has them: a length in two bytes, a zero too many. */
static void loose_ecdsa(void **state)
{
    (void)state;
    EVP_PKEY *pkey = make_pkey("P-256");
    public_key_auto *key = read_der(spki_of(pkey));
    struct error err;
    struct str good = make_signature(pkey, "sha256", false, MESSAGE), rest = good, body, r, s;
    assert_true(der_take(&rest, DER_SEQUENCE, &body));
    assert_true(der_take(&body, DER_INTEGER, &r));
    assert_true(der_take(&body, DER_INTEGER, &s));
    struct str long_length =
        arena_join(&test_arena, (struct str[]){unhex("3081"), str_sub(good, 1, good.n)}, 2);
    assert_true(failed(public_key_verify(key, SCHEME_DEFAULT, MESSAGE, long_length, &err)));
    buf_auto inner, outer;
    buf_init(&inner, 4096);
    buf_init(&outer, 4096);
    der_add_head(&inner, DER_INTEGER, r.n + 1);
    buf_add_char(&inner, 0);
    buf_add(&inner, r);
    der_add(&inner, DER_INTEGER, s);
    der_add(&outer, DER_SEQUENCE, buf_str(&inner));
    assert_true(failed(public_key_verify(key, SCHEME_DEFAULT, MESSAGE, buf_str(&outer), &err)));
    struct str raw = arena_join(
        &test_arena, (struct str[]){str_sub(r, r.n - 32, r.n), str_sub(s, s.n - 32, s.n)}, 2);
    assert_true(failed(public_key_verify(key, SCHEME_DEFAULT, MESSAGE, raw, &err)));
    static const char *const ZEROS[] = {"3006020100020100", "3006020101020100", "3006020100020101",
                                        "3006020101020101", "3000"};
    for (size_t i = 0; i < COUNT(ZEROS); i++) {
        assert_true(failed(public_key_verify(key, SCHEME_DEFAULT, MESSAGE, unhex(ZEROS[i]), &err)));
    }
}

static void long_signatures(void **state)
{
    (void)state;
    public_key_auto *key = read_der(spki_of(make_pkey("RSA:2048")));
    struct str bytes = {arena_alloc(&test_arena, LIMIT_SIGNATURE + 1), LIMIT_SIGNATURE};
    struct error err;
    assert_true(failed(public_key_verify(key, SCHEME_DEFAULT, MESSAGE, bytes, &err)));
    assert_int_equal(err.kind, ERROR_EVIDENCE);
    bytes.n++;
    assert_true(failed(public_key_verify(key, SCHEME_DEFAULT, MESSAGE, bytes, &err)));
    assert_int_equal(err.kind, ERROR_LIMIT);
}

/* -- Ed25519ph: RFC 8032 section 7.3, and three that Go made -- */

static const struct {
    const char *key, *message, *signature;
} PREHASHED[] = {
    {"ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf", "abc",
     "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae4131f85042463c2a355a2003d062ad"
     "f5aaa10b8c61e636062aaad11c2a26083406"},
    {"a9e94441684df2f84c6644d8b667259768f6a802b43e189f6e03c2b0e14af729", "message 1",
     "fe14df2917aad1b6ec18814537225d512d6bd1b103d5df8b6c0435e822e564795418a0d692b0474de0fff061d0ea"
     "c5e25dce941a1945fe854ed68a1498975908"},
    {"8a669b3e417215f98c0b3f7bdb3a1f2bcfa63bb62364fe70719a871d52f4445e", "message 2",
     "f4ea9d1783eb67a3d0142596cf62eb6251c5c3f6077433cd040cc9815c0002e1ea7c2288e1b6804f26008296c3ad"
     "eb7d95b0bb9c571df4d1916d6720bb482803"},
    {"8aaa225416079cb6a289afa8bd7a26f5714dc34470be56e199a12817269c2686", "message 3",
     "fa27ffc43a9f12989918132556076e6e032a639c6c1216cbb96f3924136915f1b9d5c4ba50b9b29cce28be4b2367"
     "32daea7ed412c9acb44c82498dd4c0322500"},
};

static struct public_key *read_ed25519(struct str bytes)
{
    return read_der(
        arena_join(&test_arena, (struct str[]){unhex("302a300506032b6570032100"), bytes}, 2));
}

static void prehashed(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(PREHASHED); i++) {
        struct error err;
        char room[HASH_ROOM];
        public_key_auto *key = read_ed25519(unhex(PREHASHED[i].key));
        struct str message = str_from(PREHASHED[i].message),
                   signature = unhex(PREHASHED[i].signature);
        assert_false(failed(public_key_verify(key, SCHEME_ED25519PH, message, signature, &err)));
        struct str digest = hash_one(HASH_SHA512, message, room);
        assert_false(
            failed(public_key_verify_digest(key, SCHEME_ED25519PH, digest, signature, &err)));
        assert_true(failed(public_key_verify(key, SCHEME_ED25519, message, signature, &err)));
        assert_true(failed(public_key_verify(key, SCHEME_ED25519, digest, signature, &err)));
        assert_true(failed(public_key_verify(key, SCHEME_ED25519PH, digest, signature, &err)));
        char *copy = writable(signature);
        for (size_t at = 0; at < signature.n; at++) {
            copy[at] ^= 1;
            assert_true(failed(public_key_verify(key, SCHEME_ED25519PH, message,
                                                 (struct str){copy, signature.n}, &err)));
            copy[at] ^= 1;
        }
    }
}

/* s + the group's order is the same number to a verifier that does not look. Keys that are no
 * points, or no such bytes. */
static void malleable(void **state)
{
    (void)state;
    static const unsigned char ORDER[] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,
                                          0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
                                          0,    0,    0,    0,    0,    0,    0,    0,
                                          0,    0,    0,    0,    0,    0,    0,    0x10};
    struct str message = str_from(PREHASHED[0].message);
    struct str signature = unhex(PREHASHED[0].signature);
    public_key_auto *key = read_ed25519(unhex(PREHASHED[0].key));
    struct error err;
    char *moved = writable(signature);
    unsigned carry = 0;
    for (size_t i = 0; i < sizeof ORDER; i++) {
        carry += (unsigned char)moved[32 + i] + (unsigned)ORDER[i];
        moved[32 + i] = (char)(carry & 255);
        carry >>= 8;
    }
    assert_true(failed(
        public_key_verify(key, SCHEME_ED25519PH, message, (struct str){moved, signature.n}, &err)));
    static const char *const KEYS[] = {
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* y = p */
        "0100000000000000000000000000000000000000000000000000000000000080", /* -0 */
        "0200000000000000000000000000000000000000000000000000000000000000", /* not on it */
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    };
    for (size_t i = 0; i < COUNT(KEYS); i++) {
        public_key_auto *none = read_ed25519(unhex(KEYS[i]));
        assert_true(failed(public_key_verify(none, SCHEME_ED25519PH, message, signature, &err)));
        assert_int_equal(err.kind, ERROR_EVIDENCE);
    }
}

int public_key_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(facts, start, stop),
        cmocka_unit_test_setup_teardown(pem, start, stop),
        cmocka_unit_test_setup_teardown(other_kinds, start, stop),
        cmocka_unit_test_setup_teardown(other_forms, start, stop),
        cmocka_unit_test_setup_teardown(bytes, start, stop),
        cmocka_unit_test_setup_teardown(rsa, start, stop),
        cmocka_unit_test_setup_teardown(sizes, start, stop),
        cmocka_unit_test_setup_teardown(schemes, start, stop),
        cmocka_unit_test_setup_teardown(digests, start, stop),
        cmocka_unit_test_setup_teardown(wrong_schemes, start, stop),
        cmocka_unit_test_setup_teardown(tampered, start, stop),
        cmocka_unit_test_setup_teardown(loose_ecdsa, start, stop),
        cmocka_unit_test_setup_teardown(long_signatures, start, stop),
        cmocka_unit_test_setup_teardown(prehashed, start, stop),
        cmocka_unit_test_setup_teardown(malleable, start, stop),
    };
    return cmocka_run_group_tests_name("public_key", tests, NULL, NULL);
}

#include "crypto/public_key.h"

#include <openssl/err.h>
#include <openssl/x509.h>

#include "base/limits.h"
#include "crypto/der.h"
#include "crypto/key.h"
#include "crypto/pem.h"

#define OID_EC      "1.2.840.10045.2.1"
#define OID_ED25519 "1.3.101.112"
#define OID_RSA     "1.2.840.113549.1.1.1"

enum { UNCOMPRESSED = 4, ED25519_BYTES = 32, RSA_EXPONENT_MAX = 4 };

static const struct curve {
    const char *oid, *name;
    enum public_key_type type;
    unsigned bits;
} CURVES[] = {
    {"1.2.840.10045.3.1.7", "ECDSA P-256", KEY_P256, 256},
    {"1.3.132.0.34", "ECDSA P-384", KEY_P384, 384},
    {"1.3.132.0.35", "ECDSA P-521", KEY_P521, 521},
};

/* -- what it is -- */

struct kind {
    enum public_key_type type;
    unsigned bits;
};

static bool is_oid(struct str body, const char *dotted)
{
    char room[DER_OID_ROOM];
    return str_eq(body, der_oid(dotted, room));
}

static status read_ec(struct str parameters, struct str point, struct kind *ret, struct error *err)
{
    struct str oid;
    if (!der_take(&parameters, DER_OID, &oid) || parameters.n > 0) {
        return error_set(err, ERROR_INPUT, "public key: ECDSA without a named curve");
    }
    for (size_t i = 0; i < sizeof CURVES / sizeof *CURVES; i++) {
        size_t bytes = (CURVES[i].bits + 7) / 8;
        if (!is_oid(oid, CURVES[i].oid)) {
            continue;
        }
        if (point.n != 1 + 2 * bytes || point.p[0] != UNCOMPRESSED) {
            return error_set(err, ERROR_INPUT, "public key: not an uncompressed point of P-%u",
                             CURVES[i].bits);
        }
        *ret = (struct kind){CURVES[i].type, CURVES[i].bits};
        return OK;
    }
    return error_set(err, ERROR_INPUT, "public key: a curve other than P-256, P-384 and P-521");
}

static unsigned bits_of(struct str number)
{
    unsigned bits = (unsigned)number.n * 8;
    for (unsigned char top = (unsigned char)number.p[0]; bits > 0 && top < 0x80; bits--) {
        top = (unsigned char)(top << 1);
    }
    return bits;
}

/* A positive odd number without its sign's byte. */
static bool take_odd(struct str *reader, struct str *ret_number)
{
    struct str body;
    if (!der_take(reader, DER_INTEGER, &body) || body.n == 0 || (body.p[0] & 0x80) != 0 ||
        (body.p[body.n - 1] & 1) == 0) {
        return false;
    }
    *ret_number = body.p[0] == 0 ? str_sub(body, 1, body.n) : body;
    return true;
}

static status read_rsa(struct str parameters, struct str key, struct kind *ret, struct error *err)
{
    struct str none, body, modulus, exponent;
    if (!der_take(&parameters, DER_NULL, &none) || parameters.n > 0 || !der_check(key) ||
        !der_take(&key, DER_SEQUENCE, &body) || !take_odd(&body, &modulus) ||
        !take_odd(&body, &exponent) || body.n > 0) {
        return error_set(err, ERROR_INPUT, "public key: malformed RSA");
    }
    if (exponent.n > RSA_EXPONENT_MAX || str_eq(exponent, STR("\1"))) {
        return error_set(err, ERROR_INPUT, "public key: RSA with an exponent that nobody uses");
    }
    if (modulus.n > LIMIT_RSA_BITS / 8 || bits_of(modulus) < LIMIT_RSA_BITS_LEAST) {
        return error_set(err, ERROR_INPUT, "public key: RSA with %zu bits, not %u to %u",
                         modulus.n > LIMIT_RSA_BITS / 8 ? modulus.n * 8 : bits_of(modulus),
                         LIMIT_RSA_BITS_LEAST, LIMIT_RSA_BITS);
    }
    *ret = (struct kind){KEY_RSA, bits_of(modulus)};
    return OK;
}

static status read_kind(struct str spki, struct kind *ret, struct error *err)
{
    struct str body, algorithm, bits, key, oid;
    if (spki.n > LIMIT_PUBLIC_KEY) {
        return error_set(err, ERROR_LIMIT, "public key larger than %u bytes", LIMIT_PUBLIC_KEY);
    }
    if (!der_check(spki) || !der_take(&spki, DER_SEQUENCE, &body) ||
        !der_take(&body, DER_SEQUENCE, &algorithm) || !der_take(&body, DER_BIT_STRING, &bits) ||
        body.n > 0 || !der_bits(bits, &key) || !der_take(&algorithm, DER_OID, &oid)) {
        return error_set(err, ERROR_INPUT, "public key: malformed");
    }
    if (is_oid(oid, OID_EC)) {
        return read_ec(algorithm, key, ret, err);
    }
    if (is_oid(oid, OID_RSA)) {
        return read_rsa(algorithm, key, ret, err);
    }
    if (is_oid(oid, OID_ED25519) && algorithm.n == 0 && key.n == ED25519_BYTES) {
        *ret = (struct kind){KEY_ED25519, 256};
        return OK;
    }
    return error_set(err, ERROR_INPUT,
                     "public key: not ECDSA on P-256, P-384 or P-521, Ed25519 or RSA");
}

/* -- reading -- */

static status read_pkey(struct str spki, EVP_PKEY **ret_pkey, struct error *err)
{
    const unsigned char *p = (const unsigned char *)spki.p;
    EVP_PKEY *pkey = d2i_PUBKEY(NULL, &p, (long)spki.n);
    if (pkey == NULL) {
        return crypto_failed(ERROR_INPUT, "public key", err);
    }
    ERR_clear_error();
    *ret_pkey = pkey;
    return OK;
}

status public_key_make(struct str spki, EVP_PKEY *pkey, struct public_key **ret_key,
                       struct error *err)
{
    struct kind kind = {0};
    TRY(read_kind(spki, &kind, err));
    if (pkey == NULL) {
        TRY(read_pkey(spki, &pkey, err));
    } else {
        ENSURE(EVP_PKEY_up_ref(pkey) == 1);
    }
    struct public_key *key = malloc(sizeof *key + spki.n);
    ENSURE(key != NULL);
    *key = (struct public_key){.pkey = pkey, .type = kind.type, .bits = kind.bits, .n = spki.n};
    memcpy(key->spki, spki.p, spki.n);
    ENSURE(EVP_Digest(spki.p, spki.n, key->id, NULL, EVP_sha256(), NULL) == 1);
    *ret_key = key;
    return OK;
}

status public_key_read_der(struct str spki, struct public_key **ret_key, struct error *err)
{
    return public_key_make(spki, NULL, ret_key, err);
}

status public_key_read_pkcs1(struct str der, struct public_key **ret_key, struct error *err)
{
    char room[DER_OID_ROOM];
    if (der.n > LIMIT_PUBLIC_KEY) {
        return error_set(err, ERROR_LIMIT, "public key larger than %u bytes", LIMIT_PUBLIC_KEY);
    }
    buf_auto algorithm, body, spki;
    buf_init(&algorithm, sizeof room + 8);
    buf_init(&body, 2 * LIMIT_PUBLIC_KEY);
    buf_init(&spki, 2 * LIMIT_PUBLIC_KEY);
    der_add(&algorithm, DER_OID, der_oid(OID_RSA, room));
    der_add(&algorithm, DER_NULL, STR_EMPTY);
    der_add(&body, DER_SEQUENCE, buf_str(&algorithm));
    der_add_head(&body, DER_BIT_STRING, 1 + der.n);
    buf_add_char(&body, 0);
    buf_add(&body, der);
    der_add(&spki, DER_SEQUENCE, buf_str(&body));
    return public_key_make(buf_str(&spki), NULL, ret_key, err);
}

status public_key_read_pem(struct str pem, struct public_key **ret_key, struct error *err)
{
    struct pem_block block, end;
    if (pem.n > LIMIT_PUBLIC_KEY) {
        return error_set(err, ERROR_LIMIT, "public key larger than %u bytes", LIMIT_PUBLIC_KEY);
    }
    arena_auto arena;
    arena_init(&arena, 16 * LIMIT_PUBLIC_KEY);
    TRY(pem_next(&arena, &pem, &block, err));
    TRY(pem_next(&arena, &pem, &end, err));
    if (block.label.n == 0 || end.label.n > 0 || str_trim(block.before).n > 0 ||
        str_trim(end.before).n > 0) {
        return error_set(err, ERROR_INPUT, "public key: not one block of PEM alone");
    }
    if (str_eq(block.label, STR("PUBLIC KEY"))) {
        return public_key_read_der(block.bytes, ret_key, err);
    }
    if (str_eq(block.label, STR("RSA PUBLIC KEY"))) {
        return public_key_read_pkcs1(block.bytes, ret_key, err);
    }
    return error_set(err, ERROR_INPUT, "public key: the PEM is of a %.*s", STR_ARG(block.label));
}

void public_key_free(struct public_key *key)
{
    if (key != NULL) {
        EVP_PKEY_free(key->pkey);
        free(key);
    }
}

/* -- facts -- */

enum public_key_type public_key_type(const struct public_key *key)
{
    return key->type;
}

unsigned public_key_bits(const struct public_key *key)
{
    return key->bits;
}

struct str public_key_spki(const struct public_key *key)
{
    return (struct str){key->spki, key->n};
}

struct str public_key_id(const struct public_key *key)
{
    return (struct str){(const char *)key->id, sizeof key->id};
}

const char *public_key_name(const struct public_key *key)
{
    for (size_t i = 0; i < sizeof CURVES / sizeof *CURVES; i++) {
        if (CURVES[i].type == key->type) {
            return CURVES[i].name;
        }
    }
    return key->type == KEY_ED25519 ? "Ed25519" : "RSA";
}

bool public_key_equal(const struct public_key *a, const struct public_key *b)
{
    return str_eq(public_key_spki(a), public_key_spki(b));
}

#include "make.h"

#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "base/buf.h"
#include "base/limits.h"

static struct {
    char kind[16];
    EVP_PKEY *pkey;
} made[32];

static EVP_PKEY *generate(const char *kind)
{
    char plain[sizeof made[0].kind];
    snprintf(plain, sizeof plain, "%s", kind);
    plain[strcspn(plain, "#")] = '\0';
    kind = plain;
    if (strncmp(kind, "RSA:", 4) == 0) {
        uint64_t bits;
        assert_true(str_parse_u64(str_from(kind + 4), 16384, &bits));
        return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)bits);
    }
    if (strncmp(kind, "ED", 2) == 0 || strcmp(kind, "X25519") == 0) {
        return EVP_PKEY_Q_keygen(NULL, NULL, kind);
    }
    return EVP_PKEY_Q_keygen(NULL, NULL, "EC", kind);
}

EVP_PKEY *make_pkey(const char *kind)
{
    size_t i = 0;
    for (; i < COUNT(made) && made[i].pkey != NULL; i++) {
        if (strcmp(made[i].kind, kind) == 0) {
            return made[i].pkey;
        }
    }
    assert_true(i < COUNT(made));
    snprintf(made[i].kind, sizeof made[i].kind, "%s", kind);
    made[i].pkey = generate(kind);
    assert_non_null(made[i].pkey);
    return made[i].pkey;
}

struct str spki_of(EVP_PKEY *pkey)
{
    unsigned char *der = NULL;
    int n = i2d_PUBKEY(pkey, &der);
    assert_true(n > 0);
    struct str copy = arena_dup(&test_arena, (struct str){(char *)der, (size_t)n});
    OPENSSL_free(der);
    return copy;
}

struct str pem_of(const char *label, struct str der)
{
    buf_auto base64, buf;
    buf_init(&base64, 1 << 20);
    buf_init(&buf, 1 << 20);
    buf_add_base64(&base64, der);
    struct str all = buf_str(&base64);
    buf_printf(&buf, "-----BEGIN %s-----\n", label);
    for (size_t i = 0; i < all.n; i += 64) {
        buf_add(&buf, str_sub(all, i, i + 64));
        buf_add_char(&buf, '\n');
    }
    buf_printf(&buf, "-----END %s-----\n", label);
    return arena_dup(&test_arena, buf_str(&buf));
}

struct str spki_pem_of(EVP_PKEY *pkey)
{
    return pem_of("PUBLIC KEY", spki_of(pkey));
}

struct str make_signature(EVP_PKEY *pkey, const char *hash, bool pss, struct str message)
{
    size_t n = LIMIT_SIGNATURE;
    unsigned char *bytes = arena_alloc(&test_arena, n);
    EVP_PKEY_CTX *parameters;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestSignInit_ex(context, &parameters, hash, NULL, NULL, pkey, NULL), 1);
    if (pss) {
        assert_true(EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) > 0);
    }
    assert_int_equal(
        EVP_DigestSign(context, bytes, &n, (const unsigned char *)message.p, message.n), 1);
    EVP_MD_CTX_free(context);
    return (struct str){(char *)bytes, n};
}

struct str unhex(const char *digits)
{
    size_t n = strlen(digits) / 2;
    unsigned char *bytes = arena_alloc(&test_arena, n + 1);
    for (size_t i = 0; i < n; i++) {
        unsigned value;
        assert_int_equal(sscanf(digits + 2 * i, "%2x", &value), 1);
        bytes[i] = (unsigned char)value;
    }
    return (struct str){(char *)bytes, n};
}

char *writable(struct str s)
{
    char *copy = arena_alloc(&test_arena, s.n + 1);
    memcpy(copy, s.p, s.n);
    return copy;
}

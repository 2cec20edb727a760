#include "keys.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "test.h"

enum { KEYS = 16, RSA_BITS = 2048 };

static struct {
    EVP_PKEY *pkey;
    const char *value, *keytype, *scheme; /* of others than Ed25519 */
} keys[KEYS];

static size_t index_of(char digit)
{
    return (size_t)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

static struct str hex_of(const unsigned char *bytes, size_t n)
{
    char *text = arena_alloc(&test_arena, 2 * n + 1);
    for (size_t i = 0; i < n; i++) {
        snprintf(text + 2 * i, 3, "%02x", bytes[i]);
    }
    return (struct str){text, 2 * n};
}

void keys_reset(void)
{
    for (size_t i = 0; i < KEYS; i++) {
        unsigned char seed[32];
        memset(seed, (int)i + 1, sizeof seed);
        EVP_PKEY_free(keys[i].pkey);
        keys[i].pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof seed);
        keys[i].value = keys[i].keytype = keys[i].scheme = NULL;
        assert_non_null(keys[i].pkey);
    }
}

struct str keys_digits(char digit)
{
    unsigned char bytes[200];
    size_t n = sizeof bytes;
    EVP_PKEY *pkey = keys[index_of(digit)].pkey;
    if (EVP_PKEY_get_id(pkey) == EVP_PKEY_ED25519) {
        assert_int_equal(EVP_PKEY_get_raw_public_key(pkey, bytes, &n), 1);
    } else {
        assert_int_equal(
            EVP_PKEY_get_octet_string_param(pkey, "encoded-pub-key", bytes, sizeof bytes, &n), 1);
    }
    return hex_of(bytes, n);
}

/* As it stands in JSON: its line ends are raw there, as they are in the canonical form, and are
 * written as \n where it is published. */
struct str keys_pem(char digit)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *text;
    assert_int_equal(PEM_write_bio_PUBKEY(bio, keys[index_of(digit)].pkey), 1);
    long n = BIO_get_mem_data(bio, &text);
    struct str pem = arena_dup(&test_arena, (struct str){text, (size_t)n});
    BIO_free(bio);
    return pem;
}

void keys_make(char digit, const char *kind, const char *value, const char *keytype,
               const char *scheme)
{
    size_t i = index_of(digit);
    EVP_PKEY_free(keys[i].pkey);
    keys[i].pkey = strcmp(kind, "RSA") == 0 ? EVP_RSA_gen((unsigned)RSA_BITS) : EVP_EC_gen(kind);
    assert_non_null(keys[i].pkey);
    keys[i].value = strcmp(value, "PEM") == 0     ? keys_pem(digit).p
                    : strcmp(value, "POINT") == 0 ? keys_digits(digit).p
                                                  : value;
    keys[i].keytype = keytype;
    keys[i].scheme = scheme;
}

void keys_copy(char digit, char of)
{
    EVP_PKEY_free(keys[index_of(digit)].pkey);
    keys[index_of(digit)].pkey = EVP_PKEY_dup(keys[index_of(of)].pkey);
}

struct str keys_member(char digit)
{
    size_t i = index_of(digit);
    return arena_printf(&test_arena,
                        "\"k%c\":{\"keytype\":\"%s\",\"keyval\":{\"public\":\"%s\"},\"scheme\":"
                        "\"%s\"}",
                        digit, keys[i].value == NULL ? "ed25519" : keys[i].keytype,
                        keys[i].value == NULL ? keys_digits(digit).p : keys[i].value,
                        keys[i].value == NULL ? "ed25519" : keys[i].scheme);
}

static const EVP_MD *hash_of_scheme(const char *scheme)
{
    return scheme == NULL || strcmp(scheme, "ed25519") == 0 ? NULL
           : strstr(scheme, "384") != NULL                  ? EVP_sha384()
           : strstr(scheme, "512") != NULL                  ? EVP_sha512()
                                                            : EVP_sha256();
}

struct str keys_sign(char digit, struct str message)
{
    size_t i = index_of(digit);
    unsigned char signature[600];
    size_t n = sizeof signature;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *how;
    const EVP_MD *hash =
        EVP_PKEY_get_id(keys[i].pkey) == EVP_PKEY_ED25519 ? NULL : hash_of_scheme(keys[i].scheme);
    assert_int_equal(EVP_DigestSignInit(context, &how, hash, NULL, keys[i].pkey), 1);
    if (EVP_PKEY_get_id(keys[i].pkey) == EVP_PKEY_RSA) {
        assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PSS_PADDING), 1);
        assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(how, RSA_PSS_SALTLEN_DIGEST), 1);
    }
    assert_int_equal(
        EVP_DigestSign(context, signature, &n, (const unsigned char *)message.p, message.n), 1);
    EVP_MD_CTX_free(context);
    return hex_of(signature, n);
}

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include "base/limits.h"
#include "crypto/key.h"

enum family { ECDSA, ED25519, ED25519PH, RSA_PKCS1, RSA_PSS };

static const struct scheme {
    enum family family;
    enum hash hash; /* of Ed25519: none */
    const EVP_MD *(*md)(void);
} SCHEMES[SCHEME_COUNT] = {
    [SCHEME_ECDSA_SHA256] = {ECDSA, HASH_SHA256, EVP_sha256},
    [SCHEME_ECDSA_SHA384] = {ECDSA, HASH_SHA384, EVP_sha384},
    [SCHEME_ECDSA_SHA512] = {ECDSA, HASH_SHA512, EVP_sha512},
    [SCHEME_ED25519] = {ED25519, HASH_COUNT, NULL},
    [SCHEME_ED25519PH] = {ED25519PH, HASH_SHA512, EVP_sha512},
    [SCHEME_RSA_PKCS1_SHA256] = {RSA_PKCS1, HASH_SHA256, EVP_sha256},
    [SCHEME_RSA_PKCS1_SHA384] = {RSA_PKCS1, HASH_SHA384, EVP_sha384},
    [SCHEME_RSA_PKCS1_SHA512] = {RSA_PKCS1, HASH_SHA512, EVP_sha512},
    [SCHEME_RSA_PSS_SHA256] = {RSA_PSS, HASH_SHA256, EVP_sha256},
    [SCHEME_RSA_PSS_SHA384] = {RSA_PSS, HASH_SHA384, EVP_sha384},
    [SCHEME_RSA_PSS_SHA512] = {RSA_PSS, HASH_SHA512, EVP_sha512},
};

static const enum signature_scheme DEFAULTS[] = {
    [KEY_P256] = SCHEME_ECDSA_SHA256,    [KEY_P384] = SCHEME_ECDSA_SHA384,
    [KEY_P521] = SCHEME_ECDSA_SHA512,    [KEY_ED25519] = SCHEME_ED25519,
    [KEY_RSA] = SCHEME_RSA_PKCS1_SHA256,
};

static bool fits(enum public_key_type type, enum family family)
{
    switch (type) {
    case KEY_P256:
    case KEY_P384:
    case KEY_P521:
        return family == ECDSA;
    case KEY_ED25519:
        return family == ED25519 || family == ED25519PH;
    case KEY_RSA:
        return family == RSA_PKCS1 || family == RSA_PSS;
    }
    return false;
}

/* The scheme, if it is one of this key's; else NULL. */
static const struct scheme *find_scheme(const struct public_key *key, enum signature_scheme scheme)
{
    if (scheme == SCHEME_DEFAULT) {
        scheme = DEFAULTS[key->type];
    }
    bool known = scheme > SCHEME_DEFAULT && scheme < SCHEME_COUNT;
    return known && fits(key->type, SCHEMES[scheme].family) ? &SCHEMES[scheme] : NULL;
}

bool public_key_hash(const struct public_key *key, enum signature_scheme scheme,
                     enum hash *ret_hash)
{
    const struct scheme *it = find_scheme(key, scheme);
    if (it == NULL || it->family == ED25519) {
        return false;
    }
    *ret_hash = it->hash;
    return true;
}

static status begin(const struct public_key *key, enum signature_scheme scheme,
                    struct str signature, const struct scheme **ret_scheme, struct error *err)
{
    const struct scheme *it = find_scheme(key, scheme);
    if (it == NULL) {
        return error_set(err, ERROR_INPUT, "no kind of signature that a key of %s makes",
                         public_key_name(key));
    }
    if (signature.n > LIMIT_SIGNATURE) {
        return error_set(err, ERROR_LIMIT, "a signature longer than %u bytes", LIMIT_SIGNATURE);
    }
    *ret_scheme = it;
    return OK;
}

static status answer(bool holds, struct error *err)
{
    ERR_clear_error();
    return holds ? OK : error_set(err, ERROR_EVIDENCE, "the signature does not hold");
}

/* OpenSSL wants an address also where there are no bytes. */
static const unsigned char *bytes_of(struct str s)
{
    return (const unsigned char *)(s.n == 0 ? "" : s.p);
}

static void free_context(EVP_PKEY_CTX **context)
{
    EVP_PKEY_CTX_free(*context);
}

static bool verify_digest(const struct public_key *key, const struct scheme *scheme,
                          struct str digest, struct str signature)
{
    __attribute__((cleanup(free_context))) EVP_PKEY_CTX *context =
        EVP_PKEY_CTX_new(key->pkey, NULL);
    ENSURE(context != NULL);
    if (EVP_PKEY_verify_init(context) != 1) {
        return false;
    }
    if (scheme->family != ECDSA &&
        EVP_PKEY_CTX_set_rsa_padding(context, scheme->family == RSA_PSS ? RSA_PKCS1_PSS_PADDING
                                                                        : RSA_PKCS1_PADDING) != 1) {
        return false;
    }
    return EVP_PKEY_CTX_set_signature_md(context, scheme->md()) == 1 &&
           EVP_PKEY_verify(context, bytes_of(signature), signature.n, bytes_of(digest), digest.n) ==
               1;
}

static void free_digest(EVP_MD_CTX **context)
{
    EVP_MD_CTX_free(*context);
}

static bool verify_ed25519(const struct public_key *key, struct str message, struct str signature)
{
    __attribute__((cleanup(free_digest))) EVP_MD_CTX *context = EVP_MD_CTX_new();
    ENSURE(context != NULL);
    return EVP_DigestVerifyInit(context, NULL, NULL, NULL, key->pkey) == 1 &&
           EVP_DigestVerify(context, bytes_of(signature), signature.n, bytes_of(message),
                            message.n) == 1;
}

static bool digest_verifies(const struct public_key *key, const struct scheme *scheme,
                            struct str digest, struct str signature)
{
    return scheme->family == ED25519PH ? ed25519ph_verify(key, digest, signature)
                                       : verify_digest(key, scheme, digest, signature);
}

status public_key_verify(const struct public_key *key, enum signature_scheme scheme,
                         struct str message, struct str signature, struct error *err)
{
    const struct scheme *it = NULL;
    char room[HASH_ROOM];
    TRY(begin(key, scheme, signature, &it, err));
    if (it->family == ED25519) {
        return answer(verify_ed25519(key, message, signature), err);
    }
    struct str digest = hash_of(it->hash, &message, 1, room);
    return answer(digest_verifies(key, it, digest, signature), err);
}

status public_key_verify_digest(const struct public_key *key, enum signature_scheme scheme,
                                struct str digest, struct str signature, struct error *err)
{
    const struct scheme *it = NULL;
    TRY(begin(key, scheme, signature, &it, err));
    if (it->family == ED25519) {
        return error_set(err, ERROR_INPUT, "Ed25519 signs no digest, but the whole message");
    }
    if (digest.n != hash_size(it->hash)) {
        return error_set(err, ERROR_INPUT, "a digest of %zu bytes where %.*s has %zu", digest.n,
                         STR_ARG(hash_name(it->hash)), hash_size(it->hash));
    }
    return answer(digest_verifies(key, it, digest, signature), err);
}

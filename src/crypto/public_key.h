#pragma once
/* Public keys, and signatures by them. Strict: what is not listed here is refused, so that nothing
 * weak or unheard of is taken by accident. Pure. Threading: a key is immutable, for any thread.
 * Spec: RFC 5280 section 4.1, RFC 5480, RFC 8017, RFC 8032, RFC 8410. */
#include "base/status.h"
#include "base/str.h"
#include "crypto/hash.h"

/* A key, owned by who read it. */
struct public_key;

enum public_key_type { KEY_P256, KEY_P384, KEY_P521, KEY_ED25519, KEY_RSA };

enum { KEY_ID_BYTES = 32 };

/* Read one key, alone: an SPKI ("PUBLIC KEY") of ECDSA on P-256, P-384 or P-521 with an
 * uncompressed point, of Ed25519, or of RSA with 2048 to 8192 bits; or PKCS#1 ("RSA PUBLIC KEY").
 * As PEM with white space around it, or as DER with nothing around it. Returns owned.
 * Errors: INPUT (malformed, or not one of these). Limits: LIMIT_PUBLIC_KEY, LIMIT_RSA_BITS. */
MUST status public_key_read_pem(struct str pem, struct public_key **ret_key, struct error *err);
MUST status public_key_read_der(struct str spki, struct public_key **ret_key, struct error *err);
MUST status public_key_read_pkcs1(struct str der, struct public_key **ret_key, struct error *err);

/* Free; NULL is fine. */
void public_key_free(struct public_key *key);

static inline void public_key_cleanup(struct public_key **key)
{
    public_key_free(*key);
}

#define public_key_auto __attribute__((cleanup(public_key_cleanup))) struct public_key

/* What it is. Texts live as long as the key: the SPKI in DER, its SHA-256, "ECDSA P-256". */
enum public_key_type public_key_type(const struct public_key *key);
unsigned public_key_bits(const struct public_key *key);
struct str public_key_spki(const struct public_key *key);
struct str public_key_id(const struct public_key *key);
const char *public_key_name(const struct public_key *key);

/* Whether both are the same key. */
bool public_key_equal(const struct public_key *a, const struct public_key *b);

enum signature_scheme {
    SCHEME_DEFAULT, /* ECDSA with the hash as long as its curve, Ed25519, RSA PKCS#1 v1.5 SHA-256 */
    SCHEME_ECDSA_SHA256,
    SCHEME_ECDSA_SHA384,
    SCHEME_ECDSA_SHA512,
    SCHEME_ED25519,
    SCHEME_ED25519PH, /* with an empty context */
    SCHEME_RSA_PKCS1_SHA256,
    SCHEME_RSA_PKCS1_SHA384,
    SCHEME_RSA_PKCS1_SHA512,
    SCHEME_RSA_PSS_SHA256, /* with the same hash in MGF1, and a salt of any length */
    SCHEME_RSA_PSS_SHA384,
    SCHEME_RSA_PSS_SHA512,
    SCHEME_COUNT
};

/* Check that `signature` over `message` is by `key`; an ECDSA signature is DER.
 * Errors: EVIDENCE (it does not hold), INPUT (no scheme of this key). Limits: LIMIT_SIGNATURE. */
MUST status public_key_verify(const struct public_key *key, enum signature_scheme scheme,
                              struct str message, struct str signature, struct error *err);

/* The same where only the digest of the message is known, in bytes, by the scheme's hash; SHA-512
 * for Ed25519ph. Errors: as above; INPUT also for Ed25519, which signs no digest, and for a digest
 * of another length. */
MUST status public_key_verify_digest(const struct public_key *key, enum signature_scheme scheme,
                                     struct str digest, struct str signature, struct error *err);

/* The scheme's hash, once SCHEME_DEFAULT is what it is for this key; false for Ed25519, and for no
 * scheme of this key. */
MUST bool public_key_hash(const struct public_key *key, enum signature_scheme scheme,
                          enum hash *ret_hash);

#pragma once
/* Inside crypto/: what a public key is made of. */
#include "crypto/openssl.h"
#include "crypto/public_key.h"

struct public_key {
    EVP_PKEY *pkey; /* owned */
    enum public_key_type type;
    unsigned bits;
    unsigned char id[KEY_ID_BYTES];
    size_t n;
    char spki[]; /* DER, n bytes */
};

/* Make a key of what OpenSSL read from `spki`, which is checked as public_key_read_der does. `pkey`
 * is shared; NULL: it is read here. Returns owned. Errors: INPUT. */
MUST status public_key_make(struct str spki, EVP_PKEY *pkey, struct public_key **ret_key,
                            struct error *err);

/* Whether `signature` is by `key`, of Ed25519, over a message with this digest of SHA-512.
 * Spec: RFC 8032 section 5.1.7, Ed25519ph with an empty context. */
MUST bool ed25519ph_verify(const struct public_key *key, struct str digest, struct str signature);

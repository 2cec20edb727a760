#pragma once
/* Inside tuf/: the keys of a role. */
#include "base/limits.h"
#include "crypto/public_key.h"
#include "tuf/metadata.h"

struct tuf_key {
    struct str id;          /* borrowed */
    struct public_key *key; /* owned; NULL: not there, of no kind that is known, or malformed */
    enum signature_scheme scheme;
    size_t same; /* index of the first of the role's keys that has this value */
};

struct tuf_keys {
    struct tuf_key items[LIMIT_TUF_ROLE_KEYS];
    size_t n;
};

/* Read all keys of a role: Ed25519 (64 hexadecimal digits), ECDSA (PEM, or an uncompressed point in
 * hexadecimal, as it was written once), RSA-PSS (PEM). One that cannot be read is kept without
 * value, and signs nothing. Spec: TUF 4.2. */
void tuf_keys_read(const struct tuf_signers *signers, struct tuf_keys *ret_keys);

/* Free; zeroed ones are fine. */
void tuf_keys_done(struct tuf_keys *keys);

#define tuf_keys_auto __attribute__((cleanup(tuf_keys_done))) struct tuf_keys

/* The index of the key with this id; keys->n: there is none. */
size_t tuf_keys_find(const struct tuf_keys *keys, struct str id);

/* Whether a key of `before` is no longer one of `after`. */
bool tuf_keys_replaced(const struct tuf_signers *before, const struct tuf_signers *after);

#pragma once
/* Hashes as bytes, where digest.h has them as text. Pure. Spec: FIPS 180-4. */
#include "base/str.h"

enum hash { HASH_SHA256, HASH_SHA384, HASH_SHA512, HASH_COUNT };

/* Room for the longest. */
#define HASH_ROOM 64

/* Its bytes: 32, 48 or 64. */
size_t hash_size(enum hash hash);

/* Its name in digests: "sha256". Lives for ever. */
struct str hash_name(enum hash hash);

/* The hash that digests call `name`; false if there is none. */
bool hash_named(struct str name, enum hash *ret_hash);

/* The hash of the parts one after the other, hash_size bytes, written to `room`, from which it
 * borrows. */
struct str hash_of(enum hash hash, const struct str *parts, size_t n, char room[HASH_ROOM]);

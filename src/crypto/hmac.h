#pragma once
/* HMAC with SHA-256: shows that a message is of someone who has the key. Pure.
 * Spec: RFC 2104, FIPS 180-4. */
#include "base/str.h"

enum { HMAC_BYTES = 32 };

/* The code of `message` by `key`. */
void hmac_sha256(struct str key, struct str message, unsigned char ret_code[HMAC_BYTES]);

#pragma once
/* Inside verify/: hashes as Sigstore's messages name them. Spec: sigstore_common.proto. */
#include "crypto/hash.h"
#include "verify/proto.h"

/* The algorithm of a string, "SHA2_256". Errors: INPUT (also one that is not supported). */
MUST status proto_hash(const struct proto *p, const struct proto_place *at, enum hash *ret);

/* A HashOutput: the members "algorithm" and "digest". A digest that is left out is empty.
 * Errors: INPUT, LIMIT. */
MUST status proto_hash_output(const struct proto *p, const struct proto_place *at,
                              enum hash *ret_hash, struct str *ret_digest);

/* The same as Rekor's older entries have it: "sha256" and "value" in hexadecimal. */
MUST status proto_hash_value(const struct proto *p, const struct proto_place *at,
                             enum hash *ret_hash, struct str *ret_digest);

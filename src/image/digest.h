#pragma once
/* Content digests as text: "sha256:" and 64 lower-case hex digits. Pure.
 * Spec: OCI image-spec descriptor.md#digests; behaviour of opencontainers/go-digest. */
#include "base/status.h"
#include "base/str.h"

struct digest {
    struct str algorithm; /* "sha256" */
    struct str hex;       /* the part behind the colon */
};

enum digest_error { DIGEST_OK, DIGEST_FORMAT, DIGEST_LENGTH, DIGEST_UNSUPPORTED };

/* Parse a digest whose algorithm is sha256, sha384 or sha512, as the kubelet accepts them.
 * Borrows `text`. Does not set an error object: callers have the better context. */
enum digest_error digest_parse(struct str text, struct digest *ret_digest);

/* "is malformed …", "has the wrong length …", …: what is wrong, for messages, and what would be
 * right. */
const char *digest_error_text(enum digest_error error);

/* Whether `name` is an algorithm that digest_parse accepts. */
bool digest_is_algorithm(struct str name);

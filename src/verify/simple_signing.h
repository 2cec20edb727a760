#pragma once
/* The payload that cosign signs for an image: its digest, and the name that it was signed under.
 * Pure. Spec: sigstore/cosign specs/SIGNATURE_SPEC.md; containers/image containers-signature(5). */
#include "base/arena.h"
#include "base/status.h"

struct simple_annotation {
    struct str key, value;
};

struct simple_signing {
    struct str digest;                           /* "sha256:..." */
    struct str reference;                        /* as the signer wrote it; empty: none */
    const struct simple_annotation *annotations; /* those of the signer whose values are strings */
    size_t n_annotations;
};

/* Read a payload of type "cosign container image signature", strictly: what is critical and not
 * known is refused. Lives in the arena. Errors: INPUT, LIMIT.
 * Limits: LIMIT_SIMPLE_SIGNING, LIMIT_SIMPLE_ANNOTATIONS. */
MUST status simple_signing_parse(struct arena *arena, struct str payload,
                                 struct simple_signing *ret, struct error *err);

/* Check that it is about the image of `digest`, and was signed under the name `repository`
 * ("docker.io/library/nginx"; empty: any). Errors: EVIDENCE, which says what it is about. */
MUST status simple_signing_check(const struct simple_signing *payload, struct str digest,
                                 struct str repository, struct error *err);

/* The value of an annotation; false if there is none. */
bool simple_signing_annotation(const struct simple_signing *payload, struct str key,
                               struct str *ret_value);

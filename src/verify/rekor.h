#pragma once
/* The content of a Rekor entry: what was signed, the signature, and with which key. Reading alone:
 * whether a log holds the entry is asked of log.h. Pure.
 * Spec: sigstore/rekor pkg/types hashedrekord 0.0.1, dsse 0.0.1, intoto 0.0.2; sigstore/rekor-tiles
 * hashedrekord 0.0.2, dsse 0.0.2. */
#include "verify/bundle.h"

enum rekor_form {
    REKOR_ARTIFACT, /* the digest is that of what was signed */
    REKOR_PAYLOAD   /* the digest is that of the payload of an envelope */
};

/* A signature and who made it: in PEM as older entries have it, or in DER. */
struct rekor_signature {
    struct str bytes;
    struct str pem;         /* a certificate or a key; empty: see below */
    struct str certificate; /* in DER; empty: none */
    struct str key;         /* a public key in DER; empty: none */
};

struct rekor_entry {
    enum rekor_form form;
    bool tiled; /* of the second version of Rekor */
    enum hash hash;
    struct str digest;
    struct str payload_type; /* of an intoto entry; empty: not said */
    const struct rekor_signature *signatures;
    size_t n_signatures; /* one at least */
};

/* Read the body of `entry`, which must be of the kind and version that the entry says. It lives in
 * the arena. Errors: INPUT, LIMIT. */
MUST status rekor_entry_parse(struct arena *arena, const struct log_entry *entry,
                              struct rekor_entry *ret, struct error *err);

/* What the promise of an entry signs: JSON in canonical form. Lives in the arena.
 * Spec: rekor-spec.md, signed entry timestamp; RFC 8785. */
struct str rekor_promised(struct arena *arena, const struct log_entry *entry);

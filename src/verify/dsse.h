#pragma once
/* DSSE envelopes: a payload, its type, and signatures over both. Reading alone. Pure.
 * Spec: secure-systems-lab/dsse protocol.md and envelope.md, version 1. */
#include "base/arena.h"
#include "base/status.h"

/* The type of payloads that are in-toto statements. */
#define DSSE_IN_TOTO "application/vnd.in-toto+json"

struct dsse_signature {
    struct str key_id; /* a hint that nobody vouches for; empty: none */
    struct str bytes;
};

struct dsse_envelope {
    struct str payload_type;
    struct str payload;
    const struct dsse_signature *signatures; /* one at least */
    size_t n_signatures;
};

/* Read an envelope in JSON, which lives in the arena. Errors: INPUT, LIMIT.
 * Limits: LIMIT_SIGSTORE_BUNDLE, LIMIT_DSSE_SIGNATURES, LIMIT_SIGNATURE. */
MUST status dsse_parse(struct arena *arena, struct str text, struct dsse_envelope *ret,
                       struct error *err);

/* What is signed: the pre-authentication encoding. Lives in the arena. */
struct str dsse_signed(struct arena *arena, const struct dsse_envelope *envelope);

struct proto;
struct proto_place;

/* Inside verify/: the same for an envelope within another document. */
MUST status dsse_read(const struct proto *p, const struct proto_place *at,
                      struct dsse_envelope *ret);

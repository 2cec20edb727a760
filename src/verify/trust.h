#pragma once
/* Whom signatures are believed: authorities, logs and the times at which each is.
 *
 * Ownership: a root owns its keys, certificates and texts; it is immutable, and shared by threads.
 * Spec: sigstore/protobuf-specs sigstore_trustroot.proto, in JSON. */
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "crypto/public_key.h"
#include "crypto/sct.h"
#include "crypto/x509.h"

/* A time from which and one until which, both included; wall time in nanoseconds. */
struct trust_window {
    int64_t from, until;
};

static inline bool trust_window_has(struct trust_window window, int64_t time)
{
    return window.from <= time && time <= window.until;
}

/* A transparency log. */
struct trust_log {
    struct str url;
    struct str id;   /* as entries name it */
    struct str hint; /* as checkpoints name its key; empty: not said */
    struct public_key *key;
    enum signature_scheme scheme;
    struct trust_window window;
};

/* An authority that issues certificates of signers, or of those who sign timestamps. */
struct trust_authority {
    struct str uri;
    struct x509_certificate **chain; /* the last one is what is trusted */
    size_t n;
    struct trust_window window;
};

struct trust_root {
    struct arena arena;
    struct trust_log *logs;
    size_t n_logs;
    struct trust_log *ct_logs; /* of certificates */
    size_t n_ct_logs;
    struct trust_authority *authorities;
    size_t n_authorities;
    struct trust_authority *stampers; /* who sign timestamps */
    size_t n_stampers;
    struct sct_log *sct_logs; /* the same as ct_logs */
    struct str *passed_over;  /* what could not be used, in words: keys of an unknown kind */
    size_t n_passed_over;
};

/* Read a trusted root of version 0.1 or 0.2. What uses a key or a certificate that is not known is
 * passed over, so that a root may grow; members that are not known too. Returns owned.
 * Errors: INPUT, LIMIT. Limits: LIMIT_TRUST_ROOT, LIMIT_TRUST_INSTANCES, LIMIT_TRUST_CHAIN. */
MUST status trust_root_read(struct str text, struct trust_root **ret_root, struct error *err);

/* Free; NULL is fine. */
void trust_root_free(struct trust_root *root);

static inline void trust_root_cleanup(struct trust_root **root)
{
    trust_root_free(*root);
}

#define trust_root_auto __attribute__((cleanup(trust_root_cleanup))) struct trust_root

/* The public instance of Sigstore, and its staging instance, as trusted roots in JSON; as they were
 * on the date that the files' names say. They live for ever. */
extern const struct str trust_public_good, trust_staging;

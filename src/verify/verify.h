#pragma once
/* Whether a Sigstore bundle shows what a policy asks, given whom to trust: bytes in, a finding out.
 * Pure: no network, no file, no clock.
 *
 * All that a bundle brings must hold, also what would not be needed: an entry of a log, a promise,
 * a timestamp that is wrong makes it INVALID. When it was signed is told by logs and timestamp
 * authorities alone, and all that is trusted must have been valid at each of these times.
 * Spec: sigstore client specification, section 4. */
#include "base/finding.h"
#include "verify/artifact.h"
#include "verify/identity.h"
#include "verify/statement.h"
#include "verify/trust.h"

/* What is asked of a signature. Zeroed, it is met by nothing. */
struct verify_policy {
    const struct identity *identities; /* who may have signed, with a certificate */
    size_t n_identities;
    const struct public_key *key;   /* or with this key */
    enum signature_scheme scheme;   /* of the key */
    struct trust_window key_window; /* the key's; from == until == 0: any time */
    unsigned logs;                  /* transparency logs that must hold it */
    unsigned ct_logs;               /* logs that must hold the certificate */
    unsigned times;      /* that must be known of it; a certificate needs one in any case */
    unsigned timestamps; /* of these, by timestamp authorities */
    bool envelope_alone; /* of an envelope the signature alone is asked about: neither that it holds
                            a statement, nor that the artifact is a subject of it */
};

/* What is asked where nothing else is said: a log, a log of certificates, a time. */
#define VERIFY_POLICY_DEFAULT .logs = 1, .ct_logs = 1, .times = 1

/* A time at which the signature was there. */
struct verify_time {
    int64_t at; /* wall time in nanoseconds */
    bool by_log;
    struct str whose; /* the URL of the log or authority */
};

struct verification {
    struct finding finding; /* VALID or INVALID, with a reason for people */
    /* what was found out on the way; to be believed if it is VALID */
    struct signer signer; /* of a certificate */
    struct str key;       /* its kind: "ECDSA P-256"; empty: not known */
    const struct verify_time *times;
    size_t n_times;
    size_t n_logs, n_ct_logs;  /* that hold it, or its certificate */
    struct str predicate_type; /* of a statement */
};

/* Verify the bundle `text` about `artifact`. What it returns lives in the arena, which needs room
 * for LIMIT_VERIFY_ARENA, and as long as `trust`. */
struct verification verify_bundle(struct arena *arena, struct str text,
                                  const struct trust_root *trust,
                                  const struct verify_policy *policy,
                                  const struct artifact *artifact);

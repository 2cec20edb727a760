#pragma once
/* Inside verify/: one verification of a bundle on its way through its steps. Each step fails with
 * what is wrong, and notes what it found out. */
#include "base/limits.h"
#include "verify/bundle.h"
#include "verify/log.h"
#include "verify/rekor.h"
#include "verify/verify.h"

struct checking {
    struct arena *arena;
    const struct trust_root *trust;
    const struct verify_policy *policy;
    const struct artifact *artifact;
    struct bundle bundle;
    struct x509_certificate *certificates[LIMIT_BUNDLE_CERTIFICATES]; /* owned */
    size_t n_certificates;
    const struct public_key *key; /* the signer's */
    struct log_answer *logs;      /* of each entry */
    struct verify_time *times;
    size_t n_times;
    struct verification *found;
    struct error *err;
};

/* The steps, in their order: the key or certificate that signed; entries of logs; times; the
 * certificate at these times, and whose it is; that entries are about this signature; the signature
 * itself, and what it is about. */
MUST status check_signer(struct checking *c);
MUST status check_logs(struct checking *c);
MUST status check_times(struct checking *c);
MUST status check_certificate(struct checking *c);
MUST status check_entries(struct checking *c);
MUST status check_content(struct checking *c);

/* What is signed, byte for byte, of an envelope; the signature of either kind of content. */
struct str checking_signature(const struct checking *c);

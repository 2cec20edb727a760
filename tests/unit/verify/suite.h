#pragma once
/* Bundles of other projects, verified in process. */
#include "test.h"

#include "verify/verify.h"

/* A trusted root of the vectors, or its line `line` where the file has one a line. The caller
 * frees. */
struct trust_root *vector_trust(const char *name, unsigned line);

/* A policy: that this certificate's signer is the one asked for. */
struct asked {
    struct identity identity;
    struct verify_policy policy;
};

/* Ask for a name and an issuer, and else for what is the default. */
void ask(struct asked *ret, const char *name, const char *issuer);

/* Fail unless it is VALID; unless it is INVALID and says so. */
void expect_valid(const struct verification *found);
void expect_invalid(const struct verification *found, const char *says);

/* -- what is taken from the vectors -- */

#define CONFORMANCE "sigstore-conformance/assets/bundle-verify/"
#define PRODUCTION  "sigstore-trust/production/targets/trusted_root.json"
#define STAGING     "sigstore-trust/staging/targets/trusted_root.json"
#define BEACON                                                                                     \
    "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/"      \
    "workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main"
#define GITHUB_ISSUER "https://token.actions.githubusercontent.com"

#pragma once
/* With what the Pods of a review are pulled: the Secrets that they name, or those of the service
 * account that they will run as, and behind them what every node has. Secrets are asked of the API
 * server, in the review's own namespace alone, and remembered for a short time. Equal questions are
 * asked once. Threading: any thread.
 * Spec: Kubernetes pkg/credentialprovider; plugin/pkg/admission/serviceaccount. */
#include <stdatomic.h>

#include "credentials/keyring.h"
#include "kube/config.h"
#include "review/review.h"

struct fetch;
struct pulls;

/* Everything is borrowed while it is in use. */
struct pulls_config {
    const struct kube_config *kube;
    const struct fetch *fetch;    /* for tests, on one thread; NULL: libcurl */
    const struct keyring *behind; /* what every node has; NULL: nothing */
    int64_t ttl;                  /* how long Secrets are remembered, in nanoseconds */
    int64_t failure_ttl;          /* how long failures are, and that one does not exist */
    const atomic_bool *cancel;    /* true ends all questions; NULL: never */
};

struct pulls_counters {
    uint64_t had, errors;           /* of the API server; in vain */
    uint64_t hits, waits, failures; /* see cache.h */
};

/* Returns owned. */
struct pulls *pulls_new(const struct pulls_config *config);

/* Free; NULL is fine. Nobody asks any more. */
void pulls_free(struct pulls *pulls);

/* As whom a review asks registries. */
struct pulls_asker {
    struct str scope; /* the same text for Secrets that say the same, and for no others; empty:
                         there is nothing but what every node has. A digest of what is secret:
                         outside of this process only under a keyed hash. Lives in the arena */
    struct keyring *keyring; /* owned; NULL: what every node has */
};

/* The scope of a review from what is remembered; false: the API server has to be asked. What failed
 * has to be asked, too. */
bool pulls_at_hand(struct pulls *pulls, const struct review *review, struct arena *arena,
                   struct str *ret_scope);

/* The scope and the keyring of a review, until monotonic time `deadline`. A Secret or service
 * account that does not exist is passed over, as a kubelet does; whatever else goes wrong fails,
 * for the review might be judged as another than who will pull. Messages name the Secret or
 * account, and nothing that is in it. Errors: those of kube_call and of the keyring, LIMIT
 * (LIMIT_PULL_SECRETS, LIMIT_PULL_ACCOUNTS, LIMIT_PULLS_LIST), TIMEOUT. */
MUST status pulls_get(struct pulls *pulls, const struct review *review, int64_t deadline,
                      struct arena *arena, struct pulls_asker *ret_asker, struct error *err);

/* The numbers so far. */
struct pulls_counters pulls_counters(struct pulls *pulls);

#pragma once
/* A Secret: bytes under names. Threading: as its client. */
#include "kube/client.h"

struct kube_secret {
    bool found;
    struct json_doc object; /* zeroed if it was not found */
};

/* Get the Secret; freed with kube_secret_done. Errors: as kube_call. */
MUST status kube_secret_get(struct kube *kube, struct str namespace, struct str name,
                            struct kube_secret *ret_secret, struct error *err);

/* Free; a zeroed one is fine. */
void kube_secret_done(struct kube_secret *secret);

/* The bytes under `key`, in the arena; empty if there are none, or what is there is no base64. */
struct str kube_secret_value(const struct kube_secret *secret, struct arena *arena,
                             const char *key);

struct kube_secret_entry {
    const char *key;
    struct str value;
};

/* Store these entries and no others, in the Secret as it was got: it is made if it was not found,
 * and what is beside the data stays. CONFLICT, NOT_FOUND: it is no longer what was got.
 * Errors: as kube_call, and NOT_FOUND (there is no such namespace). */
MUST status kube_secret_put(struct kube *kube, struct str namespace, struct str name,
                            const struct kube_secret *secret,
                            const struct kube_secret_entry entries[4],
                            enum kube_outcome *ret_outcome, struct error *err);

#define kube_secret_auto __attribute__((cleanup(kube_secret_done))) struct kube_secret

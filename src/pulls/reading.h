#pragma once
/* Secrets as the API server has them now. Private to pulls/. */
#include "base/buf.h"
#include "credentials/keyring.h"
#include "kube/client.h"
#include "pulls/names.h"

struct pulls_read {
    struct str
        scope;       /* a digest of what the Secrets say, wherever they are; empty: they are none */
    struct str list; /* JSON, for pulls_add_list */
    bool missing;    /* one of them, or an account, does not exist */
};

/* Get them, and those of the accounts, until monotonic time `deadline`. What does not exist is
 * passed over, and so is a Secret of a type that a kubelet does not read; of the others nothing is
 * kept but what it reads. The texts live in `arena`, which the caller wipes.
 * Errors: those of kube_call; LIMIT (LIMIT_PULL_SECRETS, LIMIT_PULLS_LIST).
 * Limits: LIMIT_PULLS_ARENA. */
MUST status pulls_read(struct kube *kube, const struct pull_names *names, int64_t deadline,
                       struct arena *arena, struct pulls_read *ret_read, struct error *err);

/* Add the Secrets of a list to a keyring. No message shows what they hold.
 * Errors: those of keyring_add_secret. */
MUST status pulls_add_list(struct keyring *keyring, struct str list, struct error *err);

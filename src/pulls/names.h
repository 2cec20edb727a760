#pragma once
/* Which Secrets and service accounts the Pods of a review are pulled with. Pure. Private to pulls/.
 * Spec: Kubernetes core/v1 PodSpec imagePullSecrets, serviceAccountName;
 * plugin/pkg/admission/serviceaccount. */
#include "base/limits.h"
#include "review/review.h"

struct pull_names {
    struct str namespace;
    struct str secrets[LIMIT_PULL_SECRETS];
    size_t n_secrets;
    /* whose Secrets count, for Pods that will be made without any of their own */
    struct str accounts[LIMIT_PULL_ACCOUNTS];
    size_t n_accounts;
};

/* Read them off the pod specs of the review's images that are judged. Names that no object can have
 * are passed over. A Pod has those of its service account already, by admission; what makes Pods
 * has not. Borrows from the review. Errors: LIMIT (LIMIT_PULL_SECRETS, LIMIT_PULL_ACCOUNTS). */
MUST status pull_names_read(const struct review *review, struct pull_names *ret_names,
                            struct error *err);

/* Add the names in a list of {name: …}, as imagePullSecrets is. Borrows. Errors: LIMIT. */
MUST status pull_names_add(struct pull_names *names, yyjson_val *list, struct error *err);

/* Whether there is neither. */
bool pull_names_none(const struct pull_names *names);

/* A short text for the same names in the same order and namespace, and for no others. Lives in the
 * arena. */
struct str pull_names_key(const struct pull_names *names, struct arena *arena);

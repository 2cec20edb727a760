#pragma once
/* The webhook configurations of the cluster, as far as they tell API servers whom to trust: the
 * caBundle of each webhook that is reached by a Service. Threading: as its client. */
#include "kube/client.h"

enum webhooks_kind { WEBHOOKS_VALIDATING, WEBHOOKS_MUTATING, WEBHOOKS_KINDS };

/* "ValidatingWebhookConfiguration" */
const char *webhooks_kind_name(enum webhooks_kind kind);

struct webhooks {
    enum webhooks_kind kind;
    struct str name; /* borrowed */
    bool found;
    struct json_doc object;
    struct str *bundles; /* caBundle of each that has a Service, PEM; in the arena of the get */
    size_t *indexes;     /* where each stands in the list of webhooks */
    size_t n;
};

/* Get a configuration; freed with webhooks_done. A caBundle that is no base64 counts as empty.
 * Errors: as kube_call. Limits: LIMIT_WEBHOOKS. */
MUST status webhooks_get(struct kube *kube, enum webhooks_kind kind, struct str name,
                         struct arena *arena, struct webhooks *ret_webhooks, struct error *err);

/* Free; a zeroed one is fine. */
void webhooks_done(struct webhooks *webhooks);

/* Write those of `bundles`, one for each of webhooks->bundles, that are others than they were; not
 * DONE if the configuration is no longer what was got. Nothing is sent if none is another.
 * Errors: as kube_call. Spec: RFC 6902. */
MUST status webhooks_patch(struct kube *kube, const struct webhooks *webhooks,
                           const struct str *bundles, bool *ret_changed,
                           enum kube_outcome *ret_outcome, struct error *err);

#define webhooks_auto __attribute__((cleanup(webhooks_done))) struct webhooks

#pragma once
/* Reviews of policies: an API server asks whether a custom resource is one that would be loaded. */
#include "server/worker.h"

/* Judge the AdmissionReview of a policy or exception in job->body, and write the answer: allowed,
 * perhaps with warnings, or denied with all that is wrong, as `pratique policy lint` says it. What
 * deletes is allowed, and so are the status, and what becomes of an object that is being deleted
 * while its spec stays; an object of another kind is denied.
 * Errors: INPUT (no answer can be addressed), LIMIT, TIMEOUT.
 * Limits: LIMIT_POLICY_OBJECT_ITEMS (a denial), LIMIT_WARNINGS, LIMIT_VIOLATIONS. */
MUST status policy_review(struct job *job, struct error *err);

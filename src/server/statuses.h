#pragma once
/* The status of policies in the cluster: the leader writes whether each is in use, every replica
 * adds what its policies have done. Beside reviews, slowly, and again when it fails. */
#include "server/outcome.h"
#include "server/service.h"

/* Begin, if policies of the cluster are watched: sets service->statuses. Errors: INTERNAL, and
 * those of leading_need. */
MUST status statuses_start(struct service *service, struct error *err);

/* Take what became of the policies at a load; NULL `statuses` is fine. `objects` are as outcomes_of
 * takes them. From the reloader's thread. */
void statuses_note(struct statuses *statuses, const struct cluster_policy *policies,
                   const struct policy_object *objects, size_t n, const struct error *failure);

/* End, within a second or two; one that was not started is fine. */
void statuses_stop(struct service *service);

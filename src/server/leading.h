#pragma once
/* Which replica does what one of them should do: all parts of the server that need it share one
 * Lease, `kubernetes.lease`. It is told to the log and the metrics. */
#include "kube/leader.h"
#include "server/service.h"

/* Begin to take part, once, when it is first needed; from the main thread. `what` asks for it, and
 * begins the message. Errors: as kubernetes_need, and INTERNAL. */
MUST status leading_need(struct service *service, const char *what, struct error *err);

/* Whether this replica may act as the leader now; as leader_holds. Threading: any. */
bool leading_holds(const struct service *service);

/* Give it up; one that was not started is fine. Those who act by it have ended. */
void leading_stop(struct service *service);

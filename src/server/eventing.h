#pragma once
/* The Events of this server: which decisions become one, whom it regards, and what is told of their
 * writing. One for the process, as the audit log is. */
#include "events/events.h"
#include "server/service.h"
#include "server/worker.h"

/* Start writing, if Events are configured. Errors: as kubernetes_need; INTERNAL (no thread). */
MUST status eventing_start(struct service *service, struct error *err);

/* Hand a finished job to the Events; `err` is why it failed, NULL if it was answered. A denial by
 * /validate becomes one, and with warnings configured an admission that warns; never a dry run,
 * never an object without a namespace, and nothing of /mutate, whose object /validate sees too. Of
 * an ImageReview nobody knows whether it is a dry run. Waits for nothing. Without Events: nothing.
 */
void eventing_job(const struct job *job, const struct error *err);

/* The event of a job, with or without one for warnings. Returns false if it is none. *ret_event
 * borrows from the job and lives until the next one of this thread. For tests too. */
bool eventing_event(const struct job *job, bool warnings, struct event *ret_event);

/* Begin to end, as events_end; no review comes any more. Wait for the end, as events_stop. */
void eventing_end(int64_t until);
void eventing_stop(void);

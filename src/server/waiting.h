#pragma once
/* Reviews that wait for other servers: a line of bounded length, and threads that take reviews from
 * it, one at a time each.
 *
 * libmicrohttpd's threads answer what can be answered at once, so a registry that is slow keeps
 * nobody else waiting. The connection of a review that waits is suspended meanwhile. */
#include "server/answering.h"

struct waiting;

/* A line without a thread; each is started when it is first needed. Returns owned. */
struct waiting *waiting_new(struct service *service);

/* Suspend the connection, and have the review answered; then the connection is resumed. What
 * `asked` borrows stays until that. Returns false, and suspends nothing, if too many wait,
 * or if there is no thread and none can be started. */
bool waiting_add(struct waiting *waiting, const struct asked *asked);

/* Answer those that nobody judges yet with an error, wait for the others, which
 * service->cancel_evidence makes quick, and take no more: before their daemon is stopped. NULL is
 * fine. */
void waiting_stop(struct waiting *waiting);

/* Free, after the daemon was stopped. NULL is fine. */
void waiting_free(struct waiting *waiting);

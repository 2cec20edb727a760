#pragma once
/* The webhook server. */
#include "base/status.h"
#include "server/config.h"

/* Serve until SIGTERM or SIGINT, then drain: readiness fails at once, requests go on being answered
 * with `Connection: close` for drain_delay, then no connection is accepted, and what is in flight
 * is finished within drain_timeout; a second signal ends it at once. SIGHUP reloads. Blocks; one
 * server per process. Errors: CONFIG (certificate, policies: diagnostics go to the log), INTERNAL
 * (the port is taken).
 */
MUST status server_run(const struct server_config *config, struct error *err);

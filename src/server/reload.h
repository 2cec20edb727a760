#pragma once
/* Files that change: looked at in an interval, loaded when they have settled; and policies of the
 * cluster, loaded when it is told that they changed.
 *
 * A change is loaded when two looks in a row saw the same, and counts only if a look afterwards
 * still does: what is half written is neither a policy nor a certificate. What is broken leaves the
 * old one in use and is told, once per change, in the log, in metrics and in readiness. */
#include <pthread.h>

#include "server/service.h"

struct reload_watch {
    uint64_t loaded; /* fingerprint of what is in use, or was tried last */
    uint64_t seen;   /* of the files, at the last look */
};

struct reloader {
    struct service *service;
    pthread_t thread;
    bool started;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stop, now, soon;
    uint64_t told; /* of the diagnostics that were logged last */
    struct reload_watch watches[LOADABLE_COUNT];
};

/* Load everything for the first time: sets service->snapshot, tls and clients, and notes what was
 * seen. Policies of the cluster are not known yet, and so the snapshot stays empty with them; files
 * beside them are checked. Errors: CONFIG (diagnostics of policies go to the log). */
MUST status reload_first(struct reloader *reloader, struct service *service, struct error *err);

/* Look for changes from now on, on a thread of its own. Errors: INTERNAL. */
MUST status reload_start(struct reloader *reloader, struct error *err);

/* The policies of the cluster are others: load them, and what came shortly after, within a tenth of
 * a second or so. From any thread. */
void reload_policies_soon(struct reloader *reloader);

/* Load everything at once, changed or not. */
void reload_now(struct reloader *reloader);

/* End the thread. One that was not started is fine. */
void reload_stop(struct reloader *reloader);

#pragma once
/* Calls of a scan: not more than a constant number in a second, none by a replica that does not
 * lead, patience where the API server asks for it, and an end where it does not answer. */
#include "kube/client.h"
#include "scan/scan.h"

struct calls {
    struct kube *kube;                  /* borrowed */
    const struct scan_watcher *watcher; /* borrowed */
    const atomic_bool *stop;            /* NULL: never */
    int64_t next;                       /* monotonic: when the next may be made */
    unsigned failures;                  /* in a row */
    bool over;                          /* nothing more can be done: `why` */
    struct error why;
};

/* Begin; everything given is borrowed. */
void calls_init(struct calls *calls, struct kube *kube, const struct scan_watcher *watcher,
                const atomic_bool *stop);

/* Whether calls may go on; after a failure here all of them fail so.
 * Errors: TIMEOUT (stopped, or another leads), and that of the last of many failures. */
MUST status calls_check(struct calls *calls, struct error *err);

/* Wait until the next call may be made. Errors: as calls_check. */
MUST status calls_wait(struct calls *calls, struct error *err);

/* A call that was made elsewhere is told, and counts as a failure or as an end of failures. */
void calls_note(struct calls *calls, enum scan_call call, enum scan_outcome outcome,
                const struct error *err);

/* Wait, and make a call. Errors: as calls_check and kube_call. */
MUST status calls_make(struct calls *calls, enum scan_call kind, const struct kube_call *call,
                       enum kube_outcome *ret_outcome, struct json_doc *ret_object,
                       struct error *err);

#pragma once
/* Readiness, check by check. Threading: any thread. */
#include <pthread.h>
#include <stdatomic.h>

#include "base/buf.h"
#include "base/status.h"

/* What is loaded, and so can be broken. */
enum loadable {
    LOADABLE_POLICIES,
    LOADABLE_CERTIFICATE,
    LOADABLE_CLIENT_CA,
    LOADABLE_REGISTRIES, /* credentials and certificates for them */
    LOADABLE_CLUSTER,    /* what is watched */
    LOADABLE_COUNT
};

/* "policies", "certificate", "client_ca", "registries", "cluster" */
const char *loadable_name(enum loadable what);

struct health {
    atomic_bool draining;
    pthread_mutex_t lock;
    bool used[LOADABLE_COUNT];                   /* is loaded at all */
    bool waiting[LOADABLE_COUNT];                /* there is none yet: not ready */
    char broken[LOADABLE_COUNT][ERROR_TEXT_MAX]; /* empty: the newest files are in use */
};

/* Start and end. */
void health_init(struct health *health);
void health_done(struct health *health);

/* Note a load that went well (`err` NULL) or did not; metrics tell too. */
void health_loaded(struct health *health, enum loadable what, const struct error *err);

/* Note that there is nothing to use yet, and why. A load that goes well ends it. */
void health_waiting(struct health *health, enum loadable what, const char *why);

/* Note what is wrong with what is in use, or that nothing is (""); it is waited for no more. */
void health_note(struct health *health, enum loadable what, const char *wrong);

/* Tell the log and the metrics when the certificate in use ends, in seconds of wall time. */
void health_certificate(int64_t expiry);

struct health_check {
    bool used;                   /* is loaded at all */
    bool waiting;                /* there is none yet */
    char detail[ERROR_TEXT_MAX]; /* what is wrong with the newest; empty: nothing */
};

/* One check, as it is now. */
void health_read(struct health *health, enum loadable what, struct health_check *ret_check);

/* Append the answer of /readyz and return its HTTP status: 200, or 503 while draining, or waiting
 * for the first of something. Broken new files leave older ones in use, so they are told and do not
 * fail it. */
unsigned health_ready(struct health *health, struct buf *body);

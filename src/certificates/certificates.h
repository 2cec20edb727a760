#pragma once
/* The serving certificate, made and rotated by the program itself, as decision 7 tells: all
 * replicas serve the certificate of one Secret; the one that holds a Lease makes it, and keeps the
 * caBundle of webhook configurations such that API servers verify it at every moment. */
#include "certificates/rotation.h"
#include "fetch/fetch.h"
#include "kube/config.h"
#include "kube/webhooks.h"

/* Everything is borrowed while the thread runs. Names are sound (kube_name_is_sound). */
struct certificates_config {
    struct kube_config kube;
    struct str namespace, secret, lease, service;
    const struct str *webhooks; /* names of configurations, LIMIT_WEBHOOK_CONFIGURATIONS at most */
    size_t n_webhooks;
    struct rotation_times times;
};

enum certificates_event_kind {
    CERTIFICATES_LEADING,   /* this replica leads from now on */
    CERTIFICATES_FOLLOWING, /* another does */
    CERTIFICATES_STEP,      /* as the leader, took a step of the rotation */
    CERTIFICATES_BUNDLE,    /* as the leader, changed the caBundle of a configuration */
    CERTIFICATES_MISSING,   /* a configuration does not exist; told once */
    CERTIFICATES_WAITING,   /* there is no certificate to serve yet; told at each look */
    CERTIFICATES_FAILURE,   /* something failed; `again`: the same as before */
    CERTIFICATES_RECOVERED  /* what failed does not any more */
};

struct certificates_event {
    enum certificates_event_kind kind;
    const char *what;        /* STEP, FAILURE, RECOVERED: "lease"; BUNDLE: the kind */
    struct str name;         /* BUNDLE, MISSING: of the configuration */
    const struct error *err; /* WAITING, FAILURE */
    bool again;
};

/* Who serves the certificate and keeps the log; called by the thread. */
struct certificates_watcher {
    void *self;
    /* Serve this certificate from now on; it and its key belong together. Errors: any. */
    status (*use)(void *self, struct str certificate, struct str key, struct error *err);
    void (*tell)(void *self, const struct certificates_event *event);
};

struct certificates;

/* Look again and again, on a thread of its own. Returns owned. Errors: INTERNAL. */
MUST status certificates_start(const struct certificates_config *config,
                               const struct certificates_watcher *watcher,
                               struct certificates **ret_certificates, struct error *err);

/* End the thread, within a few seconds, and free; NULL is fine. */
void certificates_stop(struct certificates *certificates);

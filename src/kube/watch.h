#pragma once
/* One resource of the API server, kept equal here: it is listed, then watched, by a thread of its
 * own with a connection of its own.
 *
 * Each list shows one moment that is no older than the list itself: no cache of the API server that
 * lags behind can bring back what was here before. (client-go begins with resourceVersion=0, which
 * such a cache may answer.) A watch goes on from the last version, over ends, broken connections
 * and an API server that is away or busy; it is listed again when that version has expired, when
 * the stream said what cannot be, and once an hour, for an etcd that was set back. Between tries it
 * waits 0.8 s, doubling to 30 s, less up to half by chance; or as long as it was asked to.
 *
 * Memory: one page of a list or one event, beside what the caller keeps.
 * Threading: callbacks are called by the thread, one at a time. */
#include "fetch/fetch.h"
#include "kube/config.h"
#include "kube/item.h"

/* Everything is borrowed while the thread runs. */
struct kube_watch_config {
    const struct kube_config *kube;
    const struct fetch *fetch; /* NULL: over the network, by a port of its own */
    const char *path;          /* "/apis/pratique.dev/v1alpha1/imagepolicies" */
    bool metadata;             /* PartialObjectMetadata is enough */
    size_t max_object;         /* bytes of one object; 0: LIMIT_KUBE_WATCHED */
};

enum kube_watch_event_kind {
    KUBE_WATCH_FAILING,   /* changes are not heard of: the list or the watch cannot be had */
    KUBE_WATCH_RECOVERED, /* they are again */
    KUBE_WATCH_RELISTED   /* what is here is not believed any more: it is listed again */
};

enum kube_watch_reason {
    KUBE_WATCH_EXPIRED,    /* the API server no longer knows our version (410) */
    KUBE_WATCH_DISTRUSTED, /* it said what cannot be */
    KUBE_WATCH_ROUTINE     /* an hour is over */
};

struct kube_watch_event {
    enum kube_watch_event_kind kind;
    const struct error *err;       /* FAILING, and why it is RELISTED; borrowed for the call */
    enum kube_watch_reason reason; /* RELISTED */
    int64_t since; /* FAILING, RECOVERED: monotonic; from when on changes were not heard of */
};

/* Who is told. Objects and names are borrowed for the call. */
struct kube_watcher {
    void *self;
    /* A list begins: what is not put before `synced` is gone, and until then all of it stays. May
     * come again before `synced`: then that list begins anew. */
    void (*relist)(void *self);
    /* An object is there, or is another now. */
    void (*put)(void *self, const struct kube_item *item);
    /* It is gone. May name one that was never put. */
    void (*drop)(void *self, struct str namespace, struct str name);
    /* What is here equals the API server's state when the list began, or later. */
    void (*synced)(void *self);
    /* Something is wrong, or right again. FAILING is told when it begins, and again when it fails
     * for a reason of another kind; RELISTED each time. */
    void (*tell)(void *self, const struct kube_watch_event *event);
};

struct kube_watch;

/* Begin. All is borrowed until kube_watch_stop. Returns owned. Errors: INTERNAL. */
MUST status kube_watch_start(const struct kube_watch_config *config,
                             const struct kube_watcher *watcher, struct kube_watch **ret_watch,
                             struct error *err);

/* Have the thread end, and do not wait for it: who has several asks all of them, and then stops one
 * after the other. NULL is fine. */
void kube_watch_cancel(struct kube_watch *watch);

/* End the thread within a second or two, and free; NULL is fine. */
void kube_watch_stop(struct kube_watch *watch);

struct kube_watch_state {
    bool synced;       /* was so once: there is a state, as old as `lost` tells */
    int64_t lost;      /* monotonic: from when on changes may not have been heard of; 0: they are */
    uint64_t lists;    /* that were had whole */
    uint64_t relists;  /* of them, or tries, that EXPIRED or DISTRUSTED made necessary */
    uint64_t failures; /* tries that failed, and streams that broke */
};

/* How it is. Threading: any. */
struct kube_watch_state kube_watch_state(struct kube_watch *watch);

#pragma once
/* The stream of a watch: bytes in pieces of any size become events, one a line. What is no event is
 * an error, behind which the stream means nothing any more. No I/O. Threading: one thread. */
#include "base/buf.h"
#include "kube/item.h"

enum kube_event_kind {
    KUBE_EVENT_PUT,      /* ADDED, MODIFIED */
    KUBE_EVENT_DROP,     /* DELETED: `item` is what it was last */
    KUBE_EVENT_BOOKMARK, /* nothing but a version */
    KUBE_EVENT_ERROR     /* the API server ends the watch, and says why */
};

/* Borrowed for the call that tells it. */
struct kube_event {
    enum kube_event_kind kind;
    struct kube_item item;       /* PUT, DROP */
    struct kube_version version; /* of all but ERROR */
    int code;                    /* ERROR: as an HTTP status; 0: none was told */
    struct str reason, message;  /* ERROR */
};

/* Who is told; an error ends the reading with it. */
struct kube_event_taker {
    void *self;
    status (*take)(void *self, const struct kube_event *event, struct error *err);
};

struct kube_events {
    const struct kube_event_taker *taker; /* borrowed, as the type is */
    const struct kube_type *type;         /* that objects must be of */
    struct str namespace;                 /* that they must be in; empty: any */
    struct buf line;                      /* the beginning of one that is not here whole */
};

/* Begin; an event may have `max` bytes. */
void kube_events_init(struct kube_events *events, const struct kube_event_taker *taker,
                      const struct kube_type *type, struct str namespace, size_t max);

/* Free the line. */
void kube_events_done(struct kube_events *events);

/* Read the next bytes. Errors: UPSTREAM (no JSON, an unknown event, an object that cannot be: see
 * item.h), LIMIT (an event larger than `max`), those of the taker. */
MUST status kube_events_read(struct kube_events *events, struct str bytes, struct error *err);

/* The stream is at its end. Errors: UPSTREAM (in the middle of an event). */
MUST status kube_events_end(const struct kube_events *events, struct error *err);

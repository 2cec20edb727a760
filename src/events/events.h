#pragma once
/* Denials as Events of a cluster, of events.k8s.io/v1, where people look for them.
 *
 * Whoever decides hands over an event, which is copied into a bounded queue, and goes on; one
 * thread writes. What tells the same becomes the series of one Event; how many Events are made is
 * limited (limiter.h). An API server that is slow, away or unwilling costs a review nothing: what
 * is told nowhere is counted by reason and told once.
 *
 * Threading: events_add from any thread; the rest from one. */
#include "base/status.h"
#include "events/event.h"
#include "kube/client.h"

enum events_loss {
    EVENTS_LOST_QUEUE,       /* more came than was written */
    EVENTS_LOST_RATE,        /* the namespace, or all, have had their share */
    EVENTS_LOST_FORBIDDEN,   /* 401, 403: we may not; or the namespace is being deleted */
    EVENTS_LOST_GONE,        /* 404: the namespace is */
    EVENTS_LOST_CONFLICT,    /* 409 */
    EVENTS_LOST_INVALID,     /* 422, or another status that a second try would not change */
    EVENTS_LOST_UNREACHABLE, /* no answer, 429, 5xx */
    EVENTS_LOST_STOP,        /* the server ended first */
    EVENTS_LOSS_COUNT
};

/* "queue"; as metrics have it. Lives for ever. */
const char *events_loss_name(enum events_loss loss);

/* Told by the writing thread: for each reason once when it begins to lose, once when nothing was
 * lost for a minute. */
struct events_event {
    enum { EVENTS_LOSING, EVENTS_RECOVERED } kind;
    enum events_loss loss;   /* of LOSING */
    const struct error *err; /* of LOSING */
};

struct events_watcher {
    void *self;
    /* Denials that are told nowhere; from any thread. */
    void (*count)(void *self, enum events_loss loss, uint64_t n);
    void (*written)(void *self, bool again); /* an Event: a new one, or one that was there */
    void (*tell)(void *self, const struct events_event *event);
};

struct events_config {
    const struct kube_config *kube;
    struct str instance; /* who we are: 1 to 128 bytes */
    uint64_t queue;      /* events that wait at most; LIMIT_EVENTS_QUEUE_BYTES bounds them too */
    int64_t gather_ns;   /* how long the first one waits for others */
    int64_t series_ns;   /* between two changes of one Event */
    int64_t retry_ns;    /* after a failure, doubled up to that */
};

struct events;

/* Start the thread. Copies the configuration, borrows watcher and fetch until events_stop; `fetch`
 * NULL is the network. Errors: INTERNAL (no thread). */
MUST status events_start(const struct events_config *config, const struct events_watcher *watcher,
                         const struct fetch *fetch, struct events **ret_events, struct error *err);

/* Hand over an event; it is copied. Never waits for the network. */
void events_add(struct events *events, const struct event *event);

/* Begin to end: what waits is written, until monotonic time `until`. Nobody adds any more. NULL is
 * fine. */
void events_end(struct events *events, int64_t until);

/* Wait for the end that was begun, and free. A second and a fifth after its time, what is left is
 * lost. NULL is fine. */
void events_stop(struct events *events);

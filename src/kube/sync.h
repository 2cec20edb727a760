#pragma once
/* Inside kube/: what a watch does, step by step, without a thread. */
#include <pthread.h>

#include "kube/client.h"
#include "kube/events.h"
#include "kube/watch.h"

/* A stream that has lasted so long was healthy: what waits between tries begins anew. */
#define KUBE_SYNC_HEALTHY (10 * INT64_C(1000000000))
/* A watch is asked for this long, more by chance, and at most twice as long; seconds. */
enum { KUBE_SYNC_WATCH = 300 };
/* An API server that does not end it then is given so much longer. */
#define KUBE_SYNC_GRACE (15 * INT64_C(1000000000))
/* Until a watch must have begun, and the longest silence of one: bookmarks come each minute, as
 * good as always. To ask again from the same version costs nothing. */
#define KUBE_SYNC_BEGIN       (30 * INT64_C(1000000000))
#define KUBE_SYNC_SILENCE     (180 * INT64_C(1000000000))
#define KUBE_SYNC_ROUTINE     (3600 * INT64_C(1000000000))
#define KUBE_SYNC_PAUSE_LEAST (800 * INT64_C(1000000))
#define KUBE_SYNC_PAUSE_MOST  (30 * INT64_C(1000000000))

/* How a stream ended. */
enum kube_sync_end {
    KUBE_SYNC_ENDED,     /* as it should */
    KUBE_SYNC_BROKEN,    /* or never began; it goes on from our version */
    KUBE_SYNC_EXPIRED,   /* our version is too old */
    KUBE_SYNC_DISTRUSTED /* it said what cannot be */
};

struct kube_sync {
    const struct kube_watch_config *config; /* borrowed, as these are */
    const struct kube_watcher *watcher;
    struct kube *kube;
    const atomic_bool *stop; /* what fails when it is true was cancelled */
    struct kube_type type;
    struct kube_version version;
    bool listed;             /* there is a version to go on from */
    int64_t listed_at;       /* monotonic */
    int64_t opened;          /* monotonic; when the stream began; 0: it did not */
    int64_t heard_at;        /* monotonic; when something came last, or it was asked */
    bool silent;             /* the stream was ended for its silence */
    int64_t lost_before;     /* what state.lost was when the stream began */
    bool heard;              /* the stream told of something */
    int64_t pause;           /* the last one, before chance; 0: none */
    enum kube_sync_end end;  /* of a stream that the reader ended */
    enum error_kind failing; /* was told; ERROR_NONE: not */
    struct kube_events events;
    pthread_mutex_t lock; /* of the state */
    struct kube_watch_state state;
};

/* Begin with nothing. */
void kube_sync_init(struct kube_sync *sync, const struct kube_watch_config *config,
                    const struct kube_watcher *watcher, struct kube *kube, const atomic_bool *stop);

/* Free. */
void kube_sync_done(struct kube_sync *sync);

/* List, or watch until the stream ends; then wait as long as should be. */
void kube_sync_step(struct kube_sync *sync);

/* As kube_watch_state. */
struct kube_watch_state kube_sync_state(struct kube_sync *sync);

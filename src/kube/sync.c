#include "kube/sync.h"

#include "base/chance.h"
#include "base/clock.h"
#include "base/limits.h"
#include "kube/list.h"
#include "kube/query.h"

#define ACCEPT_METADATA "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"

/* What an event has beside its object. */
enum { ENVELOPE = 1024, MESSAGE_MAX = 200 };

void kube_sync_init(struct kube_sync *sync, const struct kube_watch_config *config,
                    const struct kube_watcher *watcher, struct kube *kube, const atomic_bool *stop)
{
    *sync = (struct kube_sync){.config = config, .watcher = watcher, .kube = kube, .stop = stop};
    sync->state.lost = kube_now(kube);
    pthread_mutex_init(&sync->lock, NULL);
}

void kube_sync_done(struct kube_sync *sync)
{
    pthread_mutex_destroy(&sync->lock);
}

struct kube_watch_state kube_sync_state(struct kube_sync *sync)
{
    pthread_mutex_lock(&sync->lock);
    struct kube_watch_state state = sync->state;
    pthread_mutex_unlock(&sync->lock);
    return state;
}

static bool is_stopped(const struct kube_sync *sync)
{
    return sync->stop != NULL && atomic_load(sync->stop);
}

/* -- what is told -- */

static void tell(const struct kube_sync *sync, const struct kube_watch_event *event)
{
    sync->watcher->tell(sync->watcher->self, event);
}

static void tell_failing(struct kube_sync *sync, const struct error *err)
{
    if (err->kind != sync->failing) {
        sync->failing = err->kind;
        tell(sync, &(struct kube_watch_event){.kind = KUBE_WATCH_FAILING,
                                              .err = err,
                                              .since = kube_sync_state(sync).lost});
    }
}

static void note_failure(struct kube_sync *sync)
{
    pthread_mutex_lock(&sync->lock);
    sync->state.failures++;
    pthread_mutex_unlock(&sync->lock);
}

/* Nothing is heard from now on; or from when it was not before, if the stream was none. */
static void note_lost(struct kube_sync *sync, bool useless)
{
    int64_t since = useless && sync->lost_before != 0 ? sync->lost_before
                    : sync->silent                    ? sync->heard_at
                                                      : kube_now(sync->kube);
    pthread_mutex_lock(&sync->lock);
    sync->state.lost = sync->state.lost != 0 ? sync->state.lost : since;
    pthread_mutex_unlock(&sync->lock);
}

static void list_again(struct kube_sync *sync, enum kube_watch_reason reason,
                       const struct error *why)
{
    sync->listed = false;
    pthread_mutex_lock(&sync->lock);
    sync->state.relists += reason != KUBE_WATCH_ROUTINE;
    pthread_mutex_unlock(&sync->lock);
    tell(sync,
         &(struct kube_watch_event){.kind = KUBE_WATCH_RELISTED, .err = why, .reason = reason});
}

/* -- the list -- */

static status list_take(void *self, const struct kube_item *item, struct error *err)
{
    const struct kube_sync *sync = self;
    (void)err;
    sync->watcher->put(sync->watcher->self, item);
    return OK;
}

static void list_begin(void *self, const char *why)
{
    const struct kube_sync *sync = self;
    (void)why;
    sync->watcher->relist(sync->watcher->self);
}

/* What is here is as old as the list's beginning, and no older. */
static void note_listed(struct kube_sync *sync, int64_t began)
{
    sync->listed = true;
    sync->listed_at = began;
    sync->watcher->synced(sync->watcher->self);
    pthread_mutex_lock(&sync->lock);
    sync->state.synced = true;
    sync->state.lists++;
    sync->state.lost = began;
    pthread_mutex_unlock(&sync->lock);
}

static void list_once(struct kube_sync *sync)
{
    const struct kube_list list = {
        .path = sync->config->path,
        .metadata = sync->config->metadata,
        .max_object = sync->config->max_object,
    };
    const struct kube_list_taker taker = {sync, list_take, NULL, list_begin};
    int64_t began = kube_now(sync->kube);
    struct error err;
    list_begin(sync, NULL);
    if (!failed(kube_list(sync->kube, &list, &taker, &sync->type, &sync->version, &err))) {
        note_listed(sync, began);
    } else if (!is_stopped(sync)) {
        note_failure(sync);
        tell_failing(sync, &err);
    }
}

/* -- the stream -- */

static void stream_begin(void *self)
{
    struct kube_sync *sync = self;
    sync->opened = sync->heard_at = kube_now(sync->kube);
    pthread_mutex_lock(&sync->lock);
    sync->lost_before = sync->state.lost;
    sync->state.lost = 0;
    pthread_mutex_unlock(&sync->lock);
    if (sync->failing != ERROR_NONE) {
        sync->failing = ERROR_NONE;
        tell(sync,
             &(struct kube_watch_event){.kind = KUBE_WATCH_RECOVERED, .since = sync->lost_before});
    }
}

/* The API server ends the watch with a Status. */
static status end_by_error(struct kube_sync *sync, const struct kube_event *event,
                           struct error *err)
{
    bool busy = event->code == 429 || event->code >= 500;
    sync->end = event->code == 410 ? KUBE_SYNC_EXPIRED
                : busy             ? KUBE_SYNC_BROKEN
                                   : KUBE_SYNC_DISTRUSTED;
    struct str message = str_sub(event->message, 0, MESSAGE_MAX);
    return error_set(err, ERROR_UPSTREAM, "the watch was ended: %d %.*s%s%.*s", event->code,
                     STR_ARG(str_sub(event->reason, 0, MESSAGE_MAX)), message.n > 0 ? ": " : "",
                     STR_ARG(message));
}

static status take_event(void *self, const struct kube_event *event, struct error *err)
{
    struct kube_sync *sync = self;
    const struct kube_watcher *watcher = sync->watcher;
    if (event->kind == KUBE_EVENT_ERROR) {
        return end_by_error(sync, event, err);
    }
    if (event->kind == KUBE_EVENT_PUT) {
        watcher->put(watcher->self, &event->item);
    } else if (event->kind == KUBE_EVENT_DROP) {
        watcher->drop(watcher->self, event->item.namespace, event->item.name);
    }
    sync->version = event->version;
    sync->heard = true;
    return OK;
}

/* Until the reader says otherwise, what it cannot read is not to be believed. */
static status stream_take(void *self, struct str bytes, struct error *err)
{
    struct kube_sync *sync = self;
    sync->heard_at = kube_now(sync->kube);
    sync->end = KUBE_SYNC_DISTRUSTED;
    TRY(kube_events_read(&sync->events, bytes, err));
    sync->end = KUBE_SYNC_ENDED;
    return OK;
}

/* An API server that hangs keeps its connections. */
static bool stream_patient(void *self)
{
    struct kube_sync *sync = self;
    int64_t most = sync->opened != 0 ? KUBE_SYNC_SILENCE : KUBE_SYNC_BEGIN;
    bool patient = kube_now(sync->kube) - sync->heard_at < most;
    sync->silent = !patient && sync->opened != 0;
    return patient;
}

static status ask_watch(struct kube_sync *sync, enum kube_outcome *ret_outcome, struct error *err)
{
    const struct fetch_sink sink = {sync, stream_begin, stream_take, stream_patient};
    unsigned seconds = KUBE_SYNC_WATCH + (unsigned)chance(KUBE_SYNC_WATCH + 1);
    json_doc_auto none = {0};
    buf_auto path;
    buf_init(&path, LIMIT_KUBE_PATH);
    buf_printf(&path, "%s?watch=1&allowWatchBookmarks=true&timeoutSeconds=%u&resourceVersion=",
               sync->config->path, seconds);
    kube_query_add_value(&path, str_from(sync->version.text));
    ENSURE(!buf_overflowed(&path));
    const struct kube_call call = {
        .method = "GET",
        .path = buf_str(&path),
        .accept = sync->config->metadata ? ACCEPT_METADATA : NULL,
        .time = seconds * NS_PER_S + KUBE_SYNC_GRACE,
        .sink = &sink,
    };
    return kube_call(sync->kube, &call, ret_outcome, &none, err);
}

/* Statuses that will not be others when they are asked for again with the same version. */
static bool is_refused(unsigned code)
{
    return code >= 400 && code <= 499 && code != 401 && code != 403 && code != 429;
}

/* How the stream ended; *ret_err tells of it, unless it ENDED. */
static enum kube_sync_end read_stream(struct kube_sync *sync, struct error *ret_err)
{
    enum kube_outcome outcome = KUBE_DONE;
    sync->end = KUBE_SYNC_ENDED;
    sync->heard = sync->silent = false;
    sync->heard_at = kube_now(sync->kube);
    bool bad = failed(ask_watch(sync, &outcome, ret_err));
    if (bad && sync->end != KUBE_SYNC_ENDED) {
        return sync->end; /* the reader ended it */
    }
    struct error half;
    if (failed(kube_events_end(&sync->events, &half))) {
        error_fill(ret_err, half.kind, "GET %s: %s", sync->config->path, half.text);
        return KUBE_SYNC_DISTRUSTED;
    }
    if (bad) {
        return is_refused(kube_status(sync->kube)) ? KUBE_SYNC_DISTRUSTED : KUBE_SYNC_BROKEN;
    }
    if (outcome != KUBE_DONE) {
        error_fill(ret_err, ERROR_UPSTREAM, "GET %s: %u for a watch", sync->config->path,
                   kube_status(sync->kube));
        return outcome == KUBE_EXPIRED ? KUBE_SYNC_EXPIRED : KUBE_SYNC_DISTRUSTED;
    }
    return KUBE_SYNC_ENDED;
}

static bool was_healthy(const struct kube_sync *sync)
{
    return sync->opened != 0 && kube_now(sync->kube) - sync->opened >= KUBE_SYNC_HEALTHY;
}

/* A connection that breaks after it worked for a while is worth no word if the next one works. */
static void note_broken(struct kube_sync *sync, const struct error *err)
{
    note_failure(sync);
    if (!was_healthy(sync)) {
        tell_failing(sync, err);
    }
}

static void note_end(struct kube_sync *sync, enum kube_sync_end end, struct error *err)
{
    switch (end) {
    case KUBE_SYNC_ENDED:
        if (kube_now(sync->kube) - sync->listed_at >= KUBE_SYNC_ROUTINE) {
            error_fill(err, ERROR_TIMEOUT, "an hour is over");
            list_again(sync, KUBE_WATCH_ROUTINE, err);
        }
        break;
    case KUBE_SYNC_BROKEN:
        note_broken(sync, err);
        break;
    case KUBE_SYNC_EXPIRED:
    case KUBE_SYNC_DISTRUSTED:
        list_again(sync, end == KUBE_SYNC_EXPIRED ? KUBE_WATCH_EXPIRED : KUBE_WATCH_DISTRUSTED,
                   err);
        break;
    }
}

static void watch_once(struct kube_sync *sync)
{
    const struct kube_event_taker taker = {sync, take_event};
    size_t max = sync->config->max_object > 0 ? sync->config->max_object : LIMIT_KUBE_WATCHED;
    struct error err;
    kube_events_init(&sync->events, &taker, &sync->type, kube_query_namespace(sync->config->path),
                     max + ENVELOPE);
    enum kube_sync_end end = read_stream(sync, &err);
    kube_events_done(&sync->events);
    if (!is_stopped(sync)) {
        note_lost(sync, end != KUBE_SYNC_ENDED && !sync->heard && !was_healthy(sync));
        note_end(sync, end, &err);
    }
}

/* -- one step -- */

/* Between tries; none after a stream that was healthy. */
static void wait_for_next(struct kube_sync *sync)
{
    int64_t now = kube_now(sync->kube), until = now, twice = sync->pause * 2;
    if (was_healthy(sync)) {
        sync->pause = 0;
    } else {
        sync->pause = twice < KUBE_SYNC_PAUSE_LEAST  ? KUBE_SYNC_PAUSE_LEAST
                      : twice > KUBE_SYNC_PAUSE_MOST ? KUBE_SYNC_PAUSE_MOST
                                                     : twice;
        until = now + sync->pause - (int64_t)chance((uint64_t)sync->pause / 2 + 1);
    }
    int64_t asked = kube_left_alone(sync->kube);
    kube_wait(sync->kube, asked > until ? asked : until);
}

void kube_sync_step(struct kube_sync *sync)
{
    bool listing = !sync->listed;
    sync->opened = 0;
    if (listing) {
        list_once(sync);
    } else {
        watch_once(sync);
    }
    if (!listing || !sync->listed) { /* a list that was had is watched from at once */
        wait_for_next(sync);
    }
}

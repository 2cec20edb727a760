#include "events/events.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/writer.h"
#include "events/body.h"
#include "events/known.h"
#include "events/limiter.h"
#include "fetch/curl.h"

enum { ATTEMPTS = 6 }; /* half a minute, of an API server that is away or busy */

static const int64_t PATIENCE = 60 * NS_PER_S; /* of the thread, without anything to do */
static const int64_t LEAST_PATIENCE = 50 * NS_PER_MS;
static const int64_t EPISODE = 600 * NS_PER_S; /* unseen for so long, it is something new */

struct events {
    struct events_config config;
    const struct events_watcher *watcher;
    struct arena memory; /* of the configuration's copy */
    struct kube_config kube_config;
    struct writer writer;
    struct fetch fetch; /* of the thread, as all below */
    bool own_fetch;
    struct kube *kube;
    struct known_table known;
    struct limiter limiter;
    struct buf body, path;
    uint64_t number; /* of the last name */
};

const char *events_loss_name(enum events_loss loss)
{
    static const char *const NAMES[EVENTS_LOSS_COUNT] = {
        [EVENTS_LOST_QUEUE] = "queue",
        [EVENTS_LOST_RATE] = "rate",
        [EVENTS_LOST_FORBIDDEN] = "forbidden",
        [EVENTS_LOST_GONE] = "gone",
        [EVENTS_LOST_CONFLICT] = "conflict",
        [EVENTS_LOST_INVALID] = "invalid",
        [EVENTS_LOST_UNREACHABLE] = "unreachable",
        [EVENTS_LOST_STOP] = "stop",
    };
    ENSURE(loss < EVENTS_LOSS_COUNT);
    return NAMES[loss];
}

/* -- what is told -- */

static void tell(struct events *events, const struct events_event *event)
{
    if (!atomic_load(&events->writer.abandoned)) {
        events->watcher->tell(events->watcher->self, event);
    }
}

/* Each reason once, until nothing was lost for a while. */
static void tell_losing(struct events *events, enum events_loss loss, const struct error *err)
{
    if (writer_loses(&events->writer, loss)) {
        const struct events_event event = {.kind = EVENTS_LOSING, .loss = loss, .err = err};
        tell(events, &event);
    }
}

static void count_lost(struct events *events, enum events_loss loss, uint64_t n)
{
    if (n > 0 && !atomic_load(&events->writer.abandoned)) {
        events->watcher->count(events->watcher->self, loss, n);
    }
}

static void lose(struct events *events, enum events_loss loss, uint64_t n, const struct error *err)
{
    count_lost(events, loss, n);
    tell_losing(events, loss, err);
}

static void tell_written(struct events *events, bool again)
{
    if (!atomic_load(&events->writer.abandoned)) {
        events->watcher->written(events->watcher->self, again);
    }
    if (writer_recovers(&events->writer)) {
        const struct events_event event = {.kind = EVENTS_RECOVERED};
        tell(events, &event);
    }
}

/* -- calls -- */

/* What an answer that is no success means. */
static enum events_loss loss_of(const struct events *events, enum kube_outcome outcome,
                                const struct error *err)
{
    unsigned code = kube_status(events->kube);
    if (outcome != KUBE_DONE) {
        return outcome == KUBE_NOT_FOUND ? EVENTS_LOST_GONE : EVENTS_LOST_CONFLICT;
    }
    if (err->kind == ERROR_UNAUTHORIZED) {
        return EVENTS_LOST_FORBIDDEN;
    }
    return code >= 400 && code < 500 && code != 429 ? EVENTS_LOST_INVALID : EVENTS_LOST_UNREACHABLE;
}

/* Send the body. Returns true if it was taken; else *ret_loss and *err say why not. */
static bool call(struct events *events, const char *method, const char *type,
                 enum events_loss *ret_loss, struct error *err)
{
    enum kube_outcome outcome = KUBE_DONE;
    json_doc_auto answer = {0};
    const struct kube_call request = {
        .method = method,
        .path = buf_str(&events->path),
        .content_type = type,
        .body = buf_str(&events->body),
    };
    ENSURE(!buf_overflowed(&events->path) && !buf_overflowed(&events->body));
    if (writer_is_late(&events->writer)) {
        *ret_loss = EVENTS_LOST_STOP;
        error_fill(err, ERROR_TIMEOUT, "the server ended before it was written");
        return false;
    }
    bool sent = !failed(kube_call(events->kube, &request, &outcome, &answer, err));
    if (sent && outcome != KUBE_DONE) {
        error_fill(err, ERROR_UPSTREAM, "%s %.*s: %u", method, STR_ARG(request.path),
                   kube_status(events->kube));
    }
    if (sent && outcome == KUBE_DONE) {
        return true;
    }
    *ret_loss = loss_of(events, outcome, err);
    return false;
}

/* `name` is empty for all of a namespace. */
static void set_path(struct events *events, struct str namespace, const char *name)
{
    buf_clear(&events->path);
    buf_printf(&events->path, "/apis/events.k8s.io/v1/namespaces/%.*s/events%s%s",
               STR_ARG(namespace), name[0] == '\0' ? "" : "/", name);
}

/* The time in nanoseconds, or one more than the last: no two names are the same. */
static uint64_t next_number(struct events *events)
{
    uint64_t now = (uint64_t)clock_wall();
    events->number = now > events->number ? now : events->number + 1;
    return events->number;
}

/* Write it as a new Event that was seen known->count times. */
static bool create(struct events *events, struct known *known, enum events_loss *ret_loss,
                   struct error *err)
{
    const struct event *event = known->event;
    char name[KNOWN_NAME];
    body_name(event->regarding.name, next_number(events), name, sizeof name);
    set_path(events, event->namespace, "");
    buf_clear(&events->body);
    body_event(event, name, events->config.instance, known->count, known->time, &events->body);
    bool made = call(events, "POST", "application/json", ret_loss, err);
    if (made) {
        memcpy(known->name, name, sizeof name);
    }
    return made;
}

static bool change(struct events *events, struct known *known, enum events_loss *ret_loss,
                   struct error *err)
{
    set_path(events, known->event->namespace, known->name);
    buf_clear(&events->body);
    body_series(known->count, known->time, &events->body);
    return call(events, "PATCH", "application/merge-patch+json", ret_loss, err);
}

/* -- new ones, and those that are repeated -- */

static bool may_make(struct events *events, struct str namespace, enum events_loss *ret_loss,
                     struct error *err)
{
    if (!kube_name_is_sound(namespace)) { /* it would be a part of a path */
        *ret_loss = EVENTS_LOST_INVALID;
        error_fill(err, ERROR_INPUT, "\"%.*s\" is no name of a namespace", STR_ARG(namespace));
        return false;
    }
    if (!limiter_take(&events->limiter, namespace, clock_monotonic())) {
        *ret_loss = EVENTS_LOST_RATE;
        error_fill(err, ERROR_LIMIT, "namespace %.*s: as many were made as may be",
                   STR_ARG(namespace));
        return false;
    }
    return true;
}

/* The Event has ended its hour, or somebody has deleted it: what was not told yet is a new one. */
static bool make_again(struct events *events, struct known *known, enum events_loss *ret_loss,
                       struct error *err)
{
    known->name[0] = '\0';
    known->count = known->pending;
    known->event->time = known->time;
    return may_make(events, known->event->namespace, ret_loss, err) &&
           create(events, known, ret_loss, err);
}

/* Write what is pending; what cannot be now is tried again a few times. */
static void write_known(struct events *events, struct known *known)
{
    enum events_loss loss;
    struct error err;
    bool there = known->name[0] != '\0';
    bool done = there ? change(events, known, &loss, &err) : create(events, known, &loss, &err);
    if (!done && there && loss == EVENTS_LOST_GONE) {
        there = false;
        done = make_again(events, known, &loss, &err);
    }
    known->written = clock_monotonic();
    if (done) {
        known->pending = known->failures = 0;
        tell_written(events, there);
    } else if (loss != EVENTS_LOST_UNREACHABLE || writer_is_ending(&events->writer) ||
               ++known->failures == ATTEMPTS) {
        lose(events, loss, known->pending, &err);
        known_forget(known);
    }
}

static void add_new(struct events *events, const struct event *event)
{
    enum events_loss loss = EVENTS_LOST_RATE;
    struct error err;
    struct known *place = known_place(&events->known);
    if (place == NULL) {
        error_fill(&err, ERROR_LIMIT, "more than %u differ at one time", LIMIT_EVENTS_KNOWN);
        lose(events, loss, 1, &err);
    } else if (!may_make(events, event->namespace, &loss, &err)) {
        lose(events, loss, 1, &err);
    } else {
        known_keep(place, event, clock_monotonic());
        write_known(events, place);
    }
}

static void take(struct events *events, const struct event *event)
{
    struct known *known = known_find(&events->known, event);
    if (known == NULL) {
        add_new(events, event);
        return;
    }
    known->count++;
    known->pending++;
    known->seen = clock_monotonic();
    known->time = event->time;
}

/* When the next one may be written, monotonic: after a failure sooner, at first. */
static int64_t due(const struct events *events, const struct known *known)
{
    int64_t pause = events->config.retry_ns << known->failures;
    bool usual = known->failures == 0 || pause > events->config.series_ns;
    return known->written + (usual ? events->config.series_ns : pause);
}

static void write_pending(struct events *events)
{
    for (size_t i = 0; i < LIMIT_EVENTS_KNOWN; i++) {
        struct known *known = &events->known.items[i];
        int64_t now = clock_monotonic();
        if (known->event == NULL) {
            continue;
        }
        if (known->pending == 0) {
            if (now - known->seen > EPISODE) {
                known_forget(known);
            }
        } else if (writer_is_ending(&events->writer) ||
                   (now >= due(events, known) && limiter_take_change(&events->limiter, now))) {
            write_known(events, known);
        }
    }
}

static int64_t patience_of(const struct events *events)
{
    int64_t now = clock_monotonic(), patience = PATIENCE;
    for (size_t i = 0; i < LIMIT_EVENTS_KNOWN; i++) {
        const struct known *known = &events->known.items[i];
        if (known->event != NULL && known->pending > 0) {
            int64_t left = due(events, known) - now;
            left = left < LEAST_PATIENCE ? LEAST_PATIENCE : left;
            patience = left < patience ? left : patience;
        }
    }
    return patience;
}

/* -- the thread -- */

static void tell_overflow(struct events *events, const struct batch *batch)
{
    if (batch->lost > 0) {
        struct error err;
        error_fill(&err, ERROR_LIMIT, "%llu denials came while the queue was full",
                   (unsigned long long)batch->lost);
        tell_losing(events, EVENTS_LOST_QUEUE, &err);
    }
}

static void done(struct events *events)
{
    kube_free(events->kube);
    if (events->own_fetch) {
        fetch_curl_free(&events->fetch);
    }
    known_done(&events->known);
    buf_done(&events->body);
    buf_done(&events->path);
    arena_done(&events->memory);
}

static void *run(void *self)
{
    struct events *events = self;
    struct batch *batch;
    while ((batch = queue_take(&events->writer.queue, patience_of(events))) != NULL) {
        size_t at = 0;
        tell_overflow(events, batch);
        while (at < batch->used) {
            take(events, batch_next(batch, &at));
        }
        write_pending(events);
        queue_written(&events->writer.queue);
    }
    write_pending(events);
    done(events);
    return NULL;
}

/* -- outside -- */

static struct kube_source copy_source(struct arena *arena, const struct kube_source *source)
{
    return (struct kube_source){
        .text = arena_dup(arena, source->text),
        .path = source->path == NULL ? NULL : arena_dup(arena, str_from(source->path)).p,
    };
}

/* A copy of our own: an abandoned thread may still look at it. */
static void copy_config(struct events *events, const struct events_config *config)
{
    struct arena *arena = &events->memory;
    const struct kube_config *kube = config->kube;
    arena_init(arena, LIMIT_KUBE_ARENA);
    events->kube_config = (struct kube_config){
        .server = arena_dup(arena, kube->server),
        .namespace = arena_dup(arena, kube->namespace),
        .ca = copy_source(arena, &kube->ca),
        .token = copy_source(arena, &kube->token),
        .certificate = copy_source(arena, &kube->certificate),
        .key = copy_source(arena, &kube->key),
    };
    events->config = *config;
    events->config.kube = &events->kube_config;
    events->config.instance = arena_dup(arena, config->instance);
}

status events_start(const struct events_config *config, const struct events_watcher *watcher,
                    const struct fetch *fetch, struct events **ret_events, struct error *err)
{
    struct events *events = calloc(1, sizeof *events);
    if (events == NULL) {
        fatal("out of memory");
    }
    copy_config(events, config);
    events->watcher = watcher;
    events->own_fetch = fetch == NULL;
    events->fetch = fetch == NULL ? fetch_curl_new() : *fetch;
    writer_init(&events->writer, config->queue, LIMIT_EVENTS_QUEUE_BYTES, config->gather_ns);
    events->kube = kube_new(&events->kube_config, &events->fetch, &events->writer.cancelled);
    buf_init(&events->body, LIMIT_EVENTS_BODY);
    buf_init(&events->path, LIMIT_EVENTS_BODY);
    status st = writer_start(&events->writer, run, events, err);
    if (failed(st)) {
        done(events);
        writer_done(&events->writer);
        free(events);
        return st;
    }
    *ret_events = events;
    return OK;
}

static void copy(const void *event, void *memory)
{
    event_copy(event, memory);
}

void events_add(struct events *events, const struct event *event)
{
    if (!queue_add(&events->writer.queue, event, event_size(event), 1, copy)) {
        count_lost(events, EVENTS_LOST_QUEUE, 1);
    }
}

void events_end(struct events *events, int64_t until)
{
    if (events != NULL) {
        writer_end(&events->writer, until);
    }
}

/* A name server or a disk does not answer: the process ends without it, and so is the memory left.
 */
static void abandon(struct events *events)
{
    struct error err;
    uint64_t n = queue_left(&events->writer.queue);
    error_fill(&err, ERROR_TIMEOUT, "%llu denials were not written in time", (unsigned long long)n);
    const struct events_event event = {
        .kind = EVENTS_LOSING, .loss = EVENTS_LOST_STOP, .err = &err};
    count_lost(events, EVENTS_LOST_STOP, n);
    tell(events, &event);
    writer_abandon(&events->writer);
}

void events_stop(struct events *events)
{
    if (events == NULL) {
        return;
    }
    if (!writer_join(&events->writer)) {
        abandon(events);
        return;
    }
    writer_done(&events->writer);
    free(events);
}

#pragma once
/* One call of the Kubernetes API.
 *
 * What a caller acts on is an outcome; everything else that is not 2xx is an error. The token and
 * the other files of the configuration are read again each minute and when the API server does not
 * know us any more. What it asks for by Retry-After is kept: calls fail at once until then.
 * Threading: a client belongs to one thread. */
#include "fetch/fetch.h"
#include "kube/config.h"
#include "json/doc.h"

struct kube;

/* A client; `config` and `cancel` (see fetch.h) are borrowed, the port too. Returns owned. */
struct kube *kube_new(const struct kube_config *config, const struct fetch *fetch,
                      const atomic_bool *cancel);

/* Free; NULL is fine. */
void kube_free(struct kube *kube);

/* Calls can no longer be cancelled: for the last words. */
void kube_detach(struct kube *kube);

/* The client's time: monotonic, and how it waits. `wait` returns at `until`, or soon after *cancel
 * is true (NULL: never). */
struct kube_time {
    int64_t (*now)(void *self);
    void (*wait)(void *self, int64_t until, const atomic_bool *cancel);
    void *self;
};

/* Another time than the machine's, for tests; borrowed. */
void kube_set_time(struct kube *kube, const struct kube_time *time);

/* Monotonic time as the client sees it. */
int64_t kube_now(const struct kube *kube);

/* Wait until then, or until calls are cancelled. */
void kube_wait(const struct kube *kube, int64_t until);

/* Until when the API server asked to be left alone; in the past if it did not. */
int64_t kube_left_alone(const struct kube *kube);

/* The HTTP status of the last answer; 0: the last call had none. */
unsigned kube_status(const struct kube *kube);

enum kube_outcome {
    KUBE_DONE,
    KUBE_NOT_FOUND, /* 404 */
    KUBE_CONFLICT,  /* 409: it exists already, or is no longer what it was */
    KUBE_EXPIRED    /* 410: of lists and watches; what the version tells of is no longer known */
};

struct kube_call {
    const char *method;
    struct str path;          /* "/api/v1/namespaces/x/secrets/y" */
    const char *content_type; /* NULL: no body */
    struct str body;
    bool secret; /* what the API server says of an error is not shown: it could quote the body; the
                    object is overwritten when it is freed */
    const char *accept;            /* NULL: application/json */
    int64_t time;                  /* the longest wait; 0: KUBE_CALL_TIME */
    size_t max_answer;             /* 0: LIMIT_KUBE_OBJECT */
    const struct fetch_sink *sink; /* takes what a DONE call answers; no object then */
};

/* Call, and wait for at most call->time. *ret_object is the object of an outcome DONE, owned by the
 * caller, and else zeroed.
 * Errors: UNAUTHORIZED (401, 403), UPSTREAM (any other status, 429 among them; what is no JSON),
 * LIMIT (max_answer; what takes more memory as a tree than json/doc.h allows), INTERNAL (files that
 * cannot be read), those of fetch.h and of the sink. A message is "METHOD PATH: reason", with the
 * path as far as a '?'. Limits: LIMIT_KUBE_OBJECT. */
MUST status kube_call(struct kube *kube, const struct kube_call *call,
                      enum kube_outcome *ret_outcome, struct json_doc *ret_object,
                      struct error *err);

#define KUBE_CALL_TIME (5 * INT64_C(1000000000))

/* How far the API server's clock was ahead of ours when it last answered, in nanoseconds, as far as
 * whole seconds tell; 0 if it never did. */
int64_t kube_clock_ahead(const struct kube *kube);

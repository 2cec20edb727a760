#pragma once
/* The walk of a request, from the bytes of a body to the bytes of an answer. */
#include "base/arena.h"
#include "base/buf.h"
#include "evaluate/evaluate.h"
#include "server/request.h"
#include "server/service.h"

/* One review on its way. Everything in it lives until worker_next. */
struct job {
    enum endpoint endpoint;
    struct str body;
    int64_t arrived;  /* monotonic: the whole body was there */
    int64_t deadline; /* monotonic */
    bool at_once;     /* wait for no other server */
    bool later;       /* set: one has to be waited for, so nothing was decided */
    struct arena arena;
    struct buf response;
    struct json_doc doc;
    struct policy_set *policies;
    struct asking *asking;            /* registries, for the time of the review */
    struct json_doc namespace_labels; /* of the review's namespace, if they are known */
    struct review review;
    struct decision decision;
    struct review_answer answer;
    int64_t decoded, judged,
        encoded;        /* monotonic: when each step ended; 0: it did not come to it */
    int64_t decided_ns; /* how long it took */
};

/* This thread's job, empty. It keeps its memory from one review to the next. Never NULL. */
struct job *worker_next(void);

/* Let go of the policies, the document and evidence, which an idle thread would otherwise keep from
 * being freed long after a reload. The job is of no use then until worker_next. */
void worker_done(struct job *job);

/* Walk. On success the answer is in job->response. On failure nothing was decided, and the caller
 * answers with the error's HTTP status. Either way it is recorded. If it could not be done at once,
 * as it should have been, job->later is set instead and nothing is recorded.
 * Errors: INPUT, LIMIT, TIMEOUT, INTERNAL. */
MUST status worker_run(struct job *job, struct service *service, struct error *err);

#include "server/worker.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "server/policy_review.h"
#include "server/record.h"

/* A denial with all its violations, causes and warnings is below this; so is any patch. */
enum { RESPONSE_MAX = 2 * MIB };

static pthread_key_t job_key;
static pthread_once_t job_once = PTHREAD_ONCE_INIT;

static void forget_review(struct job *job)
{
    json_doc_done(&job->doc);
    json_doc_done(&job->namespace_labels);
    policy_set_unref(job->policies);
    job->policies = NULL;
    arena_reset(&job->arena); /* lets go of what images are, too */
    asking_release(job->asking);
    job->asking = NULL;
}

static void free_job(void *memory)
{
    struct job *job = memory;
    forget_review(job);
    arena_done(&job->arena);
    buf_done(&job->response);
    free(job);
}

static void make_key(void)
{
    ENSURE(pthread_key_create(&job_key, free_job) == 0);
}

static struct job *new_job(void)
{
    struct job *job = calloc(1, sizeof *job);
    if (job == NULL) {
        fatal("out of memory");
    }
    arena_init(&job->arena, LIMIT_REVIEW_ARENA);
    buf_init(&job->response, RESPONSE_MAX);
    ENSURE(pthread_setspecific(job_key, job) == 0);
    return job;
}

struct job *worker_next(void)
{
    pthread_once(&job_once, make_key);
    struct job *job = pthread_getspecific(job_key);
    if (job == NULL) {
        return new_job();
    }
    forget_review(job);
    buf_clear(&job->response);
    *job = (struct job){.arena = job->arena, .response = job->response};
    return job;
}

void worker_done(struct job *job)
{
    forget_review(job);
}

/* Each endpoint answers one kind of review; another would be answered with the wrong meaning. */
static status check_endpoint(const struct job *job, struct error *err)
{
    bool image_review = job->review.api == REVIEW_IMAGE_V1ALPHA1;
    if (image_review == (job->endpoint == ENDPOINT_IMAGE_POLICY)) {
        return OK;
    }
    return error_set(err, ERROR_INPUT, "%s answers an %s; an %s belongs to %s",
                     endpoint_path(job->endpoint), image_review ? "AdmissionReview" : "ImageReview",
                     image_review ? "ImageReview" : "AdmissionReview",
                     image_review ? "/imagepolicy" : "/validate or /mutate");
}

/* What the cluster knows of the review's namespace, if a policy asks. */
static void add_namespace(struct job *job, struct service *service)
{
    struct cluster *cluster = atomic_load(&service->cluster);
    struct review *review = &job->review;
    if (cluster != NULL && review->namespace.n > 0 && policy_set_asks_labels(job->policies) &&
        cluster_namespace_labels(cluster, review->namespace, &job->namespace_labels)) {
        review->namespace_labels_known = true;
        review->namespace_labels = job->namespace_labels.root;
    }
}

static status walk(struct job *job, struct service *service, struct error *err)
{
    if (job->policies == NULL) {
        return error_set(err, ERROR_INTERNAL, "there are no policies yet");
    }
    TRY(json_parse(job->body, JSON_WITHOUT_MARKS, &job->doc, err));
    TRY(review_decode(&job->arena, service->config->kinds, &job->doc, false, &job->review, err));
    TRY(check_endpoint(job, err));
    job->decoded = clock_monotonic();
    add_namespace(job, service);
    const struct evaluate_options options = {
        .now = clock_wall(),
        .deadline = job->deadline,
        .mutate = job->endpoint == ENDPOINT_MUTATE,
        .count = true,
        .source = asking_source(job->asking),
        .inline_only = job->at_once,
    };
    TRY(evaluate_review(job->policies, &job->review, &options, &job->arena, &job->decision,
                        &job->answer, err));
    job->later = job->decision.later;
    job->judged = clock_monotonic();
    review_encode(&job->review, &job->answer, &job->response);
    job->encoded = clock_monotonic();
    return OK;
}

status worker_run(struct job *job, struct service *service, struct error *err)
{
    job->policies = snapshot_take(&service->snapshot);
    job->asking = asking_take(&service->asking);
    status st =
        job->endpoint == ENDPOINT_POLICIES ? policy_review(job, err) : walk(job, service, err);
    if (!failed(st) && buf_overflowed(&job->response)) {
        st = error_set(err, ERROR_INTERNAL, "the answer is larger than %d bytes", RESPONSE_MAX);
    }
    job->decided_ns = clock_monotonic() - job->arrived;
    if (failed(st) || !job->later) {
        record_job(job, failed(st) ? err : NULL);
    }
    return st;
}

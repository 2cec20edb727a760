#include "server/remember.h"

#include "base/clock.h"
#include "base/limits.h"
#include "history/history.h"
#include "observe/log.h"
#include "observe/metrics.h"
#include "server/record.h"

static struct history *kept; /* set before the first review, cleared after the last */

/* -- what is told -- */

static struct metric_series *lost_series(enum history_loss loss)
{
    struct str reason = str_from(history_loss_name(loss));
    return metric_series(METRIC_HISTORY_LOST, &reason, 1);
}

static void count(void *self, enum history_loss loss, uint64_t n)
{
    (void)self;
    metric_add(lost_series(loss), (int64_t)n);
}

static void written(void *self, uint64_t n)
{
    (void)self;
    metric_add(metric_series(METRIC_HISTORY_WRITTEN, NULL, 0), (int64_t)n);
}

static void tell(void *self, const struct history_event *event)
{
    (void)self;
    switch (event->kind) {
    case HISTORY_LOSING:
        LOG(LOG_ERROR, "decisions are missing from the history; reviews go on",
            LOG_FIELD_CSTR("reason", history_loss_name(event->loss)),
            LOG_FIELD_CSTR("error", event->err->text));
        return;
    case HISTORY_MOVED_ASIDE:
        LOG(LOG_ERROR, "the history was damaged; it is moved to .corrupt, and a new one is begun",
            LOG_FIELD_CSTR("error", event->err->text));
        return;
    case HISTORY_RECOVERED:
        LOG(LOG_INFO, "the history is written again");
        return;
    }
}

/* -- what is kept -- */

/* Lists of a thread's own: the review's memory may be used up. */
static size_t add_images(const struct job *job, struct history_image *images)
{
    const struct decision *decision = &job->decision;
    size_t n =
        decision->n_images < LIMIT_IMAGES_PER_REVIEW ? decision->n_images : LIMIT_IMAGES_PER_REVIEW;
    for (size_t i = 0; i < n; i++) {
        const struct decision_image *image = &decision->images[i];
        images[i] = (struct history_image){
            .text = image->image->text,
            .rewritten = image->rewritten ? image->text : STR_EMPTY,
            .path = image->image->path,
            .verdict = str_from(record_image_word(image)),
        };
    }
    return n;
}

/* The images of a review that could not be judged: those that were found. */
static size_t add_found(const struct job *job, struct history_image *images)
{
    const struct review *review = &job->review;
    size_t n =
        review->n_images < LIMIT_IMAGES_PER_REVIEW ? review->n_images : LIMIT_IMAGES_PER_REVIEW;
    for (size_t i = 0; i < n; i++) {
        images[i] = (struct history_image){
            .text = review->images[i].text,
            .path = review->images[i].path,
            .verdict = STR("deny"),
        };
    }
    return n;
}

static size_t add_violations(const struct decision *decision, struct history_violation *violations)
{
    size_t n =
        decision->n_violations < LIMIT_VIOLATIONS ? decision->n_violations : LIMIT_VIOLATIONS;
    for (size_t i = 0; i < n; i++) {
        const struct violation *violation = &decision->violations[i];
        violations[i] = (struct history_violation){
            .path = violation->image->path,
            .cause = str_from(violation_cause_name(violation->cause)),
            .policy = violation->policy,
            .rule = violation->rule,
            .mode = str_from(policy_mode_name(violation->mode)),
            .exception = violation->exception,
            .message = violation->message,
        };
    }
    return n;
}

static void add_lists(const struct job *job, const struct error *err, struct history_entry *entry)
{
    static _Thread_local struct history_image images[LIMIT_IMAGES_PER_REVIEW];
    static _Thread_local struct history_violation violations[LIMIT_VIOLATIONS];
    const struct decision *decision = &job->decision;
    bool judged = err == NULL && decision->problem.n == 0;
    entry->images = images;
    entry->n_images = judged ? add_images(job, images) : add_found(job, images);
    entry->image_count = judged ? decision->n_images : job->review.n_images;
    entry->violations = violations;
    entry->n_violations = add_violations(decision, violations);
    entry->violation_count = decision->n_violations + decision->n_dropped;
}

static struct history_entry entry_of(const struct job *job, const struct error *err)
{
    const struct review *review = &job->review;
    const struct decision *decision = &job->decision;
    struct history_entry entry = {
        .time = clock_wall(),
        .duration_ns = job->decided_ns,
        .policy_hash = job->policies == NULL ? 0 : policy_set_hash(job->policies),
        .dry_run = review->dry_run,
        .uid = review->uid,
        .endpoint = str_from(endpoint_path(job->endpoint)),
        .api = record_api_name(review),
        .operation = str_from(review_operation_name(review->operation)),
        .group = review->group,
        .version = review->version,
        .kind = review->kind,
        .subresource = review->subresource,
        .namespace = review->namespace,
        .name = review->name,
        .user = review->user,
        .verdict = str_from(record_verdict_word(job, err)),
        .cause = str_from(record_cause(job, err)),
        .detail = err != NULL ? str_from(err->text) : decision->problem,
    };
    add_lists(job, err, &entry);
    return entry;
}

static bool judges_images(enum endpoint endpoint)
{
    return endpoint == ENDPOINT_VALIDATE || endpoint == ENDPOINT_MUTATE ||
           endpoint == ENDPOINT_IMAGE_POLICY;
}

void remember_job(const struct job *job, const struct error *err)
{
    if (kept != NULL && judges_images(job->endpoint)) {
        struct history_entry entry = entry_of(job, err);
        history_add(kept, &entry);
    }
}

/* -- life -- */

status remember_start(const struct server_config *config, struct error *err)
{
    static const struct history_watcher WATCHER = {
        .count = count, .written = written, .tell = tell};
    if (config->history.path == NULL) {
        return OK;
    }
    for (enum history_loss loss = 0; loss < HISTORY_LOSS_COUNT; loss++) {
        (void)lost_series(loss); /* shown as 0, so that the first loss is seen as a rise */
    }
    written(NULL, 0);
    return history_start(&config->history, &WATCHER, &kept, err);
}

void remember_stop(int64_t until)
{
    history_stop(kept, until);
    kept = NULL;
}

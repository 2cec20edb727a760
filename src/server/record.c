#include "server/record.h"

#include "base/clock.h"
#include "base/limits.h"
#include "observe/audit.h"
#include "observe/metrics.h"
#include "server/eventing.h"
#include "server/remember.h"

enum { LINE_MAX_BYTES = MIB };

static struct str api_name(enum review_api api)
{
    switch (api) {
    case REVIEW_ADMISSION_V1:
        return STR("admission.k8s.io/v1");
    case REVIEW_ADMISSION_V1BETA1:
        return STR("admission.k8s.io/v1beta1");
    case REVIEW_IMAGE_V1ALPHA1:
        return STR("imagepolicy.k8s.io/v1alpha1");
    case REVIEW_MANIFEST:
        break;
    }
    return STR_EMPTY;
}

/* Without a kind nothing was decoded, and the API is that of a zeroed review. */
struct str record_api_name(const struct review *review)
{
    return review->kind.n > 0 ? api_name(review->api) : STR_EMPTY;
}

static void add_review(struct buf *line, const struct review *review)
{
    buf_add_member(line, "uid", review->uid);
    buf_add_member(line, "api", record_api_name(review));
    buf_add_member(line, "operation", str_from(review_operation_name(review->operation)));
    buf_add_member(line, "group", review->group);
    buf_add_member(line, "kind", review->kind);
    buf_add_member(line, "subresource", review->subresource);
    buf_add_member(line, "namespace", review->namespace);
    buf_add_member(line, "name", review->name);
    buf_add_member(line, "user", review->user);
    buf_printf(line, ",\"dryRun\":%s", review->dry_run ? "true" : "false");
}

const char *record_image_word(const struct decision_image *image)
{
    if (image->verdict != VERDICT_ALLOW) {
        return "deny";
    }
    return image->warned ? "warn" : image->audited ? "audit" : image->excused ? "excused" : "allow";
}

static void add_image(struct buf *line, const struct review_image *image, bool first)
{
    buf_add_cstr(line, first ? "{\"image\":" : ",{\"image\":");
    buf_add_json(line, image->text);
    buf_add_member(line, "path", image->path);
}

static void add_judged(struct buf *line, const struct decision *decision)
{
    for (size_t i = 0; i < decision->n_images; i++) {
        const struct decision_image *image = &decision->images[i];
        add_image(line, image->image, i == 0);
        if (image->rewritten) {
            buf_add_member(line, "rewritten", image->text);
        }
        buf_add_member(line, "verdict", str_from(record_image_word(image)));
        if (image->stale.n > 0) {
            buf_printf(line, ",\"staleSeconds\":%lld",
                       (long long)(image->evidence->age / NS_PER_S));
        }
        buf_add_char(line, '}');
    }
}

/* The images of a review that could not be judged: those that were found. */
static void add_found(struct buf *line, const struct review *review)
{
    for (size_t i = 0; i < review->n_images; i++) {
        add_image(line, &review->images[i], i == 0);
        buf_add_member(line, "verdict", STR("deny"));
        buf_add_char(line, '}');
    }
}

static void add_images(struct buf *line, const struct job *job)
{
    bool judged = job->decision.problem.n == 0;
    buf_printf(line, ",\"imageCount\":%zu,\"images\":[",
               judged ? job->decision.n_images : job->review.n_images);
    if (judged) {
        add_judged(line, &job->decision);
    } else {
        add_found(line, &job->review);
    }
    buf_add_char(line, ']');
}

static void add_violations(struct buf *line, const struct decision *decision)
{
    size_t total = decision->n_violations + decision->n_dropped;
    buf_printf(line, ",\"violationCount\":%zu,\"violations\":[", total);
    for (size_t i = 0; i < decision->n_violations; i++) {
        const struct violation *violation = &decision->violations[i];
        buf_add_cstr(line, i == 0 ? "{\"path\":" : ",{\"path\":");
        buf_add_json(line, violation->image->path);
        buf_add_member(line, "cause", str_from(violation_cause_name(violation->cause)));
        buf_add_member(line, "policy", violation->policy);
        buf_add_member(line, "rule", violation->rule);
        buf_add_member(line, "mode", str_from(policy_mode_name(violation->mode)));
        buf_add_member(line, "exception", violation->exception);
        buf_add_member(line, "reason", violation->reason);
        buf_add_char(line, '}');
    }
    buf_add_cstr(line, "],\"policies\":[");
    for (size_t i = 0; i < decision->n_policies; i++) {
        buf_add_cstr(line, i == 0 ? "" : ",");
        buf_add_json(line, decision->policies[i]);
    }
    buf_add_char(line, ']');
}

/* A review of a policy has no images to decide on; its answer is all there is. */
static bool admitted(const struct job *job)
{
    return job->endpoint == ENDPOINT_POLICIES ? job->answer.allowed
                                              : job->decision.verdict == VERDICT_ALLOW;
}

const char *record_verdict_word(const struct job *job, const struct error *err)
{
    if (err != NULL) {
        return "error";
    }
    if (job->endpoint == ENDPOINT_POLICIES) {
        return admitted(job) ? "allow" : "deny";
    }
    return verdict_name(job->decision.verdict);
}

const char *record_cause(const struct job *job, const struct error *err)
{
    const struct decision *decision = &job->decision;
    if (err != NULL) {
        return "error";
    }
    if (decision->problem.n > 0) {
        return "problem";
    }
    return decision->verdict == VERDICT_ALLOW || decision->n_violations == 0
               ? ""
               : violation_cause_name(decision->violations[0].cause);
}

static void phrase(const struct job *job, const struct error *err, int64_t now, bool brief,
                   struct buf *line)
{
    char time[CLOCK_TEXT_MAX];
    clock_format(now, time);
    buf_printf(line, "{\"time\":\"%s\",\"endpoint\":\"%s\",\"verdict\":\"%s\"", time,
               endpoint_path(job->endpoint), record_verdict_word(job, err));
    add_review(line, &job->review);
    if (err != NULL) {
        buf_add_member(line, "error", str_from(err->text));
    } else if (job->decision.problem.n > 0) {
        buf_add_member(line, "problem", job->decision.problem);
    }
    if (brief) {
        buf_add_cstr(line, ",\"truncated\":true");
    } else {
        add_images(line, job);
        add_violations(line, &job->decision);
    }
    buf_printf(line, ",\"durationMicroseconds\":%lld,\"policyHash\":\"%016llx\"}\n",
               (long long)(job->decided_ns / NS_PER_US),
               (unsigned long long)(job->policies == NULL ? 0 : policy_set_hash(job->policies)));
}

void record_phrase(const struct job *job, const struct error *err, int64_t now, struct buf *line)
{
    phrase(job, err, now, false, line);
    if (buf_overflowed(line)) {
        buf_clear(line);
        phrase(job, err, now, true, line);
    }
}

/* -- metrics -- */

/* The series of an endpoint, got once per thread. */
struct endpoint_series {
    struct metric_series *allow, *deny, *error, *seconds;
};

static const struct endpoint_series *series_of(enum endpoint endpoint)
{
    static _Thread_local struct endpoint_series all[ENDPOINT_COUNT];
    struct endpoint_series *series = &all[endpoint];
    if (series->allow == NULL) {
        struct str path = str_from(endpoint_path(endpoint));
        series->deny = metric_series(METRIC_REVIEWS, (struct str[]){path, STR("deny")}, 2);
        series->error = metric_series(METRIC_REVIEWS, (struct str[]){path, STR("error")}, 2);
        series->seconds = metric_series(METRIC_REVIEW_SECONDS, &path, 1);
        series->allow = metric_series(METRIC_REVIEWS, (struct str[]){path, STR("allow")}, 2);
    }
    return series;
}

static void count_images(const struct decision *decision)
{
    static _Thread_local struct metric_series *allow, *deny;
    if (allow == NULL) {
        allow = metric_series(METRIC_IMAGES, (struct str[]){STR("allow")}, 1);
        deny = metric_series(METRIC_IMAGES, (struct str[]){STR("deny")}, 1);
    }
    for (size_t i = 0; i < decision->n_images; i++) {
        metric_add(decision->images[i].verdict == VERDICT_ALLOW ? allow : deny, 1);
    }
}

static void count_violations(const struct decision *decision)
{
    for (size_t i = 0; i < decision->n_violations; i++) {
        const struct violation *violation = &decision->violations[i];
        struct str mode = violation->exception.n > 0 ? STR("excused")
                                                     : str_from(policy_mode_name(violation->mode));
        const struct str labels[] = {violation->policy, violation->rule, mode};
        metric_add(metric_series(METRIC_VIOLATIONS, labels, 3), 1);
    }
}

static void count(const struct job *job, const struct error *err)
{
    const struct endpoint_series *series = series_of(job->endpoint);
    metric_observe_ns(series->seconds, job->decided_ns);
    if (err != NULL) {
        metric_add(series->error, 1);
        return;
    }
    metric_add(admitted(job) ? series->allow : series->deny, 1);
    count_images(&job->decision);
    count_violations(&job->decision);
}

void record_job(const struct job *job, const struct error *err)
{
    count(job, err);
    if (job->endpoint != ENDPOINT_POLICIES) { /* the history is of images */
        remember_job(job, err);
        eventing_job(job, err);
    }
    if (audit_is_open()) {
        buf_auto line;
        buf_init(&line, LINE_MAX_BYTES);
        record_phrase(job, err, clock_wall(), &line);
        audit_write(buf_str(&line));
    }
}

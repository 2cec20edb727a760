#include "server/answering.h"

#include "base/limits.h"
#include "server/reply.h"
#include "server/tracing.h"
#include "server/worker.h"

bool answering_deny(const struct asked *asked, const struct error *why, enum MHD_Result *ret_result)
{
    if (why->kind != ERROR_LIMIT || !endpoint_reviews(asked->endpoint)) {
        return false;
    }
    buf_auto body;
    buf_init(&body, LIMIT_BODY);
    struct str beginning = str_sub(asked->body, 0, LIMIT_BODY_BEGINNING);
    if (!review_refuse(beginning, asked->endpoint == ENDPOINT_IMAGE_POLICY, str_from(why->text),
                       &body)) {
        return false;
    }
    *ret_result = reply_send(asked->service, asked->connection, asked->endpoint, MHD_HTTP_OK,
                             "application/json", buf_str(&body));
    return true;
}

/* Returns the status that is sent. */
static unsigned send_failure(const struct asked *asked, const struct error *err,
                             enum MHD_Result *ret_result)
{
    if (answering_deny(asked, err, ret_result)) {
        return MHD_HTTP_OK;
    }
    unsigned code = (unsigned)error_kind_info(err->kind)->http_status;
    *ret_result = reply_error(asked->service, asked->connection, asked->endpoint, code, err);
    return code;
}

enum MHD_Result answering_fail(const struct asked *asked, const struct error *err)
{
    enum MHD_Result result;
    unsigned code = send_failure(asked, err, &result);
    tracing_refused(asked->connection, asked->began, asked->endpoint, err, code);
    return result;
}

static struct job *begin(const struct asked *asked)
{
    struct job *job = worker_next();
    job->endpoint = asked->endpoint;
    job->body = asked->body;
    job->arrived = asked->arrived;
    job->deadline = asked->deadline;
    return job;
}

static enum MHD_Result answer(const struct asked *asked, struct job *job, bool judged,
                              const struct error *err)
{
    enum MHD_Result result;
    unsigned code = MHD_HTTP_OK;
    if (judged) {
        result = reply_send(asked->service, asked->connection, asked->endpoint, code,
                            "application/json", buf_str(&job->response));
    } else {
        code = send_failure(asked, err, &result);
    }
    tracing_answered(asked->connection, asked->began, job, judged ? NULL : err, code);
    worker_done(job);
    return result;
}

bool answering_at_once(const struct asked *asked, enum MHD_Result *ret_result)
{
    struct error err;
    struct job *job = begin(asked);
    job->at_once = true;
    bool judged = !failed(worker_run(job, asked->service, &err));
    if (job->later) {
        worker_done(job);
        return false;
    }
    *ret_result = answer(asked, job, judged, &err);
    return true;
}

enum MHD_Result answering_wait(const struct asked *asked)
{
    struct error err;
    struct job *job = begin(asked);
    bool judged = !failed(worker_run(job, asked->service, &err));
    return answer(asked, job, judged, &err);
}

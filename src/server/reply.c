#include "server/reply.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/limits.h"

enum { TEXT_MAX = 16 * MIB };

static struct metric_series *series_of(enum endpoint endpoint, unsigned code)
{
    char digits[8];
    snprintf(digits, sizeof digits, "%u", code % 1000);
    const struct str labels[] = {str_from(endpoint_path(endpoint)), str_from(digits)};
    return metric_series(METRIC_HTTP_REQUESTS, labels, 2);
}

/* Count the answer. Looking a series up takes a lock, so each thread keeps those of its successes.
 */
static void count(enum endpoint endpoint, unsigned code)
{
    static _Thread_local struct metric_series *successes[ENDPOINT_COUNT];
    if (code != MHD_HTTP_OK) {
        metric_add(series_of(endpoint, code), 1);
        return;
    }
    if (successes[endpoint] == NULL) {
        successes[endpoint] = series_of(endpoint, code);
    }
    metric_add(successes[endpoint], 1);
}

static void add_headers(const struct service *service, const struct reply *reply,
                        struct MHD_Response *response)
{
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, reply->type);
    if (reply->code == MHD_HTTP_METHOD_NOT_ALLOWED) {
        MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, endpoint_methods(reply->endpoint));
    }
    if (reply->code == MHD_HTTP_TOO_MANY_REQUESTS) {
        MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, "1");
    }
    if (atomic_load(&service->health.draining)) {
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
    }
    for (size_t i = 0; i < reply->n_headers; i++) {
        if (reply->headers[i].name != NULL) {
            MHD_add_response_header(response, reply->headers[i].name, reply->headers[i].value);
        }
    }
}

enum MHD_Result reply_queue(struct service *service, struct MHD_Connection *connection,
                            const struct reply *reply)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(
        reply->body.n, (void *)(uintptr_t)reply->body.p, MHD_RESPMEM_MUST_COPY);
    if (response == NULL) {
        fatal("out of memory");
    }
    add_headers(service, reply, response);
    enum MHD_Result result = MHD_queue_response(connection, reply->code, response);
    MHD_destroy_response(response);
    count(reply->endpoint, reply->code);
    return result;
}

enum MHD_Result reply_send(struct service *service, struct MHD_Connection *connection,
                           enum endpoint endpoint, unsigned code, const char *type, struct str body)
{
    const struct reply reply = {.endpoint = endpoint, .code = code, .type = type, .body = body};
    return reply_queue(service, connection, &reply);
}

/* The body is a Status, as API servers answer: kube-apiserver tells its message to the person who
 * asked it, where of any other JSON it says "unknown". Spec: k8s.io/apimachinery meta/v1 Status. */
enum MHD_Result reply_error(struct service *service, struct MHD_Connection *connection,
                            enum endpoint endpoint, unsigned code, const struct error *err)
{
    buf_auto body, message;
    buf_init(&body, TEXT_MAX);
    buf_init(&message, 2 * ERROR_TEXT_MAX);
    buf_printf(&message, "pratique: %s", err->text);
    buf_printf(&body,
               "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\","
               "\"code\":%u,\"message\":",
               code);
    buf_add_json(&body, buf_str(&message));
    buf_printf(&body,
               ",\"error\":{\"kind\":\"%s\",\"message\":", error_kind_info(err->kind)->label);
    buf_add_json(&body, str_from(err->text));
    buf_add_cstr(&body, "}}\n");
    return reply_send(service, connection, endpoint, code, "application/json", buf_str(&body));
}

static void tell_registries(struct service *service)
{
    struct asking *asking = asking_take(&service->asking);
    if (asking != NULL) {
        asking_tell(asking);
        asking_release(asking);
    }
}

enum MHD_Result reply_text(struct service *service, struct MHD_Connection *connection,
                           enum endpoint endpoint)
{
    buf_auto body;
    buf_init(&body, TEXT_MAX);
    unsigned code = MHD_HTTP_OK;
    const char *type = "application/json";
    if (endpoint == ENDPOINT_READY) {
        code = health_ready(&service->health, &body);
    } else if (endpoint == ENDPOINT_METRICS) {
        type = "text/plain; version=0.0.4; charset=utf-8";
        tell_registries(service);
        metrics_write(&body);
    } else {
        buf_add_cstr(&body, "{\"alive\":true}\n");
    }
    if (buf_overflowed(&body)) {
        struct error err;
        error_fill(&err, ERROR_INTERNAL, "the page is larger than %u bytes", TEXT_MAX);
        return reply_error(service, connection, endpoint, MHD_HTTP_INTERNAL_SERVER_ERROR, &err);
    }
    return reply_send(service, connection, endpoint, code, type, buf_str(&body));
}

#include "server/reply.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/limits.h"

enum { TEXT_MAX = 16 * MIB };

enum MHD_Result reply_send(struct service *service, struct MHD_Connection *connection,
                           enum endpoint endpoint, unsigned code, const char *type, struct str body)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(body.n, (void *)(uintptr_t)body.p, MHD_RESPMEM_MUST_COPY);
    if (response == NULL) {
        fatal("out of memory");
    }
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    if (code == MHD_HTTP_METHOD_NOT_ALLOWED) {
        MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, endpoint_methods(endpoint));
    }
    if (code == MHD_HTTP_TOO_MANY_REQUESTS) {
        MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, "1");
    }
    if (atomic_load(&service->health.draining)) {
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
    }
    enum MHD_Result result = MHD_queue_response(connection, code, response);
    MHD_destroy_response(response);

    char digits[8];
    snprintf(digits, sizeof digits, "%u", code % 1000);
    const struct str labels[] = {str_from(endpoint_path(endpoint)), str_from(digits)};
    metric_add(metric_series(METRIC_HTTP_REQUESTS, labels, 2), 1);
    return result;
}

enum MHD_Result reply_error(struct service *service, struct MHD_Connection *connection,
                            enum endpoint endpoint, unsigned code, const struct error *err)
{
    buf_auto body;
    buf_init(&body, TEXT_MAX);
    buf_printf(&body,
               "{\"error\":{\"kind\":\"%s\",\"message\":", error_kind_info(err->kind)->label);
    buf_add_json(&body, str_from(err->text));
    buf_add_cstr(&body, "}}\n");
    return reply_send(service, connection, endpoint, code, "application/json", buf_str(&body));
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
        metrics_write(&body);
    } else {
        buf_add_cstr(&body, "{\"alive\":true}\n");
    }
    return reply_send(service, connection, endpoint, code, type, buf_str(&body));
}

#pragma once
/* Answers on their way out: status, headers, body, and how many of each there were. */
#include <microhttpd.h>

#include "server/request.h"
#include "server/service.h"

struct reply_header {
    const char *name, *value; /* name is NULL: none */
};

struct reply {
    enum endpoint endpoint;
    unsigned code;
    const char *type;
    struct str body; /* is copied */
    const struct reply_header *headers;
    size_t n_headers;
};

/* Queue an answer with headers of its own, and count it. Returns MHD_NO, which ends the connection,
 * if libmicrohttpd does not take it. */
enum MHD_Result reply_queue(struct service *service, struct MHD_Connection *connection,
                            const struct reply *reply);

/* Queue an answer of `type`; `body` is copied. Returns as
 * reply_queue. */
enum MHD_Result reply_send(struct service *service, struct MHD_Connection *connection,
                           enum endpoint endpoint, unsigned code, const char *type,
                           struct str body);

/* Queue an error as JSON: {"error":{"kind":…,"message":…}}. */
enum MHD_Result reply_error(struct service *service, struct MHD_Connection *connection,
                            enum endpoint endpoint, unsigned code, const struct error *err);

/* Queue health, readiness or metrics. */
enum MHD_Result reply_text(struct service *service, struct MHD_Connection *connection,
                           enum endpoint endpoint);

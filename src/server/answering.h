#pragma once
/* One review whose body is there: judged, answered and told of. */
#include <microhttpd.h>

#include "server/request.h"
#include "server/service.h"

/* What is borrowed stays until the answer is queued. */
struct asked {
    struct service *service;
    struct MHD_Connection *connection;
    enum endpoint endpoint;
    struct str body;
    int64_t began;    /* monotonic: the headers were there */
    int64_t arrived;  /* monotonic: the whole body was there */
    int64_t deadline; /* monotonic: for the answer */
};

/* Answer, if no other server has to be asked for that. Returns false, with nothing done and nothing
 * counted, if one has. *ret_result is what libmicrohttpd is to be told. */
bool answering_at_once(const struct asked *asked, enum MHD_Result *ret_result);

/* Answer, and wait for other servers where needed, until the deadline. The connection may be
 * suspended; then this may be called on any thread. */
enum MHD_Result answering_wait(const struct asked *asked);

/* Answer that nothing was decided, and why. */
enum MHD_Result answering_fail(const struct asked *asked, const struct error *err);

/* Deny a review that is larger than can be judged, in bytes or in what they hold; asked->body need
 * only be its beginning. An error would admit it under `failurePolicy: Ignore` and `defaultAllow`,
 * and who makes the object can make it so: each '<' of it is sent as six bytes. Returns false, with
 * nothing queued, if `why` is something else, or if it does not begin as a review does. */
bool answering_deny(const struct asked *asked, const struct error *why,
                    enum MHD_Result *ret_result);

#pragma once
/* Inside credentials/: requests to AWS, signed. Pure.
 * Spec: AWS Signature Version 4, "Create a signed AWS API request". */
#include "base/arena.h"
#include "fetch/fetch.h"

struct sigv4_request {
    struct str method, path;            /* "POST", "/"; no query */
    const struct fetch_header *headers; /* what is signed: names in lower case, sorted, with "host"
                                           and "x-amz-date" */
    size_t n_headers;
    struct str body;
    struct str date; /* "20150830T123600Z", as x-amz-date has it */
    struct str region, service;
    struct str key_id, key;
};

/* The value of the Authorization header; lives in the arena. */
struct str sigv4_sign(struct arena *arena, const struct sigv4_request *request);

/* Wall time as x-amz-date has it; lives in the arena. */
struct str sigv4_date(struct arena *arena, int64_t wall);

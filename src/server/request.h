#pragma once
/* What a request line and its headers mean. Pure: no socket, no clock. */
#include "base/str.h"

enum endpoint {
    ENDPOINT_NONE = 0, /* no such path */
    ENDPOINT_VALIDATE,
    ENDPOINT_MUTATE,
    ENDPOINT_IMAGE_POLICY,
    ENDPOINT_POLICIES,
    ENDPOINT_HEALTH,
    ENDPOINT_READY,
    ENDPOINT_METRICS,
    ENDPOINT_UI, /* a page for people, whichever */
    ENDPOINT_COUNT
};

/* The endpoint of a path, without its query. Paths are exact: the API server sends no trailing
 * slash, and a redirect is never an answer. Whatever is below "/ui" is ENDPOINT_UI. */
enum endpoint endpoint_find(struct str path);

/* Its path; "other" for ENDPOINT_NONE. Lives for ever. */
const char *endpoint_path(enum endpoint endpoint);

/* True for those that judge. */
bool endpoint_reviews(enum endpoint endpoint);

/* Whether it judges by policies. */
bool endpoint_needs_policies(enum endpoint endpoint);

/* The methods that it takes, as the Allow header has them; ENDPOINT_NONE takes none. */
const char *endpoint_methods(enum endpoint endpoint);
bool endpoint_takes(enum endpoint endpoint, struct str method);

/* True for application/json with or without parameters, without regard to case.
 * Spec: RFC 9110 section 8.3.1. */
bool request_is_json(struct str content_type);

/* How long a review may take, in nanoseconds, from the value of the query parameter `timeout`. The
 * API server rounds what is left up to whole seconds, so a second and the way back are taken off,
 * but never more than half. What does not parse counts as not sent: 10s, the API's default; more
 * than 30s counts as 30s, the API's most. */
int64_t request_time_allowed(struct str timeout);

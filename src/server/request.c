#include "server/request.h"

#include "base/clock.h"

static const char *const PATHS[ENDPOINT_COUNT] = {
    [ENDPOINT_NONE] = "other",
    [ENDPOINT_VALIDATE] = "/validate",
    [ENDPOINT_MUTATE] = "/mutate",
    [ENDPOINT_IMAGE_POLICY] = "/imagepolicy",
    [ENDPOINT_POLICIES] = "/policies",
    [ENDPOINT_HEALTH] = "/healthz",
    [ENDPOINT_READY] = "/readyz",
    [ENDPOINT_METRICS] = "/metrics",
    [ENDPOINT_UI] = "/ui",
};

enum endpoint endpoint_find(struct str path)
{
    for (enum endpoint i = ENDPOINT_VALIDATE; i < ENDPOINT_COUNT; i++) {
        if (str_eq(path, str_from(PATHS[i]))) {
            return i;
        }
    }
    return str_starts(path, STR("/ui/")) ? ENDPOINT_UI : ENDPOINT_NONE;
}

const char *endpoint_path(enum endpoint endpoint)
{
    return PATHS[endpoint];
}

bool endpoint_reviews(enum endpoint endpoint)
{
    return endpoint >= ENDPOINT_VALIDATE && endpoint <= ENDPOINT_POLICIES;
}

bool endpoint_needs_policies(enum endpoint endpoint)
{
    return endpoint_reviews(endpoint) && endpoint != ENDPOINT_POLICIES;
}

const char *endpoint_methods(enum endpoint endpoint)
{
    if (endpoint == ENDPOINT_NONE) {
        return "";
    }
    return endpoint_reviews(endpoint) ? "POST" : "GET, HEAD";
}

bool endpoint_takes(enum endpoint endpoint, struct str method)
{
    if (endpoint_reviews(endpoint)) {
        return str_eq(method, STR("POST"));
    }
    return endpoint != ENDPOINT_NONE && (str_eq(method, STR("GET")) || str_eq(method, STR("HEAD")));
}

bool request_is_json(struct str content_type)
{
    struct str type, parameters;
    str_cut(content_type, ';', &type, &parameters);
    return str_eq_nocase(str_trim(type), STR("application/json"));
}

int64_t request_time_allowed(struct str timeout)
{
    static const int64_t USUAL = 10 * NS_PER_S, MOST = 30 * NS_PER_S;
    static const int64_t MARGIN = NS_PER_S + 100 * NS_PER_MS;
    int64_t ns = 0;
    struct error err;
    if (failed(clock_parse_duration(timeout, &ns, &err)) || ns == 0) {
        ns = USUAL;
    }
    ns = ns > MOST ? MOST : ns;
    return ns - MARGIN > ns / 2 ? ns - MARGIN : ns / 2;
}

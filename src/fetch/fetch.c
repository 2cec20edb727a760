#include "fetch/fetch.h"

#include <time.h>

#include "base/clock.h"

enum { RETRY_AFTER_MAX = 3600 };

/* Bytes with which text could end a line of a request, and begin one of its own. */
static bool is_one_line(struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c < 0x20 || c == 0x7f) {
            return false;
        }
    }
    return true;
}

static bool is_sound_url(const struct fetch_request *request)
{
    bool scheme = str_starts(request->url, STR("https://")) ||
                  (request->plain && str_starts(request->url, STR("http://")));
    return scheme && is_one_line(request->url) && str_find(request->url, ' ') == request->url.n;
}

static bool is_sound_proxy(struct str proxy)
{
    return proxy.n == 0 || (str_starts(proxy, STR("http://")) && is_one_line(proxy));
}

static status check(const struct fetch_request *request, struct error *err)
{
    if (!is_sound_proxy(request->proxy)) {
        return error_set(err, ERROR_INPUT, "the proxy is no URL that begins with http://");
    }
    if (!is_sound_url(request)) {
        return error_set(err, ERROR_INPUT, "not a URL that may be asked: \"%.*s\"",
                         STR_ARG(request->url));
    }
    for (size_t i = 0; i < request->n_headers; i++) {
        const struct fetch_header *header = &request->headers[i];
        if (header->name.n == 0 || str_find(header->name, ':') < header->name.n ||
            !is_one_line(header->name) || !is_one_line(header->value)) {
            return error_set(err, ERROR_INPUT, "header %zu is not one line", i + 1);
        }
    }
    return OK;
}

status fetch_send(const struct fetch *fetch, const struct fetch_request *request,
                  struct arena *arena, struct fetch_answer *ret_answer, struct error *err)
{
    TRY(check(request, err));
    return fetch->port->send(fetch->self, request, arena, ret_answer, err);
}

struct str fetch_header(const struct fetch_answer *answer, const char *name)
{
    for (size_t i = 0; i < answer->n_headers; i++) {
        if (str_eq_nocase(answer->headers[i].name, str_from(name))) {
            return answer->headers[i].value;
        }
    }
    return STR_EMPTY;
}

static int64_t date_of(struct str header)
{
    char text[64];
    struct tm tm = {0};
    snprintf(text, sizeof text, "%.*s", STR_ARG(header));
    const char *end = strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &tm);
    if (end == NULL || *end != '\0') {
        return 0;
    }
    int64_t seconds = timegm(&tm);
    return seconds > 0 ? seconds : 0;
}

int64_t fetch_date(const struct fetch_answer *answer)
{
    return date_of(fetch_header(answer, "Date")) * NS_PER_S;
}

int64_t fetch_retry_after(const struct fetch_answer *answer)
{
    uint64_t told;
    int64_t seconds;
    struct str text = fetch_header(answer, "Retry-After");
    if (str_parse_u64(text, INT32_MAX, &told)) {
        seconds = (int64_t)told;
    } else {
        int64_t until = date_of(text), now = date_of(fetch_header(answer, "Date"));
        seconds = now > 0 && until > now ? until - now : 0;
    }
    return (seconds > RETRY_AFTER_MAX ? RETRY_AFTER_MAX : seconds) * NS_PER_S;
}

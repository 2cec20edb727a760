/* One request of the conversation with a registry: by what way it goes, and what is told of it. */
#include <pthread.h>

#include "base/clock.h"
#include "base/limits.h"
#include "registry/registry_parts.h"

/* A deadline that leaves less says nothing of who did not meet it. */
static const int64_t FAIR_TIME = 500 * NS_PER_MS;

enum { HEADERS_MAX = 5 };

static int64_t now(const struct asking *asking)
{
    const struct registry_time *time = asking->registry->time;
    return time->now(time->self);
}

static bool is_over(const struct asking *asking)
{
    const atomic_bool *cancel = asking->call->cancel;
    return now(asking) >= asking->deadline || (cancel != NULL && atomic_load(cancel));
}

/* -- the request -- */

/* The host that was named may have any address if a person named it; so may a token server on it.
 */
static bool is_guarded(const struct asking *asking, const struct flow_request *request,
                       const struct registry_host *host)
{
    bool named =
        asking->call->trusted_name && asking->place->named &&
        (request->place == FLOW_REGISTRY || (request->place == FLOW_BESIDE && request->token));
    return !named && !host->inside_network;
}

static size_t fill_headers(const struct flow_request *request,
                           struct fetch_header headers[HEADERS_MAX])
{
    const struct fetch_header all[] = {{STR("User-Agent"), STR("pratique/" PRATIQUE_VERSION)},
                                       {STR("Accept"), request->accept},
                                       {STR("Authorization"), request->authorization},
                                       {STR("Content-Type"), request->content_type}};
    size_t n = 0;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (all[i].value.n > 0) {
            headers[n++] = all[i];
        }
    }
    return n;
}

static struct fetch_request make(const struct asking *asking, const struct flow_request *request,
                                 struct arena *arena, struct fetch_header headers[HEADERS_MAX])
{
    const struct registry_options *options = asking->registry->options;
    const struct registry_host *host = request->place == FLOW_REGISTRY
                                           ? asking->place->host
                                           : registry_host_of(&options->hosts, &request->url);
    return (struct fetch_request){
        .method = request->method,
        .url = url_print(arena, &request->url),
        .headers = headers,
        .n_headers = fill_headers(request, headers),
        .body = request->body,
        .deadline = asking->deadline,
        .max_body = request->max_body,
        .ca = host->ca.n > 0 ? host->ca : options->ca,
        .client_certificate = host->client_certificate,
        .client_key = host->client_key,
        .plain = request->url.plain,
        .guarded = is_guarded(asking, request, host),
        .proxy = host->proxy,
        .cancel = asking->call->cancel,
    };
}

/* -- what is told of it -- */

static void note(const struct asking *asking, const struct flow_request *request, int64_t took,
                 unsigned code, const struct error *err)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* several may ask for one call */
    struct registry_steps *steps = asking->call->steps;
    if (steps == NULL) {
        return;
    }
    struct arena *arena = steps->arena;
    pthread_mutex_lock(&lock);
    if (steps->n == LIMIT_REGISTRY_STEPS) {
        pthread_mutex_unlock(&lock);
        return;
    }
    struct url url = request->url;
    url.target = str_sub(url.target, 0, str_find(url.target, '?'));
    steps->items[steps->n++] = (struct registry_step){
        .method = str_from(request->method),
        .url = arena_dup(arena, url_print(arena, &url)),
        .token = request->token,
        .status = code,
        .took = took,
        .error = err == NULL ? STR_EMPTY : arena_dup(arena, str_from(err->text)),
    };
    pthread_mutex_unlock(&lock);
}

/* -- the answer -- */

static struct str keep(const struct asking *asking, const struct fetch_answer *answer,
                       const char *name)
{
    return arena_dup(asking->arena, fetch_header(answer, name));
}

static void read_challenges(const struct asking *asking, const struct fetch_answer *answer,
                            struct flow_answer *ret_answer)
{
    struct str *challenges = ARENA_ARRAY(asking->arena, struct str, LIMIT_CHALLENGES + 1);
    size_t n = 0;
    for (size_t i = 0; i < answer->n_headers && n <= LIMIT_CHALLENGES; i++) {
        if (str_eq_nocase(answer->headers[i].name, STR("WWW-Authenticate"))) {
            challenges[n++] = arena_dup(asking->arena, answer->headers[i].value);
        }
    }
    ret_answer->challenges = challenges;
    ret_answer->n_challenges = n;
}

static void read_answer(const struct asking *asking, const struct fetch_answer *answer,
                        struct flow_answer *ret_answer)
{
    *ret_answer = (struct flow_answer){
        .status = answer->status,
        .location = keep(asking, answer, "Location"),
        .content_type = keep(asking, answer, "Content-Type"),
        .digest = keep(asking, answer, "Docker-Content-Digest"),
        .length = keep(asking, answer, "Content-Length"),
        .link = keep(asking, answer, "Link"),
        .body = answer->body,
        .retry_after = fetch_retry_after(answer),
    };
    if (answer->status == 401) {
        read_challenges(asking, answer, ret_answer);
    }
}

static enum gate_outcome outcome_of(const struct asking *asking, bool answered, unsigned code,
                                    const struct error *err, int64_t left)
{
    const atomic_bool *cancel = asking->call->cancel;
    if (answered) {
        return code >= 500 && code != 501 ? GATE_BAD : GATE_GOOD;
    }
    if (err->kind == ERROR_TIMEOUT &&
        (left < FAIR_TIME || (cancel != NULL && atomic_load(cancel)))) {
        return GATE_NEITHER;
    }
    return err->kind == ERROR_UPSTREAM || err->kind == ERROR_TIMEOUT ? GATE_BAD : GATE_GOOD;
}

static status enter(const struct asking *asking, struct str host, struct error *err)
{
    const struct registry_time *time = asking->registry->time;
    for (;;) {
        int64_t wait;
        if (is_over(asking)) {
            return error_set(err, ERROR_TIMEOUT, "%.*s: no answer in time", STR_ARG(host));
        }
        TRY(gate_enter(asking->registry->gates, host, now(asking), asking->deadline,
                       asking->call->cancel, &wait, err));
        if (wait == 0) {
            return OK;
        }
        if (now(asking) + wait >= asking->deadline) {
            return error_set(err, ERROR_UPSTREAM, "%.*s asks to be left alone for %lld s",
                             STR_ARG(host), (long long)((wait + NS_PER_S - 1) / NS_PER_S));
        }
        time->wait(time->self, now(asking) + wait, asking->call->cancel);
    }
}

/* The gate by which a request goes. What a registry makes us ask of others is told apart from what
 * we ask of them, so that it cannot have them left alone. */
static struct str gate_of(const struct asking *asking, const struct flow_request *request,
                          struct str host)
{
    return request->place == FLOW_REGISTRY
               ? host
               : arena_printf(asking->arena, "%.*s for %.*s", STR_ARG(host),
                              STR_ARG(url_host(asking->arena, &asking->place->at)));
}

status registry_send(struct asking *asking, const struct flow_request *request, struct arena *arena,
                     struct flow_answer *ret_answer, struct error *err)
{
    struct registry *registry = asking->registry;
    struct str host = url_host(asking->arena, &request->url);
    if (++asking->sends > LIMIT_REGISTRY_SENDS) {
        return error_set(err, ERROR_UPSTREAM, "%.*s: more than %u requests for one thing",
                         STR_ARG(asking->place->at.host), LIMIT_REGISTRY_SENDS);
    }
    struct str gate = gate_of(asking, request, host);
    TRY(enter(asking, gate, err));
    struct fetch_header headers[HEADERS_MAX];
    const struct fetch_request sent = make(asking, request, arena, headers);
    struct fetch_answer answer = {0};
    struct fetch port = ports_take(registry->ports, host);
    int64_t began = now(asking);
    status st = fetch_send(&port, &sent, arena, &answer, err);
    int64_t ended = now(asking);
    ports_give(registry->ports, host, &port);
    bool alone = !failed(st) && answer.status == 429 && fetch_retry_after(&answer) > 0;
    gate_leave(registry->gates, gate,
               outcome_of(asking, !failed(st), answer.status, err, asking->deadline - began), ended,
               alone ? ended + fetch_retry_after(&answer) : 0);
    note(asking, request, ended - began, answer.status, failed(st) ? err : NULL);
    TRY(st);
    read_answer(asking, &answer, ret_answer);
    return OK;
}

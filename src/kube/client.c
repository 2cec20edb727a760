#include "kube/client.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "kube/parse.h"

static const int64_t READ_AGAIN = 60 * NS_PER_S;
static const int64_t LONGEST_WAIT = 60 * NS_PER_S;
/* For a 429 that does not say how long. */
static const int64_t SHORTEST_WAIT = NS_PER_S;

enum { MESSAGE_MAX = 200, CREDENTIALS_ARENA = 16 * MIB };

/* What proves who we are, as it was last read. */
struct credentials {
    struct arena arena;
    struct str ca, token, certificate, key;
    int64_t read; /* monotonic; 0: never */
};

struct kube {
    const struct kube_config *config;
    const struct fetch *fetch;
    const atomic_bool *cancel;
    const struct kube_time *time;
    struct credentials credentials;
    int64_t leave_alone; /* until then, monotonic */
    unsigned status;     /* of the last answer */
    int64_t ahead;
};

/* -- time -- */

static int64_t machine_now(void *self)
{
    (void)self;
    return clock_monotonic();
}

static void machine_wait(void *self, int64_t until, const atomic_bool *cancel)
{
    (void)self;
    clock_wait(until, cancel);
}

static const struct kube_time MACHINE = {machine_now, machine_wait, NULL};

void kube_set_time(struct kube *kube, const struct kube_time *time)
{
    kube->time = time;
}

int64_t kube_now(const struct kube *kube)
{
    return kube->time->now(kube->time->self);
}

void kube_wait(const struct kube *kube, int64_t until)
{
    kube->time->wait(kube->time->self, until, kube->cancel);
}

int64_t kube_left_alone(const struct kube *kube)
{
    return kube->leave_alone;
}

/* -- the client -- */

struct kube *kube_new(const struct kube_config *config, const struct fetch *fetch,
                      const atomic_bool *cancel)
{
    struct kube *kube = calloc(1, sizeof *kube);
    ENSURE(kube != NULL);
    *kube = (struct kube){.config = config, .fetch = fetch, .cancel = cancel, .time = &MACHINE};
    arena_init(&kube->credentials.arena, CREDENTIALS_ARENA);
    return kube;
}

void kube_free(struct kube *kube)
{
    if (kube != NULL) {
        arena_done(&kube->credentials.arena);
        free(kube);
    }
}

void kube_detach(struct kube *kube)
{
    kube->cancel = NULL;
}

int64_t kube_clock_ahead(const struct kube *kube)
{
    return kube->ahead;
}

unsigned kube_status(const struct kube *kube)
{
    return kube->status;
}

/* -- who we are -- */

static status read_source(struct credentials *credentials, const struct kube_source *source,
                          size_t max, struct str *ret_text, struct error *err)
{
    *ret_text = source->text;
    return source->text.n > 0 || source->path == NULL
               ? OK
               : file_read(&credentials->arena, source->path, max, ret_text, err);
}

static status read_credentials(struct kube *kube, struct error *err)
{
    struct credentials *it = &kube->credentials;
    const struct kube_config *config = kube->config;
    it->read = 0;
    arena_reset(&it->arena);
    TRY(read_source(it, &config->ca, LIMIT_CERTIFICATE_FILE, &it->ca, err));
    TRY(read_source(it, &config->token, LIMIT_TOKEN, &it->token, err));
    TRY(read_source(it, &config->certificate, LIMIT_CERTIFICATE_FILE, &it->certificate, err));
    TRY(read_source(it, &config->key, LIMIT_CERTIFICATE_FILE, &it->key, err));
    it->token = str_trim(it->token);
    if (config->token.path != NULL && it->token.n == 0) {
        return error_set(err, ERROR_INTERNAL, "%s: no token in it", config->token.path);
    }
    it->read = kube_now(kube);
    return OK;
}

static status need_credentials(struct kube *kube, struct error *err)
{
    int64_t read = kube->credentials.read;
    bool fresh = read != 0 && kube_now(kube) - read < READ_AGAIN;
    return fresh ? OK : read_credentials(kube, err);
}

/* -- the request -- */

static status send_call(struct kube *kube, const struct kube_call *call, struct arena *arena,
                        struct fetch_answer *ret_answer, struct error *err)
{
    const struct credentials *credentials = &kube->credentials;
    const char *accept = call->accept != NULL ? call->accept : "application/json";
    struct fetch_header headers[4] = {{STR("Accept"), str_from(accept)},
                                      {STR("User-Agent"), STR("pratique/" PRATIQUE_VERSION)}};
    size_t n = 2;
    if (credentials->token.n > 0) {
        headers[n++] = (struct fetch_header){
            STR("Authorization"),
            arena_join(arena, (struct str[]){STR("Bearer "), credentials->token}, 2)};
    }
    if (call->content_type != NULL) {
        headers[n++] = (struct fetch_header){STR("Content-Type"), str_from(call->content_type)};
    }
    const struct fetch_request request = {
        .method = call->method,
        .url = arena_join(arena, (struct str[]){kube->config->server, call->path}, 2),
        .headers = headers,
        .n_headers = n,
        .body = call->body,
        .deadline = clock_monotonic() + (call->time > 0 ? call->time : KUBE_CALL_TIME),
        .max_body = call->max_answer > 0 ? call->max_answer : LIMIT_KUBE_OBJECT,
        .sink = call->sink,
        .ca = credentials->ca,
        .client_certificate = credentials->certificate,
        .client_key = credentials->key,
        .cancel = kube->cancel,
    };
    return fetch_send(kube->fetch, &request, arena, ret_answer, err);
}

/* A 401 may mean that the token was renewed since it was read. */
static status send_known(struct kube *kube, const struct kube_call *call, struct arena *arena,
                         struct fetch_answer *ret_answer, struct error *err)
{
    TRY(need_credentials(kube, err));
    TRY(send_call(kube, call, arena, ret_answer, err));
    if (ret_answer->status == 401) {
        TRY(read_credentials(kube, err));
        TRY(send_call(kube, call, arena, ret_answer, err));
    }
    return OK;
}

/* -- the answer -- */

static void note_times(struct kube *kube, const struct fetch_answer *answer)
{
    int64_t date = fetch_date(answer), now = clock_wall();
    if (date != 0) { /* whole seconds, so up to one more */
        kube->ahead = date > now ? date - now : date + NS_PER_S < now ? date + NS_PER_S - now : 0;
    }
    int64_t wait = fetch_retry_after(answer);
    wait = wait > LONGEST_WAIT                  ? LONGEST_WAIT
           : answer->status == 429 && wait == 0 ? SHORTEST_WAIT
                                                : wait;
    if (answer->status == 429 || answer->status == 503) {
        kube->leave_alone = kube_now(kube) + wait;
    }
}

/* Say what a Status object says. */
static status refuse(const struct kube_call *call, const struct fetch_answer *answer,
                     struct error *err)
{
    enum error_kind kind =
        answer->status == 401 || answer->status == 403 ? ERROR_UNAUTHORIZED : ERROR_UPSTREAM;
    json_doc_auto doc = {0};
    struct error ignored;
    struct str reason = STR_EMPTY, message = STR_EMPTY;
    if (!failed(kube_parse(answer->body, &doc, &ignored))) {
        reason = json_str(json_get(doc.root, "reason"));
        message = call->secret ? STR_EMPTY : json_str(json_get(doc.root, "message"));
    }
    message = str_sub(message, 0, MESSAGE_MAX);
    return error_set(err, kind, "%u%s%.*s%s%.*s", answer->status, reason.n > 0 ? " " : "",
                     STR_ARG(reason), message.n > 0 ? ": " : "", STR_ARG(message));
}

static status parse(const struct kube_call *call, struct str text, struct json_doc *ret_object,
                    struct error *err)
{
    return call->secret ? json_parse_secret(text, ret_object, err)
                        : kube_parse(text, ret_object, err);
}

static status read_answer(const struct kube_call *call, const struct fetch_answer *answer,
                          enum kube_outcome *ret_outcome, struct json_doc *ret_object,
                          struct error *err)
{
    *ret_object = (struct json_doc){0};
    if (answer->status == 404 || answer->status == 409 || answer->status == 410) {
        *ret_outcome = answer->status == 404   ? KUBE_NOT_FOUND
                       : answer->status == 409 ? KUBE_CONFLICT
                                               : KUBE_EXPIRED;
        return OK;
    }
    if (answer->status < 200 || answer->status > 299) {
        return refuse(call, answer, err);
    }
    *ret_outcome = KUBE_DONE;
    if (call->sink != NULL || !failed(parse(call, answer->body, ret_object, err))) {
        return OK;
    }
    return err->kind == ERROR_LIMIT ? FAILED
                                    : error_set(err, ERROR_UPSTREAM, "the answer is no JSON");
}

static status call_within(struct kube *kube, const struct kube_call *call, struct arena *arena,
                          enum kube_outcome *ret_outcome, struct json_doc *ret_object,
                          struct error *err)
{
    struct fetch_answer answer;
    kube->status = 0;
    if (kube_now(kube) < kube->leave_alone) {
        return error_set(err, ERROR_UPSTREAM, "the API server asked to be left alone for a while");
    }
    TRY(send_known(kube, call, arena, &answer, err));
    kube->status = answer.status;
    note_times(kube, &answer);
    return read_answer(call, &answer, ret_outcome, ret_object, err);
}

status kube_call(struct kube *kube, const struct kube_call *call, enum kube_outcome *ret_outcome,
                 struct json_doc *ret_object, struct error *err)
{
    arena_secret_auto arena; /* there is our token in it, and what is secret in the answer */
    arena_init(&arena, LIMIT_KUBE_ARENA);
    status st = call_within(kube, call, &arena, ret_outcome, ret_object, err);
    struct str path = str_sub(call->path, 0, str_find(call->path, '?'));
    return failed(st) ? error_wrap(err, "%s %.*s", call->method, STR_ARG(path)) : OK;
}

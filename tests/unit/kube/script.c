#include "script.h"

#include <stdarg.h>

#include "test.h"

static int64_t script_now(void *self)
{
    const struct script *script = self;
    return script->now;
}

static void script_wait(void *self, int64_t until, const atomic_bool *cancel)
{
    struct script *script = self;
    assert_ptr_equal(cancel, &script->stop);
    script->waited = until > script->now ? until - script->now : 0;
    script->now += script->waited;
}

static status hand_over(const struct fetch_sink *sink, const struct script_step *step,
                        struct error *err)
{
    if (sink->begin != NULL) {
        sink->begin(sink->self);
    }
    for (size_t i = 0; i < COUNT(step->pieces) && step->pieces[i] != NULL; i++) {
        TRY(sink->take(sink->self, str_from(step->pieces[i]), err));
    }
    return OK;
}

static struct str join(const struct script_step *step, struct arena *arena)
{
    struct str body = STR_EMPTY;
    for (size_t i = 0; i < COUNT(step->pieces) && step->pieces[i] != NULL; i++) {
        body = arena_join(arena, (struct str[]){body, str_from(step->pieces[i])}, 2);
    }
    return body;
}

static status script_answer(void *argument, const struct fetch_request *request,
                            struct arena *arena, struct fetch_answer *ret_answer, struct error *err)
{
    static struct fetch_header after = {{"Retry-After", 11}, {"", 0}};
    struct script *script = argument;
    const struct fetch_answer asked = {.headers = request->headers,
                                       .n_headers = request->n_headers};
    assert_true(str_starts(request->url, STR("https://api/")));
    snprintf(script->accept, sizeof script->accept, "%.*s",
             STR_ARG(fetch_header(&asked, "Accept")));
    script->time_allowed = request->deadline - clock_monotonic();
    script_say(script, "%s %.*s", request->method,
               STR_ARG(str_sub(request->url, strlen("https://api"), request->url.n)));
    if (script->at == script->n) {
        fail_msg("more was asked than there are answers:\n%s", script->log);
    }
    const struct script_step *step = &script->steps[script->at++];
    if (script->asked != NULL) {
        script->asked(script->self);
    }
    bool good = step->status >= 200 && step->status <= 299;
    bool streamed = request->sink != NULL && (good || step->open);
    if (streamed) {
        TRY(hand_over(request->sink, step, err));
    }
    script->now += step->lasts;
    while (step->hangs && request->sink->patient(request->sink->self)) {
        script->now += NS_PER_S;
    }
    if (step->hangs) {
        return error_set(err, ERROR_TIMEOUT, "api: nothing came for too long");
    }
    if (step->status == 0) {
        return error_set(err, step->error != ERROR_NONE ? step->error : ERROR_UPSTREAM,
                         "api: the connection broke");
    }
    after.value = str_from(step->retry_after);
    struct str body = streamed ? STR_EMPTY : join(step, arena);
    if (good && !streamed && body.n > request->max_body) {
        return error_set(err, ERROR_LIMIT, "api: the answer is larger than %zu bytes",
                         request->max_body);
    }
    *ret_answer = (struct fetch_answer){.status = step->status,
                                        .headers = &after,
                                        .n_headers = step->retry_after != NULL,
                                        .body = body};
    return OK;
}

void script_init(struct script *script)
{
    memset(script, 0, sizeof *script);
    script->now = NS_PER_S;
    script->config = (struct kube_config){.server = STR("https://api")};
    script->scripted = (struct fetch_scripted){script_answer, script};
    script->port = fetch_scripted_port(&script->scripted);
    script->time = (struct kube_time){script_now, script_wait, script};
    script->kube = kube_new(&script->config, &script->port, &script->stop);
    kube_set_time(script->kube, &script->time);
}

void script_done(struct script *script)
{
    kube_free(script->kube);
}

void script_add(struct script *script, struct script_step step)
{
    assert_true(script->n < COUNT(script->steps));
    script->steps[script->n++] = step;
}

void script_say(struct script *script, const char *format, ...)
{
    size_t n = strlen(script->log);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(script->log + n, sizeof script->log - n, format, arguments);
    va_end(arguments);
    n = strlen(script->log);
    snprintf(script->log + n, sizeof script->log - n, "\n");
}

void script_expect(struct script *script, const char *wanted)
{
    if (strcmp(script->log, wanted) != 0) {
        fail_msg("not\n%sbut\n%s", wanted, script->log);
    }
    assert_int_equal(script->at, script->n);
    script->log[0] = '\0';
}

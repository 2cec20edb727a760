#include "fetch/scripted.h"

static status hand_over(const struct fetch_sink *sink, struct str body, struct error *err)
{
    if (sink->begin != NULL) {
        sink->begin(sink->self);
    }
    return sink->take(sink->self, body, err);
}

static status send_request(void *self, const struct fetch_request *request, struct arena *arena,
                           struct fetch_answer *ret_answer, struct error *err)
{
    const struct fetch_scripted *scripted = self;
    struct fetch_answer answer;
    TRY(scripted->script(scripted->argument, request, arena, &answer, err));
    bool good = answer.status >= 200 && answer.status <= 299;
    if (request->sink != NULL && good && answer.body.n > 0) {
        TRY(hand_over(request->sink, answer.body, err));
        answer.body = STR_EMPTY;
    }
    *ret_answer = answer;
    return OK;
}

struct fetch fetch_scripted_port(struct fetch_scripted *scripted)
{
    static const struct fetch_port PORT = {send_request};
    return (struct fetch){&PORT, scripted};
}

#include "fetch/scripted.h"

static status answer(void *self, const struct fetch_request *request, struct arena *arena,
                     struct fetch_answer *ret_answer, struct error *err)
{
    const struct fetch_scripted *scripted = self;
    return scripted->script(scripted->argument, request, arena, ret_answer, err);
}

struct fetch fetch_scripted_port(struct fetch_scripted *scripted)
{
    static const struct fetch_port PORT = {answer};
    return (struct fetch){&PORT, scripted};
}

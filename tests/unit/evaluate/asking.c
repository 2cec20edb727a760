#include "asking.h"

#include <string.h>

static status gather(void *self, const struct evidence_round *round, struct arena *arena,
                     struct evidence *ret_evidence, bool *ret_later, struct error *err)
{
    struct asking *asking = self;
    asking->calls++;
    asking->queries += round->n;
    asking->deadline = round->deadline;
    for (size_t i = 0; i < round->n; i++) {
        size_t used = strlen(asking->asked);
        struct str key = evidence_key(round->queries[i].reference, arena);
        snprintf(asking->asked + used, sizeof asking->asked - used, "%.*s ", STR_ARG(key));
        asking->wants = round->queries[i].wants;
    }
    if (asking->takes_time && round->inline_only) {
        *ret_later = true;
        return OK;
    }
    if (asking->calls == asking->fail_at) {
        return error_set(err, ERROR_INTERNAL, "call %zu fails", asking->calls);
    }
    return asking->inner.gather(asking->inner.self, round, arena, ret_evidence, ret_later, err);
}

void asking_start(struct asking *asking)
{
    *asking = (struct asking){.fail_at = 0};
    arena_init(&asking->arena, 1 << 20);
    asking->script.images = asking->images;
    asking->inner = script_source(&asking->script);
    asking->source = (struct evidence_source){.self = asking, .gather = gather};
}

void asking_done(struct asking *asking)
{
    arena_done(&asking->arena);
}

struct script_image *asking_add(struct asking *asking, const char *reference, const char *digest,
                                enum error_kind problem)
{
    assert_true(asking->script.n < COUNT(asking->images));
    struct script_image *image = &asking->images[asking->script.n++];
    struct error err;
    assert_false(
        failed(reference_parse(&asking->arena, str_from(reference), &image->reference, &err)));
    if (digest != NULL) {
        image->evidence.digest = str_from(digest);
    } else {
        image->evidence.problem = STR("it is out of order");
        image->evidence.problem_kind = problem;
    }
    return image;
}

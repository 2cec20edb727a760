#include "suite/either.h"

/* Ask the second of what the first did not find. */
static status ask_second(const struct evidence_source *second, const struct evidence_round *round,
                         struct arena *arena, struct evidence *evidence, bool *ret_later,
                         struct error *err)
{
    struct evidence_query *queries = ARENA_ARRAY(arena, struct evidence_query, round->n);
    struct evidence *answers = ARENA_ARRAY(arena, struct evidence, round->n);
    size_t *places = ARENA_ARRAY(arena, size_t, round->n);
    struct evidence_round open = *round;
    open.queries = queries;
    open.n = 0;
    for (size_t i = 0; i < round->n; i++) {
        if (evidence[i].problem_kind == ERROR_NOT_FOUND) {
            places[open.n] = i;
            queries[open.n++] = round->queries[i];
        }
    }
    TRY(second->gather(second->self, &open, arena, answers, ret_later, err));
    for (size_t i = 0; i < open.n; i++) {
        evidence[places[i]] = answers[i];
    }
    return OK;
}

static status gather(void *self, const struct evidence_round *round, struct arena *arena,
                     struct evidence *ret_evidence, bool *ret_later, struct error *err)
{
    const struct suite_either *either = self;
    TRY(either->first.gather(either->first.self, round, arena, ret_evidence, ret_later, err));
    return either->second == NULL
               ? OK
               : ask_second(either->second, round, arena, ret_evidence, ret_later, err);
}

struct evidence_source suite_either(struct suite_either *either)
{
    return (struct evidence_source){.self = either, .gather = gather};
}

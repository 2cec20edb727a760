#include "evaluate/script.h"

/* Whether an image of the script is meant: by the same reference, or by its digest under the same
 * name. */
static bool is_meant(const struct script_image *image, const struct reference *asked,
                     struct arena *arena)
{
    struct reference named = image->reference;
    if (str_eq(evidence_key(&named, arena), evidence_key(asked, arena))) {
        return true;
    }
    named.digest = image->evidence.digest;
    return asked->digest.n > 0 && str_eq(evidence_key(&named, arena), evidence_key(asked, arena));
}

/* A stale digest is given to who may have it. By that digest, the image is what it ever was. */
static struct evidence let_count(const struct evidence *evidence,
                                 const struct evidence_query *query)
{
    struct evidence counts = *evidence;
    if (evidence->stale && query->reference->digest.n > 0) {
        counts.stale = false;
        counts.problem = STR_EMPTY;
        counts.problem_kind = ERROR_NONE;
    } else if (evidence->stale && evidence->age > query->stale_for) {
        counts =
            (struct evidence){.problem = evidence->problem, .problem_kind = evidence->problem_kind};
    }
    return counts;
}

static struct evidence answer(const struct script *script, const struct evidence_query *query,
                              struct arena *arena)
{
    const struct reference *asked = query->reference;
    for (size_t i = 0; i < script->n; i++) {
        if (is_meant(&script->images[i], asked, arena)) {
            return let_count(&script->images[i].evidence, query);
        }
    }
    return (struct evidence){.problem = STR("there is no such image"),
                             .problem_kind = ERROR_NOT_FOUND};
}

static status gather(void *self, const struct evidence_round *round, struct arena *arena,
                     struct evidence *ret_evidence, bool *ret_later, struct error *err)
{
    (void)ret_later, (void)err;
    for (size_t i = 0; i < round->n; i++) {
        ret_evidence[i] = answer(self, &round->queries[i], arena);
    }
    return OK;
}

struct evidence_source script_source(const struct script *script)
{
    return (struct evidence_source){.self = (void *)(uintptr_t)script, .gather = gather};
}

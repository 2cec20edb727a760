#pragma once
/* One question, about one reference. Private to evidence/. */
#include "cache/cache.h"
#include "evidence/images.h"
#include "evidence/registries.h"

struct registries {
    struct registries_config config;
    struct cache *cache; /* of what tags point to; of failures */
    struct images *images;
    atomic_uint_fast64_t image_hits; /* images that were at hand */
};

struct answer {
    struct evidence evidence;
    struct image_entry *entry; /* that evidence.image is of; owned; NULL: none */
};

/* Answer from what is remembered. Returns false, with nothing in *ret_answer, if something has to
 * be asked. Texts live in the arena. */
bool answer_at_hand(struct registries *registries, const struct evidence_query *query,
                    struct arena *arena, struct answer *ret_answer);

/* Answer, and ask what has to be asked until monotonic time `deadline`. Texts live in the arena,
 * which may be used for LIMIT_EVIDENCE_SCRATCH bytes. */
void answer_ask(struct registries *registries, const struct evidence_query *query, int64_t deadline,
                struct arena *arena, struct answer *ret_answer);

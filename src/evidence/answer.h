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
    atomic_uint_fast64_t stale;      /* digests that a tag had last */
};

struct answer {
    struct evidence evidence;
    struct image_entry *entry; /* that evidence.image is of; owned; NULL: none */
};

/* As whom registries are asked. What one asker may see is not told to another from memory: neither
 * what a tag points to, nor what an image is, nor what failed. */
struct asker {
    struct str scope;              /* the same text for the same credentials, and for no others;
                                      empty: the keyring of the configuration alone. Made of what is
                                      secret: outside of this process only under a keyed hash */
    const struct keyring *keyring; /* NULL: nobody's */
};

/* Answer from what is remembered for the asker. Returns false, with nothing in *ret_answer, if
 * something has to be asked. Texts live in the arena. */
bool answer_at_hand(struct registries *registries, const struct asker *asker,
                    const struct evidence_query *query, struct arena *arena,
                    struct answer *ret_answer);

/* Answer, and ask what has to be asked until monotonic time `deadline`. Texts live in the arena,
 * which may be used for LIMIT_EVIDENCE_SCRATCH bytes. */
void answer_ask(struct registries *registries, const struct asker *asker,
                const struct evidence_query *query, int64_t deadline, struct arena *arena,
                struct answer *ret_answer);

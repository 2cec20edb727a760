#include "evidence/registries.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/task.h"
#include "evidence/answer.h"

/* Of the bytes that are remembered, the part for what tags point to; the rest is for images. */
enum { TAGS_PART = 4 };

/* -- one round -- */

/* Questions of one review that have to be asked, and the threads that ask them. */
struct asking {
    struct registries *registries;
    struct asker asker;
    const struct evidence_round *round;
    int64_t deadline;
    const size_t *open; /* indexes of queries */
    size_t n;
    atomic_size_t next;   /* in `open` */
    pthread_mutex_t lock; /* of what is below */
    struct arena *arena;  /* the review's */
    struct evidence *answers;
};

/* With pull secrets, who makes a Pod chooses as whom registries are asked. That it does not
 * suffice, or cannot be found out, speaks against the Pod, and never counts as a registry that is
 * away. */
static enum error_kind blame(const struct registries *registries, enum error_kind kind)
{
    return registries->config.pulls != NULL && kind == ERROR_UNAUTHORIZED ? ERROR_INPUT : kind;
}

/* Put an answer where the review has it, for as long as its arena is. */
static void settle(const struct asking *asking, const struct answer *answer,
                   struct evidence *ret_evidence)
{
    struct arena *arena = asking->arena;
    struct evidence evidence = answer->evidence;
    evidence.problem_kind = blame(asking->registries, evidence.problem_kind);
    evidence.digest = arena_dup(arena, evidence.digest);
    evidence.media_type = arena_dup(arena, evidence.media_type);
    evidence.problem = arena_dup(arena, evidence.problem);
    if (answer->entry != NULL) {
        arena_defer(arena, image_entry_release, answer->entry);
    }
    *ret_evidence = evidence;
}

static void *ask(void *argument)
{
    struct asking *asking = argument;
    arena_auto scratch;
    arena_init(&scratch, LIMIT_EVIDENCE_SCRATCH);
    for (size_t i; (i = atomic_fetch_add(&asking->next, 1)) < asking->n;) {
        struct answer answer;
        size_t query = asking->open[i];
        arena_reset(&scratch);
        answer_ask(asking->registries, &asking->asker, &asking->round->queries[query],
                   asking->deadline, &scratch, &answer);
        pthread_mutex_lock(&asking->lock);
        settle(asking, &answer, &asking->answers[query]);
        pthread_mutex_unlock(&asking->lock);
    }
    return NULL;
}

/* Ask on this thread, and on some more if there is enough to ask. */
static void ask_all(struct asking *asking)
{
    pthread_t threads[LIMIT_EVIDENCE_PARALLEL - 1];
    size_t n = 0;
    struct error err;
    while (n < LIMIT_EVIDENCE_PARALLEL - 1 && n + 1 < asking->n &&
           !failed(thread_start(&threads[n], ask, asking, &err))) {
        n++;
    }
    ask(asking);
    for (size_t i = 0; i < n; i++) {
        pthread_join(threads[i], NULL);
    }
}

static int64_t deadline_of(const struct registries *registries, const struct evidence_round *round)
{
    return round->deadline != 0 ? round->deadline : clock_monotonic() + registries->config.timeout;
}

/* Answer what is at hand. Returns how many questions are left; their indexes are in `open`. */
static size_t answer_known(const struct asking *asking, size_t *open)
{
    size_t n = 0;
    for (size_t i = 0; i < asking->round->n; i++) {
        struct answer answer;
        if (answer_at_hand(asking->registries, &asking->asker, &asking->round->queries[i],
                           asking->arena, &answer)) {
            settle(asking, &answer, &asking->answers[i]);
        } else {
            open[n++] = i;
        }
    }
    return n;
}

/* What is asked for by its digest alone is known to have it. */
static bool asks(const struct evidence_round *round)
{
    for (size_t i = 0; i < round->n; i++) {
        const struct evidence_query *query = &round->queries[i];
        if (query->reference->digest.n == 0 || (query->wants & EVIDENCE_IMAGE) != 0) {
            return true;
        }
    }
    return false;
}

/* Find out as whom the review asks; its keyring is put into *ret_own. */
static status find_asker(struct asking *asking, struct pulls_asker *ret_own, bool *ret_later,
                         struct error *err)
{
    struct pulls *pulls = asking->registries->config.pulls;
    const struct evidence_round *round = asking->round;
    *ret_own = (struct pulls_asker){.keyring = NULL};
    if (pulls == NULL || !asks(round)) {
        return OK;
    }
    if (round->inline_only) {
        *ret_later = !pulls_at_hand(pulls, round->review, asking->arena, &asking->asker.scope);
        return OK;
    }
    if (failed(pulls_get(pulls, round->review, asking->deadline, asking->arena, ret_own, err))) {
        err->kind = ERROR_INPUT;
        return FAILED;
    }
    if (ret_own->keyring != NULL) {
        asking->asker = (struct asker){ret_own->scope, ret_own->keyring};
    }
    return OK;
}

static status gather(void *self, const struct evidence_round *round, struct arena *arena,
                     struct evidence *ret_evidence, bool *ret_later, struct error *err)
{
    struct registries *registries = self;
    struct pulls_asker own;
    size_t *open = ARENA_ARRAY(arena, size_t, round->n);
    struct asking asking = {
        .registries = registries,
        .asker = {.keyring = registries->config.keyring},
        .round = round,
        .deadline = deadline_of(registries, round),
        .open = open,
        .lock = PTHREAD_MUTEX_INITIALIZER,
        .arena = arena,
        .answers = ret_evidence,
    };
    status st = find_asker(&asking, &own, ret_later, err);
    if (!failed(st) && !*ret_later) {
        asking.n = answer_known(&asking, open);
        *ret_later = asking.n > 0 && round->inline_only;
    }
    if (asking.n > 0 && !*ret_later) {
        ask_all(&asking);
    }
    keyring_free(own.keyring);
    pthread_mutex_destroy(&asking.lock);
    return st;
}

/* -- life -- */

struct registries *registries_new(const struct registries_config *config)
{
    struct registries *registries = calloc(1, sizeof *registries);
    if (registries == NULL) {
        fatal("out of memory");
    }
    const struct cache_config cache = {.max_bytes = config->max_bytes / TAGS_PART,
                                       .failure_ttl = config->failure_ttl,
                                       .now = config->now,
                                       .clock = config->clock};
    registries->config = *config;
    registries->cache = cache_new(&cache);
    registries->images = images_new(config->max_bytes - cache.max_bytes);
    return registries;
}

void registries_free(struct registries *registries)
{
    if (registries != NULL) {
        cache_free(registries->cache);
        images_free(registries->images);
        free(registries);
    }
}

struct evidence_source registries_source(struct registries *registries)
{
    return (struct evidence_source){registries, gather};
}

struct registries_counters registries_counters(struct registries *registries)
{
    struct cache_counters cache = cache_counters(registries->cache);
    return (struct registries_counters){
        .hits = cache.hits,
        .misses = cache.misses,
        .waits = cache.waits,
        .failures = cache.failures,
        .image_hits = atomic_load(&registries->image_hits),
        .stale = atomic_load(&registries->stale),
        .digests = cache.entries,
        .images = images_count(registries->images),
    };
}

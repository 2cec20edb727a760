#include "evidence/answer.h"

#include "base/clock.h"
#include "base/limits.h"
#include "image/digest.h"

/* Who made an image that is evicted before it is taken makes it again, so often. */
enum { TRIES = 3 };

/* A question that had less time says nothing of a registry that did not answer it. */
static const int64_t FAIR_TIME = NS_PER_S;

/* What is asked, and what it came to so far. */
struct question {
    struct registries *registries;
    const struct asker *asker;
    const struct evidence_query *query;
    struct reference reference; /* with the digest, once it is known */
    int64_t deadline;
    bool fair;                 /* it began with time enough */
    struct str key;            /* of what is asked for now */
    struct image_entry *entry; /* made, or taken; owned */
};

/* Under what an answer to this asker is kept. No reference begins with a space. */
static struct str key_of(const struct asker *asker, const struct reference *reference,
                         struct arena *arena)
{
    struct str key = evidence_key(reference, arena);
    const struct str parts[] = {asker->scope, STR(" "), key};
    return asker->scope.n == 0 ? key : arena_join(arena, parts, sizeof parts / sizeof *parts);
}

/* A digest and its media type as one value of the cache: "sha256:… application/…". */
static bool read_resolved(struct str bytes, struct evidence *evidence)
{
    return str_cut(bytes, ' ', &evidence->digest, &evidence->media_type);
}

/* A registry that can be heard after all has the last word: what is stale does not count then. */
static void fail(struct answer *answer, const struct error *err, struct arena *arena)
{
    if (answer->evidence.stale && !error_kind_info(err->kind)->silent) {
        answer->evidence = (struct evidence){.stale = false};
    }
    answer->evidence.problem = arena_dup(arena, str_from(err->text));
    answer->evidence.problem_kind = err->kind;
}

static void give_image(struct image_entry *entry, struct answer *answer)
{
    const struct oci_image *image = image_entry_get(entry);
    answer->entry = entry;
    answer->evidence.image = image;
    answer->evidence.media_type = image->media_type;
}

/* -- digests that are stale -- */

static bool is_cancelled(const struct registries *registries)
{
    return registries->config.cancel != NULL && atomic_load(registries->config.cancel);
}

/* Whether nothing was heard from the registry. */
static bool is_unreachable(const struct registries *registries, const struct error *err, bool fair)
{
    bool unfair = err->kind == ERROR_TIMEOUT && (!fair || is_cancelled(registries));
    return error_kind_info(err->kind)->silent && !unfair;
}

/* Give the last digest of a tag that could not be asked for, if that will do. */
static bool use_last(struct registries *registries, const struct evidence_query *query,
                     struct str key, const struct error *err, struct arena *arena,
                     struct evidence *evidence)
{
    struct cache_found found;
    enum cache_state state = cache_look(registries->cache, key, CACHE_WISH_STALE, arena, &found);
    bool kept = state == CACHE_FRESH || state == CACHE_STALE;
    if (!kept || found.age > query->stale_for || !read_resolved(found.bytes, evidence)) {
        return false;
    }
    if (state == CACHE_STALE) { /* nobody was told a fresh one meanwhile */
        evidence->stale = true;
        evidence->age = found.age;
        evidence->problem = arena_dup(arena, str_from(err->text));
        evidence->problem_kind = err->kind;
        atomic_fetch_add(&registries->stale, 1);
    }
    return true;
}

/* -- what is at hand -- */

/* Whether `key` failed a short time ago; then *answer says how. */
static bool failed_before(struct registries *registries, struct str key, struct arena *arena,
                          struct answer *answer)
{
    struct cache_found found;
    bool failed_then =
        cache_look(registries->cache, key, CACHE_WISH_FRESH, arena, &found) == CACHE_FAILED;
    if (failed_then) {
        fail(answer, &found.failure, arena);
    }
    return failed_then;
}

static bool look_up_digest(struct registries *registries, const struct asker *asker,
                           const struct evidence_query *query, struct arena *arena,
                           struct answer *answer)
{
    struct str key = key_of(asker, query->reference, arena);
    struct cache_found found;
    if (query->reference->digest.n > 0) {
        answer->evidence.digest = query->reference->digest;
        return true;
    }
    switch (cache_look(registries->cache, key, CACHE_WISH_FRESH, arena, &found)) {
    case CACHE_FRESH:
        return read_resolved(found.bytes, &answer->evidence);
    case CACHE_FAILED:
        if (!is_unreachable(registries, &found.failure, true) ||
            !use_last(registries, query, key, &found.failure, arena, &answer->evidence)) {
            fail(answer, &found.failure, arena);
        }
        return true;
    case CACHE_STALE:
    case CACHE_NOTHING:
        break;
    }
    return false;
}

static bool look_up_image(struct registries *registries, const struct asker *asker,
                          const struct reference *reference, struct arena *arena,
                          struct answer *answer)
{
    struct reference pinned = *reference;
    pinned.digest = answer->evidence.digest;
    struct str key = key_of(asker, &pinned, arena);
    struct image_entry *entry = images_take(registries->images, key);
    if (entry == NULL) {
        return failed_before(registries, key, arena, answer);
    }
    atomic_fetch_add(&registries->image_hits, 1);
    give_image(entry, answer);
    return true;
}

bool answer_at_hand(struct registries *registries, const struct asker *asker,
                    const struct evidence_query *query, struct arena *arena,
                    struct answer *ret_answer)
{
    struct answer answer = {.entry = NULL};
    if (!look_up_digest(registries, asker, query, arena, &answer)) {
        return false;
    }
    bool wants_image = (query->wants & EVIDENCE_IMAGE) != 0 && answer.evidence.digest.n > 0;
    if (wants_image && !look_up_image(registries, asker, query->reference, arena, &answer)) {
        return false;
    }
    *ret_answer = answer;
    return true;
}

/* -- asking -- */

static struct registry_call call_of(const struct question *question, struct arena *arena)
{
    const struct registries_config *config = &question->registries->config;
    return (struct registry_call){
        .deadline = question->deadline,
        .cancel = config->cancel,
        .keyring = question->asker->keyring,
        .trusted_name = config->trusted_names,
        .arena = arena,
    };
}

/* -- what other replicas had -- */

static struct cache_shared_query shared_query(const struct question *question)
{
    const struct registries_config *config = &question->registries->config;
    return (struct cache_shared_query){
        .key = question->key, .ttl = config->tag_ttl, .deadline = question->deadline};
}

/* Where answers are told to others; NULL: nowhere, or none counts afterwards. */
static const struct cache_shared *shared_of(const struct question *question)
{
    const struct registries_config *config = &question->registries->config;
    return config->tag_ttl > 0 ? config->shared : NULL;
}

static bool had_by_another(const struct question *question, struct arena *arena,
                           struct cache_found *ret_found)
{
    const struct cache_shared *shared = shared_of(question);
    const struct cache_shared_query query = shared_query(question);
    struct evidence evidence;
    struct digest digest;
    return shared != NULL && shared->get(shared->self, &query, arena, ret_found) &&
           read_resolved(ret_found->bytes, &evidence) &&
           digest_parse(evidence.digest, &digest) == DIGEST_OK;
}

static void tell_others(const struct question *question, struct str bytes, int64_t had)
{
    const struct cache_shared *shared = shared_of(question);
    const struct cache_shared_query query = shared_query(question);
    if (shared != NULL) {
        shared->put(shared->self, &query, bytes, had);
    }
}

/* What the registry says now is newer than what others had of it. */
static void correct_others(const struct question *question, const struct error *err)
{
    const struct cache_shared *shared = shared_of(question);
    const struct cache_shared_query query = shared_query(question);
    if (shared != NULL && !error_kind_info(err->kind)->silent) {
        shared->forget(shared->self, &query);
    }
}

/* -- asking registries -- */

static status resolve(void *self, struct arena *arena, struct cache_made *ret_made,
                      struct error *err)
{
    const struct question *question = self;
    const struct registry_call call = call_of(question, arena);
    struct registry_resolved resolved;
    struct cache_found found = {.age = 0};
    if (!had_by_another(question, arena, &found)) {
        int64_t had = clock_wall();
        if (failed(registry_resolve(question->registries->config.registry, &question->reference,
                                    &call, &resolved, err))) {
            correct_others(question, err);
            return FAILED;
        }
        found.age = 0;
        found.bytes = arena_printf(arena, "%.*s %.*s", STR_ARG(resolved.digest),
                                   STR_ARG(resolved.media_type));
        tell_others(question, found.bytes, had);
    }
    *ret_made = (struct cache_made){
        .bytes = found.bytes,
        .ttl = question->registries->config.tag_ttl,
        .stale = LIMIT_STALE_SECONDS * NS_PER_S,
        .age = found.age,
    };
    return OK;
}

/* The image itself is kept elsewhere; what the cache has of it is who makes it, and failures. */
static status make_image(void *self, struct arena *arena, struct cache_made *ret_made,
                         struct error *err)
{
    (void)arena;
    struct question *question = self;
    const struct registries *registries = question->registries;
    const struct registry_resolved resolved = {.digest = question->reference.digest};
    struct arena kept;
    struct oci_image image;
    arena_init(&kept, LIMIT_IMAGE_ARENA);
    const struct registry_call call = call_of(question, &kept);
    if (failed(registry_image(registries->config.registry, &question->reference, &resolved, &call,
                              &image, err))) {
        arena_done(&kept);
        return FAILED;
    }
    TRY(images_put(registries->images, question->key, &kept, &image, &question->entry, err));
    *ret_made = (struct cache_made){.bytes = STR("made"), .ttl = 0};
    return OK;
}

static status get(struct question *question,
                  status (*make)(void *self, struct arena *arena, struct cache_made *ret_made,
                                 struct error *err),
                  struct arena *arena, struct str *ret_bytes, struct error *err)
{
    const struct cache_call call = {
        .key = question->key,
        .make = make,
        .self = question,
        .deadline = question->deadline,
        .cancel = question->registries->config.cancel,
    };
    return cache_get(question->registries->cache, &call, arena, ret_bytes, err);
}

static status ask_digest(struct question *question, struct arena *arena, struct evidence *evidence,
                         struct error *err)
{
    struct str bytes;
    question->key = key_of(question->asker, &question->reference, arena);
    if (!failed(get(question, resolve, arena, &bytes, err))) {
        ENSURE(read_resolved(bytes, evidence));
        return OK;
    }
    bool last =
        is_unreachable(question->registries, err, question->fair) &&
        use_last(question->registries, question->query, question->key, err, arena, evidence);
    return last ? OK : FAILED;
}

static status ask_image(struct question *question, struct arena *arena, struct error *err)
{
    struct str bytes;
    question->key = key_of(question->asker, &question->reference, arena);
    for (int i = 0; i < TRIES && question->entry == NULL; i++) {
        question->entry = images_take(question->registries->images, question->key);
        if (question->entry == NULL) {
            TRY(get(question, make_image, arena, &bytes, err));
        }
    }
    return question->entry != NULL
               ? OK
               : error_set(err, ERROR_INTERNAL, "there is no memory for what the image is");
}

static status ask(struct question *question, struct arena *arena, struct answer *answer,
                  struct error *err)
{
    struct evidence *evidence = &answer->evidence;
    if (question->reference.digest.n > 0) {
        evidence->digest = question->reference.digest;
    } else {
        TRY(ask_digest(question, arena, evidence, err));
        question->reference.digest = evidence->digest;
    }
    if ((question->query->wants & EVIDENCE_IMAGE) != 0) {
        TRY(ask_image(question, arena, err));
        give_image(question->entry, answer);
    }
    return OK;
}

void answer_ask(struct registries *registries, const struct asker *asker,
                const struct evidence_query *query, int64_t deadline, struct arena *arena,
                struct answer *ret_answer)
{
    struct question question = {.registries = registries,
                                .asker = asker,
                                .query = query,
                                .reference = *query->reference,
                                .deadline = deadline,
                                .fair = deadline - clock_monotonic() >= FAIR_TIME};
    struct answer answer = {.entry = NULL};
    struct error err;
    if (failed(ask(&question, arena, &answer, &err))) {
        fail(&answer, &err, arena);
    }
    *ret_answer = answer;
}

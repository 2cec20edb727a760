#pragma once
/* A source of evidence that asks registries.
 *
 * What a tag points to is remembered for a short time, what an image is for longer: it is kept by
 * digest, and cannot change; both for who may ask with the same credentials. A failure is
 * remembered too, for its own time, which its message tells. Equal questions of several reviews are
 * asked once. Threading: any thread.
 *
 * The last digest of a tag is kept for LIMIT_STALE_SECONDS, for questions that may have a stale one
 * (evidence_query.stale_for): it is given while nothing is heard from the registry (a failure that
 * is silent, by base/status.h). That there was no answer in time says so only where a second or
 * more was left when the question began, and nothing was cancelled. Whatever else the registry
 * answers, that the tag is gone or may not be read, is newer and has it forgotten.
 *
 * What another replica had no longer ago than tag_ttl, by `shared`, counts as if it had been had
 * here then. */
#include "cache/shared.h"
#include "credentials/keyring.h"
#include "evaluate/source.h"
#include "pulls/pulls.h"
#include "registry/registry.h"

struct registries;

/* Everything is borrowed while it is in use. */
struct registries_config {
    struct registry *registry;
    const struct keyring *keyring; /* NULL: registries are asked as nobody */
    struct pulls *pulls;           /* reviews with pull secrets are asked for with these, what is
                                      remembered of it is for those with the same alone, and what a
                                      registry refuses is a problem of kind INPUT; NULL: all with
                                      `keyring` */
    const atomic_bool *cancel;     /* true ends all questions; or NULL */
    bool trusted_names;            /* as registry_call.trusted_name */
    size_t max_bytes;              /* of what is remembered: a quarter for digests, the rest for
                                      what images are */
    int64_t tag_ttl;               /* nanoseconds; 0: a tag is asked for by every review */
    int64_t failure_ttl;
    int64_t timeout; /* of one review's questions, where it has no deadline; nanoseconds */
    const struct cache_shared *shared; /* where digests of tags are told to other replicas; NULL:
                                          nowhere */
    int64_t (*now)(void *clock);       /* as cache_config.now */
    void *clock;
};

struct registries_counters {
    uint64_t hits, misses, waits, failures; /* of questions: see struct cache_counters */
    uint64_t image_hits;                    /* images that were known */
    uint64_t stale;                         /* digests given that the tag had last */
    uint64_t digests, images;               /* that are remembered now */
};

/* Returns owned. */
struct registries *registries_new(const struct registries_config *config);

/* Free; NULL is fine. Nobody asks any more. */
void registries_free(struct registries *registries);

/* The port. Its answers hold on to what they borrow until the arena is reset. */
struct evidence_source registries_source(struct registries *registries);

/* The numbers so far. */
struct registries_counters registries_counters(struct registries *registries);

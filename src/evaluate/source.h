#pragma once
/* Where evidence comes from: the port between the walk and those who ask registries, read layouts
 * or follow a script.
 *
 * One review asks in rounds, of which there is one, or two where a digest that was written brings
 * in further rules. A round names each distinct reference once, so that a source can ask for all of
 * them at the same time. */
#include "base/arena.h"
#include "base/status.h"
#include "image/reference.h"
#include "policy/evidence.h"
#include "review/review.h"

/* What is wanted about one reference. With a digest in it, it is about that and nothing else: a tag
 * beside it is never asked for. */
struct evidence_query {
    const struct reference *reference;
    unsigned wants;    /* bits of policy/evidence.h */
    int64_t stale_for; /* how old the digest may be while the registry cannot be reached, in
                          nanoseconds; 0: there is no such answer */
};

struct evidence_round {
    const struct evidence_query *queries;
    size_t n;
    const struct review *review; /* whose namespace and pull secrets count */
    int64_t deadline;            /* monotonic; 0: none */
    size_t room;                 /* bytes of the arena that it may use; what takes more is a problem
                                    of kind LIMIT */
    bool inline_only;            /* answer from what is at hand, or say that it takes time */
};

struct evidence_source {
    void *self;

    /* Put what was found out about query i into ret_evidence[i], which is zeroed: what was had, and
     * a problem, with its kind, if something wanted was not. Texts live in the arena. Nothing is
     * kept of the round. With inline_only, *ret_later may be set instead, and then nothing else
     * counts. Errors: any; then nothing was had of all the round, and the error is every query's
     * problem. Threading: from any thread, several at once. */
    status (*gather)(void *self, const struct evidence_round *round, struct arena *arena,
                     struct evidence *ret_evidence, bool *ret_later, struct error *err);
};

/* "docker.io/library/nginx:1" or "ghcr.io:5000/a/b@sha256:…": what a reference is about, the same
 * text for all references that mean the same. Lives in the arena. */
struct str evidence_key(const struct reference *reference, struct arena *arena);

#pragma once
/* The rotation: what the leader does next. Pure.
 *
 *   nothing in the Secret   NEW_AUTHORITY    ca.crt = [A]      no caBundle holds anything else:
 *                           NEW_LEAF         leaf by A         at once
 *   A has a fifth left      NEW_AUTHORITY    ca.crt = [B, A]   leaf still by A
 *                           (every caBundle is made to hold B and A, then `overlap` passes)
 *                           NEW_LEAF         leaf by B         replicas change over
 *                           (`overlap` passes)
 *                           DROP_AUTHORITIES ca.crt = [B]      A leaves every caBundle
 *   a leaf has a third left NEW_LEAF         by the same       no caBundle changes
 *
 * Each step is one write of the Secret. A caBundle is always made to hold all of ca.crt before the
 * next step, and so at every moment verifies what replicas serve. What was damaged shows as one of
 * these states: an authority without its key is followed by a new one, a leaf that is not sound by
 * a new one. Waiting is measured by the leader that acts, so a new leader waits anew. */
#include "certificates/state.h"

struct rotation_times {
    int64_t validity;           /* of a leaf; renewed when a third is left */
    int64_t authority_validity; /* of an authority; replaced when a fifth is left */
    int64_t overlap;
};

/* What the leader sees beside the Secret. */
struct rotation_view {
    int64_t now;     /* wall time */
    int64_t settled; /* for how long every caBundle has held all of ca.crt; -1: not */
    int64_t served;  /* for how long the Secret has had this leaf; -1: not */
    bool others;     /* a caBundle holds an authority that is not in ca.crt */
};

enum rotation_step {
    ROTATION_NOTHING,
    ROTATION_NEW_AUTHORITY,
    ROTATION_NEW_LEAF,
    ROTATION_DROP_AUTHORITIES
};

/* The next step. */
enum rotation_step rotation_next(const struct certificates_state *state,
                                 const struct rotation_times *times,
                                 const struct rotation_view *view);

/* Whether nothing but ca.crt is needed in a caBundle any more. */
bool rotation_is_over(const struct certificates_state *state, const struct rotation_times *times,
                      const struct rotation_view *view);

/* What the names and times of new certificates are. */
struct rotation_request {
    struct str authority_name;
    const struct str *names; /* DNS names of the leaf */
    size_t n_names;
    const struct rotation_times *times;
    int64_t now; /* wall time */
};

/* The Secret after `step`, which is not NOTHING; in the arena.
 * Errors: INPUT (a state that is not of this step). */
MUST status rotation_make(struct arena *arena, enum rotation_step step,
                          const struct certificates_state *state,
                          const struct certificates_secret *secret,
                          const struct rotation_request *request,
                          struct certificates_secret *ret_secret, struct error *err);

#pragma once
/* Inside cache/: a hash that nobody can foresee who does not know the seed. Pure but for the seed.
 * Spec: SipHash-2-4, Aumasson and Bernstein 2012. */
#include <stdint.h>

#include "base/str.h"

struct hash_seed {
    uint64_t a, b;
};

/* A seed by chance. */
struct hash_seed hash_seed_new(void);

/* The hash of `s`. */
uint64_t hash_seeded(const struct hash_seed *seed, struct str s);

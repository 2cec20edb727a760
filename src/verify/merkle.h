#pragma once
/* Proofs that a log holds an entry, and that a log only grew. SHA-256 alone. Pure.
 * Spec: RFC 6962 section 2.1; RFC 9162 sections 2.1.3.2 and 2.1.4.2. */
#include <stdint.h>

#include "base/status.h"
#include "base/str.h"

enum { MERKLE_SIZE = 32 };

/* Hashes, next to the leaf first. */
struct merkle_proof {
    const struct str *hashes;
    size_t n;
};

/* The hash of the leaf that holds `entry`, written to `room`, from which it borrows. */
struct str merkle_leaf(struct str entry, char room[MERKLE_SIZE]);

/* Check that leaf `index` of the tree of `size` leaves whose root is `root` has the hash `leaf`.
 * Errors: EVIDENCE. Limits: LIMIT_PROOF_HASHES. */
MUST status merkle_check_inclusion(uint64_t index, uint64_t size, struct str leaf,
                                   const struct merkle_proof *proof, struct str root,
                                   struct error *err);

/* A tree as a log told of it. */
struct merkle_tree {
    uint64_t size;
    struct str root;
};

/* Check that `later` begins with all of `earlier`, which may be the same, but not empty unless both
 * are. Errors: EVIDENCE. Limits: LIMIT_PROOF_HASHES. */
MUST status merkle_check_consistency(const struct merkle_tree *earlier,
                                     const struct merkle_tree *later,
                                     const struct merkle_proof *proof, struct error *err);

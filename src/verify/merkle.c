#include "verify/merkle.h"

#include <string.h>

#include "base/limits.h"
#include "crypto/hash.h"

/* A hash that is worked on. */
struct node {
    char bytes[HASH_ROOM];
};

static struct str node_str(const struct node *node)
{
    return (struct str){node->bytes, MERKLE_SIZE};
}

static struct node node_of(struct str hash)
{
    struct node node;
    memcpy(node.bytes, hash.p, MERKLE_SIZE);
    return node;
}

struct str merkle_leaf(struct str entry, char room[MERKLE_SIZE])
{
    struct node node;
    const struct str parts[] = {{"\0", 1}, entry};
    hash_of(HASH_SHA256, parts, 2, node.bytes);
    memcpy(room, node.bytes, MERKLE_SIZE);
    return (struct str){room, MERKLE_SIZE};
}

static void join(struct str left, struct str right, struct node *ret)
{
    const struct str parts[] = {{"\1", 1}, left, right};
    struct node node;
    hash_of(HASH_SHA256, parts, 3, node.bytes);
    *ret = node;
}

static status fail(struct error *err, const char *what)
{
    return error_set(err, ERROR_EVIDENCE, "%s", what);
}

static bool are_hashes(const struct merkle_proof *proof)
{
    for (size_t i = 0; i < proof->n; i++) {
        if (proof->hashes[i].n != MERKLE_SIZE) {
            return false;
        }
    }
    return proof->n <= LIMIT_PROOF_HASHES;
}

/* -- inclusion -- */

status merkle_check_inclusion(uint64_t index, uint64_t size, struct str leaf,
                              const struct merkle_proof *proof, struct str root, struct error *err)
{
    if (index >= size) {
        return fail(err, "the log has no entry of that index");
    }
    if (leaf.n != MERKLE_SIZE || root.n != MERKLE_SIZE || !are_hashes(proof)) {
        return fail(err, "the proof of inclusion is malformed");
    }
    uint64_t at = index, last = size - 1;
    struct node node = node_of(leaf);
    for (size_t i = 0; i < proof->n; i++) {
        if (last == 0) {
            return fail(err, "the proof of inclusion is too long");
        }
        if ((at & 1) != 0 || at == last) {
            join(proof->hashes[i], node_str(&node), &node);
            while ((at & 1) == 0 && at != 0) {
                at >>= 1;
                last >>= 1;
            }
        } else {
            join(node_str(&node), proof->hashes[i], &node);
        }
        at >>= 1;
        last >>= 1;
    }
    if (last != 0) {
        return fail(err, "the proof of inclusion is too short");
    }
    return str_eq(node_str(&node), root)
               ? OK
               : fail(err, "the proof of inclusion does not lead to the root of the log");
}

/* -- consistency -- */

static status check_same(const struct merkle_tree *earlier, const struct merkle_tree *later,
                         const struct merkle_proof *proof, struct error *err)
{
    if (proof->n > 0) {
        return fail(err, "the proof of consistency is too long");
    }
    return str_eq(earlier->root, later->root) ? OK
                                              : fail(err, "trees of one size have different roots");
}

static status follow(const struct merkle_tree *earlier, const struct merkle_tree *later,
                     const struct merkle_proof *proof, struct error *err)
{
    uint64_t at = earlier->size - 1, last = later->size - 1;
    size_t next = 0;
    while ((at & 1) != 0) {
        at >>= 1;
        last >>= 1;
    }
    /* A tree of a power of two of leaves is itself a part of the later one. */
    bool whole = (earlier->size & (earlier->size - 1)) == 0;
    struct node first = node_of(whole ? earlier->root : proof->hashes[next++]);
    struct node second = first;
    for (; next < proof->n; next++) {
        struct str hash = proof->hashes[next];
        if (last == 0) {
            return fail(err, "the proof of consistency is too long");
        }
        if ((at & 1) != 0 || at == last) {
            join(hash, node_str(&first), &first);
            join(hash, node_str(&second), &second);
            while ((at & 1) == 0 && at != 0) {
                at >>= 1;
                last >>= 1;
            }
        } else {
            join(node_str(&second), hash, &second);
        }
        at >>= 1;
        last >>= 1;
    }
    if (last != 0) {
        return fail(err, "the proof of consistency is too short");
    }
    return str_eq(node_str(&first), earlier->root) && str_eq(node_str(&second), later->root)
               ? OK
               : fail(err, "the proof of consistency does not lead from one root to the other");
}

status merkle_check_consistency(const struct merkle_tree *earlier, const struct merkle_tree *later,
                                const struct merkle_proof *proof, struct error *err)
{
    if (earlier->size > later->size) {
        return fail(err, "the log has shrunk");
    }
    if (earlier->size == later->size) {
        return check_same(earlier, later, proof, err);
    }
    if (earlier->root.n != MERKLE_SIZE || later->root.n != MERKLE_SIZE || !are_hashes(proof)) {
        return fail(err, "the proof of consistency is malformed");
    }
    if (earlier->size == 0) {
        return fail(err, "nothing follows from an empty log");
    }
    if (proof->n == 0) {
        return fail(err, "the proof of consistency is too short");
    }
    return follow(earlier, later, proof, err);
}

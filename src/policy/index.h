#pragma once
/* An index from what a review says to the policies, or exceptions, that may match it: few of very
 * many. What it leaves out certainly does not match; what it yields must still be matched in full.
 *
 * Every item is filed under one key per combination of what it names literally: a policy's name, a
 * namespace, the beginning of an image's name; each part may be "any". A query looks under every
 * combination that could name it. Keys are 64-bit hashes alone: two that collide cost a look, never
 * a mistake.
 *
 * Pure; immutable once built. Private to policy/. */
#include "image/pattern.h"
#include "image/reference.h"

struct policy_index;

/* What one item names literally. An empty list stands for "any". */
struct policy_index_item {
    const struct str *policies;
    size_t n_policies;
    const struct str *namespaces;
    size_t n_namespaces;
    const struct pattern **images;
    size_t n_images;
};

/* Build the index over `n` items, which are known by their position afterwards. The index lives in
 * `arena`; `items` is needed no longer. */
const struct policy_index *policy_index_build(struct arena *arena,
                                              const struct policy_index_item *items, size_t n);

/* How many items are filed under a key that is not all "any"; 0 for NULL. */
size_t policy_index_keyed(const struct policy_index *index);

struct policy_index_query {
    struct str policy;                 /* empty: items that name one are passed over */
    struct str namespace;              /* empty: the same */
    bool any_namespace;                /* yield items of every namespace: the index does not help */
    const struct reference *reference; /* NULL: as any_namespace, for images */
};

enum {
    INDEX_DEPTH = 6, /* segments of a repository that a key holds at most */
    INDEX_LISTS = 2 * 2 * (INDEX_DEPTH + 2)
};

/* A walk over the items that a query yields, in order and without repetition. */
struct policy_index_cursor {
    struct {
        const uint32_t *at, *end;
    } lists[INDEX_LISTS];
    size_t n;
};

/* Begin the walk over the items that may match `query`: all that do, and few that do not. The
 * cursor borrows from the index. */
void policy_index_find(const struct policy_index *index, const struct policy_index_query *query,
                       struct policy_index_cursor *ret_cursor);

/* Step to the next item. Returns false at the end. */
bool policy_index_next(struct policy_index_cursor *cursor, uint32_t *ret_item);

/* At least as many as policy_index_next will yield. */
size_t policy_index_bound(const struct policy_index_cursor *cursor);

#include "policy/index.h"

#include <string.h>

/* An item that would be filed under more keys than this is filed more broadly instead. */
enum { KEYS_MAX = 64 };

struct posting {
    uint64_t key;
    uint32_t item;
};

struct slot {
    uint64_t key;
    uint32_t begin, end; /* in index->items; equal: an empty slot */
};

struct policy_index {
    uint32_t *all; /* 0, 1, 2, …: for a query that the index cannot help */
    size_t n;
    uint32_t *items; /* of all keys, one key's after the other's, each in order */
    struct slot *slots;
    size_t mask; /* number of slots, a power of two, less one */
    size_t keyed;
};

/* -- keys -- */

static const uint64_t ANY = 0;

/* Put a further part behind a key; order matters. */
static uint64_t key_add(uint64_t key, uint64_t part)
{
    uint64_t mixed = (key ^ part) * UINT64_C(0x9e3779b97f4a7c15) + UINT64_C(0x632be59bd9b4e019);
    return mixed ^ (mixed >> 29);
}

static uint64_t name_key(struct str name)
{
    return key_add(1, str_hash(name));
}

/* The key of a host and the first `depth` segments. */
static uint64_t image_key(struct str host, const struct str *segments, size_t depth)
{
    uint64_t key = name_key(host);
    for (size_t i = 0; i < depth; i++) {
        key = key_add(key, str_hash(segments[i]));
    }
    return key;
}

static uint64_t combined_key(uint64_t policy, uint64_t namespace, uint64_t image)
{
    return key_add(key_add(policy, namespace), image);
}

/* -- building -- */

struct postings {
    struct posting *items;
    size_t n, room;
};

static void postings_add(struct postings *postings, uint64_t key, uint32_t item)
{
    if (postings->n == postings->room) {
        postings->room = postings->room == 0 ? 256 : postings->room * 2;
        postings->items = reallocarray(postings->items, postings->room, sizeof *postings->items);
        if (postings->items == NULL) {
            fatal("out of memory");
        }
    }
    postings->items[postings->n++] = (struct posting){key, item};
}

/* The parts of one item's keys, one dimension each; a dimension of "any" is one key. */
struct dimensions {
    uint64_t policies[KEYS_MAX], namespaces[KEYS_MAX], images[KEYS_MAX];
    size_t n_policies, n_namespaces, n_images;
};

static size_t name_keys(const struct str *names, size_t n, uint64_t *ret_keys)
{
    if (n == 0 || n > KEYS_MAX) {
        ret_keys[0] = ANY;
        return 1;
    }
    for (size_t i = 0; i < n; i++) {
        ret_keys[i] = name_key(names[i]);
    }
    return n;
}

static size_t image_keys(const struct pattern *const *patterns, size_t n, uint64_t *ret_keys)
{
    bool literal = n > 0 && n <= KEYS_MAX;
    for (size_t i = 0; literal && i < n; i++) {
        struct str host;
        const struct str *segments = NULL;
        size_t depth = 0;
        literal = pattern_literal_prefix(patterns[i], &host, &segments, &depth);
        if (literal) {
            ret_keys[i] = image_key(host, segments, depth < INDEX_DEPTH ? depth : INDEX_DEPTH);
        }
    }
    if (!literal) {
        ret_keys[0] = ANY;
        return 1;
    }
    return n;
}

/* Give up the dimension that multiplies most until the keys are few enough. */
static void widen(struct dimensions *d)
{
    while (d->n_policies * d->n_namespaces * d->n_images > KEYS_MAX) {
        if (d->n_policies >= d->n_namespaces && d->n_policies >= d->n_images) {
            d->policies[0] = ANY;
            d->n_policies = 1;
        } else if (d->n_namespaces >= d->n_images) {
            d->namespaces[0] = ANY;
            d->n_namespaces = 1;
        } else {
            d->images[0] = ANY;
            d->n_images = 1;
        }
    }
}

/* File one item. Returns true if some part of its keys is not "any". */
static bool file_item(const struct policy_index_item *item, uint32_t number,
                      struct postings *postings)
{
    struct dimensions d;
    d.n_policies = name_keys(item->policies, item->n_policies, d.policies);
    d.n_namespaces = name_keys(item->namespaces, item->n_namespaces, d.namespaces);
    d.n_images = image_keys(item->images, item->n_images, d.images);
    widen(&d);
    for (size_t i = 0; i < d.n_policies; i++) {
        for (size_t j = 0; j < d.n_namespaces; j++) {
            for (size_t k = 0; k < d.n_images; k++) {
                postings_add(postings, combined_key(d.policies[i], d.namespaces[j], d.images[k]),
                             number);
            }
        }
    }
    return d.policies[0] != ANY || d.namespaces[0] != ANY || d.images[0] != ANY;
}

static int compare_postings(const void *left, const void *right)
{
    const struct posting *a = left;
    const struct posting *b = right;
    if (a->key != b->key) {
        return a->key < b->key ? -1 : 1;
    }
    return a->item < b->item ? -1 : a->item > b->item;
}

static const struct slot *find_slot(const struct policy_index *index, uint64_t key)
{
    size_t at = key & index->mask;
    while (index->slots[at].begin != index->slots[at].end && index->slots[at].key != key) {
        at = (at + 1) & index->mask;
    }
    return &index->slots[at];
}

/* Lay out sorted postings as the lists and slots of the index. */
static void lay_out(struct policy_index *index, struct arena *arena,
                    const struct postings *postings)
{
    size_t slots = 2;
    while (slots < postings->n * 2) {
        slots *= 2;
    }
    index->mask = slots - 1;
    index->slots = ARENA_ARRAY(arena, struct slot, slots);
    index->items = ARENA_ARRAY(arena, uint32_t, postings->n);
    uint32_t used = 0;
    for (size_t i = 0; i < postings->n; i++) {
        const struct posting *posting = &postings->items[i];
        bool same_key = i > 0 && posting[-1].key == posting->key;
        if (same_key && posting[-1].item == posting->item) {
            continue; /* two patterns with one prefix */
        }
        index->items[used] = posting->item;
        struct slot *slot = &index->slots[find_slot(index, posting->key) - index->slots];
        if (!same_key) {
            *slot = (struct slot){.key = posting->key, .begin = used};
        }
        slot->end = ++used;
    }
}

const struct policy_index *policy_index_build(struct arena *arena,
                                              const struct policy_index_item *items, size_t n)
{
    struct policy_index *index = ARENA_NEW(arena, struct policy_index);
    index->n = n;
    index->all = ARENA_ARRAY(arena, uint32_t, n);
    struct postings postings = {0};
    for (size_t i = 0; i < n; i++) {
        index->all[i] = (uint32_t)i;
        index->keyed += file_item(&items[i], (uint32_t)i, &postings);
    }
    if (postings.n > 0) {
        qsort(postings.items, postings.n, sizeof *postings.items, compare_postings);
    }
    lay_out(index, arena, &postings);
    free(postings.items);
    return index;
}

size_t policy_index_keyed(const struct policy_index *index)
{
    return index == NULL ? 0 : index->keyed;
}

/* -- looking -- */

static void look(const struct policy_index *index, uint64_t key, struct policy_index_cursor *cursor)
{
    const struct slot *slot = find_slot(index, key);
    if (slot->begin != slot->end) {
        cursor->lists[cursor->n].at = index->items + slot->begin;
        cursor->lists[cursor->n].end = index->items + slot->end;
        cursor->n++;
    }
}

/* Look under every beginning of the image's name, and under "any". */
static void look_images(const struct policy_index *index, uint64_t policy, uint64_t namespace,
                        const struct reference *reference, struct policy_index_cursor *cursor)
{
    look(index, combined_key(policy, namespace, ANY), cursor);
    uint64_t key = name_key(reference->host);
    look(index, combined_key(policy, namespace, key), cursor);
    for (size_t i = 0; i < reference->n_segments && i < INDEX_DEPTH; i++) {
        key = key_add(key, str_hash(reference->segments[i]));
        look(index, combined_key(policy, namespace, key), cursor);
    }
}

void policy_index_find(const struct policy_index *index, const struct policy_index_query *query,
                       struct policy_index_cursor *ret_cursor)
{
    ret_cursor->n = 0;
    if (query->any_namespace || query->reference == NULL) {
        ret_cursor->lists[0].at = index->all;
        ret_cursor->lists[0].end = index->all + index->n;
        ret_cursor->n = index->n > 0 ? 1 : 0;
        return;
    }
    uint64_t policies[2] = {ANY, name_key(query->policy)};
    uint64_t namespaces[2] = {ANY, name_key(query->namespace)};
    size_t n_policies = query->policy.n > 0 ? 2 : 1;
    size_t n_namespaces = query->namespace.n > 0 ? 2 : 1;
    for (size_t i = 0; i < n_policies; i++) {
        for (size_t j = 0; j < n_namespaces; j++) {
            look_images(index, policies[i], namespaces[j], query->reference, ret_cursor);
        }
    }
}

bool policy_index_next(struct policy_index_cursor *cursor, uint32_t *ret_item)
{
    uint32_t least = UINT32_MAX;
    bool found = false;
    for (size_t i = 0; i < cursor->n; i++) {
        if (cursor->lists[i].at < cursor->lists[i].end && *cursor->lists[i].at <= least) {
            least = *cursor->lists[i].at;
            found = true;
        }
    }
    for (size_t i = 0; i < cursor->n; i++) {
        if (cursor->lists[i].at < cursor->lists[i].end && *cursor->lists[i].at == least) {
            cursor->lists[i].at++;
        }
    }
    if (found) {
        *ret_item = least;
    }
    return found;
}

size_t policy_index_bound(const struct policy_index_cursor *cursor)
{
    size_t bound = 0;
    for (size_t i = 0; i < cursor->n; i++) {
        bound += (size_t)(cursor->lists[i].end - cursor->lists[i].at);
    }
    return bound;
}

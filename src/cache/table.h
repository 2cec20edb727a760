#pragma once
/* Inside cache/: entries by key, in the order of their last use, of bounded size together. */
#include "base/status.h"
#include "cache/hash.h"

/* Bytes that are shared, and counted under the cache's lock. */
struct value {
    unsigned refs;
    size_t n;
    char bytes[];
};

/* A copy with one reference. */
struct value *value_new(struct str bytes);

/* One reference more, which is returned; one less. NULL is fine. */
struct value *value_ref(struct value *value);
void value_unref(struct value *value);

struct entry {
    uint64_t hash;
    struct entry *next; /* of the same bucket */
    struct entry *older, *newer;
    struct value *value; /* NULL: none */
    int64_t had, fresh_until, stale_until;
    struct value *problem; /* the text of a failure; NULL: none */
    enum error_kind kind;
    int64_t failed, failed_until;
    size_t n;
    char key[];
};

struct table {
    struct hash_seed seed;
    struct entry **buckets;
    size_t n_buckets, n;
    struct entry *newest, *oldest;
    size_t bytes, max;
    uint64_t evictions;
};

/* Ready for at most `max` bytes, its own included. Free. */
void cache_table_init(struct table *table, size_t max);
void cache_table_done(struct table *table);

/* The entry of `key`, which counts as used now; NULL: there is none. */
struct entry *cache_table_find(struct table *table, struct str key);

/* The same, made if it is not there: then it is empty. */
struct entry *cache_table_need(struct table *table, struct str key);

/* Let the entry have these two, either of which may be NULL; takes the references. May remove older
 * entries, and this one if it is more than an eighth of all. */
void cache_table_put(struct table *table, struct entry *entry, struct value *value,
                     struct value *problem);

/* Remove the entry. */
void cache_table_drop(struct table *table, struct entry *entry);

#include "cache/table.h"

#include <stdlib.h>
#include <string.h>

/* What the C library keeps of a block, and one bucket for so many bytes. */
enum { BLOCK_HEAD = 16, BYTES_PER_BUCKET = 1024, LEAST_BUCKETS = 16 };

static void *allocate(size_t size)
{
    void *memory = calloc(1, size);
    if (memory == NULL) {
        fatal("out of memory");
    }
    return memory;
}

/* -- values -- */

struct value *value_new(struct str bytes)
{
    struct value *value = allocate(sizeof *value + bytes.n);
    value->refs = 1;
    value->n = bytes.n;
    if (bytes.n > 0) {
        memcpy(value->bytes, bytes.p, bytes.n);
    }
    return value;
}

struct value *value_ref(struct value *value)
{
    if (value != NULL) {
        value->refs++;
    }
    return value;
}

void value_unref(struct value *value)
{
    if (value != NULL && --value->refs == 0) {
        explicit_bzero(value->bytes, value->n);
        free(value);
    }
}

static size_t value_size(const struct value *value)
{
    return value == NULL ? 0 : sizeof *value + value->n + BLOCK_HEAD;
}

/* -- the table -- */

void cache_table_init(struct table *table, size_t max)
{
    size_t n = LEAST_BUCKETS;
    while (n < max / BYTES_PER_BUCKET) {
        n *= 2;
    }
    *table = (struct table){.seed = hash_seed_new(), .n_buckets = n, .max = max};
    table->buckets = allocate(n * sizeof(struct entry *));
    table->bytes = n * sizeof(struct entry *);
}

void cache_table_done(struct table *table)
{
    while (table->oldest != NULL) {
        cache_table_drop(table, table->oldest);
    }
    free(table->buckets);
    *table = (struct table){.bytes = 0};
}

static struct entry **bucket_of(const struct table *table, uint64_t hash)
{
    return &table->buckets[hash & (table->n_buckets - 1)];
}

static void unlink_entry(struct table *table, struct entry *entry)
{
    *(entry->older != NULL ? &entry->older->newer : &table->oldest) = entry->newer;
    *(entry->newer != NULL ? &entry->newer->older : &table->newest) = entry->older;
    entry->older = entry->newer = NULL;
}

static void link_newest(struct table *table, struct entry *entry)
{
    entry->older = table->newest;
    *(table->newest != NULL ? &table->newest->newer : &table->oldest) = entry;
    table->newest = entry;
}

static struct entry *find(struct table *table, struct str key, uint64_t hash)
{
    struct entry *entry = *bucket_of(table, hash);
    while (entry != NULL &&
           (entry->hash != hash || !str_eq((struct str){entry->key, entry->n}, key))) {
        entry = entry->next;
    }
    if (entry != NULL && entry != table->newest) {
        unlink_entry(table, entry);
        link_newest(table, entry);
    }
    return entry;
}

struct entry *cache_table_find(struct table *table, struct str key)
{
    return find(table, key, hash_seeded(&table->seed, key));
}

static size_t entry_size(const struct entry *entry)
{
    return sizeof *entry + entry->n + BLOCK_HEAD + value_size(entry->value) +
           value_size(entry->problem);
}

struct entry *cache_table_need(struct table *table, struct str key)
{
    uint64_t hash = hash_seeded(&table->seed, key);
    struct entry *entry = find(table, key, hash);
    if (entry != NULL) {
        return entry;
    }
    struct entry **bucket = bucket_of(table, hash);
    entry = allocate(sizeof *entry + key.n);
    entry->hash = hash;
    entry->n = key.n;
    if (key.n > 0) {
        memcpy(entry->key, key.p, key.n);
    }
    entry->next = *bucket;
    *bucket = entry;
    link_newest(table, entry);
    table->bytes += entry_size(entry);
    table->n++;
    return entry;
}

void cache_table_drop(struct table *table, struct entry *entry)
{
    struct entry **place = bucket_of(table, entry->hash);
    while (*place != entry) {
        place = &(*place)->next;
    }
    *place = entry->next;
    unlink_entry(table, entry);
    table->bytes -= entry_size(entry);
    table->n--;
    value_unref(entry->value);
    value_unref(entry->problem);
    free(entry);
}

void cache_table_put(struct table *table, struct entry *entry, struct value *value,
                     struct value *problem)
{
    table->bytes -= entry_size(entry);
    value_unref(entry->value);
    value_unref(entry->problem);
    entry->value = value;
    entry->problem = problem;
    table->bytes += entry_size(entry);
    if (entry_size(entry) > table->max / 8) {
        cache_table_drop(table, entry);
    }
    while (table->bytes > table->max && table->oldest != NULL) {
        cache_table_drop(table, table->oldest);
        table->evictions++;
    }
}

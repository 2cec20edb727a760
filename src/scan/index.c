#include "scan/index.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/status.h"

enum { SLOTS_LEAST = 64 };

/* -- uids -- */

static int digit_of(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool uid_parse(struct str text, unsigned char ret_uid[UID_BYTES])
{
    unsigned char uid[UID_BYTES];
    size_t at = 0;
    if (text.n != UID_TEXT_MAX - 1) {
        return false;
    }
    for (size_t i = 0; i < UID_BYTES; i++) {
        bool dash = i == 4 || i == 6 || i == 8 || i == 10;
        if (dash && text.p[at++] != '-') {
            return false;
        }
        int high = digit_of(text.p[at]), low = digit_of(text.p[at + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        uid[i] = (unsigned char)(high * 16 + low);
        at += 2;
    }
    memcpy(ret_uid, uid, UID_BYTES);
    return true;
}

void uid_write(const unsigned char uid[UID_BYTES], char ret_text[UID_TEXT_MAX])
{
    char *at = ret_text;
    for (size_t i = 0; i < UID_BYTES; i++) {
        bool dash = i == 4 || i == 6 || i == 8 || i == 10;
        at += snprintf(at, 4, "%s%02x", dash ? "-" : "", uid[i]);
    }
}

/* -- slots, of both tables -- */

static void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    ENSURE(memory != NULL);
    return memory;
}

static void *enlarge(void *items, size_t count, size_t size)
{
    void *memory = reallocarray(items, count, size);
    ENSURE(memory != NULL);
    return memory;
}

/* Half of the slots stay empty. Items have as much room as half of the slots. */
static bool is_crowded(size_t n, size_t n_slots)
{
    return (n + 1) * 2 > n_slots;
}

static size_t more_slots(size_t n_slots)
{
    return n_slots == 0 ? SLOTS_LEAST : n_slots * 2;
}

static void put(uint32_t *slots, size_t n_slots, uint64_t hash, size_t number)
{
    size_t at = hash & (n_slots - 1);
    while (slots[at] != 0) {
        at = (at + 1) & (n_slots - 1);
    }
    slots[at] = (uint32_t)number + 1;
}

/* -- objects -- */

void index_init(struct index *index, size_t max)
{
    *index = (struct index){.max = max};
    ENSURE(max < UINT32_MAX);
    ENSURE(getrandom(index->seed, sizeof index->seed, 0) == sizeof index->seed);
}

void index_done(struct index *index)
{
    free(index->keys);
    free(index->slots);
    *index = (struct index){.n = 0};
}

static uint64_t mix(uint64_t a, uint64_t b)
{
    __uint128_t product = (__uint128_t)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t hash_key(const struct index *index, const struct index_key *key)
{
    uint64_t halves[2];
    memcpy(halves, key->uid, sizeof halves);
    uint64_t hash = mix(halves[0] ^ index->seed[0], halves[1] ^ index->seed[1]);
    return mix(hash ^ index->seed[0], key->namespace ^ index->seed[1] ^ 0x9e3779b97f4a7c15u);
}

static bool is_key(const struct index_key *a, const struct index_key *b)
{
    return a->namespace == b->namespace && memcmp(a->uid, b->uid, UID_BYTES) == 0;
}

bool index_find(const struct index *index, const struct index_key *key, size_t *ret_number)
{
    if (index->n_slots == 0) {
        return false;
    }
    size_t at = hash_key(index, key) & (index->n_slots - 1);
    for (; index->slots[at] != 0; at = (at + 1) & (index->n_slots - 1)) {
        if (is_key(&index->keys[index->slots[at] - 1], key)) {
            *ret_number = index->slots[at] - 1;
            return true;
        }
    }
    return false;
}

static void grow_index(struct index *index)
{
    index->n_slots = more_slots(index->n_slots);
    free(index->slots);
    index->slots = allocate(index->n_slots, sizeof *index->slots);
    index->keys = enlarge(index->keys, index->n_slots / 2, sizeof *index->keys);
    for (size_t i = 0; i < index->n; i++) {
        put(index->slots, index->n_slots, hash_key(index, &index->keys[i]), i);
    }
}

bool index_add(struct index *index, const struct index_key *key, size_t *ret_number)
{
    if (index_find(index, key, ret_number)) {
        return true;
    }
    if (index->n == index->max) {
        return false;
    }
    if (is_crowded(index->n, index->n_slots)) {
        grow_index(index);
    }
    index->keys[index->n] = *key;
    put(index->slots, index->n_slots, hash_key(index, key), index->n);
    *ret_number = index->n++;
    return true;
}

/* -- names -- */

void names_init(struct names *names, size_t max)
{
    *names = (struct names){.max = max};
    ENSURE(max < UINT32_MAX);
}

void names_done(struct names *names)
{
    for (size_t i = 0; i < names->n; i++) {
        free((char *)(uintptr_t)names->items[i].p);
    }
    free(names->items);
    free(names->slots);
    *names = (struct names){.n = 0};
}

static void grow_names(struct names *names)
{
    names->n_slots = more_slots(names->n_slots);
    free(names->slots);
    names->slots = allocate(names->n_slots, sizeof *names->slots);
    names->items = enlarge(names->items, names->n_slots / 2, sizeof *names->items);
    for (size_t i = 0; i < names->n; i++) {
        put(names->slots, names->n_slots, str_hash(names->items[i]), i);
    }
}

static bool find_name(const struct names *names, struct str name, uint32_t *ret_number)
{
    if (names->n_slots == 0) {
        return false;
    }
    size_t at = str_hash(name) & (names->n_slots - 1);
    for (; names->slots[at] != 0; at = (at + 1) & (names->n_slots - 1)) {
        if (str_eq(names->items[names->slots[at] - 1], name)) {
            *ret_number = names->slots[at] - 1;
            return true;
        }
    }
    return false;
}

bool names_add(struct names *names, struct str name, uint32_t *ret_number)
{
    if (find_name(names, name, ret_number)) {
        return true;
    }
    if (names->n == names->max) {
        return false;
    }
    if (is_crowded(names->n, names->n_slots)) {
        grow_names(names);
    }
    char *copy = allocate(name.n + 1, 1);
    memcpy(copy, name.p, name.n);
    names->items[names->n] = (struct str){copy, name.n};
    put(names->slots, names->n_slots, str_hash(name), names->n);
    *ret_number = (uint32_t)names->n++;
    return true;
}

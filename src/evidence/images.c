#include "evidence/images.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

struct image_entry {
    atomic_size_t references;
    struct shared *shared;
    struct arena arena;
    struct oci_image image;
    struct str key;
    uint64_t hash;
    uint64_t taken; /* when, counted in takings */
    size_t bytes;
    char key_text[];
};

/* What outlives the store while entries are in use. */
struct shared {
    atomic_size_t references;
    atomic_size_t bytes;
};

struct images {
    pthread_mutex_t lock;
    struct shared *shared;
    size_t max_bytes;
    uint64_t takings;
    struct image_entry *entries[LIMIT_IMAGES_KEPT];
    size_t n;
};

static void release_shared(struct shared *shared)
{
    if (atomic_fetch_sub(&shared->references, 1) == 1) {
        free(shared);
    }
}

void image_entry_release(void *argument)
{
    struct image_entry *entry = argument;
    if (entry != NULL && atomic_fetch_sub(&entry->references, 1) == 1) {
        atomic_fetch_sub(&entry->shared->bytes, entry->bytes);
        release_shared(entry->shared);
        arena_done(&entry->arena);
        free(entry);
    }
}

const struct oci_image *image_entry_get(const struct image_entry *entry)
{
    return &entry->image;
}

struct images *images_new(size_t max_bytes)
{
    struct images *images = calloc(1, sizeof *images);
    struct shared *shared = calloc(1, sizeof *shared);
    if (images == NULL || shared == NULL) {
        fatal("out of memory");
    }
    pthread_mutex_init(&images->lock, NULL);
    atomic_init(&shared->references, 1);
    images->shared = shared;
    images->max_bytes = max_bytes;
    return images;
}

void images_free(struct images *images)
{
    if (images != NULL) {
        for (size_t i = 0; i < images->n; i++) {
            image_entry_release(images->entries[i]);
        }
        release_shared(images->shared);
        pthread_mutex_destroy(&images->lock);
        free(images);
    }
}

/* -- under the lock -- */

/* The place of `key`; images->n if it is not kept. */
static size_t find(const struct images *images, struct str key, uint64_t hash)
{
    size_t i = 0;
    while (i < images->n &&
           (images->entries[i]->hash != hash || !str_eq(images->entries[i]->key, key))) {
        i++;
    }
    return i;
}

static void drop(struct images *images, size_t i)
{
    image_entry_release(images->entries[i]);
    images->entries[i] = images->entries[--images->n];
}

/* The one that was not taken for longest; images->n if there is none. */
static size_t oldest(const struct images *images)
{
    size_t found = images->n;
    for (size_t i = 0; i < images->n; i++) {
        if (found == images->n || images->entries[i]->taken < images->entries[found]->taken) {
            found = i;
        }
    }
    return found;
}

static void make_room(struct images *images, size_t bytes)
{
    while (images->n > 0 && (images->n == LIMIT_IMAGES_KEPT ||
                             atomic_load(&images->shared->bytes) + bytes > images->max_bytes)) {
        drop(images, oldest(images));
    }
}

/* -- with it -- */

struct image_entry *images_take(struct images *images, struct str key)
{
    uint64_t hash = str_hash(key);
    struct image_entry *entry = NULL;
    pthread_mutex_lock(&images->lock);
    size_t i = find(images, key, hash);
    if (i < images->n) {
        entry = images->entries[i];
        entry->taken = ++images->takings;
        atomic_fetch_add(&entry->references, 1);
    }
    pthread_mutex_unlock(&images->lock);
    return entry;
}

static struct image_entry *new_entry(struct images *images, struct str key, struct arena *arena,
                                     const struct oci_image *image)
{
    struct image_entry *entry = calloc(1, sizeof *entry + key.n);
    if (entry == NULL) {
        fatal("out of memory");
    }
    atomic_init(&entry->references, 2); /* the store's, and the caller's */
    entry->shared = images->shared;
    memcpy(entry->key_text, key.p, key.n);
    entry->key = (struct str){entry->key_text, key.n};
    entry->hash = str_hash(key);
    entry->image = *image;
    entry->bytes = sizeof *entry + key.n + arena_memory(arena);
    entry->arena = *arena;
    *arena = (struct arena){0};
    return entry;
}

status images_put(struct images *images, struct str key, struct arena *arena,
                  const struct oci_image *image, struct image_entry **ret_entry, struct error *err)
{
    struct image_entry *entry = new_entry(images, key, arena, image);
    size_t bytes = entry->bytes;
    pthread_mutex_lock(&images->lock);
    size_t before = find(images, entry->key, entry->hash);
    if (before < images->n) {
        drop(images, before);
    }
    make_room(images, bytes);
    bool room = atomic_load(&images->shared->bytes) + bytes <= images->max_bytes;
    atomic_fetch_add(&images->shared->references, 1);
    atomic_fetch_add(&images->shared->bytes, bytes);
    if (room) {
        entry->taken = ++images->takings;
        images->entries[images->n++] = entry;
    }
    pthread_mutex_unlock(&images->lock);
    if (!room) {
        image_entry_release(entry);
        image_entry_release(entry);
        return error_set(err, ERROR_LIMIT,
                         "what is being found out about images takes more than %zu bytes",
                         images->max_bytes);
    }
    *ret_entry = entry;
    return OK;
}

size_t images_count(struct images *images)
{
    pthread_mutex_lock(&images->lock);
    size_t n = images->n;
    pthread_mutex_unlock(&images->lock);
    return n;
}

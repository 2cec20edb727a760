#include "cache/cache.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "cache/table.h"

static const int64_t SLICE = 100 * NS_PER_MS; /* after which a cancellation is seen */

enum flight_end { FLYING, LANDED, FAILED_ALL, ABANDONED };

/* A value that is being made. */
struct flight {
    struct flight *next;
    struct str key; /* the maker's */
    unsigned refs;  /* of the maker and who waits */
    enum flight_end end;
    struct value *value;
    struct error error;
    pthread_cond_t over;
};

struct cache {
    pthread_mutex_t lock; /* of all below, and of references to values */
    struct cache_config config;
    struct table table;
    struct flight *flights; /* as many as threads that make something */
    struct cache_counters counters;
};

static int64_t machine_now(void *clock)
{
    (void)clock;
    return clock_monotonic();
}

static int64_t time_of(const struct cache *cache)
{
    return cache->config.now(cache->config.clock);
}

struct cache *cache_new(const struct cache_config *config)
{
    struct cache *cache = calloc(1, sizeof *cache);
    if (cache == NULL) {
        fatal("out of memory");
    }
    cache->config = *config;
    cache->config.now = config->now != NULL ? config->now : machine_now;
    cache_table_init(&cache->table, config->max_bytes);
    pthread_mutex_init(&cache->lock, NULL);
    return cache;
}

void cache_free(struct cache *cache)
{
    if (cache != NULL) {
        ENSURE(cache->flights == NULL);
        cache_table_done(&cache->table);
        pthread_mutex_destroy(&cache->lock);
        free(cache);
    }
}

struct cache_counters cache_counters(struct cache *cache)
{
    pthread_mutex_lock(&cache->lock);
    struct cache_counters counters = cache->counters;
    counters.evictions = cache->table.evictions;
    counters.entries = cache->table.n;
    counters.bytes = cache->table.bytes;
    pthread_mutex_unlock(&cache->lock);
    return counters;
}

/* -- what is kept; all under the lock -- */

static struct str copy_of(const struct value *value, struct arena *arena)
{
    return arena_dup(arena, (struct str){value->bytes, value->n});
}

static void tell_failure(const struct entry *entry, int64_t now, struct error *err)
{
    error_fill(err, entry->kind, "%.*s (%llds ago)", (int)entry->problem->n, entry->problem->bytes,
               (long long)((now - entry->failed) / NS_PER_S));
}

/* What the cache has for `key`; *ret_entry is its entry unless there is NOTHING. */
static enum cache_state state_of(struct cache *cache, struct str key, enum cache_wish wish,
                                 int64_t now, struct entry **ret_entry)
{
    struct entry *entry = cache_table_find(&cache->table, key);
    *ret_entry = entry;
    if (entry == NULL) {
        return CACHE_NOTHING;
    }
    bool value = entry->value != NULL && now < entry->stale_until;
    bool failure = entry->problem != NULL && now < entry->failed_until;
    if (value && now < entry->fresh_until) {
        return CACHE_FRESH;
    }
    if (value && wish == CACHE_WISH_STALE) {
        return CACHE_STALE;
    }
    if (failure) {
        return CACHE_FAILED;
    }
    if (!value) {
        cache_table_drop(&cache->table, entry);
    }
    return CACHE_NOTHING;
}

/* Give what is there, and count it. */
static void give(struct cache *cache, enum cache_state state, const struct entry *entry,
                 int64_t now, struct arena *arena, struct cache_found *ret_found)
{
    if (state == CACHE_FAILED) {
        cache->counters.failures++;
        tell_failure(entry, now, &ret_found->failure);
    } else if (state != CACHE_NOTHING) {
        *(state == CACHE_FRESH ? &cache->counters.hits : &cache->counters.stale) += 1;
        ret_found->bytes = copy_of(entry->value, arena);
        ret_found->age = now - entry->had;
    }
}

static enum cache_state look(struct cache *cache, struct str key, enum cache_wish wish,
                             struct arena *arena, struct cache_found *ret_found)
{
    struct entry *entry;
    int64_t now = time_of(cache);
    enum cache_state state = state_of(cache, key, wish, now, &entry);
    give(cache, state, entry, now, arena, ret_found);
    return state;
}

enum cache_state cache_look(struct cache *cache, struct str key, enum cache_wish wish,
                            struct arena *arena, struct cache_found *ret_found)
{
    pthread_mutex_lock(&cache->lock);
    enum cache_state state = look(cache, key, wish, arena, ret_found);
    pthread_mutex_unlock(&cache->lock);
    return state;
}

static int64_t later(int64_t now, int64_t by)
{
    int64_t then;
    return by <= 0 ? now : __builtin_add_overflow(now, by, &then) ? INT64_MAX : then;
}

/* What was known before is forgotten: there is something newer. */
static void forget(struct cache *cache, struct str key)
{
    struct entry *entry = cache_table_find(&cache->table, key);
    if (entry != NULL) {
        cache_table_drop(&cache->table, entry);
    }
}

static void keep_value(struct cache *cache, struct str key, const struct cache_made *made,
                       int64_t began, struct value *value)
{
    if (made->ttl <= 0 && made->stale <= 0) {
        forget(cache, key);
        return;
    }
    struct entry *entry = cache_table_need(&cache->table, key);
    entry->had = began - made->age;
    entry->fresh_until = later(entry->had, made->ttl);
    entry->stale_until = later(entry->fresh_until, made->stale);
    cache_table_put(&cache->table, entry, value_ref(value), NULL);
}

static void keep_failure(struct cache *cache, struct str key, const struct error *err)
{
    const struct error_kind_info *info = error_kind_info(err->kind);
    if (!info->silent) {
        forget(cache, key);
    }
    if (cache->config.failure_ttl <= 0 || !info->cacheable) {
        return;
    }
    struct entry *entry = cache_table_need(&cache->table, key);
    entry->kind = err->kind;
    entry->failed = time_of(cache);
    entry->failed_until = later(entry->failed, cache->config.failure_ttl);
    cache_table_put(&cache->table, entry, value_ref(entry->value), value_new(str_from(err->text)));
}

/* -- making one -- */

static struct flight *find_flight(struct cache *cache, struct str key)
{
    struct flight *flight = cache->flights;
    while (flight != NULL && !str_eq(flight->key, key)) {
        flight = flight->next;
    }
    return flight;
}

static struct flight *begin_flight(struct cache *cache, struct str key)
{
    struct flight *flight = calloc(1, sizeof *flight);
    if (flight == NULL) {
        fatal("out of memory");
    }
    flight->key = key;
    flight->refs = 1;
    flight->next = cache->flights;
    clock_condition_init(&flight->over);
    cache->flights = flight;
    return flight;
}

static void leave_flight(struct flight *flight)
{
    if (--flight->refs == 0) {
        pthread_cond_destroy(&flight->over);
        value_unref(flight->value);
        free(flight);
    }
}

static void end_flight(struct cache *cache, struct flight *flight)
{
    struct flight **place = &cache->flights;
    while (*place != flight) {
        place = &(*place)->next;
    }
    *place = flight->next;
    pthread_cond_broadcast(&flight->over);
}

/* The lock is given up while it is made. */
static status make(struct cache *cache, const struct cache_call *call, struct arena *arena,
                   struct str *ret_bytes, struct error *err)
{
    struct cache_made made = {.bytes = STR_EMPTY};
    struct flight *flight = begin_flight(cache, call->key);
    int64_t began = time_of(cache);
    cache->counters.misses++;
    pthread_mutex_unlock(&cache->lock);
    status st = call->make(call->self, arena, &made, err);
    struct value *value = failed(st) ? NULL : value_new(made.bytes);
    pthread_mutex_lock(&cache->lock);
    if (failed(st)) {
        flight->end = err->kind == ERROR_TIMEOUT ? ABANDONED : FAILED_ALL;
        flight->error = *err;
        keep_failure(cache, call->key, err);
    } else {
        flight->end = LANDED;
        flight->value = value;
        keep_value(cache, call->key, &made, began, value);
        *ret_bytes = made.bytes;
    }
    end_flight(cache, flight);
    leave_flight(flight);
    return st;
}

/* -- waiting for another who makes it -- */

static bool is_cancelled(const struct cache_call *call)
{
    return call->cancel != NULL && atomic_load(call->cancel);
}

static void wait_for(struct cache *cache, const struct cache_call *call, struct flight *flight)
{
    int64_t until = clock_monotonic() + SLICE;
    if (call->cancel == NULL || until > call->deadline) {
        until = call->deadline;
    }
    const struct timespec time = {.tv_sec = until / NS_PER_S, .tv_nsec = until % NS_PER_S};
    (void)pthread_cond_timedwait(&flight->over, &cache->lock, &time);
}

/* *ret_again: who made it gave up, and somebody else must. */
static status join(struct cache *cache, const struct cache_call *call, struct flight *flight,
                   struct arena *arena, bool *ret_again, struct str *ret_bytes, struct error *err)
{
    status st = OK;
    flight->refs++;
    cache->counters.waits++;
    while (flight->end == FLYING && !is_cancelled(call) && clock_monotonic() < call->deadline) {
        wait_for(cache, call, flight);
    }
    *ret_again = flight->end == ABANDONED;
    if (flight->end == FLYING) {
        st = error_set(err, ERROR_TIMEOUT, is_cancelled(call) ? "cancelled" : "no answer in time");
    } else if (flight->end == LANDED) {
        *ret_bytes = copy_of(flight->value, arena);
    } else if (flight->end == FAILED_ALL) {
        *err = flight->error;
        st = FAILED;
    }
    leave_flight(flight);
    return st;
}

static status get(struct cache *cache, const struct cache_call *call, struct arena *arena,
                  struct str *ret_bytes, struct error *err)
{
    bool again = true;
    while (again) {
        struct cache_found found;
        switch (look(cache, call->key, CACHE_WISH_FRESH, arena, &found)) {
        case CACHE_FRESH:
        case CACHE_STALE:
            *ret_bytes = found.bytes;
            return OK;
        case CACHE_FAILED:
            *err = found.failure;
            return FAILED;
        case CACHE_NOTHING:
            break;
        }
        struct flight *flight = find_flight(cache, call->key);
        if (flight == NULL) {
            return make(cache, call, arena, ret_bytes, err);
        }
        TRY(join(cache, call, flight, arena, &again, ret_bytes, err));
    }
    return OK;
}

status cache_get(struct cache *cache, const struct cache_call *call, struct arena *arena,
                 struct str *ret_bytes, struct error *err)
{
    if (call->key.n > LIMIT_CACHE_KEY) {
        return error_set(err, ERROR_LIMIT, "a key of %zu bytes", call->key.n);
    }
    pthread_mutex_lock(&cache->lock);
    status st = get(cache, call, arena, ret_bytes, err);
    pthread_mutex_unlock(&cache->lock);
    return st;
}

#include "pulls/pulls.h"

#include <stdlib.h>

#include "cache/cache.h"
#include "pulls/clients.h"
#include "pulls/names.h"
#include "pulls/reading.h"

struct pulls {
    struct pulls_config config;
    struct clients *clients;
    struct cache *cache; /* "SCOPE LIST" by the names that led to it: see pulls_read */
    atomic_uint_fast64_t had, errors;
};

struct pulls *pulls_new(const struct pulls_config *config)
{
    struct pulls *pulls = calloc(1, sizeof *pulls);
    if (pulls == NULL) {
        fatal("out of memory");
    }
    const struct cache_config cache = {.max_bytes = LIMIT_PULLS_KEPT,
                                       .failure_ttl = config->failure_ttl};
    pulls->config = *config;
    pulls->clients = clients_new(config->kube, config->fetch, config->cancel);
    pulls->cache = cache_new(&cache);
    return pulls;
}

void pulls_free(struct pulls *pulls)
{
    if (pulls != NULL) {
        cache_free(pulls->cache);
        clients_free(pulls->clients);
        free(pulls);
    }
}

/* -- what the API server has -- */

struct making {
    struct pulls *pulls;
    const struct pull_names *names;
    int64_t deadline;
};

/* A keyring that cannot be made is a failure that is remembered, as any other. */
static status try_list(struct str list, struct error *err)
{
    struct keyring *keyring = keyring_new();
    status st = pulls_add_list(keyring, list, err);
    keyring_free(keyring);
    return st;
}

static status make(void *self, struct arena *arena, struct cache_made *ret_made, struct error *err)
{
    const struct making *making = self;
    struct pulls *pulls = making->pulls;
    struct pulls_read read;
    struct client *client = clients_take(pulls->clients);
    status st = pulls_read(client_kube(client), making->names, making->deadline, arena, &read, err);
    clients_give(pulls->clients, client);
    if (failed(st) || failed(try_list(read.list, err))) {
        atomic_fetch_add(&pulls->errors, 1);
        return error_wrap(err, "pull secrets");
    }
    atomic_fetch_add(&pulls->had, 1);
    *ret_made = (struct cache_made){
        .bytes = arena_join(arena, (struct str[]){read.scope, STR(" "), read.list}, 3),
        .ttl = read.missing ? pulls->config.failure_ttl : pulls->config.ttl,
    };
    return OK;
}

static status get_list(struct making *making, struct arena *arena, struct str *ret_scope,
                       struct str *ret_list, struct error *err)
{
    const struct cache_call call = {
        .key = pull_names_key(making->names, arena),
        .make = make,
        .self = making,
        .deadline = making->deadline,
        .cancel = making->pulls->config.cancel,
    };
    struct str bytes;
    TRY(cache_get(making->pulls->cache, &call, arena, &bytes, err));
    str_cut(bytes, ' ', ret_scope, ret_list);
    return OK;
}

/* -- who asks -- */

bool pulls_at_hand(struct pulls *pulls, const struct review *review, struct arena *arena,
                   struct str *ret_scope)
{
    struct pull_names names;
    struct error err;
    struct cache_found found;
    struct str scope, list;
    *ret_scope = STR_EMPTY;
    if (failed(pull_names_read(review, &names, &err))) {
        return false;
    }
    if (pull_names_none(&names)) {
        return true;
    }
    arena_secret_auto own;
    arena_init(&own, LIMIT_PULLS_ARENA);
    if (cache_look(pulls->cache, pull_names_key(&names, &own), CACHE_WISH_FRESH, &own, &found) !=
        CACHE_FRESH) {
        return false;
    }
    str_cut(found.bytes, ' ', &scope, &list);
    *ret_scope = arena_dup(arena, scope);
    return true;
}

static status fill(const struct pulls *pulls, struct str list, struct keyring *keyring,
                   struct error *err)
{
    TRY(pulls_add_list(keyring, list, err));
    const struct keyring *behind = pulls->config.behind;
    return behind != NULL ? keyring_add_keyring(keyring, behind, err) : OK;
}

static status get(struct making *making, struct arena *own, struct arena *arena,
                  struct pulls_asker *ret_asker, struct error *err)
{
    struct str scope, list;
    TRY(get_list(making, own, &scope, &list, err));
    if (scope.n == 0) {
        return OK;
    }
    struct keyring *keyring = keyring_new();
    if (failed(fill(making->pulls, list, keyring, err))) {
        keyring_free(keyring);
        return error_wrap(err, "pull secrets");
    }
    *ret_asker = (struct pulls_asker){arena_dup(arena, scope), keyring};
    return OK;
}

status pulls_get(struct pulls *pulls, const struct review *review, int64_t deadline,
                 struct arena *arena, struct pulls_asker *ret_asker, struct error *err)
{
    struct pull_names names;
    *ret_asker = (struct pulls_asker){.keyring = NULL};
    TRY(pull_names_read(review, &names, err));
    if (pull_names_none(&names)) {
        return OK;
    }
    struct making making = {pulls, &names, deadline};
    arena_secret_auto own;
    arena_init(&own, LIMIT_PULLS_ARENA);
    return get(&making, &own, arena, ret_asker, err);
}

struct pulls_counters pulls_counters(struct pulls *pulls)
{
    struct cache_counters cache = cache_counters(pulls->cache);
    return (struct pulls_counters){.had = atomic_load(&pulls->had),
                                   .errors = atomic_load(&pulls->errors),
                                   .hits = cache.hits,
                                   .waits = cache.waits,
                                   .failures = cache.failures};
}
